"""From a wish to a submitted attempt, with one create request and never a blind second (ARCHITECTURE: 5. Jobs)."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.backends.base import Adoptable, Handle, SubmitContext, recovery_of
from app.backends.capabilities import ModelCaps
from app.backends.errors import BackendError, Kind
from app.core import clock
from app.core.errors import ReelroomError
from app.core.failpoints import reach
from app.core.ids import new_id
from app.core.money import Money
from app.events import service as events
from app.jobs import attempts, deliveries, health, moving, paying, policies, repository, requests, turns
from app.jobs.engine import MOST_FAULTS, SUBMIT_LEASE, Engine, claim, kept_lease
from app.jobs.models import Attempt, AttemptEvent, Job
from app.jobs.states import AttemptState, JobState, backoff_seconds
from app.projects.models import Project
from app.providers import catalogue
from app.shots.models import Shot

log = structlog.get_logger(__name__)
RECOVERY_DELAY = timedelta(seconds=5)
FEW_FAULTS = 2
LOST = (
    "The answer was lost after sending. It may have been paid, so it is not sent again by itself: "
    "a producer decides, after a look at the provider's own list."
)


FENCED = BackendError(
    Kind.TRANSIENT,
    "The database did not answer while the provider was asked: it may have been created.",
    outcome_unknown=True,
)


async def advance(engine: Engine, job_id: UUID) -> None:
    """Take a waiting job to a reserved attempt, and buy it; a job that has to wait says why."""
    async with engine.database.transaction() as session:
        attempt_id = await _reserve(engine, session, job_id)
    if attempt_id is not None:
        reach("buying.reserved")
        await submit(engine, attempt_id)


async def _reserve(engine: Engine, session: AsyncSession, job_id: UUID) -> UUID | None:
    job = await session.get(Job, job_id, with_for_update={"skip_locked": True})
    if job is None or job.state != JobState.WAITING:
        return None
    shot = await session.get_one(Shot, job.shot_id)
    if closed := [name for name, gate in shot.gates.items() if not gate.get("open")]:
        await attempts.hold(session, job, "jobs.gate", f"Waits for approval: {', '.join(closed)}.")
        return None
    cap = await _priced(engine, session, job)
    if cap is None or not await _is_its_turn(engine, session, job, cap):
        return None
    project = await session.get_one(Project, job.project_id)
    attempt = _attempt(job, len(await repository.attempts_of(session, job.id)) + 1, cap)
    held = await paying.reserve(session, project, job, attempt)
    if held is not None:
        await attempts.hold(session, job, held.code, held.message)
        return None
    session.add(attempt)
    await session.flush()
    session.add(AttemptEvent(attempt_id=attempt.id, state=attempt.state, note=f"Reserved {cap}."))
    job.state, job.reason_code, job.reason, job.progress = JobState.ACTIVE.value, "", "", None
    job.next_due_at = None
    await session.flush()
    await attempts.tell_shot(session, job.shot_id)
    await attempts.tell(session, job)
    return attempt.id


async def _priced(engine: Engine, session: AsyncSession, job: Job) -> Money | None:
    """Return what a job costs at most where it is to be made, or hold it because nobody can make it now.

    A routed job goes to another backend first, when its own is missing or does not work.
    """
    code, why, look_again = "", "", timedelta(minutes=5)
    for _try in range(2):
        try:
            backend = engine.registry.get(job.backend)
            caps = engine.registry.caps(job.backend, job.model)
            if caps.local or await health.admits(session, job.backend):
                return backend.estimate(requests.read(job.request)).high
            code, why = health.CIRCUIT, f"{job.backend} does not work at the moment. It is tried again by itself."
            look_again = await health.rest_of(session, job)
        except ReelroomError as error:
            code, why, look_again = "jobs.no_backend", error.message, timedelta(minutes=5)
        if not job.routed or not await moving.reroute(session, engine.registry, job):
            break
    await attempts.hold(session, job, code, why, look_again=look_again)
    return None


async def _is_its_turn(engine: Engine, session: AsyncSession, job: Job, cap: Money) -> bool:
    policy = await policies.of_project(session, job.project_id)
    most = policy.most_at_once if policy else None
    wait = await turns.wait_of(session, engine.registry, job, cap, most)
    if wait is not None:
        await attempts.hold(session, job, wait.code, wait.message, look_again=wait.look_again)
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
        next_due_at=clock.now() + timedelta(seconds=10),
    )


async def submit(engine: Engine, attempt_id: UUID) -> None:
    """Buy a reserved attempt: claim, ask once, record. An attempt found in ``submitting`` is never asked for again."""
    async with engine.database.transaction() as session:
        claimed = await claim(session, attempt_id, frozenset({AttemptState.RESERVED}), SUBMIT_LEASE)
        if claimed is None:
            return
        attempt, job = claimed
        if job.cancel_asked_at is not None:
            await attempts.end(session, attempt, job, AttemptState.CANCELLED, reason="Cancelled before it was bought.")
            return
        # What is missing is found out before anything is said to be sent.
        backend, caps = engine.backend(attempt), engine.caps(attempt)
        attempts.move(
            session, attempt, AttemptState.SUBMITTING, f"Sent to {attempt.backend}.", submitted_at=clock.now()
        )
    reach("buying.claimed")
    context = _context(engine, attempt)
    try:
        async with AsyncExitStack() as stack:
            request = await requests.with_assets(stack, job.request, engine.storage)
            async with kept_lease(engine, attempt_id):
                handle = await backend.submit(request, context)
    except BackendError as error:
        await _submit_failed(engine, attempt_id, error)
        return
    except TimeoutError:
        await _submit_failed(engine, attempt_id, FENCED)
        return
    reach("buying.answered")
    await _submitted(engine, attempt_id, handle, caps)
    reach("buying.recorded")


def _context(engine: Engine, attempt: Attempt) -> SubmitContext:
    announces = engine.caps(attempt).webhook
    return SubmitContext(
        attempt.id,
        attempts.cap_of(attempt),
        attempt.submitted_at or clock.now(),
        webhook_url=deliveries.address(attempt.id) if announces else None,
    )


async def _submitted(engine: Engine, attempt_id: UUID, handle: Handle, caps: ModelCaps) -> None:
    async with engine.database.transaction() as session:
        found = await repository.locked_attempt(session, attempt_id)
        assert found is not None
        attempt, job = found
        ready = caps.local or await deliveries.was_announced(session, attempt.backend, handle.remote_id)
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
        job.state = JobState.ACTIVE.value
        await session.flush()
        if not caps.local:
            await health.note_success(session, attempt.backend)
        await attempts.tell_shot(session, job.shot_id)
        await events.wake(session)


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
        handle = maker.adopt(requests.read(job.request), _context(engine, attempt), announced)
        await _submitted(engine, attempt_id, handle, engine.caps(attempt))
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
        await _submitted(engine, attempt_id, found, engine.caps(attempt))
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
