"""What became of an attempt whose answer was lost: looked up where the provider can, a person's decision where not."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.backends.base import Adoptable, SubmitContext, recovery_of
from app.backends.errors import BackendError
from app.core import clock
from app.events import service as events
from app.jobs import attempts, buying, deliveries, repository, requests
from app.jobs.engine import MOST_FAULTS, SUBMIT_LEASE, Engine, claim, kept_lease
from app.jobs.models import Attempt, Job
from app.jobs.states import AttemptState, JobState, backoff_seconds

LOST = (
    "The answer was lost after sending. It may have been paid, so it is not sent again by itself: "
    "a producer decides, after a look at the provider's own list."
)


async def recover(engine: Engine, attempt_id: UUID) -> None:
    """Find out what became of an attempt whose answer was lost, without ever buying it again blindly."""
    states = frozenset({AttemptState.SUBMITTING, AttemptState.UNKNOWN})
    async with engine.database.transaction() as session:
        claimed = await claim(session, attempt_id, states, SUBMIT_LEASE)
        if claimed is None:
            return
        attempt, job = claimed
        sent_at = attempt.submitted_at or attempt.created_at
        owned = await repository.owned_remote_ids(session, attempt.backend, sent_at - timedelta(hours=1))
        announced = await deliveries.announced_id(session, attempt.id)
    maker = engine.backend(attempt)
    if announced is not None and isinstance(maker, Adoptable):
        handle = maker.adopt(requests.read(job.request), buying.context_of(engine, attempt), announced)
        await buying.submitted(engine, attempt_id, handle)
        return
    backend = recovery_of(maker, attempt.model)
    if backend is None:
        await _cannot_look_up(engine, attempt_id)
        return
    context = SubmitContext(attempt.id, attempts.cap_of(attempt), sent_at, known_remote_ids=owned)
    try:
        async with kept_lease(engine, attempt_id):
            found = await backend.find(requests.read(job.request), context)
    except TimeoutError:
        return
    except BackendError as error:
        if error.outcome_unknown and error.retry_after is None:
            await _cannot_look_up(engine, attempt_id)
        else:
            await _look_up_failed(engine, attempt_id, error)
        return
    if found is not None:
        await buying.submitted(engine, attempt_id, found)
    else:
        await _back_to_reserved(engine, attempt_id, "The provider knows nothing of it: it was not created.")


async def _cannot_look_up(engine: Engine, attempt_id: UUID) -> None:
    async with engine.database.transaction() as session:
        found = await repository.locked_attempt(session, attempt_id)
        assert found is not None
        attempt, job = found
        if engine.caps(attempt).resubmit_safe:
            await _reserved_again(session, attempt, job, "Asked again: this backend is free and may be.")
        elif attempt.state != AttemptState.UNKNOWN:
            await attempts.end(session, attempt, job, AttemptState.UNKNOWN, reason_code="jobs.answer_lost", reason=LOST)
        else:
            attempt.lease_until = attempt.next_due_at = None


async def _look_up_failed(engine: Engine, attempt_id: UUID, error: BackendError) -> None:
    async with engine.database.transaction() as session:
        found = await repository.locked_attempt(session, attempt_id)
        assert found is not None
        attempt, job = found
        if attempt.state == AttemptState.SUBMITTING and attempt.faults >= MOST_FAULTS:
            await attempts.end(session, attempt, job, AttemptState.UNKNOWN, reason_code="jobs.answer_lost", reason=LOST)
            return
        wait = error.retry_after or backoff_seconds(attempt.faults + 2)
        await attempts.requeue(
            session, attempt, wait, f"Looking it up failed: {error.message}", faults=attempt.faults + 1
        )


async def _back_to_reserved(engine: Engine, attempt_id: UUID, note: str) -> None:
    async with engine.database.transaction() as session:
        found = await repository.locked_attempt(session, attempt_id)
        assert found is not None
        attempt, job = found
        await _reserved_again(session, attempt, job, note)


async def _reserved_again(session: AsyncSession, attempt: Attempt, job: Job, note: str) -> None:
    faults = attempt.faults + 1
    if faults > MOST_FAULTS:
        reason = "It could not be sent, several times. Nothing was charged. Retry later, or choose another backend."
        await attempts.end(session, attempt, job, AttemptState.FAILED, reason_code="jobs.not_sent", reason=reason)
        return
    attempts.move(
        session,
        attempt,
        AttemptState.RESERVED,
        note,
        faults=faults,
        lease_until=None,
        next_due_at=clock.now() + timedelta(seconds=backoff_seconds(faults) - 2),
    )
    job.state = JobState.ACTIVE.value
    await session.flush()
    await attempts.tell_shot(session, job.shot_id)
    await events.wake(session)
