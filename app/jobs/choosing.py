"""Which shots a wish means, when it names a scene or a state instead of shots."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.episodes.models import Episode
from app.scenes import service as scenes
from app.shots import service as shots
from app.shots.models import Shot
from app.shots.status import Status


async def chosen(
    session: AsyncSession, episode: Episode, *, ids: Sequence[UUID] = (), scene: UUID | None = None, which: str = ""
) -> list[Shot]:
    """Return the shots of an episode a wish means.

    Named shots are meant as they are. A scene, or "all", means every shot there that is neither dropped nor locked;
    "planned" those without a take, "stale" those whose take no longer fits and for which no newer one waits.
    """
    if ids:
        named = await shots.some(session, episode.project_id, ids)
        return [shot for shot in named if shot.episode_id == episode.id]
    rows = [row for row in await shots.of_episode(session, episode.id, dropped=False) if row.locked_at is None]
    if scene is not None:
        found = await scenes.get(session, episode.project_id, scene)
        rows = [row for row in rows if row.scene_id == found.id]
    if which == "planned":
        return [
            row for row in rows if not row.take_count and row.job_state not in ("waiting", "active", "held", "unknown")
        ]
    if which == "stale":
        return [row for row in rows if row.status == Status.STALE]
    return rows if which == "all" or scene is not None else []
