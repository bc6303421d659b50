"""Jobs: wish for takes, cancel, retry, and decide what only a person can."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.schemas import Actor
from app.audit import service as audit
from app.backends.base import Cost
from app.backends.capabilities import ModelCaps
from app.backends.registry import Registry
from app.core import clock
from app.core.db import nudge
from app.core.errors import Conflict, Invalid, NotFound
from app.core.i18n import _
from app.core.ids import new_id
from app.core.money import Money
from app.episodes import service as episodes
from app.episodes.models import Episode
from app.events import service as events
from app.events.models import OutboxEvent
from app.jobs import attempts, repository, requests
from app.jobs.models import OPEN_STATES, Attempt, AttemptEvent, Job
from app.jobs.states import AttemptState, JobState
from app.projects.models import Project
from app.providers.service import holds_backends
from app.shots import facts
from app.shots import service as shots_of
from app.shots.models import Shot

MOST_AT_ONCE = 6000


@dataclass(frozen=True, slots=True)
class Offer:
    """What generating some shots would cost, as a range in the provider's currency, and where.

    ``dearest`` is the most that one of them may cost.
    """

    backend: str
    model: str
    shots: int
    low: Money
    high: Money
    dearest: Money


def model_of(registry: Registry, project: Project, backend: str, model: str) -> tuple[str, ModelCaps]:
    """Return backend and model for a wish: what was asked for, else the project's choice."""
    name = backend or project.backend
    return name, registry.caps(
        name, model or (project.model if name == project.backend else first_model(registry, name))
    )


def first_model(registry: Registry, backend: str) -> str:
    """Return the first model of a backend that is offered, else its first, whose absence is told when asked for."""
    offered = [offer.caps.model for offer in registry.models() if offer.backend == backend]
    return (offered or [caps.model for caps in registry.get(backend).models()])[0]


async def offer(
    session: AsyncSession,
    registry: Registry,
    project: Project,
    episode: Episode,
    shots: Sequence[Shot],
    *,
    backend: str = "",
    model: str = "",
) -> Offer:
    """Return the price range of generating some shots of an episode, for the button that spends it."""
    name, caps = model_of(registry, project, backend, model)
    low = high = dearest = Money(0, project.currency)
    if shots and not caps.free:
        around = await facts.surroundings(session, project.id, {shot.scene_id for shot in shots})
        for shot in shots:
            cost = _cost(registry, name, requests.build(shot, episode, around, caps))
            low, high = (
                cost.low + Money(low.micros, cost.low.currency),
                cost.high + Money(high.micros, cost.high.currency),
            )
            dearest = max(dearest, cost.high, key=lambda each: each.micros)
    return Offer(name, caps.model, len(shots), low, high, dearest)


async def wish(
    session: AsyncSession,
    registry: Registry,
    actor: Actor,
    project: Project,
    episode: Episode,
    shots: Sequence[Shot],
    *,
    backend: str = "",
    model: str = "",
    seed: int | None = None,
) -> list[Job]:
    """Wish for one take of each shot; a wish that is open already is returned, not made again.

    Raises ``Conflict`` naming the shots when any is dropped or locked: then nothing is wished.
    """
    barred = [shot.name for shot in shots if shot.dropped_at is not None or shot.locked_at is not None]
    if barred:
        message = _("Dropped or locked shots are not generated: %(names)s. Restore or unlock them first.")
        raise Conflict("jobs.barred", message % {"names": ", ".join(barred[:10])}, shots=barred)
    if not shots:
        raise Invalid("jobs.no_shots", _("There is nothing to generate: choose at least one shot."))
    if len(shots) > MOST_AT_ONCE:
        raise Invalid("jobs.too_many", _("Generate at most %(most)d shots at once.") % {"most": MOST_AT_ONCE})
    name, caps = model_of(registry, project, backend, model)
    around = await facts.surroundings(session, project.id, {shot.scene_id for shot in shots})
    by = _Wisher(actor.id, actor.name, actor.role_in(project.team_id, project.id), new_id())
    jobs = [
        await _wish_one(session, registry, by, requests.build(shot, episode, around, caps, seed=seed), name, shot)
        for shot in shots
    ]
    made = [job for job in jobs if job.batch_id == by.batch_id]
    total = sum(job.estimate_high_micros for job in made)
    for job in made:
        job.batch_micros = total
    await session.flush()
    await events.wake(session)
    return jobs


