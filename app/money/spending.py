"""What was spent, on what, by whom and when: sums of the ledger for the page of spending."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import ColumnElement, Date, RowMapping, Select, and_, case, cast, func, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from app.core.db import Database
from app.money.models import LedgerEntry
from app.money.schemas import SPENT

BATCH = 2000


@dataclass(frozen=True, slots=True)
class Asked:
    """Which entries are meant: of a project, within days of a time zone (both included), of some place or person.

    ``until`` and ``since`` limit what was spent; what is reserved is what is reserved now.
    """

    project_id: UUID
    zone: str = "UTC"
    since: date | None = None
    until: date | None = None
    episode_id: UUID | None = None
    backend: str = ""
    model: str = ""
    actor_id: UUID | None = None

    def bounds(self) -> tuple[datetime | None, datetime | None]:
        """Return the first moment meant, and the first one behind."""
        zone = ZoneInfo(self.zone)
        start = datetime.combine(self.since, datetime.min.time(), zone).astimezone(UTC) if self.since else None
        end = self.until + timedelta(days=1) if self.until else None
        return start, datetime.combine(end, datetime.min.time(), zone).astimezone(UTC) if end else None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return the conditions but for the days."""
        found: list[ColumnElement[bool]] = [LedgerEntry.project_id == self.project_id]
        for column, value in (
            (LedgerEntry.episode_id, self.episode_id),
            (LedgerEntry.backend, self.backend),
            (LedgerEntry.model, self.model),
            (LedgerEntry.actor_id, self.actor_id),
        ):
            if value:
                found.append(column == value)
        return found

    def within(self) -> ColumnElement[bool]:
        """Return the condition that an entry lies within the days."""
        start, end = self.bounds()
        parts = [LedgerEntry.created_at >= start] if start else []
        return and_(true(), *parts, *([LedgerEntry.created_at < end] if end else []))


@dataclass(frozen=True, slots=True)
class Sum:
    """What is reserved now, what was spent (less refunds), what of it was given back, and how many attempts paid."""

    reserved: int = 0
    spent: int = 0
    refunded: int = 0
    bought: int = 0


@dataclass(frozen=True, slots=True)
class Spending:
    """The sums of a project: whole, and by episode, backend and model, person, and day."""

    whole: Sum
    by_episode: dict[UUID | None, Sum]
    by_model: dict[tuple[str, str], Sum]
    by_person: dict[UUID | None, Sum]
    by_day: dict[date, Sum]


def zone_of(name: str) -> str:
    """Return a time zone that can be reckoned with: the one named, else UTC."""
    return name if name in available_timezones() else "UTC"


async def summed(session: AsyncSession, asked: Asked) -> Spending:
    """Return every sum of the page with two passes: over what was paid, and over what is reserved now."""
    e = LedgerEntry
    day = cast(func.timezone(asked.zone, e.created_at), Date)
    moved = case((e.target == SPENT, e.amount_micros), else_=-e.amount_micros)
    given_back = case((and_(e.kind == "correct", e.source == SPENT), e.amount_micros), else_=0)
    settled = case((e.kind == "settle", 1), else_=0)
    columns = {"spent": moved, "refunded": given_back, "bought": settled}
    paid = _grouped(asked, day, columns, e.kind.in_(("settle", "correct")), asked.within())
    released = aliased(LedgerEntry)
    ended = select(released.id).where(released.attempt_id == e.attempt_id, released.kind == "release")
    held = _grouped(asked, day, {"reserved": e.amount_micros}, e.kind == "reserve", ~ended.exists())
    found = _Found()
    for query in (paid, held):
        for row in (await session.execute(query)).mappings():
            found.add(row)
    return found.spending()


def _grouped(
    asked: Asked, day: ColumnElement[date], sums: Mapping[str, Any], *conditions: ColumnElement[bool]
) -> Select[Any]:
    """Return the query that adds up columns of some entries by episode, by model, by person and by day."""
    e = LedgerEntry
    inner = select(
        e.episode_id, e.backend, e.model, e.actor_id, day.label("day"), *(sums[name].label(name) for name in sums)
    )
    c = inner.where(*asked.conditions(), *conditions).subquery().c
    level = func.grouping(c.episode_id, c.backend, c.actor_id, c.day).label("level")
    sets = func.grouping_sets(tuple_(c.episode_id), tuple_(c.backend, c.model), tuple_(c.actor_id), tuple_(c.day))
    added = [func.sum(c[name]).label(name) for name in sums]
    return select(level, c.episode_id, c.backend, c.model, c.actor_id, c.day, *added).group_by(sets)


# GROUPING() has a bit for each of episode, backend, person and day that a row is not grouped by.
_EPISODE, _MODEL, _PERSON, _DAY = 0b0111, 0b1011, 0b1101, 0b1110


class _Found:
    """The sums of both passes, put together."""

    def __init__(self) -> None:
        self._by: dict[int, dict[Any, Counter[str]]] = {level: {} for level in (_EPISODE, _MODEL, _PERSON, _DAY)}

    def add(self, row: RowMapping) -> None:
        """Add a row of one pass."""
        key = {
            _EPISODE: row["episode_id"],
            _MODEL: (row["backend"], row["model"]),
            _PERSON: row["actor_id"],
            _DAY: row["day"],
        }[row["level"]]
        counted = self._by[row["level"]].setdefault(key, Counter())
        counted.update({name: int(row[name]) for name in Sum.__dataclass_fields__ if row.get(name)})

    def spending(self) -> Spending:
        """Return everything; the whole is what all models together are."""
        by_model = self._sums(_MODEL)
        whole = Sum(*(sum(getattr(told, name) for told in by_model.values()) for name in Sum.__dataclass_fields__))
        return Spending(whole, self._sums(_EPISODE), by_model, self._sums(_PERSON), self._sums(_DAY))

    def _sums(self, level: int) -> dict[Any, Sum]:
        return {key: Sum(**counted) for key, counted in self._by[level].items()}


async def entries(database: Database, asked: Asked) -> AsyncIterator[Sequence[LedgerEntry]]:
    """Yield the entries that are meant in the order they were made, some thousands at a time.

    Each portion is a transaction of its own, so that a slow reader holds nothing in the database.
    """
    last: UUID | None = None
    while True:
        query = select(LedgerEntry).where(*asked.conditions(), asked.within()).order_by(LedgerEntry.id).limit(BATCH)
        if last is not None:
            query = query.where(LedgerEntry.id > last)
        async with database.transaction() as session:
            rows = (await session.scalars(query)).all()
        if rows:
            yield rows
        if len(rows) < BATCH:
            return
        last = rows[-1].id
