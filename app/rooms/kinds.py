"""What kinds of rooms there are: each owner says who may enter."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from starlette.websockets import WebSocket

from app.rooms.schemas import Admission

Opener = Callable[[WebSocket, UUID], Awaitable[Admission]]
_openers: dict[str, Opener] = {}


def register(kind: str, opener: Opener) -> None:
    """Let rooms of a kind be entered: the opener raises ``Unauthenticated``, ``Forbidden`` or ``NotFound``."""
    _openers[kind] = opener


def opener(kind: str) -> Opener:
    """Return who opens rooms of a kind; an unknown kind is a programming error."""
    return _openers[kind]
