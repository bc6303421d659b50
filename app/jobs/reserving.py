"""From waiting jobs to attempts whose price is reserved: many in one transaction, each held for its own reasons."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.db import among
from app.core.errors import ReelroomError
from app.core.ids import new_id
from app.core.money import Money
from app.jobs import attempts, health, moving, paying, policies, repository, requests, turns
from app.jobs.engine import Engine
from app.jobs.models import Attempt, AttemptEvent, Job
from app.jobs.states import AttemptState, JobState
from app.money.reserving import Purse
from app.projects.models import Project
from app.shots.models import Shot

LOOK_AGAIN = timedelta(minutes=5)
FALLS_DUE = timedelta(seconds=10)  # should the process die before it buys what it reserved


async def reserve_together(engine: Engine, job_ids: Sequence[UUID]) -> list[tuple[UUID, str] | None]:
    """Return the attempt reserved for each job and its backend.

    None stands for a job that waits, is taken by somebody else or came before.
    """
    async with engine.database.transaction() as session:
        query = select(Job.id, Job.project_id, Job.backend).where(among(Job.id, job_ids))
        places = {row.id: (row.project_id, row.backend) for row in (await session.execute(query)).all()}
    groups: dict[tuple[UUID, str], list[UUID]] = defaultdict(list)
    for job_id, (project_id, backend) in places.items():
        # locks of accounts and of budgets are taken for one of each at a time, so that nobody waits in a circle
        groups[project_id, engine.registry.account(backend)].append(job_id)
    reserved: dict[UUID, Attempt] = {}
    for group in groups.values():
        async with engine.database.transaction() as session:
            reserved |= await reserve(engine, session, group)
    mine = [reserved.pop(job_id, None) for job_id in job_ids]
    return [None if attempt is None else (attempt.id, attempt.backend) for attempt in mine]


async def reserve(engine: Engine, session: AsyncSession, job_ids: Iterable[UUID]) -> dict[UUID, Attempt]:
    """Reserve the next attempt of waiting jobs of one project, the urgent first; return the attempts by their jobs."""
    jobs = await repository.take_waiting(session, job_ids)
    if not jobs:
        return {}
    desk = _Desk(engine, session, await session.get_one(Project, jobs[0].project_id))
    shots = await desk.shots_of(jobs)
    numbers = await repository.attempt_counts(session, [job.id for job in jobs])
    made: dict[UUID, Attempt] = {}
    for job in jobs:
        attempt = await desk.reserve(job, shots[job.shot_id], numbers.get(job.id, 0) + 1)
        if attempt is not None:
            made[job.id] = attempt
    await session.flush()
    await attempts.tell_shots(session, [job.shot_id for job in jobs])
    await attempts.tell_all(session, jobs)
    return made


class _Desk:
    """What the jobs of one project have in common while they are reserved, asked for once."""

    def __init__(self, engine: Engine, session: AsyncSession, project: Project) -> None:
        self.engine, self.session, self.project = engine, session, project
        self._purse = Purse(session, project)
        self._open: set[str] = set()  # backends whose circuit is closed
        self._most: list[int | None] = []

    async def shots_of(self, jobs: Sequence[Job]) -> dict[UUID, Shot]:
        rows = await self.session.scalars(select(Shot).where(among(Shot.id, {job.shot_id for job in jobs})))
        return {shot.id: shot for shot in rows}

    async def reserve(self, job: Job, shot: Shot, number: int) -> Attempt | None:
        if closed := [name for name, gate in shot.gates.items() if not gate.get("open")]:
            attempts.wait(job, "jobs.gate", f"Waits for approval: {', '.join(closed)}.")
            return None
        cap = await self._priced(job)
        if cap is None or not await self._is_its_turn(job, cap):
            return None
        attempt = _attempt(job, number, cap)
        held = await paying.reserve(self._purse, job, attempt)
        if held is not None:
            attempts.wait(job, held.code, held.message)
            return None
        self.session.add(attempt)
        self.session.add(AttemptEvent(attempt_id=attempt.id, state=attempt.state, note=f"Reserved {cap}."))
        job.state, job.reason_code, job.reason, job.progress = JobState.ACTIVE.value, "", "", None
        job.next_due_at = None
        return attempt

    async def _priced(self, job: Job) -> Money | None:
        """Return what a job costs at most where it is to be made, or hold it because nobody can make it now.

        A routed job goes to another backend first, when its own is missing or does not work.
        """
        code, why, look_again = "", "", LOOK_AGAIN
        registry = self.engine.registry
        for _try in range(2):
            try:
                backend = registry.get(job.backend)
                caps = registry.caps(job.backend, job.model)
                if caps.local or await self._admits(job.backend):
                    return backend.estimate(requests.read(job.request)).high
                code, why = health.CIRCUIT, f"{job.backend} does not work at the moment. It is tried again by itself."
                look_again = await health.rest_of(self.session, job)
            except ReelroomError as error:
                code, why, look_again = "jobs.no_backend", error.message, LOOK_AGAIN
            if not job.routed or not await moving.reroute(self.session, registry, job):
                break
        attempts.wait(job, code, why, look_again=look_again)
        return None

    async def _admits(self, backend: str) -> bool:
        if backend in self._open:
            return True
        if await health.is_closed(self.session, backend):
            self._open.add(backend)
            return True
        return await health.admits(self.session, backend)

    async def _is_its_turn(self, job: Job, cap: Money) -> bool:
        if not self._most:
            policy = await policies.of_project(self.session, self.project.id)
            self._most = [policy.most_at_once if policy else None]
        wait = await turns.wait_of(self.session, self.engine.registry, job, cap, self._most[0])
        if wait is not None:
            attempts.wait(job, wait.code, wait.message, look_again=wait.look_again)
        return wait is None


def _attempt(job: Job, number: int, cap: Money) -> Attempt:
    return Attempt(
        id=new_id(),
        job_id=job.id,
        number=number,
        backend=job.backend,
        model=job.model,
        state=AttemptState.RESERVED.value,
        request_hash=requests.request_hash(job.request),
        cap_micros=cap.micros,
        currency=cap.currency,
        next_due_at=clock.now() + FALLS_DUE,
    )
