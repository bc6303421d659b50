"""Jobs follow their shots into another episode; what they cost stays booked where it was spent."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from app.jobs.models import Job


async def to_episode(session: AsyncSession, shot_ids: Collection[UUID], episode_id: UUID) -> None:
    """Take the jobs of some shots along to another episode of their project."""
    if shot_ids:
        await session.execute(update(Job).where(Job.shot_id.in_(shot_ids)).values(episode_id=episode_id))
