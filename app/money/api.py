"""JSON API of money: where it stands, budgets, rules, exchange rates, and the switch that stops all spending."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from app.accounts.permissions import Role
from app.core.money import Money
from app.episodes import service as episodes
from app.money import rates, rules, service
from app.money.documents import (
    BudgetIn,
    CrossedOut,
    EpisodePosition,
    MoneyOut,
    PositionOut,
    RateIn,
    RateOut,
    RolePosition,
    RulesIn,
    RulesOut,
)
from app.projects.access import ProjectAccess, in_project
from app.web.api import After, Amount, Limit, Listed, behind, following
from app.web.database import Transaction

router = APIRouter(tags=["Money"])
Read = Annotated[ProjectAccess, in_project("money.read")]
Edit = Annotated[ProjectAccess, in_project("money.edit")]


async def _told(session: Transaction, access: ProjectAccess) -> MoneyOut:
    project = access.project
    parts = await service.positions(session, project)
    by_role = await service.role_positions(session, project)
    return MoneyOut(
        currency=project.currency,
        paused_at=project.spending_paused_at,
        project=PositionOut.of(await service.position(session, project)),
        episodes=[
            EpisodePosition(episode_id=episode_id, **dict(PositionOut.of(position)))
            for episode_id, position in parts.items()
        ],
        roles=[RolePosition(role=role, **dict(PositionOut.of(position))) for role, position in by_role.items()],
        rules=RulesOut.of(await rules.of_project(session, project.id), project.currency),
        crossed=[CrossedOut.of(row) for row in await rules.crossings(session, project.id)],
    )


def _money(amount: Amount | None) -> Money | None:
    return Money(amount.micros, amount.currency) if amount else None


@router.get("/projects/{project_id}/money")
async def get(session: Transaction, access: Read) -> MoneyOut:
    """Read what is reserved and spent against the budgets of a project, its episodes and its roles."""
    return await _told(session, access)


@router.get("/projects/{project_id}/money/budget")
async def get_budget(session: Transaction, access: Read) -> PositionOut:
    """Read the budget of the project, and what is left of it."""
    return PositionOut.of(await service.position(session, access.project))


@router.put("/projects/{project_id}/money/budget")
async def set_budget(session: Transaction, access: Edit, given: BudgetIn) -> PositionOut:
    """Set the hard cap of the project; jobs that were held look again."""
    limit = Money(given.limit.micros, given.limit.currency)
    await service.set_budget(session, access.actor, access.project, None, limit)
    return PositionOut.of(await service.position(session, access.project))


@router.get("/projects/{project_id}/episodes/{episode_id}/money/budget")
async def get_episode_budget(session: Transaction, access: Read, episode_id: UUID) -> PositionOut:
    """Read the budget of an episode, and what is left of it."""
    episode = await episodes.get(session, access.project.id, episode_id)
    return PositionOut.of(await service.position(session, access.project, episode.id))


@router.put("/projects/{project_id}/episodes/{episode_id}/money/budget")
async def set_episode_budget(session: Transaction, access: Edit, episode_id: UUID, given: BudgetIn) -> PositionOut:
    """Set the hard cap of an episode; jobs that were held look again."""
    episode = await episodes.get(session, access.project.id, episode_id)
    limit = Money(given.limit.micros, given.limit.currency)
    await service.set_budget(session, access.actor, access.project, episode.id, limit)
    return PositionOut.of(await service.position(session, access.project, episode.id))


@router.put("/projects/{project_id}/money/roles/{role}")
async def set_role_budget(session: Transaction, access: Edit, role: Role, given: BudgetIn) -> MoneyOut:
    """Set the hard cap of what everybody of a role may reserve together; jobs that were held look again."""
    limit = Money(given.limit.micros, given.limit.currency)
    await service.set_role_budget(session, access.actor, access.project, role.value, limit)
    return await _told(session, access)


@router.delete("/projects/{project_id}/money/roles/{role}")
async def lift_role_budget(session: Transaction, access: Edit, role: Role) -> MoneyOut:
    """Lift the hard cap of a role."""
    await service.set_role_budget(session, access.actor, access.project, role.value, None)
    return await _told(session, access)


@router.put("/projects/{project_id}/money/rules")
async def set_rules(session: Transaction, access: Edit, given: RulesIn) -> RulesOut:
    """Set above which price a producer is asked, and the warning lines; jobs that were held look again."""
    single, batch = _money(given.single), _money(given.batch)
    made = await rules.change(session, access.actor, access.project, single=single, batch=batch, lines=given.lines)
    return RulesOut.of(made, access.project.currency)


@router.post("/projects/{project_id}/money/pause")
async def pause(session: Transaction, access: Edit) -> MoneyOut:
    """Stop all spending of the project; what was bought already goes on."""
    await service.pause(session, access.actor, access.project, paused=True)
    return await _told(session, access)


@router.post("/projects/{project_id}/money/resume")
async def resume(session: Transaction, access: Edit) -> MoneyOut:
    """Let spending go on."""
    await service.pause(session, access.actor, access.project, paused=False)
    return await _told(session, access)


@router.get("/projects/{project_id}/money/rates")
async def list_rates(session: Transaction, access: Read, limit: Limit = 50, after: After = None) -> Listed[RateOut]:
    """List the exchange rates of the project's team, those entered last first."""
    rows = await rates.page(session, access.project.team_id, before=behind(after, UUID), limit=limit + 1)
    return Listed(items=[RateOut.of(row) for row in rows[:limit]], next=following(rows, limit, lambda row: row.id))


@router.put("/projects/{project_id}/money/rates")
async def set_rate(session: Transaction, access: Edit, given: RateIn) -> RateOut:
    """Enter an exchange rate for the whole team, or replace that of the same day; jobs that were held look again."""
    row = await rates.set_rate(
        session, access.actor, access.project.team_id, base=given.base, quote=given.quote, rate=given.rate, on=given.on
    )
    return RateOut.of(row)


@router.delete("/projects/{project_id}/money/rates/{rate_id}", status_code=204)
async def remove_rate(session: Transaction, access: Edit, rate_id: UUID) -> None:
    """Take back a rate that was entered by mistake; what was bought keeps the rate it was bought at."""
    await rates.remove(session, access.actor, access.project.team_id, rate_id)
