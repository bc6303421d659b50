"""Queries about jobs and attempts; private to this domain."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Float, Text, Uuid, bindparam, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import among
from app.jobs.models import OPEN_STATES, Attempt, AttemptEvent, Job
from app.jobs.states import ENDED, OPEN, POLLED, AttemptState, JobState


async def open_job(session: AsyncSession, shot_id: UUID, request_key: str) -> Job | None:
    """Return the open job for the very same wish, if there is one."""
    found: Job | None = await session.scalar(
        select(Job).where(Job.shot_id == shot_id, Job.request_key == request_key, Job.state.in_(OPEN_STATES))
    )
    return found


async def backend_of(session: AsyncSession, attempt_id: UUID) -> str | None:
    """Return the backend of an attempt, None when there is no such attempt."""
    found: str | None = await session.scalar(select(Attempt.backend).where(Attempt.id == attempt_id))
    return found


async def take_waiting(session: AsyncSession, job_ids: Iterable[UUID]) -> Sequence[Job]:
    """Lock the waiting ones of some jobs that nobody else holds, and return them, the urgent first."""
    query = select(Job).where(among(Job.id, job_ids), Job.state == JobState.WAITING).order_by(Job.id)
    jobs = (await session.scalars(query.with_for_update(skip_locked=True))).all()
    return sorted(jobs, key=lambda job: -job.priority)


async def attempt_counts(session: AsyncSession, job_ids: Collection[UUID]) -> dict[UUID, int]:
    """Return how many attempts each of some jobs has had; a job without one is not in it."""
    query = select(Attempt.job_id, func.count()).where(among(Attempt.job_id, job_ids)).group_by(Attempt.job_id)
    return {row[0]: row[1] for row in (await session.execute(query)).all()}


async def jobs_of_shot(session: AsyncSession, shot_id: UUID, limit: int = 50) -> Sequence[Job]:
    """Return a shot's jobs, newest first."""
    return (await session.scalars(select(Job).where(Job.shot_id == shot_id).order_by(Job.id.desc()).limit(limit))).all()


@dataclass(frozen=True, slots=True)
class Brief:
    """What of a job is told on its shot."""

    shot_id: UUID
    state: str
    reason_code: str
    reason: str
    progress: float | None
    dismissed_at: datetime | None


async def briefs_of_shots(
    session: AsyncSession, shot_ids: Collection[UUID], limit: int = 50
) -> dict[UUID, list[Brief]]:
    """Return the jobs of each of some shots in brief, newest first, at most ``limit`` a shot."""
    turn = func.row_number().over(partition_by=Job.shot_id, order_by=Job.id.desc()).label("turn")
    said = (Job.shot_id, Job.state, Job.reason_code, Job.reason, Job.progress, Job.dismissed_at)
    newest = select(*said, turn).where(among(Job.shot_id, shot_ids)).subquery()
    query = select(*newest.c[:-1]).where(newest.c.turn <= limit).order_by(newest.c.turn)
    found: dict[UUID, list[Brief]] = {shot_id: [] for shot_id in shot_ids}
    for row in await session.execute(query):
        found[row[0]].append(Brief(*row))
    return found


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


async def locked_attempts(session: AsyncSession, attempt_ids: Collection[UUID]) -> dict[UUID, tuple[Attempt, Job]]:
    """Return some attempts with their jobs, all locked: the jobs first and in the order of their ids."""
    query = (
        select(Job, Attempt)
        .join(Attempt, Attempt.job_id == Job.id)
        .where(among(Attempt.id, attempt_ids))
        .order_by(Job.id)
        .with_for_update()
    )
    return {row[1].id: (row[1], row[0]) for row in (await session.execute(query)).all()}


@dataclass(frozen=True, slots=True)
class Due:
    """An attempt to ask its provider about; ``told`` is the progress its job shows."""

    id: UUID
    job_id: UUID
    backend: str
    model: str
    state: str
    handle: dict[str, Any]
    progress: float | None
    told: float | None
    submitted_at: datetime | None
    deadline_at: datetime | None
    due_at: datetime


@dataclass(frozen=True, slots=True)
class StillRunning:
    """What a poll found that changes nothing but the progress, and when to ask again."""

    id: UUID
    state: str
    progress: float | None
    due_at: datetime


