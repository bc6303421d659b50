"""Money: what is reserved, what is spent, and whether there is room for more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.schemas import Actor
from app.audit import service as audit
from app.core import clock
from app.core.db import lock_for_transaction
from app.core.errors import Invalid
from app.core.i18n import _
from app.core.money import Money
from app.events import service as events
from app.money.models import Budget, LedgerEntry
from app.projects.models import Project

AVAILABLE, RESERVED, SPENT = "available", "reserved", "spent"


@dataclass(frozen=True, slots=True)
class Position:
    """Where the money of a project or an episode stands, in micro-units; ``limit`` is None without a budget."""

    currency: str
    reserved: int
    spent: int
    limit: int | None

    @property
    def left(self) -> int | None:
        """What may still be reserved, or None without a budget."""
        return None if self.limit is None else self.limit - self.reserved - self.spent


@dataclass(frozen=True, slots=True)
class Hold:
    """Why money cannot be reserved now: a stable code, and words that say what to do."""

    code: str
    message: str


async def position(session: AsyncSession, project: Project, episode_id: UUID | None = None) -> Position:
    """Return what is reserved and spent of a project, or of one of its episodes, against its budget."""
    entries = select(_balance(RESERVED), _balance(SPENT)).where(LedgerEntry.project_id == project.id)
    budget = select(Budget.limit_micros).where(Budget.project_id == project.id)
    if episode_id is not None:
        entries = entries.where(LedgerEntry.episode_id == episode_id)
        budget = budget.where(Budget.episode_id == episode_id)
    else:
        budget = budget.where(Budget.episode_id.is_(None))
    reserved, spent = (await session.execute(entries)).one()
    return Position(project.currency, int(reserved or 0), int(spent or 0), await session.scalar(budget))


async def positions(session: AsyncSession, project: Project) -> dict[UUID, Position]:
    """Return where the money of each episode of a project stands, for those that have a budget or an entry."""
    entries = (
        select(LedgerEntry.episode_id, _balance(RESERVED), _balance(SPENT))
        .where(LedgerEntry.project_id == project.id, LedgerEntry.episode_id.is_not(None))
        .group_by(LedgerEntry.episode_id)
    )
    limits = select(Budget.episode_id, Budget.limit_micros).where(
        Budget.project_id == project.id, Budget.episode_id.is_not(None)
    )
    caps = {row[0]: row[1] for row in (await session.execute(limits)).all()}
    moved = {row[0]: (int(row[1]), int(row[2])) for row in (await session.execute(entries)).all()}
    return {
        episode_id: Position(project.currency, *moved.get(episode_id, (0, 0)), caps.get(episode_id))
        for episode_id in {*caps, *moved}
    }


async def reserve(
    session: AsyncSession, project: Project, episode_id: UUID, attempt_id: UUID, cap: Money
) -> Hold | None:
    """Reserve the price cap of an attempt before it is bought, or return why it has to wait."""
    if cap.micros == 0:
        return None
    await lock_for_transaction(session, f"money.{project.id}")
    hold = await room_for(session, project, episode_id, cap)
    if hold is None:
        _move(session, project.id, episode_id, attempt_id, "reserve", AVAILABLE, RESERVED, cap)
        await session.flush()
    return hold


async def room_for(session: AsyncSession, project: Project, episode_id: UUID, cap: Money) -> Hold | None:
    """Return why an amount cannot be spent now, or None when it can."""
    if project.spending_paused_at is not None:
        return Hold("money.paused", _("Spending is paused for this project. A producer can resume it."))
    if cap.currency != project.currency:
        words = _(
            "The price is in %(price)s and the budget in %(budget)s. A producer has to choose a backend priced alike."
        )
        return Hold("money.currency", words % {"price": cap.currency, "budget": project.currency})
    whole = await position(session, project)
    if whole.limit is None:
        return Hold("money.no_budget", _("The project has no budget yet. A producer sets one to open paid generation."))
    for place in (whole, await position(session, project, episode_id)):
        if place.left is not None and place.left < cap.micros:
            words = _("Over budget: %(cap)s would be reserved and %(left)s is left. A producer can raise the budget.")
            left = Money(max(place.left, 0), place.currency)
            return Hold("money.over_budget", words % {"cap": cap, "left": left})
    return None


async def settle(
    session: AsyncSession, project_id: UUID, episode_id: UUID, attempt_id: UUID, cap: Money, actual: Money
) -> None:
    """Turn a reservation into what was really paid, and free the rest; doing it twice changes nothing."""
    if cap.micros == 0 or await _ended(session, attempt_id):
        return
    _move(session, project_id, episode_id, attempt_id, "release", RESERVED, AVAILABLE, cap)
    _move(session, project_id, episode_id, attempt_id, "settle", AVAILABLE, SPENT, actual)
    await session.flush()


async def release(session: AsyncSession, project_id: UUID, episode_id: UUID, attempt_id: UUID, cap: Money) -> None:
    """Free a reservation, because nothing was charged; doing it twice changes nothing."""
    if cap.micros == 0 or await _ended(session, attempt_id):
        return
    _move(session, project_id, episode_id, attempt_id, "release", RESERVED, AVAILABLE, cap)
    await session.flush()


async def set_budget(
    session: AsyncSession, actor: Actor, project: Project, episode_id: UUID | None, limit: Money
) -> Budget:
    """Set the hard cap of a project or episode; jobs that were held look again."""
    if limit.micros < 0 or limit.currency != project.currency:
        raise Invalid(
            "money.limit", _("A budget is an amount of zero or more in the project's currency."), field="limit"
        )
    place = Budget.episode_id == episode_id if episode_id else Budget.episode_id.is_(None)
    row: Budget | None = await session.scalar(select(Budget).where(Budget.project_id == project.id, place))
    before = row.limit_micros if row else None
    if row is None:
        row = Budget(project_id=project.id, episode_id=episode_id, currency=limit.currency, limit_micros=limit.micros)
        session.add(row)
    row.limit_micros = limit.micros
    await session.flush()
    _audit(session, actor, project, "money.budget_set", before=before, after=limit.micros, currency=limit.currency)
    await events.emit(session, "money.opened", project.id)
    return row


async def pause(session: AsyncSession, actor: Actor, project: Project, *, paused: bool) -> None:
    """Stop all spending of a project with one switch, or let it go on."""
    project.spending_paused_at = clock.now() if paused else None
    _audit(session, actor, project, "money.paused" if paused else "money.resumed")
    if not paused:
        await events.emit(session, "money.opened", project.id)


def _move(
    session: AsyncSession,
    project_id: UUID,
    episode_id: UUID,
    attempt_id: UUID,
    kind: str,
    source: str,
    target: str,
    amount: Money,
) -> None:
    session.add(
        LedgerEntry(
            project_id=project_id,
            episode_id=episode_id,
            attempt_id=attempt_id,
            kind=kind,
            source=source,
            target=target,
            amount_micros=amount.micros,
            currency=amount.currency,
        )
    )


async def _ended(session: AsyncSession, attempt_id: UUID) -> bool:
    query = select(LedgerEntry.id).where(LedgerEntry.attempt_id == attempt_id, LedgerEntry.kind == "release")
    return await session.scalar(query) is not None


def _balance(account: str) -> Any:
    into = case((LedgerEntry.target == account, LedgerEntry.amount_micros), else_=0)
    out = case((LedgerEntry.source == account, LedgerEntry.amount_micros), else_=0)
    return func.sum(into - out)


def _audit(session: AsyncSession, actor: Actor, project: Project, action: str, **facts: Any) -> None:
    audit.record(
        session,
        action,
        actor_id=actor.id,
        actor_name=actor.name,
        subject_kind="project",
        subject_id=project.id,
        team_id=project.team_id,
        project_id=project.id,
        **facts,
    )
