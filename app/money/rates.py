"""Exchange rates: what a team says a currency is worth, day by day; provider credits are currencies too."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.access import demand
from app.accounts.schemas import Actor
from app.audit import service as audit
from app.core import clock
from app.core.db import lock_for_transaction
from app.core.errors import Invalid, NotFound
from app.core.i18n import _
from app.events import service as events
from app.money import repository
from app.money.models import ExchangeRate
from app.money.schemas import Rate
from app.projects.models import Project

LARGEST, PLACES = Decimal(10) ** 9, 10
_CODE = re.compile(r"[A-Z]{3}")


async def newest(session: AsyncSession, team_id: UUID, base: str, quote: str) -> Rate | None:
    """Return a team's newest rate on or before today (UTC), or None without one."""
    row = await repository.rate(session, team_id, base, quote, clock.now().date())
    return Rate(row.base, row.quote, row.rate, row.on) if row else None


async def page(
    session: AsyncSession, team_id: UUID, *, before: UUID | None = None, limit: int = 50
) -> Sequence[ExchangeRate]:
    """Return a page of a team's rates, those entered last first."""
    return await repository.rates(session, team_id, before=before, limit=limit)


async def set_rate(
    session: AsyncSession, actor: Actor, team_id: UUID, *, base: str, quote: str, rate: Decimal, on: date
) -> ExchangeRate:
    """Say what one unit of ``base`` is worth from a day on; held jobs look again.

    Saying it again for the same day replaces it; what was bought keeps the rate it was bought at. Raises ``Invalid``
    for a wrong currency, rate or day.
    """
    demand(actor, "money.edit", team_id)
    base, quote = base.strip().upper(), quote.strip().upper()
    _check(base, quote, rate, on)
    await lock_for_transaction(session, f"money.rates.{team_id}")
    query = select(ExchangeRate).where(
        ExchangeRate.team_id == team_id, ExchangeRate.base == base, ExchangeRate.quote == quote, ExchangeRate.on == on
    )
    row: ExchangeRate | None = await session.scalar(query)
    before = str(row.rate) if row else None
    if row is None:
        row = ExchangeRate(team_id=team_id, base=base, quote=quote, on=on)
        session.add(row)
    row.rate, row.set_by, row.set_by_name = rate, actor.id, actor.name
    await session.flush()
    _audit(session, actor, row, "money.rate_set", before=before, rate=str(rate))
    for project_id in await session.scalars(
        select(Project.id).where(Project.team_id == team_id, Project.archived_at.is_(None), Project.currency == quote)
    ):
        await events.emit(session, "money.opened", project_id)
    return row


async def remove(session: AsyncSession, actor: Actor, team_id: UUID, rate_id: UUID) -> None:
    """Take a rate back that was entered by mistake; what was bought keeps the rate it was bought at."""
    demand(actor, "money.edit", team_id)
    row = await session.get(ExchangeRate, rate_id)
    if row is None or row.team_id != team_id:
        raise NotFound("money.unknown_rate", _("There is no such exchange rate in this team."))
    _audit(session, actor, row, "money.rate_removed", rate=str(row.rate))
    await session.delete(row)


def _check(base: str, quote: str, rate: Decimal, on: date) -> None:
    if not (_CODE.fullmatch(base) and _CODE.fullmatch(quote)) or base == quote:
        message = _("Name two different currencies by their three letters, such as USD and CNY.")
        raise Invalid("money.rate_pair", message, field="base" if not _CODE.fullmatch(base) else "quote")
    exponent = rate.as_tuple().exponent
    exact = isinstance(exponent, int) and exponent >= -PLACES
    if not rate.is_finite() or not 0 < rate <= LARGEST or not exact:
        message = _("A rate is a number above zero with at most %(places)d decimal places.") % {"places": PLACES}
        raise Invalid("money.rate_number", message, field="rate")
    if on > clock.now().date():
        message = _("A rate is entered for today or a day before. Enter it when its day has come.")
        raise Invalid("money.rate_day", message, field="on")


def _audit(session: AsyncSession, actor: Actor, row: ExchangeRate, action: str, **facts: Any) -> None:
    audit.record(
        session,
        action,
        actor_id=actor.id,
        actor_name=actor.name,
        subject_kind="team",
        subject_id=row.team_id,
        team_id=row.team_id,
        base=row.base,
        quote=row.quote,
        on=row.on.isoformat(),
        **facts,
    )
