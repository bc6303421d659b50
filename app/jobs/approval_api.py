"""JSON API of what waits for a producer's approval."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.jobs import approving
from app.jobs.approving import Waiting
from app.projects.access import ProjectAccess, in_project
from app.web.api import After, Amount, Input, Limit, Listed, behind, following
from app.web.database import Transaction

router = APIRouter(tags=["Money"])
Approve = Annotated[ProjectAccess, in_project("money.approve")]


class WaitingOut(BaseModel):
    """A wish that waits; ``amount`` is what its jobs cost at most, in the provider's currency."""

    batch_id: UUID
    episode_id: UUID
    backend: str
    model: str
    wished_by_name: str
    shots: int
    amount: Amount
    since: datetime
    reason: str

    @classmethod
    def of(cls, row: Waiting) -> WaitingOut:
        """Return a wish as programs read it."""
        amount = {"amount": Amount.of(row.amount)}
        return cls(**{name: amount.get(name) or getattr(row, name) for name in cls.model_fields})


class DeclineIn(Input):
    """Why a wish is turned down."""

    reason: str = Field(min_length=1, max_length=approving.LONGEST_REASON)


class DecidedOut(BaseModel):
    """How many jobs a decision was about."""

    jobs: int


@router.get("/projects/{project_id}/approvals")
async def list_waiting(
    session: Transaction, access: Approve, limit: Limit = 50, after: After = None
) -> Listed[WaitingOut]:
    """List the wishes that wait for a producer, newest first."""
    rows = await approving.waiting(session, access.project.id, before=behind(after, UUID), limit=limit + 1)
    items = [WaitingOut.of(row) for row in rows[:limit]]
    return Listed(items=items, next=following(rows, limit, lambda row: row.batch_id))


@router.post("/projects/{project_id}/approvals/{batch_id}/approve")
async def approve(session: Transaction, access: Approve, batch_id: UUID) -> DecidedOut:
    """Agree to the price of a wish; its jobs go on, as long as they cost no more than is listed."""
    return DecidedOut(jobs=await approving.approve(session, access.actor, access.project, batch_id))


@router.post("/projects/{project_id}/approvals/{batch_id}/decline")
async def decline(session: Transaction, access: Approve, batch_id: UUID, given: DeclineIn) -> DecidedOut:
    """Turn a wish down; its jobs are cancelled, and the reason stands on each."""
    return DecidedOut(jobs=await approving.decline(session, access.actor, access.project, batch_id, given.reason))
