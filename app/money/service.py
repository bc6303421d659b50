"""Money: what is reserved, what is spent, and who may still reserve how much."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.permissions import Role
from app.accounts.schemas import Actor
from app.core import clock
from app.core.errors import Invalid
from app.core.i18n import _
from app.core.money import Money
from app.episodes.models import Episode
from app.events import service as events
from app.money import repository, rules
from app.money.auditing import record
from app.money.models import Budget, LedgerBalance, LedgerEntry, RoleBudget
from app.money.schemas import Position
from app.projects.models import Project


async def position(session: AsyncSession, project: Project, episode_id: UUID | None = None) -> Position:
    """Return what is reserved and spent of a project, or of one of its episodes, against its budget."""
    budget = await repository.budget(session, project.id, episode_id)
    moved = await repository.balances(session, project.id, episode_id=episode_id)
    return Position(project.currency, *moved, budget.limit_micros if budget else None)


async def positions(session: AsyncSession, project: Project) -> dict[UUID, Position]:
    """Return where the money of each episode of a project stands, for those that have a budget or an entry."""
    caps = await repository.episode_limits(session, project.id)
    moved = await repository.balances_by(session, project.id, LedgerBalance.episode_id)
    there = select(Episode.id).where(Episode.project_id == project.id)  # balances outlive their episodes
    standing = set(await session.scalars(there))
    moved = {episode_id: sums for episode_id, sums in moved.items() if episode_id in standing}
    return {
        episode_id: Position(project.currency, *moved.get(episode_id, (0, 0)), caps.get(episode_id))
        for episode_id in {*caps, *moved}
    }


async def role_position(session: AsyncSession, project: Project, role: str) -> Position | None:
    """Return what everybody of a role has reserved and spent of its budget, or None when the role has none."""
    budget = await repository.role_budget(session, project.id, role) if role else None
    if budget is None:
        return None
    moved = await repository.balances(session, project.id, role=role)
    return Position(project.currency, *moved, budget.limit_micros)


async def role_positions(session: AsyncSession, project: Project) -> dict[str, Position]:
    """Return where the money of each role stands, for those that have a budget or an entry."""
    caps = await repository.role_limits(session, project.id)
    moved = await repository.balances_by(session, project.id, LedgerBalance.role)
    moved.pop("", None)
    return {
        role: Position(project.currency, *moved.get(role, (0, 0)), caps.get(role))
        for role in sorted({*caps, *moved}, key=list(Role).index)
    }


async def set_budget(
    session: AsyncSession, actor: Actor, project: Project, episode_id: UUID | None, limit: Money
) -> Budget:
    """Set the hard cap of a project or episode; jobs that were held look again."""
    _check_limit(project, limit)
    row = await repository.budget(session, project.id, episode_id)
    before = row.limit_micros if row else None
    if row is None:
        row = Budget(project_id=project.id, episode_id=episode_id, currency=limit.currency, limit_micros=limit.micros)
        session.add(row)
    row.limit_micros = limit.micros
    await session.flush()
    await rules.forget_crossings(session, project.id, episode_id, await position(session, project, episode_id))
    episode = {"episode_id": str(episode_id)} if episode_id else {}
    facts = {"before": before, "after": limit.micros, "currency": limit.currency, **episode}
    record(session, actor, project, "money.budget_set", **facts)
    await events.emit(session, "money.opened", project.id)
    return row


async def set_role_budget(
    session: AsyncSession, actor: Actor, project: Project, role: str, limit: Money | None
) -> RoleBudget | None:
    """Set the hard cap of what everybody of a role may reserve together, or lift it; held jobs look again."""
    if role not in set(Role):
        raise Invalid("money.role", _("There is no such role."), field="role")
    row = await repository.role_budget(session, project.id, role)
    before = row.limit_micros if row else None
    if limit is None:
        if row is not None:
            await session.delete(row)
            row = None
    else:
        _check_limit(project, limit)
        if row is None:
            row = RoleBudget(project_id=project.id, role=role, currency=limit.currency)
            session.add(row)
        row.limit_micros = limit.micros
    await session.flush()
    facts = {"role": role, "before": before, "after": limit.micros if limit else None, "currency": project.currency}
    record(session, actor, project, "money.role_budget_set", **facts)
    await events.emit(session, "money.opened", project.id)
    return row


def _check_limit(project: Project, limit: Money) -> None:
    if limit.micros < 0 or limit.currency != project.currency:
        raise Invalid(
            "money.limit", _("A budget is an amount of zero or more in the project's currency."), field="limit"
        )


async def pause(session: AsyncSession, actor: Actor, project: Project, *, paused: bool) -> None:
    """Stop all spending of a project with one switch, or let it go on."""
    project.spending_paused_at = clock.now() if paused else None
    record(session, actor, project, "money.paused" if paused else "money.resumed")
    if not paused:
        await events.emit(session, "money.opened", project.id)


async def untrue_balances(session: AsyncSession) -> Sequence[tuple[UUID, str]]:
    """Return the projects and roles whose kept balances are not the sums of their entries."""
    return await repository.untrue_balances(session)


async def movements(session: AsyncSession, attempt_ids: Collection[UUID]) -> Sequence[LedgerEntry]:
    """Return every movement of money of some attempts, in order."""
    return await repository.movements(session, attempt_ids)
