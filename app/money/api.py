"""JSON API of money: where it stands, budgets, and the switch that stops all spending."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from app.core.money import Money
from app.episodes import service as episodes
from app.money import service
from app.money.service import Position
from app.projects.access import ProjectAccess, in_project
from app.web.api import Amount, Input
from app.web.database import Transaction

router = APIRouter(tags=["Money"])
Read = Annotated[ProjectAccess, in_project("money.read")]
Edit = Annotated[ProjectAccess, in_project("money.edit")]


class PositionOut(BaseModel):
    """What is reserved and spent; ``limit`` and ``left`` are null without a budget."""

    reserved: Amount
    spent: Amount
    limit: Amount | None
    left: Amount | None

    @classmethod
    def of(cls, position: Position) -> PositionOut:
        """Return a position as programs read it; what is overdrawn has nothing left."""

        def amount(micros: int) -> Amount:
            return Amount.of(Money(micros, position.currency))

        return cls(
            reserved=amount(position.reserved),
            spent=amount(position.spent),
            limit=None if position.limit is None else amount(position.limit),
            left=None if position.left is None else amount(max(position.left, 0)),
        )


class EpisodePosition(PositionOut):
    """Where the money of an episode stands."""

    episode_id: UUID


class MoneyOut(BaseModel):
    """Where the money of a project stands, and of those episodes that have a budget or spent something."""

    currency: str
    paused_at: datetime | None
    project: PositionOut
    episodes: list[EpisodePosition]


class BudgetIn(Input):
    """A hard cap, in the project's currency."""

    limit: Amount


async def _told(session: Transaction, access: ProjectAccess) -> MoneyOut:
    project = access.project
    parts = await service.positions(session, project)
    return MoneyOut(
        currency=project.currency,
        paused_at=project.spending_paused_at,
        project=PositionOut.of(await service.position(session, project)),
        episodes=[
            EpisodePosition(episode_id=episode_id, **dict(PositionOut.of(position)))
            for episode_id, position in parts.items()
        ],
    )


@router.get("/projects/{project_id}/money")
async def get(session: Transaction, access: Read) -> MoneyOut:
    """Read what is reserved and spent against the budgets of a project and its episodes."""
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