@dataclass(frozen=True, slots=True)
class _Wisher:
    """Whoever wishes, in which role, and what the jobs of one wish have in common."""

    id: UUID | None
    name: str
    role: str
    batch_id: UUID


async def again(session: AsyncSession, registry: Registry, actor: Actor, project: Project, job: Job) -> Job:
    """Wish again for what ended badly, from the shot as it is now."""
    if job.state not in (JobState.FAILED, JobState.REFUSED, JobState.CANCELLED):
        message = _("Only a job that failed, was refused or cancelled can be tried again.")
        raise Conflict("jobs.not_ended_badly", message)
    episode = await episodes.get(session, project.id, job.episode_id)
    shot = await shots_of.get(session, project.id, job.shot_id)
    (made,) = await wish(session, registry, actor, project, episode, [shot], backend=job.backend, model=job.model)
    return made


async def _wish_one(
    session: AsyncSession, registry: Registry, by: _Wisher, request: dict[str, object], backend: str, shot: Shot
) -> Job:
    key = requests.request_key(request, backend)
    if request["seed"] is None:
        request["seed"] = secrets.randbelow(2**31)
    cost = _cost(registry, backend, request)
    values = {
        "id": new_id(),
        "project_id": shot.project_id,
        "episode_id": shot.episode_id,
        "shot_id": shot.id,
        "state": JobState.WAITING.value,
        "request_key": key,
        "request": request,
        "backend": backend,
        "model": request["model"],
        "estimate_low_micros": cost.low.micros,
        "estimate_high_micros": cost.high.micros,
        "currency": cost.high.currency,
        "next_due_at": clock.now(),
        "wished_by": by.id,
        "wished_by_name": by.name,
        "wished_role": by.role,
        "batch_id": by.batch_id,
    }
    made = await session.scalar(insert(Job).values(values).on_conflict_do_nothing().returning(Job.id))
    if made is None:
        present = await repository.open_job(session, shot.id, key)
        if present is None:
            raise Conflict("jobs.changed_meanwhile", _("This shot changed just now. Look again, then generate."))
        return present
    job = await session.get_one(Job, made)
    await attempts.tell_shot(session, shot.id)
    await attempts.tell(session, job)
    nudge(session, "jobs.advance", job.id)
    return job


async def get(session: AsyncSession, project_id: UUID, job_id: UUID, *, for_update: bool = False) -> Job:
    """Return a job of this very project."""
    row = await session.get(Job, job_id, with_for_update=for_update or None)
    if row is None or row.project_id != project_id:
        raise NotFound("jobs.unknown_job", _("There is no such job in this project."))
    return row


async def page(
    session: AsyncSession, project_id: UUID, *, states: Sequence[str] = (), before: UUID | None = None, limit: int = 50
) -> Sequence[Row[Job, Shot]]:
    """Return a page of a project's jobs with their shots, newest first."""
    return await repository.page(session, project_id, states=states, before=before, limit=min(limit, 201))


async def counts(session: AsyncSession, project_id: UUID) -> dict[str, int]:
    """Return how many jobs of a project are in each state."""
    return await repository.counts(session, project_id)


async def of_shot(session: AsyncSession, shot_id: UUID) -> Sequence[Job]:
    """Return a shot's jobs, newest first."""
    return await repository.jobs_of_shot(session, shot_id)


async def story(session: AsyncSession, job: Job) -> tuple[Sequence[Attempt], Sequence[AttemptEvent]]:
    """Return a job's attempts and every line of their story."""
    return await repository.attempts_of(session, job.id), await repository.story(session, job.id)


