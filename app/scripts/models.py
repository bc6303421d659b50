"""Scripts: the text of each episode, and its named revisions."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Identified, Touched


class Script(Identified, Touched, Base):
    """The text of one episode; ``version`` grows by one with each save and guards against lost updates."""

    __tablename__ = "scripts"

    episode_id: Mapped[UUID] = mapped_column(ForeignKey("episodes.id", ondelete="CASCADE"), unique=True)
    text: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)
    saved_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    saved_by_name: Mapped[str] = mapped_column(default="")


class Revision(Identified, Base):
    """A named, immutable snapshot of a script."""

    __tablename__ = "revisions"
    __table_args__ = (UniqueConstraint("script_id", "number"),)

    script_id: Mapped[UUID] = mapped_column(ForeignKey("scripts.id", ondelete="CASCADE"))
    number: Mapped[int]
    name: Mapped[str]
    text: Mapped[str]
    version: Mapped[int]
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    made_by_name: Mapped[str] = mapped_column(default="")
