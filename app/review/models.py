"""Verdicts: what people decided about takes; only ever added to."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from app.core.db import Base, Identified


class Verdict(Identified, Base):
    """One decision: circle, uncircle, retake, reject, approve or object; signed with the reviewer's name as it was."""

    __tablename__ = "verdicts"
    __table_args__ = (Index(None, "take_id", "created_at"), Index(None, "shot_id", "created_at"))

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    shot_id: Mapped[UUID] = mapped_column(ForeignKey("shots.id", ondelete="CASCADE"))
    take_id: Mapped[UUID] = mapped_column(ForeignKey("takes.id", ondelete="CASCADE"))
    kind: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    reasons: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    reviewer_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    reviewer_name: Mapped[str]
