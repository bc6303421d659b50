"""Live updates: events published in Redis, streamed to a page as server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from typing import Any
from uuid import UUID

import anyio
import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.responses import StreamingResponse

from app.core.clock import now
from app.core.errors import ReelroomError
from app.core.i18n import gettext as _

log = structlog.get_logger(__name__)

HEARTBEAT = 15.0
LOOK = 1.0  # seconds between looks at whether the process is going down
LONGEST = 3600.0
MOST = 500
RETRY_MS = 2000

Filter = Callable[[Mapping[str, Any]], bool]


class Busy(ReelroomError):
    """More streams are open than this process carries; the browser tries again by itself."""

    status = 503


def channel(project_id: UUID) -> str:
    """Return the Redis channel on which the events of a project are published."""
    return f"reelroom:events:{project_id}"


class Streams:
    """The open streams of one process: how many there are, and whether it is going down."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self.open = 0
        self.closing = False

    def close(self) -> None:
        """End every stream within a second; browsers come back to the next process."""
        self.closing = True


async def event_stream(
    request: Request, redis: Redis, channels: Sequence[str], wanted: Filter | None = None, heartbeat: float = HEARTBEAT
) -> StreamingResponse:
    """Return the stream of events of ``channels`` that ``wanted`` lets through, each ``{"name", "id", "payload"}``.

    A browser that comes back (Last-Event-ID) is told to ``resync``, since nothing is kept for it. A stream sends a
    sign of life every ``heartbeat`` seconds and ends after an hour. Raises ``Busy`` when too many are open.
    """
    streams: Streams = request.app.state.streams
    if streams.open >= streams.most or streams.closing:
        raise Busy("web.too_many_streams", _("Too many pages are open for live updates just now."))
    back = request.headers.get("last-event-id") is not None
    pubsub = redis.pubsub(ignore_subscribe_messages=True)
    body = _counted(streams, pubsub, _events(streams, pubsub, channels, wanted, heartbeat, resync=back))
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(body, headers=headers, media_type="text/event-stream")


async def _counted(streams: Streams, pubsub: PubSub, events: AsyncGenerator[str, None]) -> AsyncGenerator[str, None]:
    """Pass ``events`` on, counted while they last; whatever ends them gives the connection back."""
    streams.open += 1
    try:
        async with aclosing(events):
            async for chunk in events:
                yield chunk
    except RedisError as error:
        log.warning("sse.lost", error=str(error))  # the browser comes back, and is told to resync
    finally:
        streams.open -= 1
        with anyio.move_on_after(2, shield=True), suppress(RedisError, OSError):  # even when the reader has gone
            await pubsub.aclose()  # type: ignore[no-untyped-call]


async def _events(
    streams: Streams,
    pubsub: PubSub,
    channels: Sequence[str],
    wanted: Filter | None,
    heartbeat: float,
    *,
    resync: bool,
) -> AsyncGenerator[str, None]:
    clock = asyncio.get_running_loop().time
    await pubsub.subscribe(*channels)
    yield f"retry: {RETRY_MS}\n\n" + (_frame("resync", "", "{}") if resync else "")
    ends, alive = clock() + LONGEST, clock()
    while not streams.closing and clock() < ends:
        message = await pubsub.get_message(timeout=min(LOOK, heartbeat))
        shown = _shown(message, wanted) if message else ""
        if not shown and clock() - alive >= heartbeat:
            shown = ": alive\n\n"
        if shown:
            alive = clock()
            yield shown


def _shown(message: Mapping[str, Any], wanted: Filter | None) -> str:
    event = json.loads(message["data"])
    if wanted is not None and not wanted(event):
        return ""
    shown = {"name": event["name"], "id": event["id"], "payload": event.get("payload", {})}
    return _frame("", str(event["id"]), json.dumps(shown, ensure_ascii=False, separators=(",", ":")))


def _frame(event: str, number: str, data: str) -> str:
    lines = [f"event: {event}"] if event else []
    if number:
        lines.append(f"id: {number}")
    return "\n".join([*lines, f"data: {data}", "", ""])


def published(name: str, number: UUID, payload: Mapping[str, Any]) -> str:
    """Return the text that is published on a channel for one event."""
    return json.dumps({"name": name, "id": str(number), "payload": dict(payload), "at": now().isoformat()}, default=str)
