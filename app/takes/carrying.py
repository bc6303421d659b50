"""Takes follow their shots: into another episode, and through a change of name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.shots.renaming import carried
from app.takes.models import Take


async def to_episode(session: AsyncSession, shot_ids: Collection[UUID], episode_id: UUID) -> int:
    """Take the takes of some shots along to another episode of their project; return how many there are."""
    if not shot_ids:
        return 0
    moved = await session.execute(
        update(Take).where(Take.shot_id.in_(shot_ids)).values(episode_id=episode_id).returning(Take.id)
    )
    return len(moved.all())


async def carry(session: AsyncSession, moved: Mapping[UUID, tuple[Mapping[str, Any], Mapping[str, Any]]]) -> None:
    """Carry the fingerprints of takes over a change that makes nothing stale; given are old and new by shot."""
    if not moved:
        return
    for take in await session.scalars(select(Take).where(Take.shot_id.in_(moved))):
        old, new = moved[take.shot_id]
        take.fingerprint = carried(take.fingerprint, old, new)
    await session.flush()
