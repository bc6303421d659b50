"""Rooms: collaborative texts, each a log of changes and a snapshot of those that were folded."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.db import Base, Identified


class Room(Identified, Base):
    """One collaborative text: ``name`` is its address, ``subject_id`` what it is the text of.

    ``dirty_since`` is when the first change came that its owner has not read into its own tables yet.
    """

    __tablename__ = "rooms"
    __table_args__ = (
        UniqueConstraint("kind", "subject_id"),
        Index("ix_rooms_dirty", "kind", "dirty_since", postgresql_where=text("dirty_since IS NOT NULL")),
    )

    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    subject_id: Mapped[UUID]
    dirty_since: Mapped[datetime | None]


class RoomUpdate(Base):
    """A change of a room's text as Yjs wrote it, with who made it. Sequence numbers may commit out of order."""

    __tablename__ = "room_updates"

    room_id: Mapped[UUID] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    update: Mapped[bytes] = mapped_column(LargeBinary)
    made_by: Mapped[UUID | None]
    made_by_name: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime] = mapped_column(default=clock.now)


class RoomSnapshot(Base):
    """The changes of a room that were folded into one; what is not in its log is in here."""

    __tablename__ = "room_snapshots"

    room_id: Mapped[UUID] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(default=clock.now)
