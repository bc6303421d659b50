"""What a project asks a producer about, and the warning lines of its budgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.schemas import Actor
from app.core import clock
from app.core.errors import Invalid
from app.core.i18n import _
from app.core.ids import new_id
from app.core.money import Money
from app.events import service as events
from app.money.auditing import record
from app.money.models import LineCrossing, SpendingRules
from app.money.schemas import LINES, Position, crossed
from app.projects.models import Project

MOST_LINES, HIGHEST_LINE = 6, 100


@dataclass(frozen=True, slots=True)
class Rules:
    """From which amount a single generation, or all of one wish together, waits for a producer (None: never)."""

    single: int | None = None
    batch: int | None = None
    lines: tuple[int, ...] = LINES

    def asks(self, one: Money, batch: Money) -> bool:
        """Tell whether a producer has to agree to a generation of ``one``, wished for in a batch of ``batch``."""
        over_single = self.single is not None and one.micros > self.single
        return over_single or (self.batch is not None and batch.micros > self.batch)


async def of_project(session: AsyncSession, project_id: UUID) -> Rules:
    """Return the rules of a project."""
    row = await session.get(SpendingRules, project_id)
    return Rules(row.approve_single_micros, row.approve_batch_micros, tuple(row.lines)) if row else Rules()


async def change(
    session: AsyncSession,
    actor: Actor,
    project: Project,
    *,
    single: Money | None,
    batch: Money | None,
    lines: Sequence[int],
) -> Rules:
    """Set from which amount a producer is asked, and at which percentages a budget warns; held jobs look again."""
    for amount in (single, batch):
        if amount is not None and (amount.micros < 0 or amount.currency != project.currency):
            message = _("A threshold is an amount of zero or more in the project's currency.")
            raise Invalid("money.threshold", message, field="single" if amount is single else "batch")
    wanted = sorted(set(lines))
    if len(wanted) > MOST_LINES or any(not 1 <= line <= HIGHEST_LINE for line in wanted):
        message = _("Name at most %(most)d warning lines, each from 1 to 100 percent.") % {"most": MOST_LINES}
        raise Invalid("money.lines", message, field="lines")
    row = await session.get(SpendingRules, project.id, with_for_update=True)
    before = {} if row is None else {"single": row.approve_single_micros, "batch": row.approve_batch_micros}
    if row is None:
        row = SpendingRules(project_id=project.id)
        session.add(row)
    row.approve_single_micros = single.micros if single else None
    row.approve_batch_micros = batch.micros if batch else None
    row.lines = wanted
    row.updated_at = clock.now()
    await session.flush()
    gone = LineCrossing.percent.not_in(wanted)
    await session.execute(delete(LineCrossing).where(LineCrossing.project_id == project.id, gone))
    after = {"single": row.approve_single_micros, "batch": row.approve_batch_micros, "lines": wanted}
    record(session, actor, project, "money.rules_set", before=before, after=after, currency=project.currency)
    await events.emit(session, "money.opened", project.id)
    return Rules(row.approve_single_micros, row.approve_batch_micros, tuple(wanted))


async def crossings(session: AsyncSession, project_id: UUID) -> Sequence[LineCrossing]:
    """Return the lines a project's reservations have crossed, the newest first."""
    query = select(LineCrossing).where(LineCrossing.project_id == project_id).order_by(LineCrossing.id.desc())
    return (await session.scalars(query.limit(200))).all()


async def tell_crossed(
    session: AsyncSession,
    project: Project,
    places: Sequence[tuple[UUID | None, Position]],
    amount: Money,
    lines: tuple[int, ...],
) -> None:
    """Write down, once each, the lines that reserving ``amount`` crosses in some places, and tell of them."""
    for episode_id, at in places:
        for percent in crossed(at.used, at.used + amount.micros, at.limit, lines):
            values = {"id": new_id(), "created_at": clock.now(), "project_id": project.id}
            made = await session.scalar(
                insert(LineCrossing)
                .values(**values, episode_id=episode_id, percent=percent)
                .on_conflict_do_nothing()
                .returning(LineCrossing.id)
            )
            if made is not None:
                await events.emit(
                    session,
                    "money.line_crossed",
                    project.id,
                    episode_id=str(episode_id) if episode_id else None,
                    percent=percent,
                    used_micros=at.used + amount.micros,
                    limit_micros=at.limit,
                    currency=project.currency,
                )


async def forget_crossings(session: AsyncSession, project_id: UUID, episode_id: UUID | None, at: Position) -> None:
    """Forget the crossings of a budget that lie above what is used of it now, so that they are told anew."""
    place = LineCrossing.episode_id == episode_id if episode_id else LineCrossing.episode_id.is_(None)
    reached = min(at.used * 100 // at.limit, HIGHEST_LINE) if at.limit else 0
    above = LineCrossing.percent > reached
    await session.execute(delete(LineCrossing).where(LineCrossing.project_id == project_id, place, above))
