"""What the first pages show: projects and episodes with their progress, read in a handful of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from app.episodes.models import Episode
from app.projects.models import Project
from app.scripts.models import Script
from app.shots import service as shots
from app.shots.models import Shot

# The states of a meter, in the order in which it is drawn.
METER = (
    "circled",
    "review",
    "retake",
    "stale",
    "generating",
    "waiting",
    "held",
    "failed",
    "unknown",
    "planned",
    "dropped",
)


@dataclass(frozen=True, slots=True)
class ProjectCard:
    """One project of the home page."""

    project: Project
    episodes: int
    shots: int
    circled: int
    posters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EpisodeRow:
    """One episode of the project page."""

    episode: Episode
    poster: str | None
    meter: list[tuple[str, int]]
    shots: int
    circled: int
    seconds: float
    written: bool


async def cards(session: AsyncSession, projects: Sequence[Project]) -> list[ProjectCard]:
    """Return what the home page shows of some projects."""
    ids = [project.id for project in projects]
    episodes = await _count(session, Episode.project_id, ids)
    rows = (
        await session.execute(
            select(Shot.project_id, func.count(), func.count(Shot.circled_take_id))
            .where(Shot.project_id.in_(ids), Shot.dropped_at.is_(None))
            .group_by(Shot.project_id)
        )
    ).all()
    counts = {row[0]: (row[1], row[2]) for row in rows}
    posters = await _posters(session, ids)
    return [
        ProjectCard(
            project,
            episodes.get(project.id, 0),
            *counts.get(project.id, (0, 0)),
            tuple(posters.get(project.id, ())),
        )
        for project in projects
    ]


async def _count(session: AsyncSession, column: Any, ids: Sequence[UUID]) -> dict[UUID, int]:
    rows = (await session.execute(select(column, func.count()).where(column.in_(ids)).group_by(column))).all()
    return {row[0]: row[1] for row in rows}


async def _posters(session: AsyncSession, project_ids: Sequence[UUID], each: int = 3) -> dict[UUID, list[str]]:
    """Return up to three pictures of each project: the first shots that have one."""
    order = func.row_number().over(partition_by=Shot.project_id, order_by=(Shot.circled_take_id.is_(None), Shot.id))
    ranked = (
        select(Shot.project_id, Shot.poster_key, order.label("rank"))
        .where(Shot.project_id.in_(project_ids), Shot.poster_key.is_not(None))
        .subquery()
    )
    rows = (await session.execute(select(ranked).where(ranked.c.rank <= each).order_by(ranked.c.rank))).all()
    found: dict[UUID, list[str]] = {}
    for row in rows:
        found.setdefault(row.project_id, []).append(row.poster_key)
    return found


async def episode_rows(session: AsyncSession, project: Project, episodes: Sequence[Episode]) -> list[EpisodeRow]:
    """Return what the project page shows of its episodes."""
    ids = [episode.id for episode in episodes]
    counts = await shots.counts(session, ids)
    first = (
        select(Shot.episode_id, Shot.poster_key)
        .where(Shot.episode_id.in_(ids), Shot.poster_key.is_not(None))
        .ext(distinct_on(Shot.episode_id))
        .order_by(Shot.episode_id, Shot.circled_take_id.is_(None), Shot.position)
    )
    posters = {row.episode_id: row.poster_key for row in (await session.execute(first)).all()}
    written = set(
        (await session.scalars(select(Script.episode_id).where(Script.episode_id.in_(ids), Script.text != ""))).all()
    )
    return [
        EpisodeRow(
            episode,
            posters.get(episode.id),
            meter(counts[episode.id]["by_status"]),
            counts[episode.id]["shots"] - counts[episode.id]["by_status"].get("dropped", 0),
            counts[episode.id]["circled"],
            float(project.rate.seconds(counts[episode.id]["frames"])),
            episode.id in written,
        )
        for episode in episodes
    ]


def meter(by_status: dict[str, int]) -> list[tuple[str, int]]:
    """Return the parts of a meter in their order."""
    return [(status, by_status[status]) for status in METER if by_status.get(status)]


def total(rows: Sequence[EpisodeRow]) -> list[tuple[str, int]]:
    """Return the states of a whole project, for its legend."""
    sums: dict[str, int] = {}
    for row in rows:
        for status, count in row.meter:
            sums[status] = sums.get(status, 0) + count
    return meter(sums)
