"""Live updates: events published in Redis, streamed to a page as server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

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
    """The open streams of one process: how many there are, and the word to close."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self.open = 0
        self._closing = asyncio.Event()

    @property
    def closing(self) -> bool:
        """Whether the process is going down."""
        return self._closing.is_set()

    def close(self) -> None:
        """End every stream within a moment; browsers come back to the next process."""
        self._closing.set()

    async def closed(self) -> None:
        """Return when ``close`` was called."""
        await self._closing.wait()


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
    pubsub = redis.pubsub(ignore_subscribe_messages=True)
    await pubsub.subscribe(*channels)
    streams.open += 1
    back = request.headers.get("last-event-id") is not None
    body = _events(streams, pubsub, wanted, heartbeat, resync=back)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(body, headers=headers, media_type="text/event-stream")


async def _events(
    streams: Streams, pubsub: PubSub, wanted: Filter | None, heartbeat: float, *, resync: bool
) -> AsyncIterator[str]:
    closing = asyncio.ensure_future(streams.closed())
    ends = asyncio.get_running_loop().time() + LONGEST
    try:
        yield f"retry: {RETRY_MS}\n\n" + (_frame("resync", "", "{}") if resync else "")
        while asyncio.get_running_loop().time() < ends:
            message = await _next(pubsub, closing, heartbeat)
            if closing.done():
                return
            yield _shown(message, wanted) if message else ": alive\n\n"
    except RedisError as error:
        log.warning("sse.lost", error=str(error))  # the browser comes back, and is told to resync
    finally:
        streams.open -= 1
        closing.cancel()
        with suppress(RedisError, OSError):
            await pubsub.aclose()  # type: ignore[no-untyped-call]


async def _next(pubsub: PubSub, closing: asyncio.Future[None], heartbeat: float) -> Mapping[str, Any] | None:
    """Return the next message, or none after ``heartbeat`` seconds or when the process closes."""
    reading = asyncio.ensure_future(pubsub.get_message(timeout=heartbeat))
    try:
        await asyncio.wait({reading, closing}, return_when=asyncio.FIRST_COMPLETED)
        return reading.result() if reading.done() else None
    finally:
        if not reading.done():
            reading.cancel()
            with suppress(asyncio.CancelledError):
                await reading


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
