"""The audit trail: who did what to what, and when."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Identified


class AuditEntry(Identified, Base):
    """One act that matters later: a right, a verdict, a budget, an export; it outlives its subject."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index(None, "team_id", "created_at"), Index(None, "subject_id", "created_at"))

    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str]
    team_id: Mapped[UUID | None]
    project_id: Mapped[UUID | None]
    action: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID | None]
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    request_id: Mapped[str] = mapped_column(default="")
