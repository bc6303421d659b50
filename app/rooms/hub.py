"""The rooms of this process: loaded when first entered, stored as they change, let go when nobody is left."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from uuid import UUID

import structlog
from pycrdt import merge_updates
from redis.asyncio import Redis
from sqlalchemy.exc import DBAPIError

from app.core import metrics
from app.core.db import Database
from app.rooms import protocol, repository
from app.rooms.bus import Bus
from app.rooms.client import WENT, Client
from app.rooms.listening import Listener
from app.rooms.room import LiveRoom
from app.rooms.schemas import Pending

log = structlog.get_logger(__name__)

STORE_EVERY_S = 0.25
STORE_LATER_S, STORE_LATEST_S = 0.001, 1.0  # for each room that is written in: fewer and larger batches
GOSSIP_EVERY_S = 3.0
EMPTY_FOR_S = 30.0
STORE_AGAIN_S = 0.5
FAREWELL_S = 1.5


@dataclass(slots=True)
class _Batch:
    """What is being stored of one room: the vector and the frames that are saved once it is."""

    room: LiveRoom
    changes: list[Pending]
    vector: bytes
    received: list[tuple[Client, int]]


@dataclass(slots=True)
class _Seat:
    """A room, and since when it has been empty."""

    room: LiveRoom
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    empty_since: float | None = None


class Hub:
    """Every room that somebody is in, in this process.

    ``limit`` is the most that a text's changes may amount to, ``frame_limit`` the largest frame, both in bytes.
    """

    def __init__(self, database: Database, redis: Redis, *, limit: int, frame_limit: int) -> None:
        self.database, self.limit, self.frame_limit = database, limit, frame_limit
        self.bus = Bus(redis, self._heard, self._missed)
        self.closing = False
        self.here = 0  # sockets that were let in and are not closed
        self._left = asyncio.Event()
        self._seats: dict[UUID, _Seat] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._reloading: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin to store and to talk to the other processes."""
        self._loop = asyncio.get_running_loop()
        self.bus.start()
        listener = Listener(self.database, lambda room: self.reload(None if room is None else [room]), self.doubt)
        every = (self._keep_storing(), self._keep_gossiping(), listener.run())
        self._tasks = [asyncio.create_task(each) for each in every]

    def send_away(self, then: Callable[[], None]) -> None:
        """Have everybody go to another process, let nobody in, and go on when all have been told; for a signal.

        A server that goes down drops its sockets at once, without the code that tells browsers to come back.
        """
        self.closing = True
        self._loop.call_soon_threadsafe(lambda: self._tasks.append(asyncio.create_task(self._farewell(then))))

    async def _farewell(self, then: Callable[[], None]) -> None:
        self._send_away()
        await self._all_gone()
        then()

    async def _all_gone(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(FAREWELL_S):
                while self.here:
                    self._left.clear()
                    await self._left.wait()

    @contextmanager
    def present(self) -> Iterator[None]:
        """Count a socket until it has been closed."""
        self.here += 1
        try:
            yield
        finally:
            self.here -= 1
            self._left.set()

    def _send_away(self) -> None:
        self.closing = True
        for client in self.clients():
            client.end(WENT, "going down")

    async def close(self) -> None:
        """Send everybody away, who come back to another process, and store what is not stored."""
        self._send_away()
        await self._all_gone()  # before the server drops their sockets
        for task in [*self._tasks, *self._reloading]:
            task.cancel()
        await asyncio.gather(*self._tasks, *self._reloading, return_exceptions=True)
        await self._store()
        await self.bus.close()

    def clients(self) -> list[Client]:
        """Return everybody in any room."""
        return [client for seat in self._seats.values() for client in seat.room.clients]

    def doubt(self, person: UUID | None) -> None:
        """Ask again for all sockets of somebody, or of everybody, whether they may stay."""
        for client in self.clients():
            if person is None or client.person == person:
                client.doubt()

    async def enter(self, room_id: UUID, name: str) -> LiveRoom:
        """Return a room with its text, loading it when it is not here."""
        seat = self._seats.get(room_id)
        if seat is None:
            seat = self._seats[room_id] = _Seat(LiveRoom(room_id, name, self.bus.say, self.limit))
            try:
                await self.bus.follow(room_id)  # before loading, so that nothing falls between the two
                await self._load(seat.room)
            except BaseException:
                del self._seats[room_id]
                seat.ready.set()
                raise
            seat.ready.set()
            self.bus.say(room_id, b"s", seat.room.document.doc.get_state())
            self.bus.say(room_id, b"q", b"")
        await seat.ready.wait()
        if self._seats.get(room_id) is not seat:
            return await self.enter(room_id, name)
        seat.empty_since = None
        return seat.room

    async def _load(self, room: LiveRoom) -> None:
        async with self.database.engine.connect() as connection:
            rows = await repository.log(connection, room.id)
        room.load(one.update for one in rows)

    def reload(self, room_ids: Sequence[UUID] | None = None, *, after: float = 0.0) -> None:
        """Read rooms again: somebody changed them through PostgreSQL, or it was away; None means all of them."""
        wanted = list(self._seats) if room_ids is None else room_ids
        for room_id in wanted:
            if room_id in self._seats:
                task = asyncio.create_task(self._reload(self._seats[room_id].room, after))
                self._reloading.add(task)
                task.add_done_callback(self._reloading.discard)

    async def _reload(self, room: LiveRoom, after: float) -> None:
        await asyncio.sleep(after)
        try:
            async with self.database.engine.connect() as connection:
                rows = await repository.log(connection, room.id)
        except (DBAPIError, OSError) as error:
            log.warning("rooms.not_reloaded", room=room.name, error=str(error))  # the listener reads all again
            return
        room.load(one.update for one in rows)

    # storing

    async def _keep_storing(self) -> None:
        while True:
            busy = sum(1 for seat in self._seats.values() if seat.room.unsaved)
            await asyncio.sleep(min(STORE_EVERY_S + busy * STORE_LATER_S, STORE_LATEST_S))
            if not await self._store():
                await asyncio.sleep(STORE_AGAIN_S)
            await self._let_go()

    async def _store(self) -> bool:
        """Store everything that changed, and tell who made it; what could not be stored is tried again."""
        batches = [self._batch(seat.room) for seat in self._seats.values() if seat.room.has_news]
        changes = [change for batch in batches for change in batch.changes]
        try:
            if changes:
                async with self.database.engine.begin() as connection:
                    await repository.append(connection, changes)
        except BaseException as error:
            for batch in batches:  # perhaps they are stored all the same: a change stored twice does no harm
                batch.room.unsaved = [*batch.changes, *batch.room.unsaved]
            if not isinstance(error, DBAPIError | OSError | TimeoutError):
                raise
            log.warning("rooms.not_stored", changes=len(changes), error=str(error))
            return False
        metrics.ROOM_CHANGES.inc(len(changes))
        for batch in batches:
            for client, received in batch.received:
                client.saved = received
            batch.room.tell_saved(batch.vector)
            self.bus.say(batch.room.id, b"k", batch.vector)
        return True

    def _batch(self, room: LiveRoom) -> _Batch:
        waiting, room.unsaved = room.unsaved, []
        received = [(client, client.received) for client in room.clients]
        return _Batch(room, _by_author(waiting), room.saved_vector(), received)

    async def _let_go(self) -> None:
        now = asyncio.get_running_loop().time()
        for room_id, seat in list(self._seats.items()):
            if seat.room.clients or seat.room.unsaved or not seat.ready.is_set():
                seat.empty_since = None
            elif seat.empty_since is None:
                seat.empty_since = now
            elif now - seat.empty_since > EMPTY_FOR_S:
                del self._seats[room_id]
                seat.room.close()
                await self.bus.leave(room_id)
        metrics.ROOMS.set(len(self._seats))
        metrics.ROOM_CLIENTS.set(len(self.clients()))

    # the other processes

    async def _keep_gossiping(self) -> None:
        while True:
            await asyncio.sleep(GOSSIP_EVERY_S)
            self._gossip()
            for seat in self._seats.values():
                seat.room.adopt()
                seat.room.expire()

    def _missed(self) -> None:
        """Find again what was said while Redis was away: vectors do not show deletions, so the log is read."""
        self._gossip()
        self.reload(after=2 * STORE_EVERY_S + STORE_AGAIN_S)

    def _gossip(self) -> None:
        for room_id, seat in self._seats.items():
            if seat.ready.is_set():
                self.bus.say(room_id, b"s", seat.room.document.doc.get_state())
                self._tell_deletions(seat.room)

    def _heard(self, room_id: UUID, kind: bytes, payload: bytes) -> None:
        seat = self._seats.get(room_id)
        if seat is None:
            return
        listeners: dict[bytes, Callable[[LiveRoom, bytes], None]] = {
            b"u": LiveRoom.change_elsewhere,
            b"p": lambda room, frame: room.appear(protocol.read_awareness(frame, 1), None),
            b"k": lambda room, vector: room.confirm(protocol.read_vector(vector)),
            b"s": self._answer,
            b"q": lambda room, _nothing: self._introduce(room),
        }
        try:
            listeners[kind](seat.room, payload)
        except (ValueError, KeyError) as error:
            log.warning("rooms.not_understood", room=seat.room.name, error=str(error))

    def _answer(self, room: LiveRoom, vector: bytes) -> None:
        """Give another process what it lacks."""
        theirs = protocol.read_vector(vector)
        if any(clock > theirs.get(client, 0) for client, clock in room.vector().items()):
            self.bus.say(room.id, b"u", room.document.doc.get_update(vector))

    def _tell_deletions(self, room: LiveRoom) -> None:
        """Say what was deleted: vectors do not show it, and what was said of it may have been lost."""
        if not self.bus.is_alone(room.id):
            doc = room.document.doc
            deletions = doc.get_update(doc.get_state())
            if deletions != protocol.NOTHING:
                self.bus.say(room.id, b"u", deletions)

    def _introduce(self, room: LiveRoom) -> None:
        """Tell another process who is here, and what was deleted."""
        self._tell_deletions(room)
        if here := [one for one in room.present() if one.client in room.speakers]:
            self.bus.say(room.id, b"p", protocol.awareness(here))


def _by_author(changes: list[Pending]) -> list[Pending]:
    """Merge what the same person changed in a row, in small heaps: merging many at once takes long."""
    heaps: list[list[Pending]] = []
    for change in changes:
        if heaps and heaps[-1][0].author == change.author and len(heaps[-1]) < 64:
            heaps[-1].append(change)
        else:
            heaps.append([change])
    return [_merged(heap) for heap in heaps]


def _merged(heap: list[Pending]) -> Pending:
    first = heap[0]
    return first if len(heap) == 1 else replace(first, update=merge_updates(*[one.update for one in heap]))
