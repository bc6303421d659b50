"""Who wrote what: each line of a text belongs to whoever saved the first snapshot in which it stands."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.scripts import reading
from app.scripts.differences import line_spans
from app.scripts.models import Revision, Script

MOST_STATES = 300


@dataclass(frozen=True, slots=True)
class Run:
    """Lines in a row by one person; ``first_line`` counts from 1."""

    first_line: int
    lines: int
    user_id: UUID | None
    name: str


Author = tuple[UUID | None, str]


async def authors(session: AsyncSession, script: Script, upto: Revision | None = None) -> list[Author]:
    """Return the author of each line of a script as it is now, or as it was in the revision ``upto``.

    What is now was noted as it was written. What was is reckoned from the last 300 snapshots: what two people wrote
    between two of them is whose save came last.
    """
    if upto is None and script.authorship:
        return [owner for run in reading.authorship(script) for owner in [(run.user_id, run.name)] * run.lines]
    columns = (Revision.text, Revision.written_by, Revision.written_by_name)
    query = select(*columns).where(Revision.script_id == script.id)
    if upto is not None:
        query = query.where(Revision.number <= upto.number)
    rows = (await session.execute(query.order_by(Revision.number.desc()).limit(MOST_STATES))).all()
    states = [(row.text, (row.written_by, row.written_by_name)) for row in reversed(rows)]
    if upto is None:
        states.append((script.text, (script.saved_by, script.saved_by_name)))
    return await asyncio.to_thread(credited, states)


def credited(states: Sequence[tuple[str, Author]]) -> list[Author]:
    """Return the author of each line of the last text of ``states``, which are in the order they came to be."""
    lines: list[str] = []
    owners: list[Author] = []
    for text, author in states:
        now = text.split("\n")
        kept: list[Author] = []
        for same, start, end, other, other_end in line_spans(lines, now):
            kept += owners[start:end] if same else [author] * (other_end - other)
        lines, owners = now, kept
    return owners


def runs(owners: Sequence[Author]) -> list[Run]:
    """Return the authors of lines as runs."""
    found: list[Run] = []
    for line, (user_id, name) in enumerate(owners, 1):
        if found and (found[-1].user_id, found[-1].name) == (user_id, name):
            found[-1] = Run(found[-1].first_line, found[-1].lines + 1, user_id, name)
        else:
            found.append(Run(line, 1, user_id, name))
    return found
