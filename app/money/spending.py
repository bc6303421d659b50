"""What was spent, on what, by whom and when: sums of the ledger for the page of spending."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import ColumnElement, Date, and_, case, cast, func, select, text, true, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Database
from app.money.models import LedgerEntry
from app.money.schemas import RESERVED, SPENT

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
    """Return every sum of the page with one pass over the entries."""
    e = _entries(asked)
    by = (tuple_(e.episode_id), tuple_(e.backend, e.model), tuple_(e.actor_id), tuple_(e.day), text("()"))
    query = select(
        func.grouping(e.episode_id, e.backend, e.actor_id, e.day).label("level"),
        e.episode_id,
        e.backend,
        e.model,
        e.actor_id,
        e.day,
        func.coalesce(func.sum(e.reserved), 0).label("reserved"),
        func.coalesce(func.sum(e.spent).filter(e.within), 0).label("spent"),
        func.coalesce(func.sum(e.refunded).filter(e.within), 0).label("refunded"),
        func.coalesce(func.sum(e.bought).filter(e.within), 0).label("bought"),
    ).group_by(func.grouping_sets(*by))
    return _sorted((await session.execute(query)).all())


def _entries(asked: Asked) -> Any:
    """Return the columns of the entries that are meant, with what each adds to every sum."""
    e = LedgerEntry
    reserved = case((e.target == RESERVED, e.amount_micros), (e.source == RESERVED, -e.amount_micros), else_=0)
    spent = case((e.target == SPENT, e.amount_micros), (e.source == SPENT, -e.amount_micros), else_=0)
    given_back = case((and_(e.kind == "correct", e.source == SPENT), e.amount_micros), else_=0)
    day = cast(func.timezone(asked.zone, e.created_at), Date)
    query = select(
        e.episode_id,
        e.backend,
        e.model,
        e.actor_id,
        day.label("day"),
        asked.within().label("within"),
        reserved.label("reserved"),
        spent.label("spent"),
        given_back.label("refunded"),
        case((e.kind == "settle", 1), else_=0).label("bought"),
    )
    return query.where(*asked.conditions()).subquery().c


# GROUPING() has a bit for each of episode, backend, person and day that a row is not grouped by.
_EPISODE, _MODEL, _PERSON, _DAY, _WHOLE = 0b0111, 0b1011, 0b1101, 0b1110, 0b1111


def _sorted(rows: Sequence[Any]) -> Spending:
    found = Spending(Sum(), {}, {}, {}, {})
    whole = Sum()
    for row in rows:
        told = Sum(int(row.reserved), int(row.spent), int(row.refunded), int(row.bought))
        if row.level == _EPISODE:
            found.by_episode[row.episode_id] = told
        elif row.level == _MODEL:
            found.by_model[row.backend, row.model] = told
        elif row.level == _PERSON:
            found.by_person[row.actor_id] = told
        elif row.level == _DAY:
            found.by_day[row.day] = told
        else:
            whole = told
    return Spending(whole, found.by_episode, found.by_model, found.by_person, found.by_day)


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
