"""Between web processes: changes and presences through Redis, which may lose them or be gone.

Whatever is lost is found again: every few seconds each process tells how far its texts go, and whoever has more
answers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from app.core.ids import new_id

log = structlog.get_logger(__name__)

PREFIX = b"reelroom:room:"  # alone it is the channel of all
MISSED = b"missed"
VECTOR, WHO = b"s", b"q"
QUESTIONS = frozenset((VECTOR, WHO))
MOST_WAITING = 10_000
AGAIN_S = 0.5
CANCEL_AGAIN_S = 0.5

Heard = Callable[[UUID, bytes, bytes], None]


class Bus:
    """This process's voice and ear; ``heard`` gets room, kind and payload of what others say.

    ``missed`` is called when something may not have been heard: here, or of somebody who could not speak.
    """

    def __init__(self, redis: Redis, heard: Heard, missed: Callable[[], None]) -> None:
        self._redis, self._heard, self._missed = redis, heard, missed
        self._me = new_id().bytes
        self._wanted: set[UUID] = set()
        self._followed: set[UUID] = set()  # subscribed to, on the connection that listens now
        self._alone: set[UUID] = set()  # rooms that no other process listens to: nothing needs to be said there
        self._listening: PubSub | None = None
        self._waiting: list[tuple[UUID, bytes]] = []
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to speak and listen."""
        self._tasks = [asyncio.create_task(self._speak()), asyncio.create_task(self._listen())]

    async def close(self) -> None:
        """Say what waits, as far as Redis takes it within a second, and stop."""
        with suppress(TimeoutError):
            async with asyncio.timeout(1):
                while self._waiting or not self._idle.is_set():
                    self._idle.clear()
                    self._wake.set()
                    await self._idle.wait()
        left = set(self._tasks)
        while left:  # the client swallows a cancellation that meets its own time-out
            for task in left:
                task.cancel()
            _done, left = await asyncio.wait(left, timeout=CANCEL_AGAIN_S)
        await self._redis.aclose()

    def say(self, room: UUID, kind: bytes, payload: bytes) -> None:
        """Tell the other processes, soon; what does not fit is dropped and found again later.

        Where nobody else listens only questions are asked, whose answers tell when somebody does.
        """
        if (room in self._alone and kind not in QUESTIONS) or len(self._waiting) >= MOST_WAITING:
            return
        self._waiting.append((room, self._me + kind + payload))
        self._wake.set()

    def is_alone(self, room: UUID) -> bool:
        """Tell whether, as far as is known, no other process has this room open."""
        return room in self._alone

    async def follow(self, room: UUID) -> None:
        """Hear what others say of a room from now on; without Redis, from when it is back."""
        self._wanted.add(room)
        if self._listening is not None:
            with suppress(RedisError, OSError, TimeoutError):
                async with asyncio.timeout(2):
                    await self._listening.subscribe(_channel(room))
                    self._followed.add(room)

    async def leave(self, room: UUID) -> None:
        """Hear no more of a room."""
        for rooms in (self._wanted, self._followed, self._alone):
            rooms.discard(room)
        if self._listening is not None:
            with suppress(RedisError, OSError, TimeoutError):
                async with asyncio.timeout(2):
                    await self._listening.unsubscribe(_channel(room))

    async def _speak(self) -> None:
        silent = False
        while True:
            if not self._waiting:
                self._idle.set()
                self._wake.clear()
                await self._wake.wait()
            said, self._waiting = self._waiting, []
            try:
                if silent:
                    await self._redis.publish(PREFIX, self._me + MISSED)
                await self._publish(said)
                silent = False
            except (RedisError, OSError) as error:
                log.warning("rooms.not_published", error=str(error))
                silent = True
                self._waiting.clear()
                await asyncio.sleep(AGAIN_S)

    async def _publish(self, said: list[tuple[UUID, bytes]]) -> None:
        """Say everything in one go, and note in which rooms nobody but this process heard it."""
        self._idle.clear()
        pipeline = self._redis.pipeline(transaction=False)
        for room, message in said:
            pipeline.publish(_channel(room), message)
        heard: list[int] = await pipeline.execute()
        for (room, _message), listeners in zip(said, heard, strict=True):
            if room in self._followed and listeners <= 1:
                self._alone.add(room)
            else:
                self._alone.discard(room)

    async def _listen(self) -> None:
        while True:
            pubsub = self._redis.pubsub(ignore_subscribe_messages=True)
            try:
                wanted = list(self._wanted)
                await pubsub.subscribe(PREFIX, *[_channel(room) for room in wanted])
                self._listening, self._followed = pubsub, set(wanted)
                self._missed()
                while True:
                    message = await pubsub.get_message(timeout=5.0)
                    if message is not None:
                        self._hear(message["channel"], message["data"])
            except (RedisError, OSError) as error:
                log.warning("rooms.not_listening", error=str(error))
            finally:
                self._listening = None
                self._followed.clear()
                self._alone.clear()
                with suppress(RedisError, OSError):
                    await pubsub.aclose()  # type: ignore[no-untyped-call]
            await asyncio.sleep(AGAIN_S)

    def _hear(self, channel: bytes, message: bytes) -> None:
        if message[16:] == MISSED and message[:16] != self._me:
            self._missed()
        if len(channel) == len(PREFIX) + 16 and message[:16] != self._me:
            room = UUID(bytes=channel[len(PREFIX) :])
            self._alone.discard(room)
            self._heard(room, message[16:17], message[17:])


def _channel(room: UUID) -> bytes:
    return PREFIX + room.bytes