async def claim_polls(
    session: AsyncSession, now: datetime, until: datetime, limit: int, without: Sequence[str]
) -> list[Due]:
    """Claim attempts that are due for a poll until ``until``, but none of the backends ``without``."""
    due = (
        select(Attempt.id, Attempt.next_due_at, Job.progress.label("told"))
        .join(Job, Job.id == Attempt.job_id)
        .where(Attempt.state.in_(POLLED), Attempt.next_due_at <= now, Attempt.backend.not_in(without))
        .order_by(Attempt.next_due_at)
        .limit(limit)
        .with_for_update(skip_locked=True, of=Attempt)
        .cte("due")
    )
    columns = [Attempt.id, Attempt.job_id, Attempt.backend, Attempt.model, Attempt.state, Attempt.handle]
    claimed = (
        update(Attempt)
        .where(Attempt.id == due.c.id)
        .values(
            next_due_at=until,
            looks=Attempt.looks + 1,
            first_look_at=func.coalesce(Attempt.first_look_at, now),
            last_look_at=now,
        )
        .returning(
            *columns,
            Attempt.progress,
            due.c.told,
            Attempt.submitted_at,
            Attempt.deadline_at,
            due.c.next_due_at.label("due_at"),
        )
        .execution_options(synchronize_session=False)
    )
    return [Due(**row) for row in (await session.execute(claimed)).mappings()]


async def note_still_running(session: AsyncSession, rows: Sequence[StillRunning], now: datetime) -> None:
    """Write down many unchanged attempts with one statement; one that moved meanwhile is left alone."""
    found = (
        select(
            func.unnest(bindparam("ids", [row.id for row in rows], ARRAY(Uuid))).label("id"),
            func.unnest(bindparam("states", [row.state for row in rows], ARRAY(Text))).label("state"),
            func.unnest(bindparam("progress", [row.progress for row in rows], ARRAY(Float))).label("progress"),
            func.unnest(bindparam("due", [row.due_at for row in rows], ARRAY(DateTime(timezone=True)))).label("due"),
        )
    ).subquery()
    await session.execute(
        update(Attempt)
        .where(Attempt.id == found.c.id, Attempt.state == found.c.state)
        .values(next_due_at=found.c.due, progress=found.c.progress, faults=0, lease_until=None, updated_at=now)
        .execution_options(synchronize_session=False)
    )


async def note_progress(session: AsyncSession, progress: Mapping[UUID, float]) -> Sequence[Job]:
    """Write the progress of active jobs, and return those that were still active."""
    jobs = (
        await session.scalars(
            select(Job)
            .where(Job.id.in_(progress), Job.state == JobState.ACTIVE)
            .order_by(Job.id)
            .with_for_update(skip_locked=True)
        )
    ).all()
    for job in jobs:
        job.progress = progress[job.id]
    await session.flush()
    return jobs


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
    """Claim waiting jobs that are due to be looked at; whose turn it is, is decided elsewhere."""
    query = (
        select(Job)
        .where(Job.state == JobState.WAITING, Job.next_due_at <= now, Job.reason_code != "jobs.turn")
        .order_by(Job.next_due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(query)).all()


async def held_jobs(session: AsyncSession, project_id: UUID) -> Sequence[Job]:
    """Return the jobs of a project that wait for money or a gate, not those that wait for their turn."""
    held = Job.reason_code.not_in(("", "jobs.turn"))
    query = select(Job).where(Job.project_id == project_id, Job.state == JobState.WAITING, held)
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


async def open_at(session: AsyncSession, backend: str) -> int:
    """Return how many attempts at a backend have not ended."""
    query = select(func.count()).where(Attempt.backend == backend, Attempt.state.not_in(ENDED))
    return await session.scalar(query) or 0


async def owned_remote_ids(session: AsyncSession, backend: str, since: datetime) -> frozenset[str]:
    """Return the provider's ids that attempts of a backend submitted after ``since`` own already."""
    remote_id = Attempt.handle["remote_id"].astext
    query = select(remote_id).where(Attempt.backend == backend, Attempt.submitted_at >= since, remote_id.is_not(None))
    return frozenset((await session.scalars(query)).all())
