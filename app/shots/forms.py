"""Forms about shots, and what they mean for the shot they were filled in for."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.core.frames import FrameRate
from app.scripts.breakdown.model import Angle, Movement, Size
from app.shots.models import Shot
from app.shots.schemas import LineInput, ShotInput
from app.web.forms import Form

_BETWEEN_NAMES = re.compile(r"[,，、;；]")


class ShotForm(BaseModel):
    """The fields of a shot as the page shows them; speeches come as repeated fields beside it."""

    model_config = ConfigDict(str_strip_whitespace=True, extra="ignore")

    tag: str = ""
    size: Size | None = None
    angle: Angle | None = None
    movement: Movement | None = None
    seconds: float | None = Field(default=None, gt=0, le=600)
    characters: str = Field(default="", max_length=1000)
    action: str = Field(default="", max_length=4000)
    card: str = Field(default="", max_length=200)
    directions: str = Field(default="", max_length=2000)


class ReasonForm(BaseModel):
    """Why a shot is dropped."""

    model_config = ConfigDict(str_strip_whitespace=True, extra="ignore")

    reason: str = Field(default="", max_length=300)


class DropForm(ReasonForm):
    """Shots of a board that are dropped together."""

    shots: list[UUID] = Field(default_factory=list, max_length=500)


class SplitForm(BaseModel):
    """Before which speech (1-based) a shot is split."""

    model_config = ConfigDict(extra="ignore")

    at_line: int = Field(default=1, ge=0, le=20)


class MoveForm(BaseModel):
    """Whether a shot goes one place up or down, or behind another (``after``) as a list that is dragged says."""

    model_config = ConfigDict(extra="ignore")

    direction: Literal["up", "down"]


class FieldForm(BaseModel):
    """Which field takes the script's value."""

    model_config = ConfigDict(extra="ignore")

    field: str = Field(max_length=40)


def changes(form: Form[ShotForm], shot: Shot, rate: FrameRate) -> ShotInput:
    """Return what the form changes on the shot: only fields that differ, so that no conflict is settled unseen."""
    given = form.value
    typed: dict[str, Any] = {
        "size": given.size,
        "angle": given.angle,
        "movement": given.movement,
        "characters": [name for name in (part.strip() for part in _BETWEEN_NAMES.split(given.characters)) if name],
        "action": given.action,
        "card": given.card,
        "directions": given.directions,
        "dialogue": speeches(form),
    }
    if given.seconds is not None:
        frames = max(1, rate.frames(Fraction(str(given.seconds))))
        shown = round(float(rate.seconds(shot.duration_frames)), 2)
        typed["duration_frames"] = shot.duration_frames if given.seconds == shown else frames
    return ShotInput(
        **{name: value for name, value in typed.items() if value is not None and _differs(shot, name, value)}
    )


def speeches(form: Form[ShotForm]) -> list[LineInput]:
    """Return the speeches of the repeated fields, in order; a row without words is left out."""
    names = ("speaker", "manner", "voice", "line")
    rows = zip(*(form.texts(name) for name in names), strict=False)
    return [
        LineInput(speaker=speaker or "?", manner=manner, voice=voice, text=text)
        for speaker, manner, voice, text in rows
        if text.strip()
    ]


def _differs(shot: Shot, name: str, value: Any) -> bool:
    now = getattr(shot, name)
    if name == "dialogue":
        shown = [
            {key: str(line.get(key, "")).strip() for key in ("speaker", "text", "manner", "voice")} for line in now
        ]
        return [line.model_dump() for line in value] != shown
    return bool(str(value) != now if isinstance(now, str) else value != now)
