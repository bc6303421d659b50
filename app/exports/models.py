"""Exports: an episode conformed to its deliverables."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Identified, Touched


class Export(Identified, Touched, Base):
    """One run of the export of an episode; at most one is open per episode and kind."""

    __tablename__ = "exports"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'active', 'done', 'failed', 'cancelled')", name="state"),
        Index(
            "uq_exports_open",
            "episode_id",
            "kind",
            unique=True,
            postgresql_where=text("state IN ('waiting', 'active')"),
        ),
        Index(None, "project_id", "created_at"),
        Index(None, "episode_id", "created_at"),
    )

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    episode_id: Mapped[UUID] = mapped_column(ForeignKey("episodes.id", ondelete="CASCADE"))
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(default="waiting")
    stage: Mapped[str] = mapped_column(default="")
    progress: Mapped[float] = mapped_column(default=0.0)
    error_code: Mapped[str] = mapped_column(default="")
    error: Mapped[str] = mapped_column(default="")
    cut: Mapped[dict[str, Any]] = mapped_column(default=dict)
    report: Mapped[dict[str, Any]] = mapped_column(default=dict)
    asked_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    asked_by_name: Mapped[str] = mapped_column(default="")
    lease_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    cancel_asked_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class Deliverable(Identified, Base):
    """One file of a finished export."""

    __tablename__ = "deliverables"
    __table_args__ = (UniqueConstraint("export_id", "name"),)

    export_id: Mapped[UUID] = mapped_column(ForeignKey("exports.id", ondelete="CASCADE"))
    kind: Mapped[str]
    name: Mapped[str]
    key: Mapped[str]
    sha256: Mapped[str]
    bytes: Mapped[int] = mapped_column(BigInteger)
    content_type: Mapped[str]
