"""Input about shots, checked."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from app.scripts.breakdown.model import Angle, Movement, Size

LONGEST_FRAMES = 60 * 60


class LineInput(BaseModel):
    """One speech, as somebody typed it."""

    model_config = ConfigDict(str_strip_whitespace=True, extra="forbid")

    speaker: str = Field(min_length=1, max_length=80)
    text: str = Field(min_length=1, max_length=1000)
    manner: str = Field(default="", max_length=80)
    voice: str = Field(default="", max_length=20)


class ShotInput(BaseModel):
    """The fields of a shot that a person may set; what is None stays as it is."""

    model_config = ConfigDict(str_strip_whitespace=True, extra="forbid")

    size: Size | None = None
    angle: Angle | None = None
    movement: Movement | None = None
    duration_frames: int | None = Field(default=None, ge=1, le=LONGEST_FRAMES)
    characters: list[str] | None = Field(default=None, max_length=20)
    action: str | None = Field(default=None, max_length=4000)
    dialogue: list[LineInput] | None = Field(default=None, max_length=20)
    card: str | None = Field(default=None, max_length=200)
    directions: str | None = Field(default=None, max_length=2000)
