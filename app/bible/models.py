"""The bible: the canonical descriptions of a drama's characters."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from app.core.db import Base, Identified, Touched


class Character(Identified, Touched, Base):
    """Someone in the drama; the description and wardrobe go into every prompt they appear in."""

    __tablename__ = "characters"
    __table_args__ = (Index("uq_characters_project_name", "project_id", func.lower(text("name")), unique=True),)

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    name: Mapped[str]
    aliases: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    looks: Mapped[str] = mapped_column(default="")
    wardrobe: Mapped[str] = mapped_column(default="")
    voice: Mapped[dict[str, Any]] = mapped_column(default=dict)
    notes: Mapped[str] = mapped_column(default="")
    reference_key: Mapped[str | None]
    reference_type: Mapped[str] = mapped_column(default="")
    from_script: Mapped[str] = mapped_column(default="")
