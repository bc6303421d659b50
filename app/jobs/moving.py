"""Giving what still waits to another backend: after a technical fault, and when a vendor is left behind."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.backends.capabilities import ModelCaps
from app.backends.errors import BackendError, Kind
from app.backends.registry import Registry
from app.core import clock
from app.core.db import nudge
from app.jobs import attempts, policies, repository, requests
from app.jobs.models import Attempt, Job
from app.jobs.route_words import route_words
from app.jobs.states import AttemptState, JobState
from app.projects.models import Project

TECHNICAL = frozenset({Kind.TRANSIENT, Kind.AUTH, Kind.QUOTA, Kind.PERMANENT, Kind.RATE_LIMIT})
MOST_BACKENDS = 5


def move(registry: Registry, job: Job, backend: str, caps: ModelCaps) -> None:
    """Give a waiting job to a model, with the request it can serve and what that costs there."""
    job.request = requests.for_model(job.request, caps)
    job.backend, job.model = backend, caps.model
    cost = registry.get(backend).estimate(requests.read(job.request))
    job.estimate_low_micros, job.estimate_high_micros = cost.low.micros, cost.high.micros
    job.currency = cost.high.currency


async def reroute(session: AsyncSession, registry: Registry, job: Job) -> bool:
    """Give a routed job to the best backend of its policy that has not failed it; tell whether there is one."""
    project = await session.get_one(Project, job.project_id)
    failed = await _failed(session, job.id)
    router = await policies.router(session, registry, project, failed=failed)
    if router is None or not router.policy.fail_over or len(failed) >= MOST_BACKENDS:
        return False
    request = requests.read(requests.unplaced(job.request))
    found = await router.route(request)
    job.routing = policies.told(found)
    if found.chosen is None:
        return False
    move(registry, job, found.chosen.backend, found.chosen.caps)
    return True


async def fail_over(session: AsyncSession, registry: Registry, job: Job, error: BackendError, *, charged: bool) -> None:
    """Let a job that has just ended by a technical fault, at no cost, go on at the next backend of its policy.

    What was charged is not bought elsewhere by itself, and what was refused goes to a person.
    """
    if not job.routed or charged or error.kind not in TECHNICAL or job.state != JobState.FAILED:
        return
    if job.cancel_asked_at is not None or not await reroute(session, registry, job):
        return
    job.state, job.reason_code, job.finished_at, job.progress = JobState.WAITING.value, "", None, None
    job.reason, job.next_due_at = route_words(job.routing), clock.now()
    await session.flush()
    await attempts.tell_shot(session, job.shot_id)
    await attempts.tell(session, job)
    nudge(session, "jobs.advance", job.id, urgent=True)


async def _failed(session: AsyncSession, job_id: UUID) -> frozenset[str]:
    rows: list[Attempt] = list(await repository.attempts_of(session, job_id))
    return frozenset(row.backend for row in rows if row.state == AttemptState.FAILED)
