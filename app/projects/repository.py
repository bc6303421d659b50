"""Queries about projects; private to this domain. Every read starts from ``visible_to``."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.schemas import Actor
from app.projects.models import Project


def visible_to(actor: Actor) -> Select[Project]:
    """Return the query of all projects an actor may see."""
    query = select(Project)
    if actor.is_system:
        return query
    return query.where(or_(Project.team_id.in_(actor.team_ids), Project.id.in_(actor.project_ids)))


async def visible(session: AsyncSession, actor: Actor, project_id: UUID) -> Project | None:
    """Return one project the actor may see."""
    found: Project | None = await session.scalar(visible_to(actor).where(Project.id == project_id))
    return found


async def some(session: AsyncSession, actor: Actor, ids: Collection[UUID]) -> Sequence[Project]:
    """Return those of some projects that the actor may see."""
    return (await session.scalars(visible_to(actor).where(Project.id.in_(ids)))).all()


async def page(
    session: AsyncSession, actor: Actor, *, archived: bool, search: str, before: UUID | None, limit: int
) -> Sequence[Project]:
    """Return visible projects, newest first, older than ``before``."""
    query = visible_to(actor).order_by(Project.id.desc()).limit(limit)
    query = query.where(Project.archived_at.is_not(None) if archived else Project.archived_at.is_(None))
    if search:
        query = query.where(Project.title.icontains(search, autoescape=True))
    if before is not None:
        query = query.where(Project.id < before)
    return (await session.scalars(query)).all()
