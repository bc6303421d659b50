"""What a project costs: sums of the ledger beside the seconds that were accepted, a chart of days, and a file."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import service as accounts
from app.core import clock
from app.core.db import Database
from app.core.money import MICROS, Money
from app.episodes import service as episodes
from app.episodes.models import Episode
from app.money import spending
from app.money.models import LedgerEntry
from app.money.spending import Asked, Spending, Sum
from app.projects.models import Project
from app.takes import service as takes

MOST_DAYS = 90
WIDTH, HEIGHT = 1000, 160
FORMULA = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = (
    "time_utc", "episode", "backend", "model", "person", "role", "kind", "from", "to", "amount", "currency",
    "attempt", "note",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Accepted:
    """What was got for the money: circled takes, and their seconds."""

    circled: int = 0
    seconds: float = 0.0

    def cost_per_second(self, sum_: Sum, currency: str) -> Money | None:
        """Return what an accepted second has cost, rounded up; None while none is accepted."""
        return Money(-int(-sum_.spent // self.seconds), currency) if self.seconds else None

    def ratio(self, sum_: Sum) -> float | None:
        """Return how many takes were bought for each one that was circled."""
        return sum_.bought / self.circled if self.circled else None


@dataclass(frozen=True, slots=True)
class Bar:
    """One day of the chart, in units of its view box; ``label`` is read aloud and shown as its tip."""

    day: date
    spent: Money
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Report:
    """Everything the page of spending shows.

    ``accepted`` is None where days, a person or a backend are filtered: seconds are accepted of the whole.
    """

    spending: Spending
    episodes: Mapping[UUID, Episode]
    people: Mapping[UUID, str]
    accepted: Mapping[UUID, Accepted] | None
    whole: Accepted
    bars: Sequence[Bar]


async def report(session: AsyncSession, project: Project, asked: Asked) -> Report:
    """Return what was spent of a project, on what, by whom, and what came of it."""
    sums = await spending.summed(session, asked)
    named = {each.id: each for each in await episodes.of_project(session, project.id)}
    people = await accounts.names(session, [each for each in sums.by_person if each is not None])
    narrowed = bool(asked.since or asked.until or asked.backend or asked.model or asked.actor_id)
    accepted = None if narrowed else await _accepted(session, project.id, asked.episode_id)
    whole = Accepted(
        sum(each.circled for each in (accepted or {}).values()), sum(each.seconds for each in (accepted or {}).values())
    )
    return Report(sums, named, people, accepted, whole, bars(sums.by_day, asked, project.currency))


async def _accepted(session: AsyncSession, project_id: UUID, episode_id: UUID | None) -> dict[UUID, Accepted]:
    found = await takes.accepted(session, project_id)
    return {key: Accepted(*value) for key, value in found.items() if episode_id in (None, key)}


def bars(by_day: Mapping[date, Sum], asked: Asked, currency: str) -> list[Bar]:
    """Return a bar for each day asked about, the last 90 of them at most; none when nothing was spent."""
    spent = {day: told.spent for day, told in by_day.items() if told.spent}
    if not spent:
        return []
    last = asked.until or max(max(spent), clock.now().date())
    first = max(asked.since or min(spent), last - timedelta(days=MOST_DAYS - 1))
    days = [first + timedelta(days=index) for index in range((last - first).days + 1)]
    highest = max(1, *(spent.get(day, 0) for day in days))
    step = WIDTH / len(days)
    made = []
    for index, day in enumerate(days):
        height = HEIGHT * max(spent.get(day, 0), 0) / highest
        bar = Bar(day, Money(spent.get(day, 0), currency), index * step, HEIGHT - height, max(step - 2, 1), height)
        made.append(bar)
    return made


async def as_csv(database: Database, project: Project, asked: Asked) -> AsyncIterator[str]:
    """Yield the entries that are meant as CSV, a portion at a time; no cell is taken for a formula."""
    async with database.transaction() as session:
        numbers = {each.id: each.number for each in await episodes.of_project(session, project.id)}
    yield "\ufeff" + _lines([COLUMNS])
    people: dict[UUID, str] = {}
    async for rows in spending.entries(database, asked):
        unknown = {row.actor_id for row in rows if row.actor_id is not None} - set(people)
        async with database.transaction() as session:
            people |= await accounts.names(session, unknown)
        yield _lines([_cells(row, numbers, people) for row in rows])


def _cells(row: LedgerEntry, numbers: Mapping[UUID, int], people: Mapping[UUID, str]) -> list[Any]:
    return [
        row.created_at.isoformat(timespec="seconds"),
        numbers.get(row.episode_id, "") if row.episode_id else "",
        row.backend,
        row.model,
        people.get(row.actor_id, "") if row.actor_id else "",
        row.role,
        row.kind,
        row.source,
        row.target,
        f"{row.amount_micros // MICROS}.{row.amount_micros % MICROS:06d}",
        row.currency,
        row.attempt_id,
        row.note,
    ]


def _lines(rows: Sequence[Sequence[Any]]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows([[plain(cell) for cell in row] for row in rows])
    return written.getvalue()


def plain(cell: Any) -> str:
    """Return a cell that a spreadsheet shows as text: what looks like a formula gets an apostrophe before it."""
    text = str(cell)
    return f"'{text}" if text.startswith(FORMULA) else text
