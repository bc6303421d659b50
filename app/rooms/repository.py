"""Queries about rooms; private to this domain."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, delete, func, insert, literal, null, select, union_all, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from app.core import clock
from app.rooms.models import Room, RoomSnapshot, RoomUpdate
from app.rooms.schemas import Author, Logged, Pending

Connection = AsyncSession | AsyncConnection


async def by_name(session: AsyncSession, name: str) -> Room | None:
    """Return the room at an address."""
    row: Room | None = await session.scalar(select(Room).where(Room.name == name))
    return row


async def of_subject(session: AsyncSession, kind: str, subject_id: UUID) -> Room | None:
    """Return the room of one thing."""
    row: Room | None = await session.scalar(select(Room).where(Room.kind == kind, Room.subject_id == subject_id))
    return row


async def add(session: AsyncSession, name: str, kind: str, subject_id: UUID) -> bool:
    """Add a room unless it exists, and tell whether it was added; waits for whoever is adding it just now."""
    query = upsert(Room).values(name=name, kind=kind, subject_id=subject_id).on_conflict_do_nothing().returning(Room.id)
    return await session.scalar(query) is not None


async def log(connection: Connection, room_id: UUID) -> list[Logged]:
    """Return the snapshot and all that is not folded into it, by one statement: folding moves rows meanwhile."""
    folded = select(
        literal(0, BigInteger).label("seq"),
        RoomSnapshot.state.label("update"),
        null().label("made_by"),
        literal("").label("made_by_name"),
        RoomSnapshot.at.label("at"),
    ).where(RoomSnapshot.room_id == room_id)
    rest = select(RoomUpdate.seq, RoomUpdate.update, RoomUpdate.made_by, RoomUpdate.made_by_name, RoomUpdate.at).where(
        RoomUpdate.room_id == room_id
    )
    rows: Sequence[Any] = (await connection.execute(union_all(folded, rest).order_by("seq"))).all()
    return [Logged(seq, bytes(change), Author(by, name), at) for seq, change, by, name, at in rows]


async def append(connection: Connection, changes: Sequence[Pending]) -> None:
    """Store changes in their order, and note that their owners have something to read."""
    now = clock.now()
    await connection.execute(
        insert(RoomUpdate),
        [
            {
                "room_id": one.room_id,
                "update": one.update,
                "made_by": one.author.id,
                "made_by_name": one.author.name,
                "at": now,
            }
            for one in changes
        ],
    )
    # always, so that the owner's reading and this come one after the other; in order, so that two processes can't wait
    # for each other
    rooms = {one.room_id for one in changes}
    await connection.execute(select(Room.id).where(Room.id.in_(rooms)).order_by(Room.id).with_for_update())
    since = func.coalesce(Room.dirty_since, now)
    await connection.execute(update(Room).where(Room.id.in_(rooms)).values(dirty_since=since))


async def fold(session: AsyncSession, room_id: UUID, state: bytes, folded: Collection[int]) -> None:
    """Put ``state`` in the place of the snapshot and of just the changes that were folded into it."""
    values = {"room_id": room_id, "state": state, "at": clock.now()}
    query = upsert(RoomSnapshot).values(**values)
    await session.execute(query.on_conflict_do_update(index_elements=["room_id"], set_=values))
    await session.execute(delete(RoomUpdate).where(RoomUpdate.room_id == room_id, RoomUpdate.seq.in_(folded)))


async def dirty(session: AsyncSession, kind: str, before: datetime, limit: int) -> Sequence[Room]:
    """Return rooms whose owner has had something to read since ``before``, those waiting longest first."""
    query = select(Room).where(Room.kind == kind, Room.dirty_since <= before).order_by(Room.dirty_since).limit(limit)
    return (await session.scalars(query)).all()


async def mark_clean(session: AsyncSession, room_id: UUID) -> None:
    """Note that the owner is about to read everything; what is stored from now on makes the room dirty again."""
    await session.execute(update(Room).where(Room.id == room_id).values(dirty_since=None))
