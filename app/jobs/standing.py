"""How backends stand for a project: whether they work, what runs and waits there, what they offer at what price."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.backends.config import Limits
from app.backends.registry import Offer, Registry
from app.core import clock
from app.jobs import health
from app.jobs.models import IN_FLIGHT, Attempt, BackendHealth, Job
from app.jobs.states import JobState


@dataclass(frozen=True, slots=True)
class Standing:
    """One backend: ``state`` is passed, caution (faults in a row), failed (an open circuit) or planned (not known)."""

    name: str
    account: str
    region: str
    limits: Limits
    offers: tuple[Offer, ...]
    local: bool
    state: str
    open_until: datetime | None
    last_fault: str
    last_fault_at: datetime | None
    last_success_at: datetime | None
    running: int
    waiting: int


async def backends(session: AsyncSession, registry: Registry, project_id: UUID) -> list[Standing]:
    """Return every backend that can be used, in the order of the configuration."""
    known = await health.every(session)
    running = await _running(session, project_id)
    queued = await waiting(session, project_id)
    by_name: dict[str, list[Offer]] = {name: [] for name in registry.names()}
    for offer in registry.models():
        by_name.setdefault(offer.backend, []).append(offer)
    return [
        _standing(registry, name, tuple(offers), known.get(name), running.get(name, 0), queued.get(name, 0))
        for name, offers in by_name.items()
    ]


def _standing(
    registry: Registry, name: str, offers: tuple[Offer, ...], row: BackendHealth | None, running: int, waits: int
) -> Standing:
    local = bool(offers) and all(offer.caps.local for offer in offers)
    resting = row is not None and row.open_until is not None and row.open_until > clock.now()
    if resting:
        state = "failed"
    elif row is not None and row.faults:
        state = "caution"
    else:
        state = "passed" if local or (row is not None and row.last_success_at) else "planned"
    return Standing(
        name=name,
        account=registry.account(name),
        region=registry.region(name),
        limits=registry.limits(name),
        offers=offers,
        local=local,
        state=state,
        open_until=row.open_until if row and resting else None,
        last_fault=row.last_fault if row else "",
        last_fault_at=row.last_fault_at if row else None,
        last_success_at=row.last_success_at if row else None,
        running=running,
        waiting=waits,
    )


async def waiting(session: AsyncSession, project_id: UUID) -> dict[str, int]:
    """Return how many jobs of a project wait, by backend."""
    query = (
        select(Job.backend, func.count())
        .where(Job.project_id == project_id, Job.state == JobState.WAITING)
        .group_by(Job.backend)
    )
    return {row[0]: row[1] for row in (await session.execute(query)).all()}


async def _running(session: AsyncSession, project_id: UUID) -> dict[str, int]:
    query = (
        select(Attempt.backend, func.count())
        .join(Job, Job.id == Attempt.job_id)
        .where(Job.project_id == project_id, text(IN_FLIGHT.replace("state", "attempts.state")))
        .group_by(Attempt.backend)
    )
    return {row[0]: row[1] for row in (await session.execute(query)).all()}
