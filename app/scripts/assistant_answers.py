"""The shapes a text model's answers must keep: nothing else it says is ever read. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from app.scripts.breakdown.model import Angle, Movement, Size
from app.scripts.breakdown.timing import LONGEST, SHORTEST

LONGEST_TEXT, LONGEST_DIRECTIONS, LONGEST_REASON, MOST_SHOTS = 16_000, 2000, 300, 60


def _clean(value: str) -> str:
    """Return words without control characters, with plain line breaks and no blank ends."""
    lines = value.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(one for one in lines if one in "\n\t" or unicodedata.category(one) not in {"Cc", "Cs"}).strip()
    if not kept:
        raise ValueError("it must hold words")
    return kept


Words = Annotated[str, AfterValidator(_clean)]


class Answer(BaseModel):
    """What every answer keeps to: no fields but its own."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Passage(Answer):
    """Another wording of a passage."""

    text: Words = Field(max_length=LONGEST_TEXT)


class Directions(Answer):
    """Directions for a shot."""

    directions: Words = Field(max_length=LONGEST_DIRECTIONS)


class ShotSuggestion(Answer):
    """How one shot may be taken, and why."""

    shot: str
    size: Size
    angle: Angle
    movement: Movement
    seconds: float = Field(ge=SHORTEST, le=LONGEST, allow_inf_nan=False)
    reason: Words = Field(max_length=LONGEST_REASON)


class Breakdown(Answer):
    """How the shots of a scene may be taken: those that were asked about, each once at most."""

    shots: list[ShotSuggestion] = Field(min_length=1, max_length=MOST_SHOTS)

    @field_validator("shots")
    @classmethod
    def _asked_about(cls, shots: list[ShotSuggestion], info: ValidationInfo) -> list[ShotSuggestion]:
        known = (info.context or {}).get("shots", {})
        names = [one.shot for one in shots]
        if any(name not in known for name in names):
            raise ValueError("it names a shot that was not asked about")
        if len(set(names)) != len(names):
            raise ValueError("it names a shot twice")
        return shots


CONTRACTS: Mapping[str, type[Answer]] = {"passage": Passage, "breakdown": Breakdown, "directions": Directions}
"""The shape of an answer by the kind of proposal."""


def text_of(answer: Answer) -> str:
    """Return an answer as words, for those that are words."""
    match answer:
        case Passage(text=text):
            return text
        case Directions(directions=directions):
            return directions
    return ""
