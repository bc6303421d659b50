"""Takes: candidate videos of a shot; immutable bytes, and what was derived from them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Identified, Touched
from app.core.frames import FrameRate


class Take(Identified, Touched, Base):
    """One candidate; ``number`` counts up within its shot and is never used again."""

    __tablename__ = "takes"
    __table_args__ = (
        UniqueConstraint("shot_id", "number"),
        Index(None, "episode_id"),
        Index(None, "project_id", "created_at"),
        Index(None, "attempt_id", unique=True),
    )

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    episode_id: Mapped[UUID] = mapped_column(ForeignKey("episodes.id", ondelete="CASCADE"))
    shot_id: Mapped[UUID] = mapped_column(ForeignKey("shots.id", ondelete="CASCADE"))
    number: Mapped[int]
    source: Mapped[str]
    backend: Mapped[str] = mapped_column(default="")
    model: Mapped[str] = mapped_column(default="")
    attempt_id: Mapped[UUID | None]
    prompt: Mapped[str] = mapped_column(default="")
    seed: Mapped[int | None] = mapped_column(BigInteger)
    fingerprint: Mapped[dict[str, Any]] = mapped_column(default=dict)
    source_text: Mapped[str] = mapped_column(default="")
    provenance: Mapped[dict[str, Any]] = mapped_column(default=dict)
    cost_micros: Mapped[int] = mapped_column(BigInteger, default=0)
    currency: Mapped[str] = mapped_column(default="")
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    made_by_name: Mapped[str] = mapped_column(default="")

    sha256: Mapped[str]
    key: Mapped[str]
    file_name: Mapped[str] = mapped_column(default="")
    content_type: Mapped[str] = mapped_column(default="video/mp4")
    bytes: Mapped[int] = mapped_column(BigInteger)
    width: Mapped[int]
    height: Mapped[int]
    rate_numerator: Mapped[int]
    rate_denominator: Mapped[int]
    frames: Mapped[int]
    has_audio: Mapped[bool]

    proxy_key: Mapped[str | None]
    poster_key: Mapped[str | None]
    filmstrip_key: Mapped[str | None]
    filmstrip_tiles: Mapped[int] = mapped_column(default=0)
    waveform_key: Mapped[str | None]

    verdict: Mapped[str] = mapped_column(default="")
    deleted_at: Mapped[datetime | None]

    @property
    def rate(self) -> FrameRate:
        """The take's own frame rate."""
        return FrameRate(self.rate_numerator, self.rate_denominator)
