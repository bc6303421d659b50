"""Moving an attempt from state to state: its story, its job, its money and its shot move in the same transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.backends.errors import BackendError, Kind
from app.core import clock
from app.core.metrics import ATTEMPTS
from app.core.money import Money
from app.events import service as events
from app.jobs import repository
from app.jobs.models import Attempt, AttemptEvent, Job
from app.jobs.repository import Brief
from app.jobs.states import ENDED, JOB_AFTER, AttemptState, JobState, check
from app.money import reserving as money
from app.money.schemas import Rate
from app.shots import facts


def move(session: AsyncSession, attempt: Attempt, state: AttemptState, note: str = "", **fields: Any) -> None:
    """Move an attempt to ``state``, set ``fields``, and add a line to its story."""
    before = AttemptState(attempt.state)
    if before != state:
        check(before, state)
    attempt.state = state.value
    for name, value in fields.items():
        setattr(attempt, name, value)
    session.add(AttemptEvent(attempt_id=attempt.id, state=state.value, note=note[:500]))


def cap_of(attempt: Attempt) -> Money:
    """Return the reserved price cap of an attempt."""
    return Money(attempt.cap_micros, attempt.currency)


async def end(
    session: AsyncSession,
    attempt: Attempt,
    job: Job,
    state: AttemptState,
    *,
    reason_code: str = "",
    reason: str = "",
    actual: Money | None = None,
    error: BackendError | None = None,
) -> None:
    """End an attempt and its job: ``actual`` is what was paid, or None when nothing was.

    An attempt that ends ``unknown`` keeps its reservation at the cap until a person decides.
    """
    now = clock.now()
    move(
        session,
        attempt,
        state,
        reason,
        finished_at=now if state in ENDED else None,
        lease_until=None,
        next_due_at=None,
        error=error.facts() if error else attempt.error,
        actual_micros=actual.micros if actual else (0 if state in ENDED else None),
    )
    if state in ENDED:
        await _pay(session, attempt, actual)
        ATTEMPTS.labels(attempt.backend, state.value).inc()
    job.state = JOB_AFTER[state].value
    job.reason_code, job.reason = reason_code, reason
    job.progress = 1.0 if state is AttemptState.SUCCEEDED else job.progress
    job.finished_at = now if job.state != JobState.UNKNOWN else None
    job.next_due_at = None
    await session.flush()
    await tell_shot(session, job.shot_id)
    await tell(session, job)


async def _pay(session: AsyncSession, attempt: Attempt, actual: Money | None) -> None:
    paid = in_ledger(attempt, actual.micros if actual else 0)
    if attempt.rate is not None:
        attempt.actual_ledger_micros = paid.micros
    if paid.micros == 0:
        await money.release(session, attempt.id)
    else:
        await money.settle(session, attempt.id, paid)


def in_ledger(attempt: Attempt, micros: int) -> Money:
    """Return an amount the provider charges as the ledger books it: at the rate that was frozen on the attempt."""
    amount = Money(micros, attempt.currency)
    if attempt.rate is None or attempt.rate_on is None or attempt.ledger_currency is None:
        return amount
    return Rate(attempt.currency, attempt.ledger_currency, attempt.rate, attempt.rate_on).convert(amount)


async def requeue(session: AsyncSession, attempt: Attempt, seconds: float, note: str, **fields: Any) -> None:
    """Let an attempt rest in its state until it is due again."""
    move(
        session,
        attempt,
        AttemptState(attempt.state),
        note,
        next_due_at=clock.now() + timedelta(seconds=seconds),
        lease_until=None,
        **fields,
    )
    await session.flush()


def wait(job: Job, code: str, reason: str, *, look_again: timedelta | None = None) -> None:
    """Let a job wait for money, a gate or a person; whoever calls tells of it."""
    job.state, job.reason_code, job.reason = JobState.WAITING.value, code, reason
    job.next_due_at = clock.now() + look_again if look_again else None


def shot_state(job: Job | Brief) -> str:
    """Return what a job means for its shot: "", waiting, held, active, failed, refused or unknown."""
    if job.state == JobState.WAITING:
        return "held" if job.reason_code not in ("", "jobs.turn") else "waiting"
    if job.state in (JobState.ACTIVE, JobState.UNKNOWN):
        return job.state
    if job.state in (JobState.FAILED, JobState.REFUSED) and job.dismissed_at is None:
        return job.state
    return ""


_URGENCY = ("unknown", "held", "active", "waiting")


async def tell_shot(session: AsyncSession, shot_id: UUID) -> None:
    """Write on a shot what its jobs mean for it."""
    await tell_shots(session, [shot_id])


async def tell_shots(session: AsyncSession, shot_ids: Collection[UUID]) -> None:
    """Write on some shots what their jobs mean for them."""
    jobs = await repository.briefs_of_shots(session, set(shot_ids))
    await facts.note_all(session, {shot_id: _said(jobs[shot_id]) for shot_id in jobs})


def _said(jobs: Sequence[Brief]) -> dict[str, Any]:
    """Return what jobs mean for their shot: open ones first, else the newest one if it failed."""
    by_state = {shot_state(job): job for job in reversed(jobs)}
    said = next((by_state[state] for state in _URGENCY if state in by_state), None)
    if said is None and jobs and shot_state(jobs[0]):
        said = jobs[0]
    return {
        "job_state": shot_state(said) if said else "",
        "job_progress": said.progress if said and said.state == JobState.ACTIVE else None,
        "job_note": said.reason if said else "",
    }


async def tell(session: AsyncSession, job: Job) -> None:
    """Tell the pages that a job changed."""
    await tell_all(session, [job])


async def tell_all(session: AsyncSession, jobs: Iterable[Job]) -> None:
    """Tell the pages that some jobs changed."""
    for job in jobs:
        await events.emit(
            session,
            "jobs.changed",
            job.project_id,
            job_id=str(job.id),
            shot_id=str(job.shot_id),
            episode_id=str(job.episode_id),
            state=job.state,
        )


def was_charged(error: BackendError, charges_refusals: bool | None) -> bool:
    """Tell whether a failure counts as paid; what nobody says counts as charged, once the work was created."""
    if error.charged is not None:
        return error.charged
    if error.kind is Kind.MODERATION:
        return charges_refusals is not False
    return True


WORDS = {
    Kind.AUTH: "The provider refused the key. An administrator has to check it.",
    Kind.QUOTA: "The provider says that the account has no money or quota left. Top it up, then retry.",
    Kind.RATE_LIMIT: "The provider asks to wait.",
    Kind.MODERATION: "Refused by the provider",
    Kind.INVALID: "The provider did not accept the request. Change the shot, then retry.",
    Kind.NOT_FOUND: "The provider no longer knows this generation.",
    Kind.EXPIRED: "The result expired before it could be fetched.",
    Kind.TRANSIENT: "The provider failed for a technical reason. Retry later, or choose another backend.",
    Kind.PERMANENT: "This model is not available any more. Choose another one.",
}


def words_for(error: BackendError, *, charged: bool) -> str:
    """Return what a person reads of a failure: what happened, whose fault, and whether it cost money."""
    start = WORDS[error.kind]
    if error.kind is Kind.MODERATION:
        start = f"{start}: {error.fault.value}."
    money_words = "It counts as charged." if charged else "Nothing was charged."
    return f"{start} {money_words} ({error.message})" if error.message else f"{start} {money_words}"
