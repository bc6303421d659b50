"""What is written over an animatic: the slate, the action, the words being spoken, a title card, the dark edge.

It keeps clear of what phone apps put over a vertical video: 6 % at the top, 17 % at the bottom, a column at the right.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from app.backends.animatic import labels
from app.backends.animatic.layers import Image
from app.backends.animatic.text import Sheet, Style, balanced, clean, fitted, lines, shortened
from app.backends.base import ShotFacts

PANEL = (9, 11, 16, 158)
AMBER = (255, 196, 64, 255)
PALE = (198, 205, 216, 255)
WHITE = (255, 255, 255, 255)
TOP = 0.064
BOTTOM = 0.832
SENTENCE = re.compile(r"[^。！？!?.…]*[。！？!?.…]+[”’」』\"')]*\s*|[^。！？!?.…]+$")


@dataclass(frozen=True, slots=True)
class Patch:
    """A picture (uint8 RGBA) lying at whole pixels ``x``, ``y``, both even, during the frames ``first`` to ``last``.

    ``last`` is not shown any more; ``fade`` frames at each end go from nothing to whole.
    """

    image: Image
    x: int
    y: int
    first: int = 0
    last: int = 1 << 30
    fade: int = 0


@dataclass(frozen=True, slots=True)
class Spoken:
    """Words on screen from one second to another, and whose they are; ``voice`` is the raw OS/VO tag."""

    speaker: str
    text: str
    start: float
    end: float
    voice: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """The frame to write on; ``unit`` is a pixel of a frame 1080 on its short side."""

    width: int
    height: int
    fps: float
    frames: int

    @property
    def unit(self) -> float:
        """Output pixels per pixel of a frame whose short side is 1080."""
        return min(self.width, self.height) / 1080

    def px(self, pixels: float) -> int:
        """Return a length in output pixels, even and at least 2."""
        return max(2, round(pixels * self.unit / 2) * 2)

    @property
    def column(self) -> int:
        """How wide the column of text is."""
        return min(self.width - 2 * self.px(56), self.px(960))


@dataclass(frozen=True, slots=True)
class Slate:
    """The slate's picture, and where the timecode runs: its right end, its middle line, its em and its advance."""

    patch: Patch
    right: int
    middle: int
    pixels: int
    advance: int


def slate(facts: ShotFacts, paper: Paper) -> Slate:
    """Return the card at the top left: numbers; camera and running timecode; place."""
    px = paper.px
    big, small = Style(px(36), WHITE), Style(px(26), PALE)
    advance = px(28 * 0.60)
    clock = advance * len("00:00:00:00")
    inner = px(24)
    rows = [labels.numbers(facts), labels.setup(facts), labels.where(facts)]
    need = max(big.width(rows[0]), small.width(rows[1]) + px(40) + clock, small.width(rows[2]))
    width = px(min(paper.width / paper.unit - 180, max(560.0, need / paper.unit + 72)))
    height = px(150 if rows[2] else 112)
    sheet = Sheet(width, height)
    sheet.panel((0, 0, width - 1, height - 1), PANEL, px(16))
    sheet.panel((px(12), px(20), px(18), height - px(20)), AMBER, px(4))
    left, room = px(36), width - px(36) - inner
    sheet.write((left, px(34)), fitted(rows[0], big, room), big, "lm")
    sheet.write((left, px(78)), fitted(rows[1], small, room - clock - px(20)), small, "lm")
    if rows[2]:
        sheet.write((left, px(116)), fitted(rows[2], small, room), small, "lm")
    x, y = px(44), round(paper.height * TOP / 2) * 2
    return Slate(Patch(sheet.pixels(), x, y), x + width - inner, y + px(78), px(28), advance)


