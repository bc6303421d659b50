"""Writing and reading the audit trail."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.audit.models import AuditEntry


def record(
    session: AsyncSession,
    action: str,
    *,
    actor_id: UUID | None,
    actor_name: str,
    subject_kind: str,
    subject_id: UUID | None,
    team_id: UUID | None = None,
    project_id: UUID | None = None,
    **facts: Any,
) -> None:
    """Add one entry in the transaction of the act itself; ``facts`` are JSON and hold no secret."""
    session.add(
        AuditEntry(
            action=action,
            actor_id=actor_id,
            actor_name=actor_name,
            team_id=team_id,
            project_id=project_id,
            subject_kind=subject_kind,
            subject_id=subject_id,
            facts=facts,
            request_id=str(structlog.contextvars.get_contextvars().get("request_id", "")),
        )
    )


async def for_team(session: AsyncSession, team_id: UUID, *, before: UUID | None, limit: int) -> Sequence[AuditEntry]:
    """Return a team's entries, newest first, older than the entry ``before``."""
    query = select(AuditEntry).where(AuditEntry.team_id == team_id).order_by(AuditEntry.id.desc()).limit(limit)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    return (await session.scalars(query)).all()
