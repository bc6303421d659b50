"""What programs read and send about shots."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from pydantic import BaseModel, ConfigDict, Field

from app.shots.models import Shot
from app.shots.schemas import LONGEST_FRAMES, LineInput


class ShotLine(msgspec.Struct, gc=False):
    """One shot of a list, as it is encoded: the same fields as ``ShotItem``."""

    id: str
    episode_id: str
    scene_id: str
    name: str
    position: int
    size: str
    angle: str
    movement: str
    duration_frames: int
    characters: msgspec.Raw
    action: str
    status: str
    stale_parts: msgspec.Raw
    takes: int
    undecided_takes: int
    newest_take_number: int | None
    circled_take_id: str | None
    circled_take_number: int | None
    job_state: str
    job_progress: float | None
    poster: str | None
    locked: bool
    updated_at: datetime


class ShotItem(BaseModel):
    """One shot of a list; ``poster`` is a link that works for about an hour for the token or session that asked."""

    id: UUID
    episode_id: UUID
    scene_id: UUID
    name: str
    position: int
    size: str
    angle: str
    movement: str
    duration_frames: int
    characters: list[str]
    action: str
    status: str
    stale_parts: list[str]
    takes: int
    undecided_takes: int
    newest_take_number: int | None
    circled_take_id: UUID | None
    circled_take_number: int | None
    job_state: str
    job_progress: float | None
    poster: str | None
    locked: bool
    updated_at: datetime


class ShotPage(BaseModel):
    """A page of shots by episode and position; ``next`` is the cursor of the following page."""

    items: list[ShotItem]
    next: str | None


class ShotOut(BaseModel):
    """A whole shot; the answer's ETag is what a change is sent with (If-Match)."""

    id: UUID
    episode_id: UUID
    scene_id: UUID
    name: str
    position: int
    status: str
    size: str
    angle: str
    movement: str
    duration_frames: int
    characters: list[str]
    action: str
    dialogue: list[LineInput]
    card: str
    sound: str
    directions: str
    prompt: str
    source_text: str
    stale_parts: list[str]
    conflicts: dict[str, Any] = Field(description="Newer values of the script for fields a person had changed.")
    takes: int
    circled_take_id: UUID | None
    retake_note: str
    locked_at: datetime | None
    dropped_at: datetime | None
    dropped_reason: str
    updated_at: datetime

    @classmethod
    def of(cls, shot: Shot) -> ShotOut:
        """Return a shot as programs read it."""
        renamed = {"takes": shot.take_count, "dialogue": [LineInput.model_construct(**line) for line in shot.dialogue]}
        return cls(**{name: renamed.get(name, getattr(shot, name, None)) for name in cls.model_fields})


class DropIn(BaseModel):
    """Why a shot is dropped."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=300)


class LockedIn(BaseModel):
    """Whether a shot is locked."""

    model_config = ConfigDict(extra="forbid")

    locked: bool


class SplitIn(BaseModel):
    """Before which speech (1 is the second one) a shot is split; ignored where it has none."""

    model_config = ConfigDict(extra="forbid")

    at_line: int = Field(default=1, ge=0, le=20)


class OrderIn(BaseModel):
    """Behind which shot of its scene a shot is moved; null moves it to the scene's start."""

    model_config = ConfigDict(extra="forbid")

    after: UUID | None


class AddIn(OrderIn):
    """A new, empty shot of a scene."""

    duration_frames: int = Field(ge=1, le=LONGEST_FRAMES)
