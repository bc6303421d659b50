"""What was kept of a script: named revisions for ever, checkpoints by themselves, thinned as they grow old."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.scripts.colours import following
from app.scripts.differences import line_spans
from app.scripts.models import Revision, Script

CHECKPOINT_AFTER = timedelta(minutes=10)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EVERY = ((HOUR, timedelta(0)), (DAY, HOUR), (30 * DAY, DAY))
LATER = 7 * DAY


async def keep(
    session: AsyncSession,
    script: Script,
    *,
    name: str,
    kind: str,
    by: tuple[UUID | None, str],
    colour: str = "",
    note: str = "",
) -> Revision:
    """Keep the present text of a script as a revision of some kind, with the size of its change."""
    newest = await latest(session, script)
    added, removed = await asyncio.to_thread(_size, newest.text if newest else "", script.text)
    row = Revision(
        script_id=script.id, number=(newest.number if newest else 0) + 1, name=name, kind=kind, colour=colour,
        note=note, text=script.text, version=script.version, made_by=by[0], made_by_name=by[1],
        written_by=script.saved_by,
        written_by_name=script.saved_by_name, lines_added=added, lines_removed=removed,
        created_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    await session.flush()
    return row


async def checkpoint(session: AsyncSession, script: Script) -> Revision | None:
    """Keep the text as it is before a change, when ten minutes went by since the last snapshot of it.

    So a day's first change keeps the day before, and hours of writing leave a trail; call it before the text changes.
    """
    if not script.text.strip():
        return None
    newest = await latest(session, script)
    since = newest.created_at if newest else script.created_at
    if clock.now() - since < CHECKPOINT_AFTER or (newest is not None and newest.version == script.version):
        return None
    made = await keep(session, script, name="", kind="checkpoint", by=(script.saved_by, script.saved_by_name))
    await thin(session, script)
    return made


async def latest(session: AsyncSession, script: Script) -> Revision | None:
    """Return the newest snapshot of a script, of whatever kind."""
    query = select(Revision).where(Revision.script_id == script.id).order_by(Revision.number.desc()).limit(1)
    found: Revision | None = await session.scalar(query)
    return found


async def thin(session: AsyncSession, script: Script) -> int:
    """Delete the checkpoints that are too many for their age, and return how many; nothing else is ever deleted."""
    query = select(Revision.id, Revision.created_at).where(
        Revision.script_id == script.id, Revision.kind == "checkpoint"
    )
    rows = (await session.execute(query.order_by(Revision.created_at.desc()))).all()
    gone = superfluous([row.created_at for row in rows], clock.now())
    if gone:
        await session.execute(delete(Revision).where(Revision.id.in_([rows[index].id for index in gone])))
    return len(gone)


def superfluous(times: Sequence[datetime], now: datetime) -> list[int]:
    """Return the indices of ``times`` (newest first) to let go.

    Every one of the last hour stays, then the newest of each hour for a day, of each day for a month, of each week
    after that.
    """
    gone: list[int] = []
    filled: set[tuple[timedelta, int]] = set()
    for index, time in enumerate(times):
        step = next((step for age, step in EVERY if now - time <= age), LATER)
        if not step:
            continue
        place = (step, int(time.timestamp() // step.total_seconds()))
        if place in filled:
            gone.append(index)
        filled.add(place)
    return gone


async def count(session: AsyncSession, script: Script) -> dict[str, int]:
    """Return how many snapshots a script has of each kind."""
    query = (
        select(Revision.kind, func.count().label("many")).where(Revision.script_id == script.id).group_by(Revision.kind)
    )
    return {row.kind: row.many for row in (await session.execute(query)).all()}


async def next_colour(session: AsyncSession, script: Script) -> tuple[str, int]:
    """Return the colour the next named revision would have, and its round."""
    query = select(Revision.colour).where(Revision.script_id == script.id, Revision.colour != "")
    return following((await session.scalars(query.order_by(Revision.number))).all())


def _size(before: str, after: str) -> tuple[int, int]:
    spans = [span for span in line_spans(before.split("\n"), after.split("\n")) if not span[0]]
    if not before:
        return len(after.split("\n")) if after else 0, 0
    return sum(end - start for *_, start, end in spans), sum(end - start for _, start, end, *_ in spans)
