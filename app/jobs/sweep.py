"""The sweep: finds what is due in the database, so that a lost message or a dead worker loses nothing."""

from __future__ import annotations

from datetime import timedelta

from app.core import clock
from app.core.db import nudge
from app.core.metrics import SWEEP_SECONDS
from app.jobs import repository, turns
from app.jobs.engine import Engine
from app.jobs.models import Attempt
from app.jobs.states import AttemptState

BATCH = 200
NUDGE_AGAIN = timedelta(seconds=30)


async def sweep(engine: Engine) -> int:
    """Do one sweep and return how much it found: every step but a poll that is due is nudged."""
    with SWEEP_SECONDS.time():
        return await _nudge_due(engine)


_STEP = {
    AttemptState.RESERVED: ("jobs.submit", "io"),
    AttemptState.SUBMITTING: ("jobs.recover", "io"),
    AttemptState.FETCHING: ("jobs.fetch", "media"),
    AttemptState.CHECKING: ("jobs.fetch", "media"),
}


async def _nudge_due(engine: Engine) -> int:
    async with engine.database.transaction() as session:
        now = clock.now()
        due: list[Attempt] = list(await repository.due_otherwise(session, now, BATCH))
        for attempt in due:
            task, queue = _STEP[AttemptState(attempt.state)]
            attempt.next_due_at = now + NUDGE_AGAIN
            nudge(session, task, attempt.id, queue=queue)
        jobs = await repository.due_jobs(session, now, BATCH)
        for job in jobs:
            job.next_due_at = now + NUDGE_AGAIN
            nudge(session, "jobs.advance", job.id, urgent=job.priority > 0)
        given = await turns.give_turns(session, engine.registry)
        for attempt_id in await repository.cancelled_but_running(session):
            nudge(session, "jobs.cancel", attempt_id)
    return len(due) + len(jobs) + given
