"""Queries about jobs and attempts; private to this domain."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.jobs.models import OPEN_STATES, Attempt, AttemptEvent, Job
from app.jobs.states import OPEN, POLLED, AttemptState, JobState
from app.shots.models import Shot


async def open_job(session: AsyncSession, shot_id: UUID, request_key: str) -> Job | None:
    """Return the open job for the very same wish, if there is one."""
    found: Job | None = await session.scalar(
        select(Job).where(Job.shot_id == shot_id, Job.request_key == request_key, Job.state.in_(OPEN_STATES))
    )
    return found


async def jobs_of_shot(session: AsyncSession, shot_id: UUID, limit: int = 50) -> Sequence[Job]:
    """Return a shot's jobs, newest first."""
    return (await session.scalars(select(Job).where(Job.shot_id == shot_id).order_by(Job.id.desc()).limit(limit))).all()


async def page(
    session: AsyncSession, project_id: UUID, *, states: Sequence[str], before: UUID | None, limit: int
) -> Sequence[Row[Job, Shot]]:
    """Return a page of a project's jobs with their shots, newest first, older than ``before``."""
    query = select(Job, Shot).join(Shot, Shot.id == Job.shot_id).where(Job.project_id == project_id)
    if states:
        query = query.where(Job.state.in_(states))
    if before is not None:
        query = query.where(Job.id < before)
    return (await session.execute(query.order_by(Job.id.desc()).limit(limit))).all()


async def counts(session: AsyncSession, project_id: UUID) -> dict[str, int]:
    """Return how many jobs of a project are in each state."""
    query = select(Job.state, func.count()).where(Job.project_id == project_id).group_by(Job.state)
    rows = (await session.execute(query)).all()
    return {row[0]: row[1] for row in rows}


async def attempts_of(session: AsyncSession, job_id: UUID) -> Sequence[Attempt]:
    """Return a job's attempts in order."""
    return (await session.scalars(select(Attempt).where(Attempt.job_id == job_id).order_by(Attempt.number))).all()


async def story(session: AsyncSession, job_id: UUID) -> Sequence[AttemptEvent]:
    """Return every line of a job's story in order."""
    query = select(AttemptEvent).join(Attempt, Attempt.id == AttemptEvent.attempt_id).where(Attempt.job_id == job_id)
    return (await session.scalars(query.order_by(AttemptEvent.id))).all()


async def last_attempt(session: AsyncSession, job_id: UUID) -> Attempt | None:
    """Return a job's newest attempt."""
    found: Attempt | None = await session.scalar(
        select(Attempt).where(Attempt.job_id == job_id).order_by(Attempt.number.desc()).limit(1)
    )
    return found


async def locked_attempt(session: AsyncSession, attempt_id: UUID) -> tuple[Attempt, Job] | None:
    """Return an attempt and its job, both locked, the job first so that no two steps wait for each other."""
    job_id = await session.scalar(select(Attempt.job_id).where(Attempt.id == attempt_id))
    if job_id is None:
        return None
    job = await session.get_one(Job, job_id, with_for_update=True)
    attempt = await session.get_one(Attempt, attempt_id, with_for_update=True)
    return attempt, job


async def due_to_poll(session: AsyncSession, now: datetime, limit: int) -> Sequence[Attempt]:
    """Claim attempts that are due for a poll; other sweepers skip them."""
    query = (
        select(Attempt)
        .where(Attempt.state.in_(POLLED), Attempt.next_due_at <= now)
        .order_by(Attempt.next_due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(query)).all()


async def due_otherwise(session: AsyncSession, now: datetime, limit: int) -> Sequence[Attempt]:
    """Claim open attempts of the other states that are due and that no worker holds a lease on."""
    states = OPEN - POLLED
    query = (
        select(Attempt)
        .where(
            Attempt.state.in_(states),
            Attempt.next_due_at <= now,
            or_(Attempt.lease_until.is_(None), Attempt.lease_until <= now),
        )
        .order_by(Attempt.next_due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(query)).all()


async def due_jobs(session: AsyncSession, now: datetime, limit: int) -> Sequence[Job]:
    """Claim waiting jobs that are due to be looked at."""
    query = (
        select(Job)
        .where(Job.state == JobState.WAITING, Job.next_due_at <= now)
        .order_by(Job.next_due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(query)).all()


async def held_jobs(session: AsyncSession, project_id: UUID) -> Sequence[Job]:
    """Return the jobs of a project that wait for money or a gate."""
    query = select(Job).where(Job.project_id == project_id, Job.state == JobState.WAITING, Job.reason_code != "")
    return (await session.scalars(query.with_for_update())).all()


async def cancelled_but_running(session: AsyncSession, limit: int = 100) -> Sequence[UUID]:
    """Return attempts whose job was asked to stop and whose provider was not told yet."""
    query = (
        select(Attempt.id)
        .join(Job, Job.id == Attempt.job_id)
        .where(
            Job.cancel_asked_at.is_not(None),
            Job.state == JobState.ACTIVE,
            Attempt.cancel_result == "",
            Attempt.state.in_({*POLLED, AttemptState.RESERVED}),
        )
        .limit(limit)
    )
    return (await session.scalars(query)).all()


async def open_of_episode(session: AsyncSession, episode_id: UUID) -> Sequence[Job]:
    """Return an episode's waiting and running jobs, locked."""
    query = select(Job).where(Job.episode_id == episode_id, Job.state.in_((JobState.WAITING, JobState.ACTIVE)))
    return (await session.scalars(query.order_by(Job.id).with_for_update())).all()


async def owned_remote_ids(session: AsyncSession, backend: str, since: datetime) -> frozenset[str]:
    """Return the provider's ids that attempts of a backend submitted after ``since`` own already."""
    remote_id = Attempt.handle["remote_id"].astext
    query = select(remote_id).where(Attempt.backend == backend, Attempt.submitted_at >= since, remote_id.is_not(None))
    return frozenset((await session.scalars(query)).all())
