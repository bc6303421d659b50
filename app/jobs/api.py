"""JSON API of jobs: generate, watch, cancel, retry, decide; and the backends that can be used."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app.accounts.access import AnyActor
from app.episodes import service as episodes
from app.jobs import choosing, finding, paying, service, wishing
from app.jobs.documents import (
    BackendOut,
    DecisionIn,
    GenerateIn,
    JobItem,
    JobOut,
    ModelOut,
    OfferOut,
    Wished,
    WishedOut,
)
from app.jobs.finding import Wanted
from app.jobs.models import Job
from app.jobs.states import JobState
from app.projects.access import ProjectAccess, in_project
from app.shots import service as shots
from app.web.api import After, IdempotencyKey, Limit, Listed, Once, Whole, behind, following
from app.web.database import Transaction

router = APIRouter(tags=["Jobs"])
Read = Annotated[ProjectAccess, in_project("jobs.read")]
Generate = Annotated[ProjectAccess, in_project("jobs.generate")]
Cancel = Annotated[ProjectAccess, in_project("jobs.cancel")]
Decide = Annotated[ProjectAccess, in_project("jobs.decide")]


@router.get("/backends")
async def list_backends(request: Request, _actor: AnyActor) -> Whole[BackendOut]:
    """List the backends that can be used now, with what their models can do."""
    found: dict[str, list[ModelOut]] = {}
    for offer in request.app.state.registry.models():
        found.setdefault(offer.backend, []).append(ModelOut.of(offer.caps))
    return Whole(items=[BackendOut(name=name, models=models) for name, models in found.items()])


@router.post("/projects/{project_id}/episodes/{episode_id}/generate", status_code=202, response_model=WishedOut)
async def generate(
    request: Request,
    session: Transaction,
    access: Generate,
    episode_id: UUID,
    given: GenerateIn,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Wish for a take of each chosen shot; a wish that is open already is returned, not made again."""
    once = Once(request, access.actor.id, idempotency_key, code="jobs.idempotency_mismatch")
    if before := await once.before():
        return before
    episode = await episodes.get(session, access.project.id, episode_id)
    rows = await choosing.chosen(session, episode, ids=given.shots, scene=given.scene, which=given.which)
    jobs = await wishing.wish(
        session,
        request.app.state.registry,
        access.actor,
        access.project,
        episode,
        rows,
        backend=given.backend,
        model=given.model,
        seed=given.seed,
    )
    return await once.answer(WishedOut(jobs=[Wished.model_validate(job) for job in jobs]), 202)


@router.get("/projects/{project_id}/episodes/{episode_id}/estimate")
async def estimate(
    request: Request,
    session: Transaction,
    access: Generate,
    episode_id: UUID,
    which: Literal["planned", "stale", "all"] = "all",
    scene: UUID | None = None,
    backend: Annotated[str, Query(max_length=80)] = "",
    model: Annotated[str, Query(max_length=120)] = "",
) -> OfferOut:
    """Say what generating would cost, before anything is wished for."""
    episode = await episodes.get(session, access.project.id, episode_id)
    rows = await choosing.chosen(session, episode, scene=scene, which=which)
    registry = request.app.state.registry
    offer = await wishing.offer(session, registry, access.project, episode, rows, backend=backend, model=model)
    return OfferOut.of(await paying.quote(session, access.actor, access.project, episode, offer))


@router.get("/projects/{project_id}/jobs")
async def list_jobs(
    session: Transaction,
    access: Read,
    state: Annotated[list[JobState], Query(max_length=7)] = [],  # noqa: B006  # FastAPI copies it
    backend: Annotated[str, Query(max_length=80)] = "",
    episode: UUID | None = None,
    wished_by: UUID | None = None,
    shot: Annotated[str, Query(max_length=60, description="Part of a shot's name.")] = "",
    limit: Limit = 50,
    after: After = None,
) -> Listed[JobItem]:
    """List a project's jobs that fit every filter, newest first."""
    wanted = Wanted(tuple(each.value for each in state), backend, episode, wished_by, shot)
    rows = await finding.page(session, access.project.id, wanted, before=behind(after, UUID), limit=limit + 1)
    items = [JobItem.of(job, its) for job, its in rows[:limit]]
    return Listed(items=items, next=following(rows, limit, lambda row: row[0].id))


async def _told(session: Transaction, job: Job) -> JobItem:
    await session.flush()
    return JobItem.of(job, await shots.get(session, job.project_id, job.shot_id))


@router.get("/projects/{project_id}/jobs/{job_id}", response_model=JobOut)
async def get(session: Transaction, access: Read, job_id: UUID) -> JobItem:
    """Read a job with its attempts and their story."""
    job = await service.get(session, access.project.id, job_id)
    shot = await shots.get(session, access.project.id, job.shot_id)
    return JobOut.whole(job, shot, *await service.story(session, job))


@router.post("/projects/{project_id}/jobs/{job_id}/cancel")
async def cancel(session: Transaction, access: Cancel, job_id: UUID) -> JobItem:
    """Ask a job to stop; what was bought already is told to the provider, and may still be charged."""
    job = await service.get(session, access.project.id, job_id, for_update=True)
    await service.cancel(session, access.actor, job)
    return await _told(session, job)


@router.post("/projects/{project_id}/jobs/{job_id}/retry", status_code=202)
async def retry(request: Request, session: Transaction, access: Generate, job_id: UUID) -> JobItem:
    """Wish again for what failed, from the shot as it is now, and return the new job."""
    job = await service.get(session, access.project.id, job_id)
    registry = request.app.state.registry
    return await _told(session, await wishing.again(session, registry, access.actor, access.project, job))


@router.post("/projects/{project_id}/jobs/{job_id}/dismiss")
async def dismiss(session: Transaction, access: Cancel, job_id: UUID) -> JobItem:
    """Put a failed or refused job aside, so that its shot no longer asks for attention."""
    job = await service.get(session, access.project.id, job_id, for_update=True)
    await service.dismiss(session, job)
    return await _told(session, job)


@router.post("/projects/{project_id}/jobs/{job_id}/decide")
async def decide(session: Transaction, access: Decide, job_id: UUID, given: DecisionIn) -> JobItem:
    """Decide about a lost answer: look again, give up (it counts as paid) or buy again (it may be paid twice)."""
    job = await service.get(session, access.project.id, job_id, for_update=True)
    await service.decide(session, access.actor, job, given.decision)
    return await _told(session, job)


@router.post("/projects/{project_id}/episodes/{episode_id}/cancel-jobs")
async def cancel_episode(session: Transaction, access: Cancel, episode_id: UUID) -> dict[str, int]:
    """Ask every waiting or running job of an episode to stop; answers with their number as `cancelled`."""
    episode = await episodes.get(session, access.project.id, episode_id)
    return {"cancelled": await service.cancel_episode(session, access.actor, episode)}
