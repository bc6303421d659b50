"""Discussion: threads of comments on any subject."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Identified


class Thread(Identified, Base):
    """A conversation about one subject (its kind, its id, and an anchor its owner understands)."""

    __tablename__ = "threads"
    __table_args__ = (Index(None, "project_id", "subject_kind", "subject_id", "created_at"),)

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    anchor: Mapped[dict[str, Any]] = mapped_column(default=dict)
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))


class Comment(Identified, Base):
    """One remark, signed with the author's name as it was."""

    __tablename__ = "comments"
    __table_args__ = (Index(None, "thread_id", "created_at"),)

    thread_id: Mapped[UUID] = mapped_column(ForeignKey("threads.id", ondelete="CASCADE"))
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    author_name: Mapped[str]
    body: Mapped[str]
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
