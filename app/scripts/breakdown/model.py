"""What a breakdown yields: scenes and shots planned from a script, all plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from app.scripts.formats.ast import Interior as Interior
from app.scripts.formats.ast import ParseWarning as ParseWarning


class Size(StrEnum):
    """Shot sizes, from far to near, by their usual abbreviations."""

    EXTREME_LONG = "ELS"
    LONG = "LS"
    FULL = "FS"
    MEDIUM_LONG = "MLS"
    MEDIUM = "MS"
    MEDIUM_CLOSE = "MCU"
    CLOSE = "CU"
    EXTREME_CLOSE = "ECU"
    INSERT = "INS"


class Angle(StrEnum):
    """Where the camera looks from."""

    EYE = "eye"
    LOW = "low"
    HIGH = "high"
    OVERHEAD = "overhead"
    DUTCH = "dutch"
    POV = "pov"


class Movement(StrEnum):
    """How the camera moves during the shot."""

    STATIC = "static"
    PUSH_IN = "push_in"
    PULL_OUT = "pull_out"
    PAN_LEFT = "pan_left"
    PAN_RIGHT = "pan_right"
    TILT_UP = "tilt_up"
    TILT_DOWN = "tilt_down"
    TRACK = "track"
    HANDHELD = "handheld"
    CRANE_UP = "crane_up"


@dataclass(frozen=True, slots=True)
class SourceRange:
    """A half-open range of code points in the script text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class DialogueLine:
    """One speech: who, how, in which voice, and the words.

    ``voice`` is "" for a speaker in the picture, else the script's own raw tag ("OS", "VO", "V.O.", "旁白" …):
    in Chinese scripts OS is an inner voice and VO a voice not in the picture, so tags are never mapped.
    """

    speaker: str
    text: str
    manner: str = ""
    voice: str = ""


@dataclass(frozen=True, slots=True)
class ShotPlan:
    """One camera set-up derived from the script.

    ``card`` is text shown on the picture (【字幕】 or SUPER); ``transition_out`` is "", "cut", "fade_out" or
    "dissolve"; ``duration_frames`` counts frames of the project's rate.
    """

    size: Size
    angle: Angle
    movement: Movement
    duration_frames: int
    characters: tuple[str, ...]
    action: str
    dialogue: tuple[DialogueLine, ...]
    source: SourceRange
    card: str = ""
    sound: str = ""
    transition_out: str = ""
    flashback: bool = False


@dataclass(frozen=True, slots=True)
class ScenePlan:
    """A heading and what follows it, with its shots; ``numbered`` when the script itself gives the number."""

    number: str
    numbered: bool
    interior: Interior
    place: str
    time_of_day: str
    characters: tuple[str, ...]
    heading: str
    text: str
    source: SourceRange
    shots: tuple[ShotPlan, ...]


@dataclass(frozen=True, slots=True)
class CharacterFound:
    """A character seen in the script, with what the script says of them."""

    name: str
    description: str = ""
    lines: int = 0
    scenes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EpisodePlan:
    """The breakdown of one episode."""

    number: int
    title: str
    scenes: tuple[ScenePlan, ...]
    characters: tuple[CharacterFound, ...]
    warnings: tuple[ParseWarning, ...] = field(default=())
