"""Following ten thousand generations from one process.

Due rows are claimed in batches and asked about at once, each with one request; a slow provider holds up no other. What
is merely still running is written down together, and everything else in a transaction of its own.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from uuid import UUID

import structlog

from app.backends.base import Phase, RemoteState
from app.backends.errors import BackendError
from app.core import clock
from app.core.failpoints import reach
from app.core.metrics import POLL_LATENESS
from app.jobs import attempts, following, repository
from app.jobs.engine import POLL_LEASE, Engine
from app.jobs.repository import Due, StillRunning
from app.jobs.states import AttemptState, poll_interval
from app.shots import facts

log = structlog.get_logger(__name__)
MOST_AT_ONCE = 192
MOST_OF_ONE_BACKEND = 64
LOOK_SECONDS, IDLE_SECONDS, FLUSH_SECONDS = 0.2, 1.0, 0.2
WORTH_TELLING = 0.05


class Poller:
    """Polls what is due; one runs in the leading sweeper."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._asking: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._still: list[tuple[Due, StillRunning]] = []
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Look for due rows at once."""
        self._woken.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Poll what falls due until ``stop`` is set; what was being asked then is asked again after its lease."""
        writing = asyncio.create_task(self._write_until(stop))
        try:
            while not stop.is_set():
                self._woken.clear()
                started = await self.look()
                if writing.done():
                    writing.result()
                await self._pause(LOOK_SECONDS if started or self._tasks else IDLE_SECONDS)
        finally:
            for task in (writing, *self._tasks):
                task.cancel()
            await asyncio.gather(writing, *self._tasks, return_exceptions=True)

    async def look(self) -> int:
        """Claim due rows for which there is room, begin to ask about them, and return how many they are."""
        room = min(MOST_AT_ONCE - self._asking.total(), MOST_OF_ONE_BACKEND)
        if room < 1:
            return 0
        full = [name for name, count in self._asking.items() if count >= MOST_OF_ONE_BACKEND]
        now = clock.now()
        async with self._engine.database.transaction() as session:
            due = await repository.claim_polls(session, now, now + POLL_LEASE, room, full)
        for one in due:
            POLL_LATENESS.observe((now - one.due_at).total_seconds())
            self._asking[one.backend] += 1
            task = asyncio.create_task(self._ask(one))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return len(due)

    async def drain(self) -> None:
        """Ask about everything that is due now, and return when all answers are written down."""
        while await self.look():
            await asyncio.gather(*self._tasks)
        await self._write()

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._woken.wait(), seconds)
        except TimeoutError:
            return

    async def _ask(self, due: Due) -> None:
        try:
            told = await following.ask(self._engine, due)
            reach("following.answered")
            still = _still_running(due, told, self._engine.registry.known(due.backend, due.model).poll_min_s)
            if still is None:
                await following.record(self._engine, due.id, told)
                reach("following.recorded")
            else:
                self._still.append((due, still))
        except Exception as error:  # noqa: BLE001  # one row's fault must not end the polling of the others
            log.error("jobs.poll_failed", attempt_id=str(due.id), backend=due.backend, error=repr(error))
        finally:
            self._asking[due.backend] -= 1

    async def _write_until(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await asyncio.sleep(FLUSH_SECONDS)
            await self._write()

    async def _write(self) -> None:
        rows, self._still = self._still, []
        if not rows:
            return
        async with self._engine.database.transaction() as session:
            await repository.note_still_running(session, [still for _due, still in rows], clock.now())
        moved = {
            due.job_id: still.progress
            for due, still in rows
            if still.progress is not None and still.progress - (due.told or 0.0) >= WORTH_TELLING
        }
        if moved:
            await self._tell(moved)

    async def _tell(self, moved: dict[UUID, float]) -> None:
        async with self._engine.database.transaction() as session:
            jobs = await repository.note_progress(session, moved)
            await facts.note_progress(session, {job.shot_id: job.progress for job in jobs})
            for job in jobs:
                await attempts.tell(session, job)


def _still_running(due: Due, told: RemoteState | BackendError, least_s: float) -> StillRunning | None:
    """Return what to write down of work that goes on as before, or None when something has happened."""
    if isinstance(told, BackendError) or told.phase not in {Phase.QUEUED, Phase.RUNNING}:
        return None
    now = clock.now()
    began = due.state == AttemptState.SUBMITTED and told.phase is Phase.RUNNING
    if began or (due.deadline_at is not None and now > due.deadline_at):
        return None
    age = (now - due.submitted_at).total_seconds() if due.submitted_at else 0.0
    wait = told.retry_after or poll_interval(age, least_s)
    progress = max(told.progress or 0.0, due.progress or 0.0) or None
    return StillRunning(due.id, due.state, progress, now + timedelta(seconds=wait))
