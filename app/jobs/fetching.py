"""From a made result to a take: fetched (or rendered here), checked, stored, derived from. Safe to repeat."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.backends.base import Artifact, Handle, OutputRef, Sink, VideoBackend
from app.backends.errors import BackendError, Kind
from app.core import clock
from app.core.errors import ReelroomError
from app.core.failpoints import reach
from app.core.money import Money
from app.jobs import attempts, repository, requests, shape
from app.jobs.engine import FETCH_LEASE, LARGEST_RESULT, MOST_FAULTS, Engine, claim
from app.jobs.models import Attempt, Job
from app.jobs.states import AttemptState, backoff_seconds
from app.media.storage import StorageFull, StorageUnavailable
from app.takes import intake as taking_in
from app.takes import service as takes
from app.takes.schemas import Intake, Origin

log = structlog.get_logger(__name__)
BEAT_SECONDS = 1.0
FULL_DISK_WAIT = 60.0
HOST_WAIT = 300.0
USUALLY_KEPT_S = 86_400


class _Watch:
    """The lease of a fetch under way: its progress goes out and a wish to cancel comes in, once a beat."""

    def __init__(self, engine: Engine, attempt_id: UUID) -> None:
        self._engine = engine
        self._attempt_id = attempt_id
        self._told: float | None = None
        self.progress: float | None = None
        self.called_off = False

    async def report(self, progress: float) -> None:
        """Take the progress of a backend; stop it when the job was cancelled."""
        self.progress = max(self.progress or 0.0, min(progress, 1.0))
        if self.called_off:
            raise asyncio.CancelledError

    async def run(self) -> None:
        """Keep the lease and tell the pages until the fetch ends."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            try:
                await self._beat()
            except (OSError, ReelroomError) as error:
                log.warning("jobs.beat_failed", attempt_id=str(self._attempt_id), error=str(error))

    async def _beat(self) -> None:
        async with self._engine.database.transaction() as session:
            found = await _under_way(session, self._attempt_id)
            if found is None:
                self.called_off = True
                return
            attempt, job = found
            attempt.lease_until = attempt.next_due_at = clock.now() + FETCH_LEASE
            self.called_off = job.cancel_asked_at is not None
            if self.progress != self._told:
                attempt.progress = job.progress = self._told = self.progress
                await session.flush()
                await attempts.tell_shot(session, job.shot_id)
                await attempts.tell(session, job)


async def _under_way(session: AsyncSession, attempt_id: UUID) -> tuple[Attempt, Job] | None:
    """Return the locked attempt and job while the fetch is still wanted; None once it was ended elsewhere."""
    found = await repository.locked_attempt(session, attempt_id)
    return found if found is not None and found[0].state in (AttemptState.FETCHING, AttemptState.CHECKING) else None


@asynccontextmanager
async def _watched(engine: Engine, attempt_id: UUID) -> AsyncIterator[_Watch]:
    watch = _Watch(engine, attempt_id)
    beating = asyncio.create_task(watch.run())
    try:
        yield watch
    finally:
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)


async def fetch(engine: Engine, attempt_id: UUID) -> None:
    """Fetch the result of an attempt and make it a take; a second worker finds the lease taken and leaves."""
    states = frozenset({AttemptState.FETCHING, AttemptState.CHECKING})
    async with engine.database.transaction() as session:
        claimed = await claim(session, attempt_id, states, FETCH_LEASE)
        if claimed is None:
            return
        attempt, job = claimed
        backend = engine.backend(attempt)  # a missing one is no fault of the result: it is fetched when it is back
        if attempt.state == AttemptState.CHECKING:
            attempts.move(session, attempt, AttemptState.FETCHING, "Fetching it again.")
    engine.work_folder.mkdir(parents=True, exist_ok=True)
    async with _watched(engine, attempt_id) as watch:
        with TemporaryDirectory(dir=engine.work_folder, prefix="fetch-", ignore_cleanup_errors=True) as name:
            try:
                intake = await _brought(engine, backend, attempt, job, Path(name), watch)
            except asyncio.CancelledError:
                if not watch.called_off:
                    raise
                await _called_off(engine, attempt_id)
                return
            except BackendError as error:
                await _fetch_failed(engine, attempt_id, error)
                return
            except (StorageFull, StorageUnavailable) as error:
                await _wait_for_room(engine, attempt_id, error)
                return
            except ReelroomError as error:
                await _bad_result(engine, attempt_id, error)
                return
            except OSError as error:
                await _wait_for_room(engine, attempt_id, error)
                return
        reach("fetching.stored")
        await _succeed(engine, attempt_id, intake)
        reach("fetching.recorded")


async def _brought(
    engine: Engine, backend: VideoBackend, attempt: Attempt, job: Job, folder: Path, watch: _Watch
) -> Intake:
    artifact = await _get(backend, attempt, folder, watch)
    reach("fetching.fetched")
    await _checking(engine, attempt.id)
    intake = await taking_in.take_in(
        engine.storage, artifact.path, folder, sha256=artifact.sha256, content_type=artifact.mime
    )
    shape.check(requests.read(job.request), engine.caps(attempt), intake)
    return intake


async def _get(backend: VideoBackend, attempt: Attempt, folder: Path, watch: _Watch) -> Artifact:
    assert attempt.handle is not None and attempt.output is not None
    output = OutputRef(attempt.output["index"], attempt.output["kind"], None, attempt.output["data"])
    sink = Sink(folder / "result.mp4", LARGEST_RESULT, watch.report)
    return await backend.fetch(Handle.from_json(attempt.handle), output, sink)