async def cancel(session: AsyncSession, actor: Actor, job: Job) -> None:
    """Ask a job to stop; what was not bought yet stops at once, what was is told to the provider."""
    if job.state not in OPEN_STATES or job.state == JobState.UNKNOWN:
        raise Conflict("jobs.ended", _("This job has ended already, so there is nothing to cancel."))
    now = clock.now()
    job.cancel_asked_at = job.cancel_asked_at or now
    attempt = await repository.last_attempt(session, job.id)
    if job.state == JobState.WAITING or attempt is None:
        job.state, job.finished_at, job.next_due_at = JobState.CANCELLED.value, now, None
        job.reason_code, job.reason = (
            "jobs.cancelled",
            _("Cancelled by %(name)s before anything was bought.") % {"name": actor.name},
        )
        await session.flush()
        await attempts.tell_shot(session, job.shot_id)
        await attempts.tell(session, job)
        return
    nudge(session, "jobs.cancel", attempt.id)
    await attempts.tell(session, job)
    await events.wake(session)


async def cancel_episode(session: AsyncSession, actor: Actor, episode: Episode) -> int:
    """Ask every waiting or running job of an episode to stop, and return how many there were."""
    rows = await repository.open_of_episode(session, episode.id)
    for job in rows:
        await cancel(session, actor, job)
    return len(rows)


async def dismiss(session: AsyncSession, job: Job) -> None:
    """Put a failed or refused job aside, so that its shot no longer asks for attention."""
    if job.state not in (JobState.FAILED, JobState.REFUSED):
        raise Conflict("jobs.not_failed", _("Only a job that failed or was refused can be put aside."))
    job.dismissed_at = clock.now()
    await session.flush()
    await attempts.tell_shot(session, job.shot_id)
    await attempts.tell(session, job)


async def decide(session: AsyncSession, actor: Actor, job: Job, decision: str) -> None:
    """Decide about a lost answer: "look_again", "give_up" (it counts as paid) or "buy_again" (it may be paid twice)."""
    attempt = await repository.last_attempt(session, job.id)
    if job.state != JobState.UNKNOWN or attempt is None or attempt.state != AttemptState.UNKNOWN:
        raise Conflict("jobs.not_unknown", _("This job waits for no decision any more."))
    _audit(session, actor, job, "jobs.decided", decision=decision)
    if decision == "look_again":
        nudge(session, "jobs.recover", attempt.id)
        return
    if decision not in ("give_up", "buy_again"):
        raise Invalid("jobs.decision", _("Choose one of: look again, give up, buy again."))
    reason = _("The answer was lost; %(name)s decided. It counts as charged.") % {"name": actor.name}
    await attempts.end(
        session,
        attempt,
        job,
        AttemptState.FAILED,
        reason_code="jobs.given_up",
        reason=reason,
        actual=attempts.cap_of(attempt),
    )
    if decision == "buy_again":
        job.state, job.reason_code, job.reason = JobState.WAITING.value, "", ""
        job.finished_at, job.next_due_at = None, clock.now()
        await session.flush()
        await attempts.tell_shot(session, job.shot_id)
        nudge(session, "jobs.advance", job.id)


@events.subscribe("money.opened")
async def look_at_held_jobs(session: AsyncSession, event: OutboxEvent) -> None:
    """Make held jobs of a project due, because money or a gate opened."""
    assert event.project_id is not None
    for job in await repository.held_jobs(session, event.project_id):
        job.next_due_at = clock.now()
        nudge(session, "jobs.advance", job.id)


@holds_backends
async def open_attempts(session: AsyncSession, backend: str) -> int:
    """Return how many attempts at a backend are not finished, or may still be looked up."""
    return await repository.open_at(session, backend)


def _cost(registry: Registry, backend: str, request: dict[str, object]) -> Cost:
    return registry.get(backend).estimate(requests.read(request))


def _audit(session: AsyncSession, actor: Actor, job: Job, action: str, **more: Any) -> None:
    audit.record(
        session,
        action,
        actor_id=actor.id,
        actor_name=actor.name,
        subject_kind="job",
        subject_id=job.id,
        project_id=job.project_id,
        **more,
    )
