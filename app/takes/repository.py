"""Queries about takes; private to this domain."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Float, cast, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from app.media.derive import derived_keys
from app.shots.models import Shot
from app.takes.models import Take


async def of_shot(session: AsyncSession, shot_id: UUID, *, deleted: bool = False) -> Sequence[Take]:
    """Return a shot's takes, newest first."""
    query = select(Take).where(Take.shot_id == shot_id).order_by(Take.number.desc())
    if not deleted:
        query = query.where(Take.deleted_at.is_(None))
    return (await session.scalars(query)).all()


async def by_ids(session: AsyncSession, ids: Sequence[UUID]) -> Sequence[Take]:
    """Return takes by id."""
    return (await session.scalars(select(Take).where(Take.id.in_(ids)))).all()


async def by_attempt(session: AsyncSession, attempt_id: UUID) -> Take | None:
    """Return the take an attempt made, if it did."""
    found: Take | None = await session.scalar(select(Take).where(Take.attempt_id == attempt_id))
    return found


async def last_number(session: AsyncSession, shot_id: UUID) -> int:
    """Return the highest take number a shot ever gave away."""
    return await session.scalar(select(func.max(Take.number)).where(Take.shot_id == shot_id)) or 0


async def newest(session: AsyncSession, shot_ids: Sequence[UUID]) -> Sequence[Take]:
    """Return the newest take of each of some shots."""
    query = (
        select(Take)
        .where(Take.shot_id.in_(shot_ids), Take.deleted_at.is_(None))
        .ext(distinct_on(Take.shot_id))
        .order_by(Take.shot_id, Take.number.desc())
    )
    return (await session.scalars(query)).all()


async def circled_seconds(session: AsyncSession, project_id: UUID) -> dict[UUID, tuple[int, float]]:
    """Return how many takes are circled in each episode, and how many seconds they are; dropped shots count nothing."""
    seconds = cast(Take.frames * Take.rate_denominator, Float) / Take.rate_numerator
    query = (
        select(Shot.episode_id, func.count(), func.sum(seconds))
        .join(Take, Take.id == Shot.circled_take_id)
        .where(Shot.project_id == project_id, Shot.dropped_at.is_(None))
        .group_by(Shot.episode_id)
    )
    return {row[0]: (row[1], float(row[2])) for row in (await session.execute(query)).all()}


async def keys(session: AsyncSession) -> Sequence[str]:
    """Return every storage key that takes refer to; a deleted take refers to nothing."""
    rows = (await session.execute(select(Take.key, Take.sha256).where(Take.deleted_at.is_(None)))).all()
    return [key for row in rows for key in (row.key, *derived_keys(row.sha256).values())]
