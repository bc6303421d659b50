"""Queries about shots; private to this domain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Text, case, cast, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from app.shots.models import Shot

# What a board shows of a shot: read as plain columns, never as objects.
BOARD_COLUMNS = (
    Shot.id,
    Shot.scene_id,
    Shot.name,
    Shot.position,
    Shot.size,
    Shot.duration_frames,
    Shot.action,
    Shot.dialogue[0]["speaker"].astext.label("speaker"),
    Shot.dialogue[0]["text"].astext.label("line"),
    Shot.card,
    Shot.status,
    Shot.stale_parts,
    Shot.take_count,
    Shot.undecided_takes,
    Shot.newest_take_number,
    Shot.circled_take_number,
    Shot.poster_key,
    Shot.job_progress,
    Shot.job_note,
    Shot.locked_at,
)
# What a program reads of many shots: ids as text and lists as JSON, since that is how they are sent on.
LIST_COLUMNS = (
    cast(Shot.id, Text).label("id"),
    cast(Shot.episode_id, Text).label("episode_id"),
    cast(Shot.scene_id, Text).label("scene_id"),
    Shot.name,
    Shot.position,
    Shot.size,
    Shot.angle,
    Shot.movement,
    Shot.duration_frames,
    cast(func.to_json(Shot.characters), Text).label("characters"),
    Shot.action,
    Shot.status,
    cast(func.to_json(Shot.stale_parts), Text).label("stale_parts"),
    Shot.take_count,
    Shot.undecided_takes,
    Shot.newest_take_number,
    cast(Shot.circled_take_id, Text).label("circled_take_id"),
    Shot.circled_take_number,
    Shot.job_state,
    Shot.job_progress,
    Shot.poster_key,
    Shot.locked_at,
    Shot.updated_at,
)

# Made once, since putting a statement together costs more than sending it.
_BOARD, _LIST = select(*BOARD_COLUMNS), select(*LIST_COLUMNS)
_READY = (
    (Shot.take_count == 0)
    & Shot.dropped_at.is_(None)
    & Shot.locked_at.is_(None)
    & Shot.job_state.not_in(("waiting", "active", "held", "unknown"))
)
_TALLY = select(
    Shot.scene_id,
    Shot.status,
    func.count().label("shots"),
    func.count(Shot.circled_take_id).label("circled"),
    func.sum(Shot.duration_frames).label("frames"),
    func.count().filter(_READY).label("ready"),
    func.min(Shot.position).label("first"),
).group_by(Shot.scene_id, Shot.status)


async def of_episode(session: AsyncSession, episode_id: UUID) -> Sequence[Shot]:
    """Return all shots of an episode, dropped ones too, in order."""
    query = select(Shot).where(Shot.episode_id == episode_id).order_by(Shot.position, Shot.id)
    return (await session.scalars(query)).all()


async def board_rows(
    session: AsyncSession, episode_id: UUID, *, statuses: Sequence[str], character: str, after: int | None, limit: int
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return a page of an episode's shots as plain rows, in order, after a position."""
    query = _BOARD.where(Shot.episode_id == episode_id).order_by(Shot.position).limit(limit)
    if statuses:
        query = query.where(Shot.status.in_(statuses))
    if character:
        query = query.where(Shot.characters.contains([character]))
    if after is not None:
        query = query.where(Shot.position > after)
    rows: Sequence[Row[*tuple[Any, ...]]] = (await session.execute(query)).all()
    return rows


async def board_rows_by_ids(
    session: AsyncSession, episode_id: UUID, ids: Sequence[UUID]
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return some shots of an episode as plain rows; ids of other shots are passed over."""
    query = _BOARD.where(Shot.episode_id == episode_id, Shot.id.in_(ids)).order_by(Shot.position)
    rows: Sequence[Row[*tuple[Any, ...]]] = (await session.execute(query)).all()
    return rows


async def tally(session: AsyncSession, episode_id: UUID) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return, per scene and status of an episode, how many shots there are, are circled and may be generated, and
    their frames."""
    query = _TALLY.where(Shot.episode_id == episode_id)
    rows: Sequence[Row[*tuple[Any, ...]]] = (await session.execute(query)).all()
    return rows


async def appearing(session: AsyncSession, episode_id: UUID, limit: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return who appears in an episode and in how many shots, most first."""
    name = func.unnest(Shot.characters).label("name")
    inner = select(name).where(Shot.episode_id == episode_id, Shot.dropped_at.is_(None)).subquery()
    shown = func.count().label("shots")
    query = select(inner.c.name, shown).group_by(inner.c.name).order_by(shown.desc(), inner.c.name).limit(limit)
    rows: Sequence[Row[*tuple[Any, ...]]] = (await session.execute(query)).all()
    return rows


async def listed(
    session: AsyncSession,
    project_id: UUID,
    *,
    episode_id: UUID | None,
    statuses: Sequence[str],
    after: tuple[UUID, int] | None,
    limit: int,
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return shots of a project as plain rows by episode and position, after such a place."""
    query = _LIST.where(Shot.project_id == project_id)
    if episode_id is not None:
        query = query.where(Shot.episode_id == episode_id)
    if statuses:
        query = query.where(Shot.status.in_(statuses))
    if after is not None:
        query = query.where(tuple_(Shot.episode_id, Shot.position) > tuple_(*after))
    query = query.order_by(Shot.episode_id, Shot.position).limit(limit)
    rows: Sequence[Row[*tuple[Any, ...]]] = (await session.execute(query)).all()
    return rows


async def counts_by_status(session: AsyncSession, episode_ids: Sequence[UUID]) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return, per episode and status, how many shots there are, how many are circled, and their frames."""
    query = (
        select(
            Shot.episode_id,
            Shot.status,
            func.count().label("shots"),
            func.count(Shot.circled_take_id).label("circled"),
            func.sum(case((Shot.dropped_at.is_(None), Shot.duration_frames), else_=0)).label("frames"),
        )
        .where(Shot.episode_id.in_(episode_ids))
        .group_by(Shot.episode_id, Shot.status)
    )
    rows: Sequence[Row[*tuple[Any, ...]]] = (await session.execute(query)).all()
    return rows


async def by_ids(session: AsyncSession, project_id: UUID, ids: Sequence[UUID]) -> Sequence[Shot]:
    """Return the shots of a project among some ids, in order."""
    query = select(Shot).where(Shot.project_id == project_id, Shot.id.in_(ids)).order_by(Shot.position)
    return (await session.scalars(query)).all()


async def showing(session: AsyncSession, project_id: UUID, names: Sequence[str]) -> Sequence[Shot]:
    """Return the shots in which any of some characters appears."""
    query = select(Shot).where(Shot.project_id == project_id, Shot.characters.overlap(list(names)))
    return (await session.scalars(query.order_by(Shot.episode_id, Shot.position))).all()


async def reference_keys(session: AsyncSession) -> Sequence[str]:
    """Return the storage keys of all reference pictures."""
    query = select(Shot.reference_key).where(Shot.reference_key.is_not(None))
    return [key for key in (await session.scalars(query)).all() if key]


async def of_project(session: AsyncSession, project_id: UUID) -> Sequence[Shot]:
    """Return every shot of a project, for a change of style."""
    return (await session.scalars(select(Shot).where(Shot.project_id == project_id))).all()
