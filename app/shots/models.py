"""Shots: the set-ups of a scene, what was derived, what people changed, and what the rooms above wrote down."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from app.core.db import Base, Identified, Touched


class Shot(Identified, Touched, Base):
    """One camera set-up.

    ``derived`` holds the values of the last breakdown, for the three-way merge; ``conflicts`` the newer derived values
    of fields that a person had changed. ``made_from`` is the fingerprint of the take that stands for the shot, and
    ``stale_parts`` names the parts that differ from it now. The columns from ``take_count`` on are written by the rooms
    above (takes, jobs, review) through the shots' service, so that a board reads one table.
    """

    __tablename__ = "shots"
    __table_args__ = (
        CheckConstraint("duration_frames > 0", name="duration"),
        UniqueConstraint("episode_id", "name"),
        Index(None, "episode_id", "position"),
        Index(None, "scene_id"),
        Index(None, "project_id", "status"),
        Index("ix_shots_episode_updated", "episode_id", "updated_at"),
    )

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    episode_id: Mapped[UUID] = mapped_column(ForeignKey("episodes.id", ondelete="CASCADE"))
    scene_id: Mapped[UUID] = mapped_column(ForeignKey("scenes.id", ondelete="CASCADE"))
    name: Mapped[str]
    position: Mapped[int]

    size: Mapped[str] = mapped_column(default="MS")
    angle: Mapped[str] = mapped_column(default="eye")
    movement: Mapped[str] = mapped_column(default="static")
    duration_frames: Mapped[int]
    characters: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    action: Mapped[str] = mapped_column(default="")
    dialogue: Mapped[list[Any]] = mapped_column(default=list)
    card: Mapped[str] = mapped_column(default="")
    sound: Mapped[str] = mapped_column(default="")
    transition_out: Mapped[str] = mapped_column(default="")
    flashback: Mapped[bool] = mapped_column(default=False)
    source_start: Mapped[int | None]
    source_end: Mapped[int | None]
    source_text: Mapped[str] = mapped_column(default="")

    derived: Mapped[dict[str, Any]] = mapped_column(default=dict)
    conflicts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    fingerprint: Mapped[dict[str, Any]] = mapped_column(default=dict)
    prompt: Mapped[str] = mapped_column(default="")
    directions: Mapped[str] = mapped_column(default="")
    reference_key: Mapped[str | None]
    reference_type: Mapped[str] = mapped_column(default="")
    gates: Mapped[dict[str, Any]] = mapped_column(default=dict)
    locked_at: Mapped[datetime | None]
    locked_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    dropped_at: Mapped[datetime | None]
    dropped_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    dropped_reason: Mapped[str] = mapped_column(default="")
    orphaned_at: Mapped[datetime | None]

    made_from: Mapped[dict[str, Any]] = mapped_column(default=dict)
    made_from_text: Mapped[str] = mapped_column(default="")
    stale_parts: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    status: Mapped[str] = mapped_column(default="planned")
    take_count: Mapped[int] = mapped_column(default=0)
    undecided_takes: Mapped[int] = mapped_column(default=0)
    newest_take_number: Mapped[int | None]
    circled_take_id: Mapped[UUID | None]
    circled_take_number: Mapped[int | None]
    poster_key: Mapped[str | None]
    retake_note: Mapped[str] = mapped_column(default="")
    retake_count: Mapped[int] = mapped_column(default=0)
    job_state: Mapped[str] = mapped_column(default="")
    job_progress: Mapped[float | None]
    job_note: Mapped[str] = mapped_column(default="")
