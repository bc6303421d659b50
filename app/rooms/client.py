"""One socket in a room: what is to be sent to it, and what it may do."""

from __future__ import annotations

import asyncio
from collections import deque
from uuid import UUID

from app.rooms.schemas import Admission

MOST_FRAMES, MOST_BYTES = 4000, 16 * 1024 * 1024
SIGN_EVERY_S = 5.0
SLOW, WENT, MALFORMED, SIGNED_OUT, FORBIDDEN, ROLE_CHANGED, TOO_LARGE = 1013, 1012, 1003, 4401, 4403, 4408, 4413


class Client:
    """A socket's place in a room. A reader that falls behind is dropped: the text lets it catch up when it returns."""

    def __init__(self, admission: Admission) -> None:
        self.admission = admission
        self.received = 0  # frames that carried changes
        self.saved = 0  # of these, how many PostgreSQL holds
        self.told: tuple[bytes, int] | None = None
        self.ended: tuple[int, str] | None = None
        self.speaks_for: int | None = None  # the awareness id of the browser at the other end
        self._signed_at = 0.0
        self._frames: deque[bytes] = deque()
        self._bytes = 0
        self._wake = asyncio.Event()
        self._doubt = asyncio.Event()

    @property
    def person(self) -> UUID | None:
        """Who sits there."""
        return self.admission.author.id

    def push(self, frame: bytes) -> None:
        """Send a frame when the socket takes it."""
        if self.ended is not None:
            return
        self._frames.append(frame)
        self._bytes += len(frame)
        if len(self._frames) > MOST_FRAMES or self._bytes > MOST_BYTES:
            self._frames.clear()
            self.end(SLOW, "too slow")
        self._wake.set()

    def needs_a_sign(self, now: float) -> bool:
        """Tell whether it is time to echo a presence: stock clients give a server up that is silent for 30 seconds."""
        if now - self._signed_at < SIGN_EVERY_S:
            return False
        self._signed_at = now
        return True

    def end(self, code: int, reason: str) -> None:
        """Close the socket once what waits for it was sent."""
        if self.ended is None:
            self.ended = (code, reason)
            self._wake.set()

    def doubt(self) -> None:
        """Have it asked again whether the person may be here."""
        self._doubt.set()

    async def doubted(self) -> None:
        """Wait until it is to be asked again."""
        await self._doubt.wait()
        self._doubt.clear()

    async def next(self) -> bytes | None:
        """Wait for the next frame to send; None when the socket is to be closed."""
        while not self._frames:
            if self.ended is not None:
                return None
            self._wake.clear()
            await self._wake.wait()
        frame = self._frames.popleft()
        self._bytes -= len(frame)
        return frame
