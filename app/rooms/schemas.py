"""What passes between a room and whoever owns its text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Author:
    """Whose change it is; no id for Reelroom itself."""

    id: UUID | None
    name: str


@dataclass(frozen=True, slots=True)
class Admission:
    """Who may be in a room, and whether they may change its text."""

    author: Author
    may_write: bool


@dataclass(frozen=True, slots=True)
class Logged:
    """One change in a room's log; ``seq`` 0 is the snapshot, which has no author."""

    seq: int
    update: bytes
    author: Author
    at: datetime


@dataclass(frozen=True, slots=True)
class Pending:
    """A change that is to be stored."""

    room_id: UUID
    update: bytes
    author: Author
