"""Queries about proposals; private to this domain."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from app.scripts.models import Proposal, ProposalTry

OPEN = ("asking", "proposed")


async def page(
    session: AsyncSession,
    project_id: UUID,
    *,
    episode_id: UUID | None,
    states: Sequence[str],
    before: UUID | None,
    limit: int,
) -> Sequence[Proposal]:
    """Return a project's proposals, or one episode's, newest first, older than ``before``, without their questions."""
    place = Proposal.episode_id == episode_id if episode_id else Proposal.project_id == project_id
    query = select(Proposal).where(place).order_by(Proposal.id.desc()).limit(limit)
    if states:
        query = query.where(Proposal.state.in_(states))
    if before is not None:
        query = query.where(Proposal.id < before)
    return (await session.scalars(query.options(defer(Proposal.question)))).all()


async def open_of(session: AsyncSession, subject_id: UUID, kind: str) -> Proposal | None:
    """Return the newest proposal about something that is asked for, or waits for a decision."""
    query = select(Proposal).where(Proposal.subject_id == subject_id, Proposal.kind == kind, Proposal.state.in_(OPEN))
    found: Proposal | None = await session.scalar(query.order_by(Proposal.id.desc()).limit(1))
    return found


async def asking(session: AsyncSession, subject_id: UUID, kind: str) -> Sequence[Proposal]:
    """Return the proposals about something that are being asked for."""
    query = select(Proposal).where(Proposal.subject_id == subject_id, Proposal.kind == kind, Proposal.state == "asking")
    return (await session.scalars(query)).all()


async def locked(session: AsyncSession, proposal_id: UUID) -> Proposal | None:
    """Return a proposal, locked and as it is now."""
    query = select(Proposal).where(Proposal.id == proposal_id).with_for_update()
    found: Proposal | None = await session.scalar(query.execution_options(populate_existing=True))
    return found


async def tries(session: AsyncSession, proposal_id: UUID) -> Sequence[ProposalTry]:
    """Return the tries of a proposal in their order."""
    query = select(ProposalTry).where(ProposalTry.proposal_id == proposal_id).order_by(ProposalTry.id)
    return (await session.scalars(query)).all()


async def due(session: AsyncSession, now: datetime, limit: int = 50) -> Sequence[Proposal]:
    """Claim proposals whose worker is late, or whose message was lost."""
    query = (
        select(Proposal)
        .where(Proposal.state == "asking", Proposal.due_at <= now)
        .order_by(Proposal.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(query)).all()
