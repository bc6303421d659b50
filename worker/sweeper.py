"""The sweeper: delivers events, follows what is being generated, and finds what a lost message left.

One leads; others stand by.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal

import structlog
from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.core.config import get_settings
from app.core.logging import set_up_logging
from app.core.redis import open_redis
from app.events import service as events
from app.exports import service as exports
from app.jobs import deliveries, sweep
from app.jobs.engine import Engine
from app.jobs.polling import Poller
from app.providers import retirement
from app.scripts import assistant_steps, uploads
from app.scripts import service as scripts
from worker.runtime import close_engine, open_engine

log = structlog.get_logger(__name__)

TICK_SECONDS = 1.0
STAND_BY_SECONDS = 2.0
FORGET_EVERY = 3600
_LEADER_LOCK = 7_233_101


async def run(stop: asyncio.Event) -> None:
    """Lead when no other sweeper does, and sweep until ``stop`` is set."""
    engine, redis = await open_engine(), open_redis()
    try:
        while not stop.is_set():
            try:
                async with engine.database.engine.connect() as leader:
                    if await _lead(leader):
                        log.info("sweeper.leading")
                        await _sweep_until(stop, engine, redis, leader)
            except Exception as error:  # noqa: BLE001  # a restart of the database must not end the sweeper
                log.error("sweeper.failed", error=repr(error))
            await _wait(stop, STAND_BY_SECONDS)
    finally:
        await redis.aclose()
        await close_engine(engine)


async def _lead(connection: AsyncConnection) -> bool:
    got = await connection.scalar(text("select pg_try_advisory_lock(:key)"), {"key": _LEADER_LOCK})
    await connection.commit()
    return bool(got)


async def _sweep_until(stop: asyncio.Event, engine: Engine, redis: Redis, leader: AsyncConnection) -> None:
    """Sweep, and poll beside it, until ``stop`` is set; a fault of either ends both."""
    poller = Poller(engine)
    polling = asyncio.create_task(poller.run(stop))
    try:
        await _sweep_beside(polling, poller, stop, engine, redis, leader)
    finally:
        polling.cancel()
        await asyncio.gather(polling, return_exceptions=True)


async def _sweep_beside(
    polling: asyncio.Task[None],
    poller: Poller,
    stop: asyncio.Event,
    engine: Engine,
    redis: Redis,
    leader: AsyncConnection,
) -> None:
    woken = asyncio.Event()

    def wake(*_event: object) -> None:
        woken.set()
        poller.wake()

    raw = await leader.get_raw_connection()
    assert raw.driver_connection is not None
    await raw.driver_connection.add_listener(events.WAKE_CHANNEL, wake)
    ticks = 0
    while not stop.is_set():
        if polling.done():
            polling.result()
        await leader.scalar(text("select 1"))
        await leader.commit()
        woken.clear()
        found = await events.deliver(engine.database, redis) + await sweep.sweep(engine)
        found += await scripts.read_due(engine.database)
        async with engine.database.transaction() as session:
            await exports.nudge_due(session)
            await assistant_steps.sweep(session)
            if ticks % FORGET_EVERY == 0:
                await events.forget_old(session)
                await deliveries.forget_old(session)
                await uploads.forget_old(session)
                await retirement.announce(session, engine.registry)
        ticks += 1
        if not found:
            waiting = [asyncio.create_task(woken.wait()), asyncio.create_task(stop.wait())]
            await asyncio.wait([*waiting, polling], timeout=TICK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            for task in waiting:
                task.cancel()


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


async def _main() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await run(stop)


def main() -> None:
    """Run the sweeper until it is told to stop."""
    settings = get_settings()
    set_up_logging(settings.log_level, settings.log_format)
    asyncio.run(_main())
