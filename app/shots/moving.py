"""Scenes change their episode: their shots go along, with everything that was done with them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import lock_for_transaction
from app.episodes.models import Episode
from app.shots import repository
from app.shots.models import Shot
from app.shots.naming import name_after


async def of_scenes(session: AsyncSession, scene_ids: Sequence[UUID]) -> Sequence[Shot]:
    """Return the shots of some scenes in order."""
    query = select(Shot).where(Shot.scene_id.in_(scene_ids)).order_by(Shot.position, Shot.id)
    return (await session.scalars(query)).all()


def new_names(moving: Sequence[str], there: Sequence[str]) -> dict[str, str]:
    """Return the names that have to change, since the other episode has such a shot already: old to new."""
    taken = set(there) | set(moving)
    changed: dict[str, str] = {}
    for name in moving:
        if name in set(there):
            changed[name] = name_after(taken, max(taken), None)
            taken.add(changed[name])
    return changed


async def to_episode(session: AsyncSession, scene_ids: Sequence[UUID], target: Episode) -> Sequence[Shot]:
    """Take the shots of some scenes to another episode; one keeps its name where that is free there."""
    await lock_for_transaction(session, f"shots.breakdown.{target.id}")
    rows = await of_scenes(session, scene_ids)
    there = await repository.of_episode(session, target.id)
    names = new_names([shot.name for shot in rows], [shot.name for shot in there])
    last = max((shot.position for shot in there), default=-1)
    for index, shot in enumerate(rows, last + 1):
        shot.name, shot.position, shot.episode_id = names.get(shot.name, shot.name), index, target.id
    await session.flush()
    return rows
