"""The two labels of AI-made video: the words on the picture and the AIGC metadata in the file (GB 45438-2025)."""

from __future__ import annotations

import base64
import json
import math
import re
from dataclasses import asdict, dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from app.core.i18n import _
from app.exports import atoms, typesetting
from app.exports.cut import Cut
from app.exports.errors import ExportError
from app.exports.styling import Drawing, Style

AIGC_KEY = "AIGC"
SHOWN_SECONDS = 3
REQUIRED_SECONDS = 2
HEIGHT_SHARE = Fraction(1, 20)
"""Least height of a glyph, as a share of the shortest side of the frame."""

_ALLOWED = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]*")
_BOX = 8
_CONTRAST = 70
"""Least difference of luma between the glyphs and their box for the label to count as seen."""

_LIKENESS = 0.55
"""Least correlation between the glyphs and what is seen; small frames reach 0.74, full HD 0.95, no label 0.1."""

_NEARBY = sorted(product(range(-2, 3), repeat=2), key=lambda step: abs(step[0]) + abs(step[1]))


@dataclass(frozen=True, slots=True)
class VisibleLabel:
    """The words on the picture, their size and their top left corner, in pixels."""

    text: str
    em: int
    left: int
    top: int

    @property
    def style(self) -> Style:
        """White words on a dark box, legible on any picture."""
        return Style("Label", self.em, edge="&H40000000", outline=max(2, self.em // _BOX), boxed=True)


def visible_label(cut: Cut) -> VisibleLabel:
    """Return the label of a cut: in its language, its lowest capital at least a twentieth of the shortest side."""
    text = "AI生成" if cut.language.startswith("zh") else "AI-generated · AI生成"
    layout = typesetting.layout(cut.width, cut.height, cut.language)
    lowest = min(typesetting.ink_height(character) for character in "AI生成")
    em = math.ceil(min(cut.width, cut.height) * HEIGHT_SHARE / Fraction(lowest)) + 1
    return VisibleLabel(text, em, layout.label_left, layout.label_top)


def label_frames(cut: Cut) -> int:
    """Return how many frames from the start of the episode carry the label."""
    return min(cut.rate.frames(SHOWN_SECONDS), cut.total_frames)


def draw_label(drawing: Drawing, label: VisibleLabel, frames: int) -> None:
    """Draw the label on the first ``frames`` of a segment."""
    drawing.add(label.style, (label.text,), range(frames), (label.left, label.top), 7, layer=9)


def draw_watermark(drawing: Drawing, frames: int) -> None:
    """Tile DRAFT and 样片, half transparent, over ``frames``."""
    em = round(min(drawing.width, drawing.height) * 0.065)
    style = Style("Draft", em, colour="&HA8FFFFFF", edge="&HB8000000", outline=max(1, em // 24), bold=True)
    columns, rows = (2, 5) if drawing.height > drawing.width else (4, 3)
    for row in range(rows):
        for column in range(columns):
            across = (column + (0.3 if row % 2 else 0.7)) / columns
            place = round(drawing.width * across), round(drawing.height * (row + 0.5) / rows)
            drawing.add(style, ("DRAFT 样片",), range(frames), place, 5, layer=0, tags=r"\frz25")


def label_seen(luma: NDArray[np.uint8], label: VisibleLabel) -> bool:
    """Return whether the label can be read in a decoded frame's luma plane, of shape (height, width), where it belongs.

    Its glyphs must stand there, within two pixels, and be much brighter than the box behind them.
    """
    ink = _ink(label)
    height, width = ink.shape
    for down, right in _NEARBY:
        top, left = label.top + down, label.left + right
        if top >= 0 and left >= 0:
            window = luma[top : top + height, left : left + width]
            if window.shape == ink.shape and _shows(window, ink):
                return True
    return False


def _shows(window: NDArray[np.uint8], ink: NDArray[np.float32]) -> bool:
    seen = window.astype(np.float32) - window.mean()
    shared = float((seen * ink).sum())
    strength = float((ink * ink).sum())
    likeness = shared / (math.sqrt(strength * float((seen * seen).sum())) or 1)
    return likeness >= _LIKENESS and shared / strength >= _CONTRAST


@lru_cache(maxsize=4)
def _ink(label: VisibleLabel) -> NDArray[np.float32]:
    """Return where the label's glyphs are, from 0 to 1 and centred on its mean, of shape (height, width)."""
    face = typesetting.face(label.em)
    size = math.ceil(face.getlength(label.text)), sum(face.getmetrics())
    picture = Image.new("L", size, 0)
    ImageDraw.Draw(picture).text((0, 0), label.text, font=face, fill=255, anchor="la")
    ink = np.asarray(picture, dtype=np.float32) / 255
    centred: NDArray[np.float32] = ink - ink.mean()
    return centred


@dataclass(frozen=True, slots=True)
class Aigc:
    """The seven values of the AIGC metadata, all of them text; "1" says: made by AI."""

    Label: str
    ContentProducer: str
    ProduceID: str
    ReservedCode1: str
    ContentPropagator: str
    PropagateID: str
    ReservedCode2: str

    def json(self) -> str:
        """Return the value of the AIGC key."""
        return json.dumps(asdict(self), ensure_ascii=True, separators=(",", ":"))


def aigc(producer: str, produce_id: str, integrity: str = "") -> Aigc:
    """Return the metadata of a file first written here: its producer is its propagator too."""
    who, number = allowed(producer), allowed(produce_id)
    return Aigc("1", who, number, allowed(integrity), who, number, "")


def allowed(value: str) -> str:
    """Return ``value`` if the standard allows its characters, else its UTF-8 in base64, which it does allow."""
    return value if _ALLOWED.fullmatch(value) else base64.b64encode(value.encode()).decode()


def read_aigc(video: Path) -> Aigc:
    """Return the AIGC metadata of an MP4 file; raise ``ExportError`` ``export.label_missing`` when it is not whole."""
    try:
        value = json.loads(atoms.metadata(video).get(AIGC_KEY, ""))
        inner = value.get(AIGC_KEY, value)
        found = Aigc(**inner)
    except (ValueError, TypeError, AttributeError) as error:
        raise label_missing(_("the AIGC metadata cannot be read back")) from error
    if not all(isinstance(part, str) and _ALLOWED.fullmatch(part) for part in asdict(found).values()):
        raise label_missing(_("the AIGC metadata holds characters the standard forbids"))
    if found.Label not in {"1", "2", "3"} or not found.ContentProducer or not found.ProduceID:
        raise label_missing(_("the AIGC metadata does not say who made this, and under which number"))
    return found


def label_missing(why: str) -> ExportError:
    """Return the error that stops an export whose AI label is not there."""
    return ExportError(
        "export.label_missing",
        _("The episode is not delivered, because its AI label is missing: %(why)s. Export it again.") % {"why": why},
    )
