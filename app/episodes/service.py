"""Episodes: the numbered parts of a project."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import lock_for_transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.core.i18n import _
from app.core.text import clean_line
from app.episodes.models import Episode

MOST_EPISODES = 500


async def get(session: AsyncSession, project_id: UUID, episode_id: UUID) -> Episode:
    """Return an episode of this very project."""
    row = await session.get(Episode, episode_id)
    if row is None or row.project_id != project_id:
        raise NotFound("episodes.unknown", _("There is no such episode in this project."))
    return row


async def of_project(session: AsyncSession, project_id: UUID) -> Sequence[Episode]:
    """Return a project's episodes by number (at most 500)."""
    query = select(Episode).where(Episode.project_id == project_id).order_by(Episode.number).limit(MOST_EPISODES)
    return (await session.scalars(query)).all()


async def page(session: AsyncSession, project_id: UUID, *, after: int = 0, limit: int = 100) -> Sequence[Episode]:
    """Return a project's episodes by number, those behind the number ``after``."""
    query = select(Episode).where(Episode.project_id == project_id, Episode.number > after)
    return (await session.scalars(query.order_by(Episode.number).limit(limit))).all()


async def by_number(session: AsyncSession, project_id: UUID, number: int) -> Episode | None:
    """Return the episode with this number, if there is one."""
    found: Episode | None = await session.scalar(
        select(Episode).where(Episode.project_id == project_id, Episode.number == number)
    )
    return found


async def add(
    session: AsyncSession, project_id: UUID, *, title: str = "", number: int | None = None, target_seconds: int = 90
) -> Episode:
    """Add an episode, by default after the last one."""
    await lock_for_transaction(session, f"episodes.{project_id}")
    last = await session.scalar(select(func.max(Episode.number)).where(Episode.project_id == project_id)) or 0
    number = number or last + 1
    if not 1 <= number <= MOST_EPISODES:
        message = _("An episode number lies between 1 and %(most)d.") % {"most": MOST_EPISODES}
        raise Invalid("episodes.number", message, field="number")
    if await by_number(session, project_id, number):
        message = _("There is an episode %(number)d already. Choose another number.") % {"number": number}
        raise Conflict("episodes.number_taken", message, field="number")
    row = Episode(
        project_id=project_id,
        number=number,
        title=clean_line(title, 120),
        target_seconds=min(max(target_seconds, 10), 3600),
    )
    session.add(row)
    await session.flush()
    return row


async def rename(session: AsyncSession, episode: Episode, *, title: str, target_seconds: int) -> None:
    """Change an episode's title and the length it aims at."""
    episode.title = clean_line(title, 120)
    episode.target_seconds = min(max(target_seconds, 10), 3600)
    await session.flush()


async def insert_after(session: AsyncSession, episode: Episode, *, title: str = "") -> Episode:
    """Add an episode directly behind another; the later ones move up by one."""
    await lock_for_transaction(session, f"episodes.{episode.project_id}")
    query = select(Episode).where(Episode.project_id == episode.project_id, Episode.number > episode.number)
    later = (await session.scalars(query.order_by(Episode.number.desc()))).all()
    if later and later[0].number >= MOST_EPISODES:
        message = _("An episode number lies between 1 and %(most)d.") % {"most": MOST_EPISODES}
        raise Invalid("episodes.number", message, field="number")
    for row in later:
        row.number += 1
        await session.flush()  # one by one from the last, since no number may stand twice at any moment
    return await add(
        session,
        episode.project_id,
        title=title,
        number=episode.number + 1,
        target_seconds=episode.target_seconds,
    )
