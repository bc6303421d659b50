"""The cut of an episode as plain data: which frames of which take, in order, with their words, in whole frames."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from itertools import accumulate
from pathlib import Path
from typing import Any

from app.core.errors import Invalid
from app.core.frames import FrameRate
from app.core.i18n import _

HIGHEST_RATE = 60
FADE_OUT_SECONDS = Fraction(1, 2)
STEM_BYTES = 120


class Fit(StrEnum):
    """How a picture of another shape fills the frame: cropped to cover it, or whole inside black bars."""

    COVER = "cover"
    CONTAIN = "contain"


class SubtitleKind(StrEnum):
    """Whether the speaker is in the picture (dialogue) or only heard (voice: OS, VO, narration)."""

    DIALOGUE = "dialogue"
    VOICE = "voice"


@dataclass(frozen=True, slots=True)
class Subtitle:
    """Spoken words shown from ``start_frame`` up to, not including, ``end_frame``.

    Both are project frames counted from the start of the segment.
    """

    start_frame: int
    end_frame: int
    text: str
    speaker: str = ""
    kind: SubtitleKind = SubtitleKind.DIALOGUE


@dataclass(frozen=True, slots=True)
class Segment:
    """One shot's place in the cut.

    ``in_frame`` and ``frames`` are project frames: the take is first brought to the project's rate, then cut.
    A take shorter than that holds its last picture. ``card`` is text laid over the whole segment. With ``burn_words``
    false, subtitles and card stand in the files beside the video only, because the take's own picture shows them.
    ``provenance`` is given on to the manifest as it is (prompt, backend, model …) and must be JSON-able.
    """

    shot_id: str
    shot_name: str
    scene: str
    source: Path
    source_sha256: str
    take_number: int
    in_frame: int
    frames: int
    subtitles: tuple[Subtitle, ...] = ()
    card: str = ""
    fade_out: bool = False
    fit: Fit = Fit.COVER
    burn_words: bool = True
    provenance: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Cut:
    """The ordered edit of one episode, and the frame it is delivered in.

    ``producer`` and ``produce_id`` go into the AIGC metadata: who answers for the file, and their number for it.
    ``target_lufs`` is the programme loudness. Raises ``Invalid`` with code ``export.cut_invalid`` when it cannot
    be conformed.
    """

    project: str
    episode: int
    title: str
    language: str
    width: int
    height: int
    rate: FrameRate
    segments: tuple[Segment, ...]
    producer: str
    produce_id: str
    draft: bool = False
    target_lufs: float = -16.0
    provenance: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        _check_frame(self)
        if not self.segments:
            raise _invalid(_("The cut holds no shot. Circle a take, then export again."))
        for segment in self.segments:
            _check_segment(segment)

    @property
    def total_frames(self) -> int:
        """How many frames the episode lasts."""
        return sum(segment.frames for segment in self.segments)

    @property
    def starts(self) -> tuple[int, ...]:
        """The frame of the episode at which each segment starts."""
        return tuple(accumulate((segment.frames for segment in self.segments), initial=0))[:-1]

    @property
    def stem(self) -> str:
        """The name of every delivered file, without its ending, such as ``精卫-e01``."""
        return f"{slug(self.project)}-e{self.episode:02d}"

    @property
    def fade_frames(self) -> int:
        """How many frames a fade to black takes."""
        return max(1, self.rate.frames(FADE_OUT_SECONDS))


def slug(text: str) -> str:
    """Return ``text`` as a part of a file name on any system: letters and digits of any script, and single hyphens."""
    plain = re.sub(r"[^\w]+", "-", unicodedata.normalize("NFC", text)).strip("-_.")
    cut = plain.encode()[:STEM_BYTES].decode(errors="ignore").strip("-_.")
    return cut or "episode"


def _invalid(message: str, **details: Any) -> Invalid:
    return Invalid("export.cut_invalid", message, **details)


def _check_frame(cut: Cut) -> None:
    if cut.width % 2 or cut.height % 2 or not 16 <= min(cut.width, cut.height) <= max(cut.width, cut.height) <= 8192:
        raise _invalid(
            _("A picture of %(width)s×%(height)s cannot be encoded: both sides must be even, from 16 to 8192.")
            % {"width": cut.width, "height": cut.height}
        )
    if cut.rate.fraction > HIGHEST_RATE:
        raise _invalid(
            _("%(rate)s frames a second are too many: choose at most %(most)s.")
            % {"rate": cut.rate, "most": HIGHEST_RATE}
        )


def _check_segment(segment: Segment) -> None:
    name = segment.shot_name
    if segment.frames < 1 or segment.in_frame < 0:
        raise _invalid(
            _("Shot %(shot)s would last no frame, or start before its take: trim it again.") % {"shot": name},
            shot_id=segment.shot_id,
        )
    for subtitle in segment.subtitles:
        if not 0 <= subtitle.start_frame < subtitle.end_frame <= segment.frames:
            raise _invalid(
                _("A subtitle of shot %(shot)s lies outside the shot: move it, or make the shot longer.")
                % {"shot": name},
                shot_id=segment.shot_id,
                text=subtitle.text,
            )
