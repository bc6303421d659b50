"""JSON API of many jobs at once: try again, cancel, put aside, decide; the answer names every job that could not."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from app.accounts.access import AnyActor
from app.jobs import bulk, unknowns
from app.jobs.bulk import MOST, Action, Result
from app.jobs.documents import LostItem
from app.projects.access import ProjectAccess, in_project
from app.web.api import After, IdempotencyKey, Input, Limit, Listed, Once, Output, behind, following
from app.web.database import Transaction

router = APIRouter(tags=["Jobs"])
Generate = Annotated[ProjectAccess, in_project("jobs.generate")]
Cancel = Annotated[ProjectAccess, in_project("jobs.cancel")]
Ids = Annotated[list[UUID], Field(min_length=1, max_length=MOST)]


class ManyIn(Input):
    """The jobs to do something with."""

    jobs: Ids


class DecideManyIn(ManyIn):
    """The same decision about some jobs, which may be of several projects."""

    decision: Literal["look_again", "give_up", "buy_again"]


class RefusedOut(Output):
    """A job nothing was done with: `code` is stable, `why` is for people."""

    job_id: UUID
    shot: str
    code: str
    why: str


class ManyOut(BaseModel):
    """The jobs something was done with, those it was not and why, and the new jobs of a retry."""

    done: list[UUID]
    refused: list[RefusedOut]
    made: list[UUID]

    @classmethod
    def of(cls, result: Result) -> ManyOut:
        """Return a result as programs read it."""
        refused = [RefusedOut.model_validate(one) for one in result.refused]
        return cls(done=list(result.done), refused=refused, made=list(result.made))


@router.post("/projects/{project_id}/jobs/retry", status_code=202, response_model=ManyOut)
async def retry(
    request: Request, session: Transaction, access: Generate, given: ManyIn, idempotency_key: IdempotencyKey = None
) -> Response:
    """Wish again for what ended badly, from the shots as they are now; `made` are the new jobs."""
    once = Once(request, access.actor.id, idempotency_key, code="jobs.idempotency_mismatch")
    if before := await once.before():
        return before
    return await once.answer(await _do(request, session, access, Action.RETRY, given), 202)


@router.post("/projects/{project_id}/jobs/cancel")
async def cancel(request: Request, session: Transaction, access: Cancel, given: ManyIn) -> ManyOut:
    """Ask jobs to stop; what was bought already is told to the provider, and may still be charged."""
    return await _do(request, session, access, Action.CANCEL, given)


@router.post("/projects/{project_id}/jobs/put-aside")
async def put_aside(request: Request, session: Transaction, access: Cancel, given: ManyIn) -> ManyOut:
    """Put failed or refused jobs aside, so that their shots no longer ask for attention."""
    return await _do(request, session, access, Action.PUT_ASIDE, given)


async def _do(request: Request, session: Transaction, access: ProjectAccess, action: Action, given: ManyIn) -> ManyOut:
    registry = request.app.state.registry
    return ManyOut.of(await bulk.do(session, registry, access.actor, access.project, action, given.jobs))


@router.get("/lost-answers")
async def lost_answers(
    request: Request,
    session: Transaction,
    actor: AnyActor,
    limit: Annotated[Limit, Query()] = 50,
    after: After = None,
) -> Listed[LostItem]:
    """List the jobs of all projects whose answer was lost and about which you may decide, newest first."""
    registry = request.app.state.registry
    rows = await unknowns.page(session, registry, actor, before=behind(after, UUID), limit=limit + 1)
    items = [LostItem.lost(row) for row in rows[:limit]]
    return Listed(items=items, next=following(rows, limit, lambda row: row.job.id))


@router.post("/lost-answers/decide")
async def decide(session: Transaction, actor: AnyActor, given: DecideManyIn) -> ManyOut:
    """Decide about lost answers: look again, give up (they count as paid) or buy again (they may be paid twice)."""
    return ManyOut.of(await unknowns.decide(session, actor, given.jobs, given.decision))
