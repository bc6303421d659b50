"""The engine of one process: its database, backends and store, and the claims every step starts with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import structlog
from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from app.backends.base import VideoBackend
from app.backends.capabilities import ModelCaps
from app.backends.registry import Registry
from app.core import clock
from app.core.db import Database
from app.jobs import repository
from app.jobs.models import Attempt, Job
from app.jobs.states import AttemptState
from app.jobs.together import Together
from app.media.storage import Storage

log = structlog.get_logger(__name__)
SUBMIT_LEASE = timedelta(seconds=45)
FENCE = timedelta(seconds=35)
RENEW_SECONDS = 10.0
FETCH_LEASE = timedelta(seconds=30)
POLL_LEASE = timedelta(seconds=90)
SENDS_AT_ONCE = 10
MOST_FAULTS = 6
MOST_UNRECOGNISED = 10
LARGEST_RESULT = 2 * 1024**3
Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Engine:
    """What a step needs; ``work_folder`` is for files under way and may be emptied at any time."""

    database: Database
    registry: Registry
    storage: Storage
    work_folder: Path
    groups: dict[str, Together[Any, Any]] = field(default_factory=dict, init=False, repr=False, compare=False)
    gates: dict[str, asyncio.Semaphore] = field(default_factory=dict, init=False, repr=False, compare=False)

    def together(self, do: Callable[[Engine, Sequence[Item]], Awaitable[Sequence[Result]]]) -> Together[Item, Result]:
        """Return what does ``do`` for the items of many steps of this process at once."""
        return self.groups.setdefault(do.__name__, Together(partial(do, self)))

    def sending(self, backend: str) -> asyncio.Semaphore:
        """Return what lets so many create requests of this process out at once: as many answers a death may lose."""
        return self.gates.setdefault(backend, asyncio.Semaphore(SENDS_AT_ONCE))

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
    return found if found is not None and take_lease(found[0], states, lease) else None


def take_lease(attempt: Attempt, states: frozenset[AttemptState], lease: timedelta) -> bool:
    """Take the lease of a locked attempt that is in one of ``states`` and on nobody's lease; tell whether it was."""
    now = clock.now()
    if attempt.state not in states or (attempt.lease_until is not None and attempt.lease_until > now):
        return False
    attempt.lease_until = attempt.next_due_at = now + lease
    return True


@asynccontextmanager
async def kept_lease(engine: Engine, attempt_id: UUID) -> AsyncIterator[None]:
    """Keep the lease of a claimed attempt inside the block, however long the provider takes to answer.

    When it cannot be renewed in time the block ends in ``TimeoutError``, before anybody else may take the attempt: two
    processes never speak for it at once.
    """
    async with asyncio.timeout(FENCE.total_seconds()) as fence:
        renewing = asyncio.create_task(_renew(engine, attempt_id, fence))
        try:
            yield
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)


async def _renew(engine: Engine, attempt_id: UUID, fence: asyncio.Timeout) -> None:
    while True:
        await asyncio.sleep(RENEW_SECONDS)
        asked = asyncio.get_running_loop().time()
        until = clock.now() + SUBMIT_LEASE
        try:
            async with engine.database.transaction() as session:
                await session.execute(
                    update(Attempt)
                    .where(Attempt.id == attempt_id, Attempt.lease_until.is_not(None))
                    .values(lease_until=until, next_due_at=until)
                )
        except (SQLAlchemyError, OSError) as error:
            log.warning("jobs.lease_not_renewed", attempt_id=str(attempt_id), error=repr(error))
        else:
            fence.reschedule(asked + FENCE.total_seconds())
