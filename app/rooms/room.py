"""A room in this process: its text in memory, who is in it, and what goes to whom.

The first change goes out at once, then at most one frame of merged changes, and one of presences, every 20 ms a client.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from uuid import UUID

from pycrdt import merge_updates

from app.rooms import protocol
from app.rooms.client import Client
from app.rooms.document import Document
from app.rooms.protocol import GONE, NOTHING, Presence
from app.rooms.schemas import Author, Pending

PAUSE_S = 0.02
SILENT_S = 35.0  # clients of y-protocols speak every 15 s, and hold others for gone after 30


class TooLarge(ValueError):
    """A change that would make the text larger than texts may be."""


class LiveRoom:
    """One room's text, presences and clients; ``publish`` tells the other processes, ``limit`` is in bytes."""

    def __init__(self, room_id: UUID, name: str, publish: Callable[[UUID, bytes, bytes], None], limit: int) -> None:
        self.id, self.name, self.limit = room_id, name, limit
        self.document = Document(records=False)
        self.clients: set[Client] = set()
        self.presences: dict[int, Presence] = {}
        self._seen: dict[int, float] = {}
        self.speakers: dict[int, Client] = {}  # by awareness id: the socket it came from
        self.unsaved: list[Pending] = []
        self.unconfirmed: dict[int, int] = {}  # by Yjs client: how far PostgreSQL is known to hold another process's
        self.size = 0
        self._publish = publish
        self._updates: list[bytes] = []
        self._own: list[bytes] = []
        self._sources: set[Client | None] = set()
        self._moved: set[int] = set()
        self._moved_here: set[int] = set()
        self._timer: asyncio.Handle | None = None
        self._flushed_at = 0.0
        self._heard = False  # something from another process

    # changes

    def load(self, updates: Iterable[bytes]) -> None:
        """Take in what PostgreSQL holds; what was new goes to the clients."""
        before = self.document.doc.get_state()
        if self._integrates(updates) and self.clients:
            self._updates.append(self.document.doc.get_update(before))
            self._sources.add(None)
            self._later()
        self.size = len(self.document.doc.get_update())

    def change(self, update: bytes, client: Client) -> None:
        """Take in a client's change: kept for PostgreSQL, sent to everybody else.

        Raises ``ValueError`` on what is no update and ``TooLarge``; then nobody hears of it.
        """
        if self.size + len(update) > self.limit:
            self.size = len(self.document.doc.get_update())  # the sum of changes is more than what they amount to
            if self.size + len(update) > self.limit:
                raise TooLarge
        if update != NOTHING and self._take(update, client):
            self.size += len(update)
            self.unsaved.append(Pending(self.id, update, client.admission.author))
            self._own.append(update)
        elif self._heard and update != NOTHING:
            # known from another process that may have died before it stored it: deletions show in no vector
            self.unsaved.append(Pending(self.id, update, client.admission.author))
        client.received += 1

    def change_elsewhere(self, update: bytes) -> None:
        """Take in what clients of another process changed; it is theirs to store, and not known to be stored yet."""
        before = self.vector()
        self._heard = self._take(update, None) or self._heard
        for client, clock in self.vector().items():
            if clock > before.get(client, 0):
                self.unconfirmed.setdefault(client, before.get(client, 0))

    def _take(self, update: bytes, source: Client | None) -> bool:
        # an update may wait for another that has not come yet: then nothing is integrated, and it counts all the same;
        # what only deletes counts when it deletes something, for every client that returns sends all it ever deleted
        if update[:1] != b"\x00":
            self.document.apply(update)
        elif not self._integrates([update]):
            return False
        self._updates.append(update)
        self._sources.add(source)
        self._later()
        return True

    def _integrates(self, updates: Iterable[bytes]) -> bool:
        """Take in changes, and tell whether the text is another than before: watching costs, so only here."""
        noted: list[object] = []
        doc = self.document.doc
        observing = doc.observe(noted.append)
        try:
            for update in updates:
                self.document.apply(update)
        finally:
            doc.unobserve(observing)
        return bool(noted)

    def vector(self) -> dict[int, int]:
        """Return how far the text holds each Yjs client's changes."""
        return protocol.read_vector(self.document.doc.get_state())

    def confirm(self, vector: dict[int, int]) -> None:
        """Note that PostgreSQL holds this much of what came from other processes."""
        held = self.vector() if self.unconfirmed else {}
        for client in list(self.unconfirmed):
            self.unconfirmed[client] = max(self.unconfirmed[client], vector.get(client, 0))
            if self.unconfirmed[client] >= held.get(client, 0):
                del self.unconfirmed[client]

    def saved_vector(self) -> bytes:
        """Return the state vector that PostgreSQL holds once ``unsaved`` is stored."""
        if not self.unconfirmed:
            return self.document.doc.get_state()
        return protocol.write_vector({**self.vector(), **self.unconfirmed})

    def adopt(self) -> None:
        """Store what other processes did not confirm: they may be gone, and a change stored twice does no harm."""
        if self.unconfirmed:
            update = self.document.doc.get_update(self.saved_vector())
            self.unconfirmed.clear()
            self.unsaved.append(Pending(self.id, update, Author(None, "")))

    @property
    def has_news(self) -> bool:
        """Whether something is to be stored, or somebody is to be told that what they sent was stored before."""
        return bool(self.unsaved) or any(client.saved != client.received for client in self.clients)

    def tell_saved(self, vector: bytes) -> None:
        """Tell each client what PostgreSQL holds, unless it knows."""
        for client in self.clients:
            if client.told != (vector, client.saved):
                client.told = (vector, client.saved)
                client.push(protocol.saved(vector, client.saved))

    # presences

    def appear(self, presences: Iterable[Presence], client: Client | None) -> None:
        """Take in presences, of a client here or of another process; a client speaks only for its own, which is one.

        Stock clients repeat what they hear of others, also that somebody left who has just come back.
        """
        for one in presences:
            if client is not None and not self._may_speak(client, one):
                continue
            known = self.presences.get(one.client)
            if known is None and one.state == GONE:
                continue
            if known is not None and not (
                known.clock < one.clock or (known.clock == one.clock and one.state == GONE != known.state)
            ):
                continue
            self.presences[one.client] = one
            self._seen[one.client] = asyncio.get_running_loop().time()
            self._moved.add(one.client)
            if client is not None:
                self.speakers[one.client] = client
                client.speaks_for = one.client
                self._moved_here.add(one.client)
        if self._moved:
            self._later()

    def _may_speak(self, client: Client, one: Presence) -> bool:
        return self.speakers.get(one.client, client) is client and client.speaks_for in (None, one.client)

    def present(self) -> list[Presence]:
        """Return everybody who is here."""
        return [one for one in self.presences.values() if one.state != GONE]

    def expire(self) -> None:
        """Let those go whose process has been silent for longer than a client may be: it is gone."""
        before = asyncio.get_running_loop().time() - SILENT_S
        gone = [one for one in self.present() if one.client not in self.speakers and self._seen[one.client] < before]
        self.appear([Presence(one.client, one.clock, GONE) for one in gone], None)

    # coming and going

    def enter(self, client: Client) -> None:
        """Let a client in: it is asked for what it has, and told who is here and what is saved."""
        client.push(protocol.sync(protocol.STEP_1, self.document.doc.get_state()))
        if present := self.present():
            client.push(protocol.awareness(present))
        self.clients.add(client)

    def leave(self, client: Client) -> None:
        """Let a client go; the others see it leave."""
        self.clients.discard(client)
        ids = [one for one, speaker in self.speakers.items() if speaker is client]
        left = [self.presences[one] for one in ids if one in self.presences]
        # the same clock, as y-protocols does for those it removes on others' behalf
        self.appear([Presence(one.client, one.clock, GONE) for one in left], client)
        for one in ids:
            del self.speakers[one]

    # sending

    def _later(self) -> None:
        if self._timer is None:
            loop = asyncio.get_running_loop()
            wait = self._flushed_at + PAUSE_S - loop.time()
            self._timer = loop.call_later(wait, self._flush) if wait > 0 else loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._timer = None
        self._flushed_at = asyncio.get_running_loop().time()
        if self._updates:
            self._send_updates()
        if self._moved:
            self._send_presences()

    def _send_updates(self) -> None:
        updates, self._updates = self._updates, []
        own, self._own = self._own, []
        sources, self._sources = self._sources, set()
        only = next(iter(sources)) if len(sources) == 1 else None  # nobody but the author changed anything: no echo
        merged = _merged(updates)
        frame = protocol.sync(protocol.UPDATE, merged)
        for client in self.clients:
            if client is not only:
                client.push(frame)
        if own:
            self._publish(self.id, b"u", merged if len(own) == len(updates) else _merged(own))

    def _send_presences(self) -> None:
        moved, self._moved = self._moved, set()
        here, self._moved_here = self._moved_here, set()
        frame = protocol.awareness([self.presences[one] for one in moved])
        only = self.speakers.get(next(iter(moved))) if len(moved) == 1 else None
        if only is not None and not only.needs_a_sign(asyncio.get_running_loop().time()):
            hearing = [client for client in self.clients if client is not only]
        else:
            hearing = list(self.clients)
        for client in hearing:
            client.push(frame)
        if here:
            self._publish(self.id, b"p", protocol.awareness([self.presences[one] for one in here & moved]))
        for one in moved:
            if self.presences[one].state == GONE:
                del self.presences[one], self._seen[one]

    def close(self) -> None:
        """Send nothing more."""
        if self._timer is not None:
            self._timer.cancel()


def _merged(updates: list[bytes]) -> bytes:
    return updates[0] if len(updates) == 1 else merge_updates(*updates)
