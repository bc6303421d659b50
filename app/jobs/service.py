"""Jobs: wish for takes, cancel, retry, and decide what only a person can."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.schemas import Actor
from app.audit import service as audit
from app.core import clock
from app.core.db import nudge
from app.core.errors import Conflict, Invalid, NotFound
from app.core.i18n import _
from app.episodes.models import Episode
from app.events import service as events
from app.events.models import OutboxEvent
from app.jobs import attempts, repository
from app.jobs.models import OPEN_STATES, Attempt, AttemptEvent, Job
from app.jobs.states import AttemptState, JobState
from app.providers.service import holds_backends


async def get(session: AsyncSession, project_id: UUID, job_id: UUID, *, for_update: bool = False) -> Job:
    """Return a job of this very project."""
    row = await session.get(Job, job_id, with_for_update=for_update or None)
    if row is None or row.project_id != project_id:
        raise NotFound("jobs.unknown_job", _("There is no such job in this project."))
    return row


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
