"""The outbox: events are written with the change they tell of, and delivered at least once."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.db import Database
from app.events.models import OutboxEvent
from app.web.sse import channel

log = structlog.get_logger(__name__)

WAKE_CHANNEL = "reelroom_wake"
BATCH = 200

Subscriber = Callable[[AsyncSession, OutboxEvent], Awaitable[None]]
_subscribers: dict[str, list[Subscriber]] = {}


def subscribe(name: str) -> Callable[[Subscriber], Subscriber]:
    """Register a subscriber of the event ``name``; it runs in a worker, at least once for each event."""

    def register(subscriber: Subscriber) -> Subscriber:
        _subscribers.setdefault(name, []).append(subscriber)
        return subscriber

    return register


async def emit(session: AsyncSession, name: str, project_id: UUID | None, **payload: Any) -> None:
    """Write an event in this transaction, and wake the sweeper when it commits."""
    session.add(OutboxEvent(name=name, project_id=project_id, payload=payload))
    await wake(session)


async def wake(session: AsyncSession) -> None:
    """Make the sweeper look at once when this transaction commits."""
    if session.info.get("woken") is session.get_transaction():
        return
    session.info["woken"] = session.get_transaction()
    await session.execute(select(func.pg_notify(WAKE_CHANNEL, "")))


async def deliver(database: Database, redis: Redis) -> int:
    """Deliver one batch of waiting events: to subscribers in the transaction of their mark, then to browsers."""
    async with database.transaction() as session:
        query = (
            select(OutboxEvent)
            .where(OutboxEvent.delivered_at.is_(None), OutboxEvent.tries < 10)
            .order_by(OutboxEvent.id)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        )
        events = (await session.scalars(query)).all()
        for event in events:
            await _call_subscribers(session, event)
    for event in events:
        if event.project_id is not None and event.delivered_at is not None:
            await _publish(redis, event)
    return len(events)


async def _call_subscribers(session: AsyncSession, event: OutboxEvent) -> None:
    event.tries += 1
    try:
        async with session.begin_nested():
            for subscriber in _subscribers.get(event.name, []):
                await subscriber(session, event)
    except Exception as error:  # noqa: BLE001  # one subscriber's fault must not hold up the events behind it
        log.error("events.subscriber_failed", event_name=event.name, event_id=event.id, error=repr(error))
        return
    event.delivered_at = clock.now()


async def _publish(redis: Redis, event: OutboxEvent) -> None:
    message = {"id": event.id, "name": event.name, "payload": event.payload}
    try:
        await redis.publish(channel(event.project_id), json.dumps(message)) if event.project_id else None
    except RedisError as error:
        log.warning("events.not_published", event_id=event.id, error=str(error))


async def forget_old(session: AsyncSession, days: int = 7) -> None:
    """Delete delivered events older than ``days``."""
    await session.execute(
        text("delete from outbox_events where delivered_at < now() - make_interval(days => :days)"), {"days": days}
    )
