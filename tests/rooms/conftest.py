"""Real web servers with a room, and people who speak its protocol over real sockets."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress

import pytest
from pycrdt import Doc, Text
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from app.embedded import fleet
from app.embedded.ports import free_port
from app.embedded.processes import kill_group
from app.embedded.readiness import page_answers
from app.rooms import protocol
from app.scripts import service as scripts


class Peer:
    """One browser in a room, as y-websocket speaks: a document, a socket, and what it was told."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.doc: Doc = Doc()
        self.body: Text = self.doc.get("content", type=Text)
        self.frames = self.saved = 0
        self.vector: dict[int, int] = {}
        self.presences: dict[int, bytes] = {}
        self.synced = False
        self.changed = asyncio.Condition()
        self.listening = asyncio.create_task(self._listen())

    @property
    def text(self) -> str:
        """What this browser shows."""
        return str(self.body)

    async def _listen(self) -> None:
        await self.socket.send(protocol.sync(protocol.STEP_1, self.doc.get_state()))
        with suppress(ConnectionClosed):
            async for frame in self.socket:
                await self._take(frame)
                async with self.changed:
                    self.changed.notify_all()
        async with self.changed:
            self.changed.notify_all()

    async def _take(self, frame: bytes) -> None:
        kind, place = protocol.read_number(frame, 0)
        if kind == protocol.SAVED:
            vector, place = protocol.read_bytes(frame, place)
            self.vector, self.saved = protocol.read_vector(vector), protocol.read_number(frame, place)[0]
        elif kind == protocol.AWARENESS:
            for one in protocol.read_awareness(frame, place):
                self.presences[one.client] = one.state
        elif kind == protocol.SYNC:
            step, place = protocol.read_number(frame, place)
            payload, _end = protocol.read_bytes(frame, place)
            if step == protocol.STEP_1:
                await self.update(self.doc.get_update(payload), step=protocol.STEP_2)
            else:
                self.doc.apply_update(payload)
                self.synced = self.synced or step == protocol.STEP_2

    async def update(self, update: bytes, *, step: int = protocol.UPDATE) -> None:
        """Send a change."""
        self.frames += 1
        await self.socket.send(protocol.sync(step, update))

    async def type(self, text: str, *, at: int = 0) -> None:
        """Type at a place in UTF-8 bytes, and send it."""
        before = self.doc.get_state()
        self.body.insert(at, text)
        await self.update(self.doc.get_update(before))

    async def appear(self, state: bytes, *, client: int = 7, clock: int = 1) -> None:
        """Show where one is."""
        await self.socket.send(protocol.awareness([protocol.Presence(client, clock, state)]))

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something is so, or the socket closed."""
        async with asyncio.timeout(20), self.changed:
            await self.changed.wait_for(lambda: condition() or self.listening.done())
        assert condition(), f"closed with {self.socket.close_code}"

    async def closed(self) -> int:
        """Wait for the close, and return its code."""
        async with asyncio.timeout(20):
            await self.socket.wait_closed()
        return self.socket.close_code or 0


class Web:
    """One web process, started anew after a kill on the same port."""

    def __init__(self, settings) -> None:
        self.settings = settings.model_copy(update={"port": free_port()})
        self.start()

    def start(self) -> None:
        """Start and wait until it answers."""
        environment = fleet.environment_of(self.settings)
        self.process = subprocess.Popen(
            fleet.web_program(self.settings), env=environment, cwd=fleet.ROOT, start_new_session=True
        )
        answers, until = page_answers(self.settings), time.monotonic() + 60
        while not answers():
            assert time.monotonic() < until, "the web server does not answer"

    def kill(self) -> None:
        """Kill it and its workers at once."""
        kill_group(self.process.pid)
        self.process.wait()

    def url(self, name: str) -> str:
        """Return the address of a room."""
        return f"ws://127.0.0.1:{self.settings.port}/ws/rooms/{name}"


@pytest.fixture
def web(settings) -> Iterator[Web]:
    """A web process."""
    made = Web(settings)
    yield made
    made.kill()


@pytest.fixture
def other_web(settings) -> Iterator[Web]:
    """A second web process beside the first."""
    made = Web(settings)
    yield made
    made.kill()


@pytest.fixture
async def room(database, world) -> str:
    """The name of the room of the world's episode."""
    async with database.transaction() as session:
        script = await scripts.of_episode(session, world.episode)
        return (await scripts.room_of(session, script)).name


@pytest.fixture
async def peers(world, room) -> AsyncIterator[Callable]:
    """Open a room as somebody: ``await peers("writer", web)``."""
    opened: list[Peer] = []

    async def enter(who: str, web: Web) -> Peer:
        cookie = {"Cookie": f"reelroom={world.cookies[who]}"}
        peer = Peer(await connect(web.url(room), additional_headers=cookie, proxy=None, compression=None))
        opened.append(peer)
        await peer.until(lambda: peer.synced)
        return peer

    yield enter
    for peer in opened:
        await peer.socket.close()
        await peer.listening
