"""The engine of one process: its database, backends and store, and the claims every step starts with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.backends.base import VideoBackend
from app.backends.capabilities import ModelCaps
from app.backends.registry import Registry
from app.core import clock
from app.core.db import Database
from app.jobs import repository
from app.jobs.models import Attempt, Job
from app.jobs.states import AttemptState
from app.media.storage import Storage

SUBMIT_LEASE = timedelta(seconds=150)
FETCH_LEASE = timedelta(seconds=30)
POLL_LEASE = timedelta(seconds=90)
MOST_FAULTS = 6
MOST_UNRECOGNISED = 10
LARGEST_RESULT = 2 * 1024**3


@dataclass(frozen=True, slots=True)
class Engine:
    """What a step needs; ``work_folder`` is for files under way and may be emptied at any time."""

    database: Database
    registry: Registry
    storage: Storage
    work_folder: Path

    def backend(self, attempt: Attempt) -> VideoBackend:
        """Return the backend an attempt was given to, whatever the project prefers meanwhile."""
        return self.registry.get(attempt.backend)

    def caps(self, attempt: Attempt) -> ModelCaps:
        """Return what the attempt's model can do, whether or not it is offered meanwhile."""
        return self.registry.known(attempt.backend, attempt.model)


async def claim(
    session: AsyncSession, attempt_id: UUID, states: frozenset[AttemptState], lease: timedelta
) -> tuple[Attempt, Job] | None:
    """Lock an attempt that is in one of ``states`` and on nobody's lease, and take the lease; None when it is not."""
    found = await repository.locked_attempt(session, attempt_id)
    if found is None:
        return None
    attempt, job = found
    now = clock.now()
    if attempt.state not in states or (attempt.lease_until is not None and attempt.lease_until > now):
        return None
    attempt.lease_until = now + lease
    attempt.next_due_at = now + lease
    return attempt, job
