"""Queries about exports; private to this domain."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.exports.models import Deliverable, Export

OPEN = ("waiting", "active")


async def open_export(session: AsyncSession, episode_id: UUID, kind: str) -> Export | None:
    """Return the export of an episode that waits or runs."""
    found: Export | None = await session.scalar(
        select(Export).where(Export.episode_id == episode_id, Export.kind == kind, Export.state.in_(OPEN))
    )
    return found


async def page(
    session: AsyncSession, project_id: UUID, *, episode_id: UUID | None, before: UUID | None, limit: int
) -> Sequence[Export]:
    """Return a project's exports, newest first, older than ``before``."""
    query = select(Export).where(Export.project_id == project_id).order_by(Export.id.desc()).limit(limit)
    if episode_id is not None:
        query = query.where(Export.episode_id == episode_id)
    if before is not None:
        query = query.where(Export.id < before)
    return (await session.scalars(query)).all()


async def deliverables(session: AsyncSession, export_ids: Sequence[UUID]) -> Sequence[Deliverable]:
    """Return the files of some exports."""
    query = select(Deliverable).where(Deliverable.export_id.in_(export_ids)).order_by(Deliverable.created_at)
    return (await session.scalars(query)).all()


async def due(session: AsyncSession, now: datetime, limit: int = 20) -> Sequence[Export]:
    """Claim open exports that no worker holds a lease on."""
    query = (
        select(Export)
        .where(Export.state.in_(OPEN), or_(Export.lease_until.is_(None), Export.lease_until <= now))
        .order_by(Export.created_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(query)).all()


async def keys(session: AsyncSession) -> Sequence[str]:
    """Return every storage key that deliverables and open exports refer to."""
    delivered = (await session.scalars(select(Deliverable.key))).all()
    open_cuts = (await session.scalars(select(Export.cut).where(Export.state.in_(OPEN)))).all()
    return [*delivered, *(segment["key"] for cut in open_cuts for segment in cut["segments"])]
