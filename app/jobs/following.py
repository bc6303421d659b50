"""From a submitted attempt to its result: polling, and telling a provider to stop."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.backends.base import CancelResult, Handle, Phase, RemoteState, VideoBackend
from app.backends.errors import BackendError, Kind
from app.core import clock
from app.core.db import nudge
from app.core.money import Money
from app.events import service as events
from app.jobs import attempts, health, moving, repository
from app.jobs.engine import MOST_FAULTS, MOST_UNRECOGNISED, Engine
from app.jobs.models import Attempt, Job
from app.jobs.repository import Due
from app.jobs.states import POLLED, AttemptState, backoff_seconds, poll_interval

MOST_NOT_FOUND = 3


async def ask(engine: Engine, due: Due) -> RemoteState | BackendError:
    """Ask once where an attempt stands; the caller has made the row not due for a while."""
    try:
        return await engine.registry.get(due.backend).poll(Handle.from_json(due.handle))
    except BackendError as error:
        return error


async def record(engine: Engine, attempt_id: UUID, told: RemoteState | BackendError) -> None:
    """Write down what a provider answered, unless the attempt has moved on meanwhile."""
    async with engine.database.transaction() as session:
        found = await repository.locked_attempt(session, attempt_id)
        if found is None or found[0].state not in POLLED:
            return
        row, job = found
        if isinstance(told, BackendError):
            await _poll_failed(engine, session, row, job, told)
        else:
            await _record(engine, session, row, job, told)


async def _record(engine: Engine, session: AsyncSession, attempt: Attempt, job: Job, state: RemoteState) -> None:
    match state.phase:
        case Phase.QUEUED | Phase.RUNNING:
            await _still_working(engine, session, attempt, job, state)
        case Phase.SUCCEEDED:
            await _made(engine, session, attempt, job, state)
        case Phase.FAILED | Phase.REFUSED:
            await _ended_badly(engine, session, attempt, job, state)
        case Phase.CANCELLED:
            free = engine.caps(attempt).free
            await _end_cancelled(session, attempt, job, Money(0, attempt.currency) if free else state.cost)
        case Phase.LOST:
            await _lost(session, attempt, job, "The provider no longer knows this generation.", cost=state.cost)
        case Phase.UNRECOGNISED:
            await _unrecognised(session, attempt, job, state.raw_status)


async def _still_working(engine: Engine, session: AsyncSession, attempt: Attempt, job: Job, state: RemoteState) -> None:
    now = clock.now()
    if attempt.deadline_at is not None and now > attempt.deadline_at:
        nudge(session, "jobs.cancel", attempt.id)
        await _lost(session, attempt, job, "It ran past its deadline, and was told to stop.")
        return
    progress = max(state.progress or 0.0, attempt.progress or 0.0) or None
    age = (now - attempt.submitted_at).total_seconds() if attempt.submitted_at else 0.0
    wait = state.retry_after or poll_interval(age, engine.caps(attempt).poll_min_s)
    if attempt.state == AttemptState.SUBMITTED and state.phase is Phase.RUNNING:
        attempts.move(session, attempt, AttemptState.RUNNING, "Running.")
    changed = progress != attempt.progress
    attempt.progress, attempt.faults, attempt.lease_until = progress, 0, None
    attempt.next_due_at = now + timedelta(seconds=wait)
    if changed:
        job.progress = progress
        await session.flush()
        await attempts.tell_shot(session, job.shot_id)
        await attempts.tell(session, job)


async def _made(engine: Engine, session: AsyncSession, attempt: Attempt, job: Job, state: RemoteState) -> None:
    videos = [output for output in state.outputs if output.kind == "video"]
    if not videos:
        error = BackendError(Kind.TRANSIENT, "The provider says it is done but names no video.")
        await _ended_badly(engine, session, attempt, job, RemoteState(Phase.FAILED, error=error))
        return
    output = {"index": videos[0].index, "kind": videos[0].kind, "data": dict(videos[0].data)}
    attempts.move(
        session,
        attempt,
        AttemptState.FETCHING,
        "Made. Fetching it.",
        output=output,
        faults=0,
        lease_until=None,
        next_due_at=clock.now() + timedelta(seconds=30),
        actual_micros=state.cost.micros if state.cost else None,
    )
    await session.flush()
    if not engine.caps(attempt).local:
        await health.note_success(session, attempt.backend)
    nudge(session, "jobs.fetch", attempt.id, queue="media", urgent=job.priority > 0)


async def _ended_badly(engine: Engine, session: AsyncSession, attempt: Attempt, job: Job, state: RemoteState) -> None:
    error = state.error or BackendError(Kind.TRANSIENT, f"It ended as {state.raw_status or 'failed'}.")
    charged = attempts.was_charged(error, engine.caps(attempt).charges_refusals)
    refused = state.phase is Phase.REFUSED or error.kind is Kind.MODERATION
    await attempts.end(
        session,
        attempt,
        job,
        AttemptState.REFUSED if refused else AttemptState.FAILED,
        reason_code=f"backend.{error.kind.value}",
        reason=attempts.words_for(error, charged=charged),
        actual=(state.cost or attempts.cap_of(attempt)) if charged else None,
        error=error,
    )
    if state.phase is Phase.FAILED and not engine.caps(attempt).local:
        await health.note_fault(session, attempt.backend, error)
    await moving.fail_over(session, engine.registry, job, error, charged=charged)


async def _lost(session: AsyncSession, attempt: Attempt, job: Job, reason: str, *, cost: Money | None = None) -> None:
    """What is lost at the provider counts as paid, unless the provider itself says what it cost."""
    free = cost is not None and cost.micros == 0
    words = f"{reason} {'Nothing was charged.' if free else 'It counts as charged.'} Retry to make another."
    await attempts.end(
        session,
        attempt,
        job,
        AttemptState.EXPIRED,
        reason_code="jobs.expired",
        reason=words,
        actual=cost or attempts.cap_of(attempt),
    )


async def _unrecognised(session: AsyncSession, attempt: Attempt, job: Job, raw: str) -> None:
    note = f"The provider answers with a status nobody knows: {raw[:60]}."
    past = attempt.deadline_at is not None and clock.now() > attempt.deadline_at
    if attempt.faults + 1 >= MOST_UNRECOGNISED or past:
        reason = f"{note} A producer decides, after a look at the provider's own list."
        await attempts.end(session, attempt, job, AttemptState.UNKNOWN, reason_code="jobs.unrecognised", reason=reason)
        return
    await attempts.requeue(session, attempt, backoff_seconds(attempt.faults + 1), note, faults=attempt.faults + 1)
    job.reason = note
    await attempts.tell(session, job)


async def _poll_failed(engine: Engine, session: AsyncSession, attempt: Attempt, job: Job, error: BackendError) -> None:
    await health.note_fault(session, attempt.backend, error)
    gone = error.kind in (Kind.NOT_FOUND, Kind.EXPIRED)
    if gone and attempt.faults + 1 >= MOST_NOT_FOUND:
        await _lost(session, attempt, job, "The provider no longer knows this generation.")
        return
    if attempt.deadline_at is not None and clock.now() > attempt.deadline_at:
        await _lost(session, attempt, job, "It could not be followed until its deadline.")
        return
    wait = error.retry_after or max(backoff_seconds(min(attempt.faults + 1, MOST_FAULTS)), 2.0)
    await attempts.requeue(session, attempt, wait, f"Asking failed: {error.message}", faults=attempt.faults + 1)


async def cancel(engine: Engine, attempt_id: UUID) -> None:
    """Tell the provider to stop, once, and record truthfully what came of it."""
    async with engine.database.transaction() as session:
        found = await repository.locked_attempt(session, attempt_id)
        if found is None:
            return
        attempt, job = found
        if attempt.state == AttemptState.RESERVED:
            reason = "Cancelled before it was bought."
            await attempts.end(
                session, attempt, job, AttemptState.CANCELLED, reason_code="jobs.cancelled", reason=reason
            )
            return
        if attempt.handle is None or attempt.cancel_result:
            return
        attempt.cancel_result = "asking"
        handle = Handle.from_json(attempt.handle)
    backend, cost = engine.backend(attempt), None
    try:
        result = (await backend.cancel(handle)).value
    except BackendError as error:
        result = f"failed: {error.message}"[:200]
    if result == CancelResult.CANCELLED:
        cost = await _cost_of_cancelled(backend, handle)
    async with engine.database.transaction() as session:
        found = await repository.locked_attempt(session, attempt_id)
        assert found is not None
        await _cancel_answered(engine, session, *found, result, cost)


async def _cost_of_cancelled(backend: VideoBackend, handle: Handle) -> Money | None:
    """Return what cancelled work costs, where its provider tells; None where nobody knows."""
    try:
        told = await backend.poll(handle)
    except BackendError:
        return None
    return told.cost if told.phase is Phase.CANCELLED else None


async def _cancel_answered(
    engine: Engine, session: AsyncSession, attempt: Attempt, job: Job, result: str, cost: Money | None
) -> None:
    attempt.cancel_result = result
    caps = engine.caps(attempt)
    if attempt.state not in {*POLLED, AttemptState.FETCHING}:
        return
    stopped = result == CancelResult.CANCELLED
    if stopped and (caps.free or attempt.state in POLLED):
        await _end_cancelled(session, attempt, job, Money(0, attempt.currency) if caps.free else cost)
        return
    words = {
        CancelResult.ASKED.value: "The provider was asked to stop.",
        CancelResult.TOO_LATE.value: "Too late to cancel: it is made, and charged.",
        CancelResult.UNSUPPORTED.value: "This provider cannot cancel: it runs on, and is charged.",
    }
    job.reason = words.get(result, "The provider did not take the cancellation; it may run on.")
    await session.flush()
    await attempts.tell(session, job)
    await events.wake(session)


async def _end_cancelled(session: AsyncSession, attempt: Attempt, job: Job, cost: Money | None) -> None:
    """End what was cancelled; what nobody says counts as charged at the cap, until an invoice corrects it."""
    if cost is None:
        reason = "Cancelled. It counts as charged at the cap."
    else:
        reason = f"Cancelled. {cost} was charged." if cost.micros else "Cancelled. Nothing was charged."
    await attempts.end(
        session,
        attempt,
        job,
        AttemptState.CANCELLED,
        reason_code="jobs.cancelled",
        reason=reason,
        actual=attempts.cap_of(attempt) if cost is None else cost,
    )
