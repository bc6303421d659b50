"""The health of backends: a circuit that opens after technical faults, and lets one try through when it is time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.schemas import Actor
from app.audit import service as audit
from app.backends.errors import BackendError, Kind
from app.core import clock
from app.jobs.models import BackendHealth, Job
from app.jobs.states import JobState

log = structlog.get_logger(__name__)
MOST_FAULTS = 5
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=30)
TRY = timedelta(seconds=60)
AT_ONCE = frozenset({Kind.AUTH, Kind.QUOTA})
COUNTED = AT_ONCE | {Kind.TRANSIENT}
SUCCESS_EVERY = timedelta(minutes=1)
CIRCUIT = "jobs.circuit"
LONG_REST = timedelta(minutes=10)


async def is_closed(session: AsyncSession, backend: str) -> bool:
    """Tell whether a backend's circuit is closed, so that everybody may ask it."""
    row = await session.get(BackendHealth, backend)
    return row is None or row.open_until is None


async def admits(session: AsyncSession, backend: str) -> bool:
    """Tell whether a backend may be asked for new work; of those that come when its pause has ended, the first may."""
    row = await session.get(BackendHealth, backend)
    now = clock.now()
    if row is None or row.open_until is None:
        return True
    if row.open_until > now:
        return False
    tried = (
        update(BackendHealth)
        .where(BackendHealth.backend == backend, BackendHealth.open_until <= now)
        .values(open_until=now + TRY)
        .returning(BackendHealth.backend)
        .execution_options(synchronize_session=False)
    )
    return await session.scalar(tried) is not None


async def rest_of(session: AsyncSession, job: Job) -> timedelta:
    """Return when a job held by an open circuit looks again: one as soon as it may, the others long after.

    Those others are woken when the circuit closes; they look by themselves only if the one was called off.
    """
    ahead = select(Job.id).where(
        Job.state == JobState.WAITING,
        Job.backend == job.backend,
        Job.reason_code == CIRCUIT,
        Job.next_due_at <= clock.now() + LONGEST_PAUSE,
        Job.id != job.id,
    )
    if await session.scalar(ahead.limit(1)) is not None:
        return LONGEST_PAUSE + LONG_REST
    row = await session.get(BackendHealth, job.backend)
    until = row.open_until if row and row.open_until else clock.now()
    return max(until - clock.now(), timedelta(seconds=1))


async def note_fault(session: AsyncSession, backend: str, error: BackendError) -> None:
    """Count a technical fault; too many in a row, a refused key or an empty account open the circuit."""
    if error.kind not in COUNTED:
        return
    await session.execute(insert(BackendHealth).values(_new(backend)).on_conflict_do_nothing())
    row = await session.get_one(BackendHealth, backend, with_for_update=True, populate_existing=True)
    now = clock.now()
    row.faults += 1
    row.last_fault, row.last_fault_at = f"{error.kind.value}: {error.message}"[:300], now
    resting = row.open_until is not None and row.open_until > now + TRY
    if (row.faults >= MOST_FAULTS or error.kind in AT_ONCE) and not resting:
        row.open_until = now + min(FIRST_PAUSE * 2**row.openings, LONGEST_PAUSE)
        row.openings = min(row.openings + 1, 10)
        log.warning("jobs.circuit_opened", backend=backend, until=row.open_until.isoformat(), why=row.last_fault)
    await session.flush()


async def note_success(session: AsyncSession, backend: str) -> None:
    """Close the circuit, because the backend works; a healthy one is written at most once a minute."""
    now = clock.now()
    values = {"faults": 0, "openings": 0, "open_until": None, "last_success_at": now, "updated_at": now}
    stale = or_(
        BackendHealth.faults > 0,
        BackendHealth.last_success_at.is_(None),
        BackendHealth.last_success_at < now - SUCCESS_EVERY,
    )
    made = insert(BackendHealth).values({**_new(backend), **values})
    told = made.on_conflict_do_update(index_elements=["backend"], set_=values, where=stale)
    if await session.scalar(told.returning(BackendHealth.backend)) is not None:
        await _wake(session, backend)


async def _wake(session: AsyncSession, backend: str) -> None:
    held = update(Job).where(Job.state == JobState.WAITING, Job.backend == backend, Job.reason_code == CIRCUIT)
    await session.execute(held.values(next_due_at=clock.now()).execution_options(synchronize_session=False))


async def paused(session: AsyncSession, backends: Iterable[str]) -> dict[str, datetime]:
    """Return which of these backends rest, and until when."""
    query = select(BackendHealth.backend, BackendHealth.open_until).where(
        BackendHealth.backend.in_(list(backends)), BackendHealth.open_until > clock.now()
    )
    return {backend: until for backend, until in (await session.execute(query)).all() if until is not None}


async def every(session: AsyncSession) -> dict[str, BackendHealth]:
    """Return what is known of every backend's health."""
    return {row.backend: row for row in await session.scalars(select(BackendHealth))}


async def try_now(session: AsyncSession, actor: Actor, backend: str) -> None:
    """Close a circuit by a person's word: what waits for the backend is tried at its next look."""
    audit.record(
        session,
        "jobs.backend_tried",
        actor_id=actor.id,
        actor_name=actor.name,
        subject_kind="backend",
        subject_id=None,
        backend=backend,
    )
    await session.execute(
        update(BackendHealth).where(BackendHealth.backend == backend).values(faults=0, openings=0, open_until=None)
    )
    await _wake(session, backend)


def _new(backend: str) -> dict[str, object]:
    return {"backend": backend, "faults": 0, "openings": 0, "last_fault": "", "updated_at": clock.now()}
