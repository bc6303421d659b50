"""What a person decides about money, in the audit trail."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.schemas import Actor
from app.audit import service as audit
from app.projects.models import Project


def record(session: AsyncSession, actor: Actor, project: Project, action: str, **facts: Any) -> None:
    """Add an entry about the money of a project."""
    audit.record(
        session,
        action,
        actor_id=actor.id,
        actor_name=actor.name,
        subject_kind="project",
        subject_id=project.id,
        team_id=project.team_id,
        project_id=project.id,
        **facts,
    )
