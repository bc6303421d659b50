"""Projects: one drama each."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Identified, Touched
from app.core.frames import FrameRate


class Project(Identified, Touched, Base):
    """A drama: its look, its delivery format, its switches."""

    __tablename__ = "projects"
    __table_args__ = (
        CheckConstraint("width > 0 AND height > 0 AND rate_numerator > 0 AND rate_denominator > 0", name="format"),
        Index(None, "team_id", "created_at"),
    )

    team_id: Mapped[UUID] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"))
    title: Mapped[str]
    language: Mapped[str] = mapped_column(default="en")
    style: Mapped[str] = mapped_column(default="")
    width: Mapped[int] = mapped_column(default=1080)
    height: Mapped[int] = mapped_column(default=1920)
    rate_numerator: Mapped[int] = mapped_column(default=24)
    rate_denominator: Mapped[int] = mapped_column(default=1)
    currency: Mapped[str] = mapped_column(default="CNY")
    backend: Mapped[str] = mapped_column(default="animatic")
    model: Mapped[str] = mapped_column(default="animatic-1")
    spending_paused_at: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]
    created_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)

    @property
    def rate(self) -> FrameRate:
        """The project's frame rate, fixed by its first take."""
        return FrameRate(self.rate_numerator, self.rate_denominator)
