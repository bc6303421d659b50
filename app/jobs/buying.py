"""From a wish to a submitted attempt, with one create request and never a blind second (ARCHITECTURE: 5. Jobs)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.backends.base import Handle, SubmitContext
from app.backends.errors import BackendError, Kind
from app.core import clock
from app.core.failpoints import reach
from app.events import service as events
from app.jobs import attempts, deliveries, health, moving, repository, requests, reserving
from app.jobs.engine import MOST_FAULTS, SUBMIT_LEASE, Engine, kept_lease, take_lease
from app.jobs.models import Attempt, Job
from app.jobs.states import AttemptState, JobState, backoff_seconds
from app.providers import catalogue

log = structlog.get_logger(__name__)
RECOVERY_DELAY = timedelta(seconds=5)
FEW_FAULTS = 2
FENCED = BackendError(
    Kind.TRANSIENT,
    "The database did not answer while the provider was asked: it may have been created.",
    outcome_unknown=True,
)


async def advance(engine: Engine, job_id: UUID) -> None:
    """Take a waiting job to a reserved attempt, and buy it; a job that has to wait says why."""
    reserved = await engine.together(reserving.reserve_together)(job_id)
    if reserved is not None:
        reach("buying.reserved")
        await _send(engine, *reserved)


async def submit(engine: Engine, attempt_id: UUID) -> None:
    """Buy a reserved attempt: claim, ask once, record. An attempt found in ``submitting`` is never asked for again."""
    async with engine.database.transaction() as session:
        backend = await repository.backend_of(session, attempt_id)
    if backend is not None:
        await _send(engine, attempt_id, backend)


async def _send(engine: Engine, attempt_id: UUID, backend: str) -> None:
    async with engine.sending(backend):
        claimed = await engine.together(_claim)(attempt_id)
        if claimed is not None:
            await _ask(engine, *claimed)


async def _ask(engine: Engine, attempt: Attempt, job: Job) -> None:
    reach("buying.claimed")
    try:
        async with AsyncExitStack() as stack:
            request = await requests.with_assets(stack, job.request, engine.storage)
            async with kept_lease(engine, attempt.id):
                handle = await engine.backend(attempt).submit(request, context_of(engine, attempt))
    except BackendError as error:
        await _submit_failed(engine, attempt.id, error)
        return
    except TimeoutError:
        await _submit_failed(engine, attempt.id, FENCED)
        return
    reach("buying.answered")
    await submitted(engine, attempt.id, handle)
    reach("buying.recorded")


async def _claim(engine: Engine, attempt_ids: Sequence[UUID]) -> list[tuple[Attempt, Job] | None]:
    """Say of reserved attempts that they are sent, and return each that nobody else sends."""
    async with engine.database.transaction() as session:
        found = await repository.locked_attempts(session, attempt_ids)
        mine: dict[UUID, tuple[Attempt, Job]] = {}
        for attempt, job in found.values():
            if not take_lease(attempt, frozenset({AttemptState.RESERVED}), SUBMIT_LEASE):
                continue
            if job.cancel_asked_at is not None:
                reason = "Cancelled before it was bought."
                await attempts.end(session, attempt, job, AttemptState.CANCELLED, reason=reason)
                continue
            # What is missing is found out before anything is said to be sent.
            engine.backend(attempt), engine.caps(attempt)
            words = f"Sent to {attempt.backend}."
            attempts.move(session, attempt, AttemptState.SUBMITTING, words, submitted_at=clock.now())
            mine[attempt.id] = attempt, job
    return [mine.pop(attempt_id, None) for attempt_id in attempt_ids]


def context_of(engine: Engine, attempt: Attempt) -> SubmitContext:
    """Return what a backend is told beside the request."""
    announces = engine.caps(attempt).webhook
    return SubmitContext(
        attempt.id,
        attempts.cap_of(attempt),
        attempt.submitted_at or clock.now(),
        webhook_url=deliveries.address(attempt.id) if announces else None,
    )


async def submitted(engine: Engine, attempt_id: UUID, handle: Handle) -> None:
    """Write down what a provider answered, with the answers that come at the same time."""
    await engine.together(_record)((attempt_id, handle))


async def _record(engine: Engine, answers: Sequence[tuple[UUID, Handle]]) -> list[None]:
    """Write down what providers answered: from now on the attempts are followed."""
    async with engine.database.transaction() as session:
        found = await repository.locked_attempts(session, [attempt_id for attempt_id, _handle in answers])
        at: dict[str, list[str]] = defaultdict(list)
        for attempt_id, handle in answers:
            at[found[attempt_id][0].backend].append(handle.remote_id)
        told = {backend: await deliveries.announced(session, backend, ids) for backend, ids in at.items()}
        works: set[str] = set()
        found_again: list[UUID] = []
        for attempt_id, handle in answers:
            attempt, job = found[attempt_id]
            caps = engine.caps(attempt)
            ready = caps.local or handle.remote_id in told[attempt.backend]
            attempts.move(
                session,
                attempt,
                AttemptState.SUBMITTED,
                f"Accepted as {handle.remote_id}.",
                handle=handle.to_json(),
                lease_until=None,
                faults=0,
                next_due_at=clock.now() + timedelta(seconds=0 if ready else caps.poll_min_s),
                deadline_at=clock.now() + timedelta(seconds=caps.deadline_s),
            )
            if job.state != JobState.ACTIVE:  # it was unknown: its shot is told; else nothing changes for it
                job.state = JobState.ACTIVE.value
                found_again.append(job.shot_id)
            if not caps.local:
                works.add(attempt.backend)
        await session.flush()
        for backend in sorted(works):
            await health.note_success(session, backend)
        if found_again:
            await attempts.tell_shots(session, found_again)
        await events.wake(session)
    return [None] * len(answers)


async def _submit_failed(engine: Engine, attempt_id: UUID, error: BackendError) -> None:
    async with engine.database.transaction() as session:
        found = await repository.locked_attempt(session, attempt_id)
        assert found is not None
        attempt, job = found
        if attempt.state != AttemptState.SUBMITTING:
            return
        await health.note_fault(session, attempt.backend, error)
        if error.outcome_unknown:
            attempts.move(
                session,
                attempt,
                AttemptState.SUBMITTING,
                f"The answer was lost: {error.message}",
                lease_until=None,
                next_due_at=clock.now() + RECOVERY_DELAY,
                error=error.facts(),
            )
            return
        await _not_created(engine, session, attempt, job, error)


async def _not_created(engine: Engine, session: AsyncSession, attempt: Attempt, job: Job, error: BackendError) -> None:
    """The provider said no before anything existed: nothing was charged unless it says so."""
    waits = error.kind in (Kind.RATE_LIMIT, Kind.TRANSIENT)
    if waits and attempt.faults < (FEW_FAULTS if job.routed else MOST_FAULTS):
        faults = attempt.faults + (error.kind is Kind.TRANSIENT)
        seconds = error.retry_after or backoff_seconds(faults + 1)
        attempts.move(
            session,
            attempt,
            AttemptState.RESERVED,
            error.message,
            faults=faults,
            lease_until=None,
            next_due_at=clock.now() + timedelta(seconds=seconds),
        )
        return
    if error.model_gone and error.http_status is not None:
        await catalogue.withdraw(session, attempt.backend, attempt.model, error.message)
    charged = error.charged is True
    refused = error.kind is Kind.MODERATION
    await attempts.end(
        session,
        attempt,
        job,
        AttemptState.REFUSED if refused else AttemptState.FAILED,
        reason_code=f"backend.{error.kind.value}",
        reason=attempts.words_for(error, charged=charged),
        actual=attempts.cap_of(attempt) if charged else None,
        error=error,
    )
    await moving.fail_over(session, engine.registry, job, error, charged=charged)
