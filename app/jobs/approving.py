"""Wishes that wait for a producer because of their price: listed with their sums, approved, or declined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.schemas import Actor
from app.audit import service as audit
from app.core import clock
from app.core.db import nudge
from app.core.errors import Invalid, NotFound
from app.core.i18n import _
from app.core.money import Money
from app.core.text import clean_line
from app.jobs import attempts, booked
from app.jobs.models import Job
from app.jobs.states import JobState
from app.projects.models import Project

LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class Waiting:
    """The jobs of one wish that wait for approval: how many, and what they cost at most, in the provider's currency."""

    batch_id: UUID
    episode_id: UUID
    backend: str
    model: str
    wished_by_name: str
    shots: int
    amount: Money
    since: datetime
    reason: str


async def waiting(
    session: AsyncSession, project_id: UUID, *, before: UUID | None = None, limit: int = 50
) -> list[Waiting]:
    """Return a page of the wishes that wait for a producer, newest first."""
    rows = await booked.to_approve(session, project_id, before=before, limit=limit)
    return [
        Waiting(
            batch_id=row.batch,
            episode_id=row.episode_id,
            backend=row.backend,
            model=row.model,
            wished_by_name=row.wished_by_name,
            shots=row.shots,
            amount=Money(int(row.micros), row.currency),
            since=row.since,
            reason=row.reason,
        )
        for row in rows
    ]


async def count(session: AsyncSession, project_id: UUID) -> int:
    """Return how many jobs of a project wait for a producer."""
    return await booked.count_to_approve(session, project_id)


async def approve(session: AsyncSession, actor: Actor, project: Project, batch_id: UUID) -> int:
    """Agree to the price of a wish: its jobs go on, as long as they cost no more than was shown."""
    jobs = await _locked(session, project, batch_id)
    for job in jobs:
        job.approved_micros = job.estimate_high_micros
        job.reason_code, job.reason, job.next_due_at = "", "", clock.now()
        nudge(session, "jobs.advance", job.id)
    await session.flush()
    _audit(session, actor, project, batch_id, "jobs.approved", jobs)
    for job in jobs:
        await attempts.tell_shot(session, job.shot_id)
        await attempts.tell(session, job)
    return len(jobs)


async def decline(session: AsyncSession, actor: Actor, project: Project, batch_id: UUID, reason: str) -> int:
    """Turn a wish down: its jobs are cancelled, and the reason stands on each."""
    reason = clean_line(reason, LONGEST_REASON)
    if not reason:
        raise Invalid("jobs.decline_reason", _("Say why, so that whoever wished for it knows."), field="reason")
    jobs = await _locked(session, project, batch_id)
    words = _("Declined by %(name)s: %(reason)s") % {"name": actor.name, "reason": reason}
    now = clock.now()
    for job in jobs:
        job.state, job.reason_code, job.reason = JobState.CANCELLED.value, "jobs.declined", words
        job.cancel_asked_at = job.finished_at = now
        job.next_due_at = None
    await session.flush()
    _audit(session, actor, project, batch_id, "jobs.declined", jobs, reason=reason)
    for job in jobs:
        await attempts.tell_shot(session, job.shot_id)
        await attempts.tell(session, job)
    return len(jobs)


async def _locked(session: AsyncSession, project: Project, batch_id: UUID) -> Sequence[Job]:
    jobs = await booked.lock_to_approve(session, project.id, batch_id)
    if not jobs:
        message = _("Nothing of this wish waits for approval any more: somebody decided, or it was cancelled.")
        raise NotFound("jobs.nothing_to_approve", message)
    return jobs


def _audit(
    session: AsyncSession, actor: Actor, project: Project, batch_id: UUID, action: str, jobs: Sequence[Job], **more: str
) -> None:
    audit.record(
        session,
        action,
        actor_id=actor.id,
        actor_name=actor.name,
        subject_kind="wish",
        subject_id=batch_id,
        team_id=project.team_id,
        project_id=project.id,
        jobs=len(jobs),
        micros=sum(job.estimate_high_micros for job in jobs),
        currency=jobs[0].currency,
        wished_by=jobs[0].wished_by_name,
        **more,
    )
