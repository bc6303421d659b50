"""Scenes: a heading and what follows it; identity stays when the text around moves."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from app.core.db import Base, Identified, Touched


class Scene(Identified, Touched, Base):
    """One scene as the last breakdown saw it; ``source_*`` count code points in the script."""

    __tablename__ = "scenes"
    __table_args__ = (Index(None, "episode_id", "position"),)

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    episode_id: Mapped[UUID] = mapped_column(ForeignKey("episodes.id", ondelete="CASCADE"))
    position: Mapped[int]
    number: Mapped[str]
    number_locked: Mapped[bool] = mapped_column(default=False)
    heading: Mapped[str]
    interior: Mapped[str] = mapped_column(default="")
    place: Mapped[str] = mapped_column(default="")
    time_of_day: Mapped[str] = mapped_column(default="")
    characters: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    text: Mapped[str] = mapped_column(default="")
    source_start: Mapped[int] = mapped_column(default=0)
    source_end: Mapped[int] = mapped_column(default=0)
    omitted_at: Mapped[datetime | None]
