"""Episodes: the numbered parts of a drama."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Identified, Touched


class Episode(Identified, Touched, Base):
    """One episode; ``number`` is unique in its project."""

    __tablename__ = "episodes"
    __table_args__ = (UniqueConstraint("project_id", "number"),)

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(default="")
    target_seconds: Mapped[int] = mapped_column(default=90)
    broken_down_at: Mapped[datetime | None]
    broken_down_version: Mapped[int | None]
