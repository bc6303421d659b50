"""Queries about shots; private to this domain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.shots.models import Shot

# What a board shows of a shot: read as plain columns, never as objects.
BOARD_COLUMNS = (
    Shot.id,
    Shot.scene_id,
    Shot.name,
    Shot.position,
    Shot.size,
    Shot.angle,
    Shot.movement,
    Shot.duration_frames,
    Shot.characters,
    Shot.action,
    Shot.dialogue,
    Shot.card,
    Shot.status,
    Shot.stale_parts,
    Shot.take_count,
    Shot.undecided_takes,
    Shot.newest_take_number,
    Shot.circled_take_id,
    Shot.circled_take_number,
    Shot.poster_key,
    Shot.retake_note,
    Shot.retake_count,
    Shot.job_state,
    Shot.job_progress,
    Shot.job_note,
    Shot.locked_at,
    Shot.dropped_at,
    Shot.dropped_reason,
    Shot.conflicts,
    Shot.updated_at,
)


async def of_episode(session: AsyncSession, episode_id: UUID) -> Sequence[Shot]:
    """Return all shots of an episode, dropped ones too, in order."""
    query = select(Shot).where(Shot.episode_id == episode_id).order_by(Shot.position, Shot.id)
    return (await session.scalars(query)).all()


async def board_rows(
    session: AsyncSession, episode_id: UUID, *, status: str, character: str, after: int | None, limit: int
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return a page of an episode's shots as plain rows, in order, after a position."""
    query = select(*BOARD_COLUMNS).where(Shot.episode_id == episode_id).order_by(Shot.position).limit(limit)
    if status:
        query = query.where(Shot.status == status)
    if character:
        query = query.where(Shot.characters.contains([character]))
    if after is not None:
        query = query.where(Shot.position > after)
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
