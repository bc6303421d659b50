"""What a model can do, as data (the providers' fact sheets, international §14)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Task(StrEnum):
    """What a generation starts from."""

    TEXT = "t2v"
    FIRST_FRAME = "i2v"
    FIRST_AND_LAST = "flf2v"
    REFERENCES = "ref2v"
    EXTEND = "extend"
    MULTI_SHOT = "multishot"
    PERFORMANCE = "performance"
    AUDIO = "audio2v"


class Cancel(StrEnum):
    """What a cancel can promise."""

    NONE = "none"
    STOP = "stop"
    BEST_EFFORT = "best_effort"


class Recover(StrEnum):
    """How a lost answer can be found again."""

    NONE = "none"
    CLIENT_ID = "client_id"
    LIST = "list"
    WEBHOOK_TAG = "webhook_tag"


@dataclass(frozen=True, slots=True)
class Frame:
    """A size in pixels that a model makes."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class ModelCaps:
    """The capabilities of one model; durations in seconds, prices elsewhere.

    ``duration_step`` is the grid within ``duration_range`` (0: any length). ``free`` work costs nothing;
    ``resubmit_safe`` work may be sent again after a lost answer. ``character_from_text``: a described character
    speaks the written lines in a voice that the model makes.
    """

    model: str
    tasks: frozenset[Task]
    durations: tuple[float, ...] = ()
    duration_range: tuple[float, float] | None = None
    duration_step: float = 0.0
    frames: tuple[Frame, ...] = ()
    any_frame: bool = False
    max_images: int = 0
    max_clips: int = 0
    max_voices: int = 0
    native_sound: bool = False
    lip_sync: bool = False
    character_from_text: bool = False
    seed: bool = False
    negative_prompt: bool = False
    prompt_max: int = 2000
    cancel: Cancel = Cancel.NONE
    recover: Recover = Recover.NONE
    progress: bool = False
    webhook: bool = False
    free: bool = False
    resubmit_safe: bool = False
    local: bool = False
    charges_refusals: bool | None = None
    result_lifetime_s: int | None = None
    poll_min_s: float = 2.0
    deadline_s: float = 1800.0
    retires_on: date | None = None
    notes: str = field(default="")

    @property
    def character_from_motion(self) -> bool:
        """Whether a photograph can be made to move as somebody does in a clip."""
        return Task.PERFORMANCE in self.tasks

    @property
    def character_from_voice(self) -> bool:
        """Whether a photograph can be made to speak a recording."""
        return Task.AUDIO in self.tasks

    def retired(self, on: date) -> bool:
        """Return whether the provider has withdrawn the model by ``on``."""
        return self.retires_on is not None and self.retires_on <= on
