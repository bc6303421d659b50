"""Finding jobs: a page of those that fit some filters, what each filter would find, and some by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.jobs.models import Job
from app.shots.models import Shot

MOST_PEOPLE = 100

FILTERS: dict[str, tuple[str, ...]] = {
    "running": ("active",),
    "waiting": ("waiting",),
    "unknown": ("unknown",),
    "failed": ("failed", "refused"),
    "done": ("done",),
    "cancelled": ("cancelled",),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which jobs of a project somebody wants to see; what is empty filters nothing."""

    states: tuple[str, ...] = ()
    backend: str = ""
    episode: UUID | None = None
    person: UUID | None = None
    shot: str = ""


@dataclass(frozen=True, slots=True)
class Facets:
    """How many jobs of a project (or of an episode) there are by state, backend and person, under the other filters."""

    states: Counter[str] = field(default_factory=Counter)
    backends: Counter[str] = field(default_factory=Counter)
    people: dict[UUID, tuple[str, int]] = field(default_factory=dict)

    def count(self, name: str) -> int:
        """Return how many jobs the filter ``name`` of ``FILTERS`` finds; all for ""."""
        return sum(self.states[state] for state in FILTERS[name]) if name else self.states.total()


def _only(query: Select[*tuple[Any, ...]], project_id: UUID, wanted: Wanted) -> Select[*tuple[Any, ...]]:
    conditions: list[ColumnElement[bool]] = [Job.project_id == project_id]
    if wanted.episode is not None:
        conditions.append(Job.episode_id == wanted.episode)
    if wanted.shot:
        name = Shot.name.icontains(wanted.shot, autoescape=True)
        conditions.append(Job.shot_id.in_(select(Shot.id).where(Shot.project_id == project_id, name)))
    return query.where(*conditions)


async def page(
    session: AsyncSession, project_id: UUID, wanted: Wanted, *, before: UUID | None = None, limit: int = 50
) -> Sequence[Row[Job, Shot]]:
    """Return a page of a project's jobs with their shots, newest first, older than ``before``."""
    query = _only(select(Job, Shot).join(Shot, Shot.id == Job.shot_id), project_id, wanted)
    if wanted.states:
        query = query.where(Job.state.in_(wanted.states))
    if wanted.backend:
        query = query.where(Job.backend == wanted.backend)
    if wanted.person is not None:
        query = query.where(Job.wished_by == wanted.person)
    if before is not None:
        query = query.where(Job.id < before)
    rows: Sequence[Any] = (await session.execute(query.order_by(Job.id.desc()).limit(min(limit, 501)))).all()
    return rows


async def facets(session: AsyncSession, project_id: UUID, wanted: Wanted) -> Facets:
    """Return how many jobs each state, backend and person has, counted under the filters of the other kinds."""
    found = Facets()
    columns = (Job.state, Job.backend, Job.wished_by, Job.wished_by_name)
    query = _only(select(*columns, func.count()), project_id, wanted).group_by(*columns)
    people: dict[UUID, tuple[str, int]] = {}
    for state, backend, person, name, number in (await session.execute(query)).all():
        in_state = not wanted.states or state in wanted.states
        in_backend = not wanted.backend or backend == wanted.backend
        of_person = wanted.person is None or person == wanted.person
        if in_backend and of_person:
            found.states[state] += number
        if in_state and of_person:
            found.backends[backend] += number
        if in_state and in_backend and person is not None:
            people[person] = (name, people.get(person, ("", 0))[1] + number)
    found.people.update(sorted(people.items(), key=lambda one: -one[1][1])[:MOST_PEOPLE])
    return found


async def some(
    session: AsyncSession, project_id: UUID, ids: Sequence[UUID], *, for_update: bool = False
) -> Sequence[Row[Job, Shot]]:
    """Return those of some jobs that are of this project, with their shots, oldest first."""
    query = (
        select(Job, Shot)
        .join(Shot, Shot.id == Job.shot_id)
        .where(Job.project_id == project_id, Job.id.in_(ids))
        .order_by(Job.id)
    )
    if for_update:
        query = query.with_for_update(of=Job)
    rows: Sequence[Any] = (await session.execute(query)).all()
    return rows
