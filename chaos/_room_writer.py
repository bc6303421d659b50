"""A writer in a room: a real Yjs document over a real socket, who comes back after a loss and knows what is saved."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from pycrdt import Doc, Text, TransactionEvent
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from app.rooms import protocol

AGAIN_S = 0.3
OPEN_S = 10.0


class Writer:
    """Writes words that nobody else writes, and notes which of them PostgreSQL was said to hold.

    ``address`` is asked at every connection, so that a writer goes to whichever server is up.
    """

    def __init__(self, name: str, address: Callable[[], str], cookie: str, dice: random.Random) -> None:
        self.name, self.address, self.cookie, self.dice = name, address, cookie, dice
        self.life = 0
        self.acknowledged: set[str] = set()  # words that were said to be saved
        self.taken_back: set[str] = set()  # of these, the ones whose removal was said to be saved
        self.removed: set[str] = set()  # words whose removal was tried: they may stand or not, until it is saved
        self.closed_with: list[int] = []
        self.socket: ClientConnection | None = None
        self.loop: asyncio.AbstractEventLoop | None = None
        self.has_begun = False  # whether there was a connection once: nobody writes in a room they never saw
        self.synced = asyncio.Event()
        self._begin()

    def _begin(self) -> None:
        self.life += 1
        self.doc: Doc[Any] = Doc()
        self.text: Text = self.doc.get("content", type=Text)
        self._observing = self.doc.observe(self._changed)
        self._mine: list[bytes] = []
        self._local = False
        self._waiting: list[tuple[int, str, bool]] = []  # (frame of this connection, word, whether it was removed)
        self._offline: list[tuple[str, bool]] = []
        self._sent = 0
        self._count = 0
        self.own: list[str] = []

    def _changed(self, event: TransactionEvent) -> None:
        if self._local:
            self._mine.append(event.update)

    async def write(self) -> None:
        """Add a word somewhere, or take one of one's own back."""
        self._local = True
        if self.own and self.dice.random() < 0.2:
            word = self.own.pop(self.dice.randrange(len(self.own)))
            self.removed.add(word)
            before, _word, _after = str(self.text).partition(word)
            at = len(before.encode())
            del self.text[at : at + len(word.encode())]
            done = (word, True)
        else:
            self._count += 1
            word = f"〔{self.name}.{self.life}.{self._count}〕"
            spaces = [0, *(index + 1 for index, sign in enumerate(str(self.text)) if sign == "〕")]
            self.text.insert(len(str(self.text)[: self.dice.choice(spaces)].encode()), word)
            self.own.append(word)
            done = (word, False)
        self._local = False
        updates, self._mine = self._mine, []
        await self._send(updates, done)

    async def _send(self, updates: list[bytes], done: tuple[str, bool]) -> None:
        if self.socket is None or not self.synced.is_set():
            self._offline.append(done)
            return
        self._waiting.append((self._sent + len(updates), *done))
        self._sent += len(updates)
        with suppress(WebSocketException, OSError):
            for update in updates:
                await self.socket.send(protocol.sync(protocol.UPDATE, update))

    def forget_everything(self) -> None:
        """Lose all that is here, as a machine does that is thrown away: what was not saved is gone, and may be."""
        self.reset()
        self._begin()

    def loop_call(self, what: str) -> None:
        """Do ``reset`` or ``forget_everything`` from another thread."""
        if self.loop is not None:
            self.loop.call_soon_threadsafe(getattr(self, what))

    def reset(self) -> None:
        """Tear the connection down with a TCP reset."""
        if self.socket is not None:
            self.socket.transport.abort()

    async def run(self) -> None:
        """Stay in the room until cancelled."""
        while True:
            with suppress(WebSocketException, OSError, TimeoutError, EOFError):
                headers = {"Cookie": self.cookie}
                async with connect(
                    self.address(), additional_headers=headers, proxy=None, open_timeout=OPEN_S, compression=None
                ) as socket:
                    await self._take_part(socket)
            self.synced.clear()
            self.socket = None
            # what was sent and not acknowledged goes again when the server asks for it
            self._offline += [(word, removed) for _frame, word, removed in self._waiting]
            self._waiting = []
            await asyncio.sleep(AGAIN_S * (0.5 + self.dice.random()))

    async def _take_part(self, socket: ClientConnection) -> None:
        self.socket, self._sent, doc = socket, 0, self.doc
        await socket.send(protocol.sync(protocol.STEP_1, doc.get_state()))
        try:
            async for frame in socket:
                if doc is not self.doc:
                    return
                await self._take(socket, bytes(frame) if not isinstance(frame, str) else frame.encode())
        finally:
            self.closed_with.append(socket.close_code or 0)

    async def _take(self, socket: ClientConnection, frame: bytes) -> None:
        kind, place = protocol.read_number(frame, 0)
        if kind == protocol.SAVED:
            _vector, place = protocol.read_bytes(frame, place)
            self._saved(protocol.read_number(frame, place)[0])
        elif kind == protocol.SYNC:
            step, place = protocol.read_number(frame, place)
            payload, _end = protocol.read_bytes(frame, place)
            if step == protocol.STEP_1:
                self._sent += 1
                self._waiting += [(self._sent, word, removed) for word, removed in self._offline]
                self._offline = []
                self.synced.set()
                self.has_begun = True
                await socket.send(protocol.sync(protocol.STEP_2, self.doc.get_update(payload)))
            else:
                self.doc.apply_update(payload)

    def _saved(self, frames: int) -> None:
        for _frame, word, removed in [one for one in self._waiting if one[0] <= frames]:
            (self.taken_back if removed else self.acknowledged).add(word)
        self._waiting = [one for one in self._waiting if one[0] > frames]

    @property
    def all_saved(self) -> bool:
        """Whether everything written here is in PostgreSQL, as far as it was said."""
        return self.synced.is_set() and not self._waiting and not self._offline
