"""JSON API of verdicts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from app.projects.access import ProjectAccess, in_project
from app.review import service
from app.review.models import Verdict
from app.shots import service as shots
from app.takes import service as takes
from app.web.database import Transaction

router = APIRouter(tags=["Review"])
PERMISSIONS = {
    "circle": "review.circle",
    "uncircle": "review.circle",
    "retake": "review.retake",
    "reject": "review.reject",
    "reconsider": "review.reject",
}


class VerdictIn(BaseModel):
    """A verdict; a retake needs a note, which goes into the next prompt."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["circle", "uncircle", "retake", "reject", "reconsider"]
    note: str = Field(default="", max_length=service.LONGEST_NOTE)
    reasons: list[str] = Field(default_factory=list, max_length=8, description=", ".join(service.REASONS))


class VerdictOut(BaseModel):
    """One verdict, signed."""

    id: UUID
    take_id: UUID
    shot_id: UUID
    kind: str
    note: str
    reasons: list[str]
    reviewer_id: UUID | None
    reviewer_name: str
    created_at: datetime


class VerdictsOut(BaseModel):
    """The verdicts on a shot's takes, newest first, at most 200."""

    items: list[VerdictOut]
    next: None = None


def _out(row: Verdict) -> VerdictOut:
    return VerdictOut(**{name: getattr(row, name) for name in VerdictOut.model_fields})


@router.get("/projects/{project_id}/shots/{shot_id}/verdicts")
async def list_verdicts(
    session: Transaction, access: Annotated[ProjectAccess, in_project("review.read")], shot_id: UUID
) -> VerdictsOut:
    """List the verdicts on a shot's takes, newest first."""
    shot = await shots.get(session, access.project.id, shot_id)
    return VerdictsOut(items=[_out(row) for row in await service.of_shot(session, shot.id)])


@router.post("/projects/{project_id}/takes/{take_id}/verdicts", status_code=201)
async def decide(
    session: Transaction,
    access: Annotated[ProjectAccess, in_project("review.circle")],
    take_id: UUID,
    given: VerdictIn,
) -> VerdictOut:
    """Circle, un-circle, reject or reconsider a take, or ask for a retake; circling the circled take adds nothing."""
    access.demand(PERMISSIONS[given.kind])
    take = await takes.get(session, access.project.id, take_id)
    if given.kind == "retake":
        await service.ask_retake(session, access.actor, take, given.note, given.reasons)
    elif given.kind == "reject":
        await service.reject(session, access.actor, take, given.note, given.reasons)
    else:
        plain = {"circle": service.circle, "uncircle": service.uncircle, "reconsider": service.reconsider}
        await plain[given.kind](session, access.actor, take)
    rows = await service.of_shot(session, take.shot_id)
    return _out(next(row for row in rows if row.take_id == take.id))