async def _checking(engine: Engine, attempt_id: UUID) -> None:
    async with engine.database.transaction() as session:
        found = await repository.locked_attempt(session, attempt_id)
        if found is not None and found[0].state == AttemptState.FETCHING:
            attempts.move(session, found[0], AttemptState.CHECKING, "Checking and storing it.")


async def _succeed(engine: Engine, attempt_id: UUID, intake: Intake) -> None:
    async with engine.database.transaction() as session:
        found = await _under_way(session, attempt_id)
        if found is None:
            return
        attempt, job = found
        if attempt.state != AttemptState.CHECKING:
            return
        cap = attempts.cap_of(attempt)
        actual = Money(attempt.actual_micros, cap.currency) if attempt.actual_micros is not None else cap
        take = await takes.arrive(session, job.shot_id, intake, _origin(attempt, job, actual))
        job.take_id = take.id
        await attempts.end(session, attempt, job, AttemptState.SUCCEEDED, reason=f"Take {take.number}.", actual=actual)


def _origin(attempt: Attempt, job: Job, actual: Money) -> Origin:
    handle = attempt.handle or {}
    return Origin(
        source="generated",
        backend=attempt.backend,
        model=attempt.model,
        attempt_id=attempt.id,
        prompt=job.request["prompt"],
        seed=job.request["seed"],
        fingerprint=job.request["fingerprint"],
        source_text=job.request["source_text"],
        cost=actual,
        made_by=job.wished_by,
        made_by_name=job.wished_by_name,
        provenance={"remote_id": handle.get("remote_id"), "request_hash": attempt.request_hash},
    )


async def _called_off(engine: Engine, attempt_id: UUID) -> None:
    async with engine.database.transaction() as session:
        found = await _under_way(session, attempt_id)
        if found is None:
            return
        attempt, job = found
        free = engine.caps(attempt).free
        reason = "Cancelled while it was made." if free else "Cancelled after it was made: it counts as charged."
        await attempts.end(
            session,
            attempt,
            job,
            AttemptState.CANCELLED,
            reason_code="jobs.cancelled",
            reason=reason,
            actual=None if free else attempts.cap_of(attempt),
        )


async def _fetch_failed(engine: Engine, attempt_id: UUID, error: BackendError) -> None:
    async with engine.database.transaction() as session:
        found = await _under_way(session, attempt_id)
        if found is None:
            return
        attempt, job = found
        retryable = error.kind in (Kind.TRANSIENT, Kind.RATE_LIMIT, Kind.NOT_FOUND)
        if error.kind is Kind.EXPIRED and attempt.faults < MOST_FAULTS:
            attempts.move(session, attempt, AttemptState.RUNNING, "The address expired: asking for a new one.")
            await attempts.requeue(session, attempt, 1, error.message, faults=attempt.faults + 1)
        elif retryable and attempt.faults < MOST_FAULTS:
            wait = error.retry_after or backoff_seconds(attempt.faults + 1)
            await attempts.requeue(
                session, attempt, wait, f"Fetching failed: {error.message}", faults=attempt.faults + 1
            )
        elif error.kind is Kind.PERMANENT and clock.now() < _kept_until(engine, attempt):
            job.reason_code, job.reason = "backend.host", f"It is made and cannot be fetched yet: {error.message}"
            await attempts.requeue(session, attempt, HOST_WAIT, f"Waits for an owner: {error.message}")
            await attempts.tell_shot(session, job.shot_id)
            await attempts.tell(session, job)
        else:
            await _end_made(
                session,
                attempt,
                job,
                error,
                f"backend.{error.kind.value}",
                attempts.words_for(error, charged=not engine.caps(attempt).free),
            )


def _kept_until(engine: Engine, attempt: Attempt) -> datetime:
    """Return how long a result may wait for an owner to name its host: as long as the provider keeps it."""
    kept = engine.caps(attempt).result_lifetime_s or USUALLY_KEPT_S
    return (attempt.submitted_at or attempt.created_at) + timedelta(seconds=kept)


async def _bad_result(engine: Engine, attempt_id: UUID, refusal: ReelroomError) -> None:
    """What came is not a video that can be used; it was made, so it is paid."""
    async with engine.database.transaction() as session:
        found = await _under_way(session, attempt_id)
        if found is None:
            return
        attempt, job = found
        error = BackendError(Kind.INVALID, refusal.message, charged=not engine.caps(attempt).free)
        await _end_made(session, attempt, job, error, refusal.code, f"The result cannot be used: {refusal.message}")


async def _end_made(
    session: AsyncSession, attempt: Attempt, job: Job, error: BackendError, code: str, reason: str
) -> None:
    cap = attempts.cap_of(attempt)
    paid = Money(attempt.actual_micros, cap.currency) if attempt.actual_micros is not None else cap
    await attempts.end(
        session, attempt, job, AttemptState.FAILED, reason_code=code, reason=reason, actual=paid, error=error
    )


async def _wait_for_room(engine: Engine, attempt_id: UUID, error: Exception) -> None:
    """The disk is full or the store does not answer: the attempt waits, and nothing is lost."""
    log.error("jobs.no_room", attempt_id=str(attempt_id), error=str(error))
    async with engine.database.transaction() as session:
        found = await _under_way(session, attempt_id)
        if found is None:
            return
        attempt, job = found
        if attempt.state == AttemptState.CHECKING:
            attempts.move(session, attempt, AttemptState.FETCHING, "Waits for room.")
        job.reason_code = "storage.full"
        job.reason = f"Waits: {error} It goes on by itself."
        await attempts.requeue(session, attempt, FULL_DISK_WAIT, f"Waits for room: {error}")
        await attempts.tell_shot(session, job.shot_id)
        await attempts.tell(session, job)