def caption(facts: ShotFacts, paper: Paper) -> Patch | None:
    """Return the action in small letters above the bottom edge, on a soft scrim, or None when there is none."""
    words = clean(facts.action)
    if not words:
        return None
    words = words[0].upper() + words[1:]  # what follows "CLOSE ON:" starts small
    style = Style(paper.px(34), (232, 235, 240, 255), outline=max(1, paper.px(2) // 2), outline_ink=(0, 0, 0, 150))
    broken = shortened(balanced(words, style, paper.column), 3, style, paper.column)
    text_height = style.leading * len(broken)
    rise = paper.px(230)
    top = (round(paper.height * BOTTOM) - text_height - rise) // 2 * 2
    height = paper.height - top
    scrim = np.zeros((height, paper.width, 4), np.uint8)
    scrim[..., 3] = _scrim(height, rise, 0, 118)[:, None]
    sheet = Sheet(paper.width, height)
    for index, line in enumerate(broken):
        sheet.write((paper.width / 2, rise + style.leading * (index + 0.5)), line, style, "mm")
    return Patch(_stacked(scrim, sheet.pixels()), 0, top)


def _scrim(height: int, rise: int, fall: int, most: int) -> Image:
    """Return the scrim's alpha by row: up to ``most`` over ``rise`` rows, level, down over ``fall``."""
    row = np.arange(height, dtype=np.float32)
    level = np.minimum(row / rise, (height - 1 - row) / max(1, fall) if fall else 1).clip(0, 1)
    return np.asarray(most * level * level * (3 - 2 * level), np.uint8)


def _stacked(under: Image, over: Image) -> Image:
    """Return straight-alpha ``over`` on ``under``."""
    top, bottom = over[..., 3:].astype(np.float32) / 255, under[..., 3:].astype(np.float32) / 255
    alpha = top + bottom * (1 - top)
    rgb = (over[..., :3] * top + under[..., :3] * bottom * (1 - top)) / np.maximum(alpha, 1e-3)
    return np.dstack([rgb, alpha * 255]).round().astype(np.uint8)


def subtitles(spoken: Sequence[Spoken], paper: Paper, ceiling: int) -> list[Patch]:
    """Return a patch for every piece of speech, two lines at most, that ends above the row ``ceiling``."""
    made = []
    for line in spoken:
        style = Style(paper.px(56), WHITE, outline=paper.px(4))
        pieces = _pieces(clean(line.text), style, paper.column - paper.px(60))
        weights = [max(1, sum(len(row) for row in piece)) for piece in pieces]
        start = line.start
        for piece, weight in zip(pieces, weights, strict=True):
            end = (
                start + (line.end - start)
                if piece is pieces[-1]
                else start + (line.end - line.start) * weight / sum(weights)
            )
            made.append(_subtitle(piece, style, line, paper, (start, end), ceiling))
            start = end
    return made


def _pieces(words: str, style: Style, width: float) -> list[list[str]]:
    """Return speech in pieces of two lines: as many whole sentences as fit, long ones broken."""
    pieces: list[str] = []
    for sentence in SENTENCE.findall(words):
        together = pieces[-1] + sentence if pieces else sentence
        if pieces and len(lines(together, style, width)) <= 2:
            pieces[-1] = together
        else:
            pieces.append(sentence)
    rows = [balanced(piece, style, width) for piece in pieces]
    return [piece[at : at + 2] for piece in rows for at in range(0, len(piece), 2)]


def _subtitle(
    rows: Sequence[str], style: Style, line: Spoken, paper: Paper, during: tuple[float, float], ceiling: int
) -> Patch:
    """Return one piece of speech, with its speaker above it."""
    name = Style(paper.px(32), AMBER, outline=paper.px(3))
    label = clean(line.speaker) + (f" ({clean(line.voice)})" if line.voice else "")
    head = name.leading + paper.px(4) if label else 0
    edge = paper.px(14)
    height = (head + style.leading * len(rows) + 2 * edge) // 2 * 2
    sheet = Sheet(paper.width, height)
    if label:
        sheet.write((paper.width / 2, edge + name.leading / 2), fitted(label, name, paper.column), name, "mm")
    for index, row in enumerate(rows):
        sheet.write((paper.width / 2, edge + head + style.leading * (index + 0.5)), row, style, "mm")
    sheet.shadow(paper.px(8), 0.55)
    first, last = round(during[0] * paper.fps), max(round(during[0] * paper.fps) + 1, round(during[1] * paper.fps))
    return Patch(sheet.pixels(), 0, (ceiling - height) // 2 * 2, first, min(last, paper.frames))


def card(words: str, paper: Paper, *, late: bool) -> Patch | None:
    """Return the on-screen title in the middle of the frame, between two rules, fading in and out.

    A ``late`` one lets the picture play for two fifths of the shot first.
    """
    words = clean(words)
    if not words:
        return None
    style = Style(paper.px(84 if len(words) <= 12 else 64), WHITE, serif=True)
    spaced = _spaced(words)
    broken = shortened(balanced(spaced, style, paper.column - paper.px(80)), 4, style, paper.column)
    gap = paper.px(46)
    text_height = style.leading * len(broken)
    height = (text_height + 2 * gap + paper.px(460)) // 2 * 2
    sheet = Sheet(paper.width, height)
    middle = height / 2
    half = min(paper.column / 2, max(style.width(line) for line in broken) / 2 + paper.px(24))
    left, right = round(paper.width / 2 - half), round(paper.width / 2 + half)
    for rule in (round(middle - text_height / 2 - gap), round(middle + text_height / 2 + gap)):
        sheet.panel((left, rule, right, rule + max(1, paper.px(2) - 1)), PALE)
    for index, line in enumerate(broken):
        row = middle - text_height / 2 + style.leading * (index + 0.5)
        sheet.write((paper.width / 2, row), line.strip(), style, "mm")
    sheet.shadow(paper.px(14), 0.8)
    edge = paper.px(260)
    scrim = np.zeros((height, paper.width, 4), np.uint8)
    scrim[..., 3] = _scrim(height, edge, edge, 125)[:, None]
    fade = max(1, min(round(paper.fps * 0.4), paper.frames // 4))
    start = round(paper.frames * 0.4) if late else min(round(paper.fps * 0.25), paper.frames // 8)
    top = round((paper.height * 0.44 - height / 2) / 2) * 2
    return Patch(
        _stacked(scrim, sheet.pixels()), 0, top, start, paper.frames - min(start, round(paper.fps * 0.12)), fade
    )


def _spaced(words: str) -> str:
    """Return a short Chinese title with air between its characters."""
    short = len(words) <= 10 and words.isalpha() and not words.isascii()
    return "\u2009".join(words) if short else words


@lru_cache(maxsize=4)
def vignette(width: int, height: int, *, strong: bool) -> NDArray[np.uint8]:
    """Return, for every pixel, how much of its light is left (255: all): a dark edge, heavier in a flashback."""
    reach = 0.95 if strong else 1.15
    y = np.linspace(-1, 1, height // 4, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width // 4, dtype=np.float32)[None, :]
    away = np.clip(np.sqrt(0.55 * x * x + 0.75 * y * y) / reach - 0.52, 0, 1)
    left = cv2.resize(
        255 * (1 - (0.95 if strong else 0.62) * away**1.5), (width, height), interpolation=cv2.INTER_LINEAR
    )
    return np.asarray(left, np.uint8)
