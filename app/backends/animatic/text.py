"""Setting lines of Chinese and English: cleaning, breaking, measuring and drawing them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFilter

from app.backends.animatic.layers import Image
from app.media.fonts import font

UNIT = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]|[^\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]+|\s+")
NOT_FIRST = frozenset("，。！？；：、）》」』”’…—,.!?;:)]}%·")
NOT_LAST = frozenset("（《「『“‘([{")
EMPHASIS = re.compile(r"(?<!\w)(\*{1,3}|_)(\S(?:.*?\S)?)\1(?!\w)")

Ink = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Style:
    """How a line is set: the height of its em in pixels, its ink, and the width and ink of its outline."""

    pixels: int
    ink: Ink = (255, 255, 255, 255)
    outline: int = 0
    outline_ink: Ink = (8, 9, 12, 235)
    serif: bool = False

    @property
    def leading(self) -> int:
        """Pixels from one baseline to the next."""
        return round(self.pixels * 1.34)

    def width(self, words: str) -> float:
        """Return how wide ``words`` are, in pixels."""
        return float(font(self.pixels, serif=self.serif).getlength(words))


def clean(words: str) -> str:
    """Return ``words`` on one line, without control characters and without Fountain's marks of emphasis."""
    plain = "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in words)
    return EMPHASIS.sub(r"\2", re.sub(r"\s+", " ", plain).strip())


def lines(words: str, style: Style, width: float) -> list[str]:
    """Break ``words`` into lines at most ``width`` pixels wide: Chinese between characters, English between words."""
    broken: list[str] = []
    line = ""
    for unit in _units(words):
        if line and style.width((line + unit).rstrip()) > width:
            unit = _carried(broken, line, unit)
            line = ""
        while style.width(unit.rstrip()) > width and len(unit) > 1:  # a word longer than a line
            fits = next(n for n in range(len(unit) - 1, 0, -1) if n == 1 or style.width(unit[:n]) <= width)
            broken.append(unit[:fits])
            unit = unit[fits:]
        line += unit if line else unit.lstrip()
    if line.strip():
        broken.append(line.rstrip())
    return broken


def balanced(words: str, style: Style, width: float) -> list[str]:
    """Break ``words`` as ``lines`` does, into as few lines, but of nearly equal length."""
    broken = lines(words, style, width)
    low, high = width / 2, width
    while len(broken) > 1 and high - low > style.pixels / 2:
        middle = (low + high) / 2
        tried = lines(words, style, middle)
        if len(tried) > len(broken):
            low = middle
        else:
            broken, high = tried, middle
    return broken


def _units(words: str) -> list[str]:
    """Return what may stand apart, with closing punctuation kept to what it follows."""
    units: list[str] = []
    for unit in UNIT.findall(words):
        if units and (unit in NOT_FIRST or units[-1] in NOT_LAST):
            units[-1] += unit
        else:
            units.append(unit)
    return units


def _carried(broken: list[str], line: str, unit: str) -> str:
    """End ``line`` and return what the next one starts with."""
    broken.append(line.rstrip())
    return unit.lstrip()


def shortened(broken: list[str], most: int, style: Style, width: float) -> list[str]:
    """Return at most ``most`` lines; the last ends in … when some were left out."""
    if len(broken) <= most:
        return broken
    last = broken[most - 1]
    while last and style.width(last + "…") > width:
        last = last[:-1]
    return [*broken[: most - 1], last.rstrip() + "…"]


def fitted(words: str, style: Style, width: float) -> str:
    """Return ``words`` as one line no wider than ``width``, with … when it had to be cut."""
    if style.width(words) <= width:
        return words
    while words and style.width(words + "…") > width:
        words = words[:-1]
    return words.rstrip() + "…"


class Sheet:
    """A transparent picture to write on."""

    def __init__(self, width: int, height: int) -> None:
        self._image = Pillow.new("RGBA", (width, height), (0, 0, 0, 0))
        self._pen = ImageDraw.Draw(self._image)

    def panel(self, box: tuple[int, int, int, int], ink: Ink, radius: int = 0) -> None:
        """Fill a rectangle, its corners rounded."""
        self._pen.rounded_rectangle(box, radius, fill=ink)

    def write(self, at: tuple[float, float], words: str, style: Style, anchor: str = "la") -> None:
        """Write one line; ``anchor`` is Pillow's (l, m, r and a, m, s, d)."""
        self._pen.text(
            at,
            words,
            font=font(style.pixels, serif=style.serif),
            fill=style.ink,
            anchor=anchor,
            stroke_width=style.outline,
            stroke_fill=style.outline_ink if style.outline else None,
        )

    def shadow(self, radius: float, strength: float) -> None:
        """Put a soft shadow under everything written so far."""
        alpha = self._image.getchannel("A").filter(ImageFilter.GaussianBlur(radius))
        under = Pillow.new("RGBA", self._image.size, (0, 0, 0, 0))
        under.putalpha(alpha.point(lambda value: min(255, int(value * strength))))
        under.alpha_composite(self._image)
        self._image = under
        self._pen = ImageDraw.Draw(self._image)

    def pixels(self) -> Image:
        """Return the picture as uint8 RGBA."""
        return np.asarray(self._image, np.uint8)
