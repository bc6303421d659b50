"""Rooms from the server's side: made once, read and changed in a transaction, folded when their log is long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pycrdt import merge_updates
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.db import lock_for_transaction, notify
from app.core.errors import NotFound
from app.core.i18n import _
from app.rooms import repository
from app.rooms.document import Document
from app.rooms.models import Room
from app.rooms.protocol import NOTHING
from app.rooms.schemas import Author, Logged, Pending

CHANNEL = "reelroom_rooms"  # PostgreSQL's own: told with the commit, also when Redis is gone
FOLD_BEYOND = 200


@dataclass(frozen=True, slots=True)
class Opened:
    """A room's text, with the log it was built from."""

    room: Room
    document: Document
    log: Sequence[Logged]


async def ensure(session: AsyncSession, kind: str, subject_id: UUID, name: str, seed: str) -> Room:
    """Return the room of one thing; it is made once, with ``seed`` as its text, whoever comes first."""
    room = await repository.of_subject(session, kind, subject_id)
    if room is not None:
        return room
    added = await repository.add(session, name, kind, subject_id)
    room = await repository.of_subject(session, kind, subject_id)
    if room is None:
        raise NotFound("rooms.unknown", _("There is no such room."))
    if added and seed:
        document = Document()
        document.replace(seed)
        await repository.append(session, [Pending(room.id, document.changes() or NOTHING, Author(None, ""))])
        await repository.mark_clean(session, room.id)  # its owner has just said what it reads
    return room


async def lock(session: AsyncSession, room_id: UUID) -> None:
    """Keep everybody else from changing or folding this room on the server until this transaction ends."""
    await lock_for_transaction(session, f"rooms.{room_id}")


async def try_lock(session: AsyncSession, room_id: UUID) -> bool:
    """Do what ``lock`` does unless somebody else has it, and tell whether it was done."""
    query = select(func.pg_try_advisory_xact_lock(func.hashtextextended(f"rooms.{room_id}", 0)))
    return bool(await session.scalar(query))


async def opened(session: AsyncSession, room: Room) -> Opened:
    """Return a room's text as PostgreSQL holds it; nobody else changes it on the server until the transaction ends."""
    await lock(session, room.id)
    log = await repository.log(session, room.id)
    return Opened(room, Document(one.update for one in log), log)


async def write(session: AsyncSession, room: Room, document: Document, author: Author) -> bool:
    """Store what was changed in ``document`` as the author's, tell every open room, and tell whether there was any."""
    update = document.changes()
    if update is None or update == NOTHING:
        return False
    await repository.append(session, [Pending(room.id, update, author)])
    await notify(session, CHANNEL, str(room.id))
    return True


async def dirty(session: AsyncSession, kind: str, *, seconds: float, limit: int) -> Sequence[Room]:
    """Return rooms whose owner has had something to read for ``seconds``."""
    before: datetime = clock.now() - timedelta(seconds=seconds)
    return await repository.dirty(session, kind, before, limit)


async def read(session: AsyncSession, room: Room) -> None:
    """Note that the owner reads all that is stored now; call it before ``opened``."""
    await repository.mark_clean(session, room.id)


async def fold(session: AsyncSession, opened: Opened) -> bool:
    """Fold a long log into the snapshot, and tell whether it was long. Changes that wait for others are kept.

    What a document has integrated comes first, squashed; merging adds what it holds back, which it would leave out.
    """
    rows = [one.seq for one in opened.log if one.seq]
    if len(rows) <= FOLD_BEYOND:
        return False
    await repository.fold(session, opened.room.id, folded(opened), rows)
    return True


def folded(opened: Opened) -> bytes:
    """Return the whole log as one update, with the changes that wait for others."""
    squashed = Document(one.update for one in opened.log).doc.get_update()
    return merge_updates(squashed, *[one.update for one in opened.log])


async def of_subject(session: AsyncSession, kind: str, subject_id: UUID) -> Room | None:
    """Return the room of one thing, if it was made."""
    return await repository.of_subject(session, kind, subject_id)


async def by_name(session: AsyncSession, name: str) -> Room | None:
    """Return the room at an address, if there is one."""
    return await repository.by_name(session, name)
