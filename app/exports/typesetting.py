"""How words are set on the picture: the font and its measures, where text may stand, and where lines break."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache

from PIL import ImageFont

from app.media import fonts

UNITS = 1000
"""The size, in pixels an em, at which the font is measured."""

OPENING = "“‘（《〈「『【〔［｛([{"
CLOSING = "，。！？、；：”’）》〉」』】〕］｝…—～·,.!?;:)]}%％"
SENTENCE_ENDS = "。！？…!?.”』」"
CLAUSE_ENDS = "，、；：—,;:"
# Scripts whose words have no spaces between them: CJK marks, kana, ideographs, full-width forms, rarer planes.
_WIDE = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff"
_PIECE = re.compile(rf"[{_WIDE}]|[^\s{_WIDE}]+|\s+")


@dataclass(frozen=True, slots=True)
class Unit:
    """Characters that never part at the end of a line, and the space that follows them inside one."""

    text: str
    space: str
    width: float


@dataclass(frozen=True, slots=True)
class Layout:
    """Where text stands in a frame, and how large, in pixels.

    In a vertical frame the top tenth, the bottom fifth and the right seventh belong to the platform's own buttons.
    """

    subtitle_em: int
    subtitle_bottom: int
    card_em: int
    card_middle: int
    text_width: int
    label_left: int
    label_top: int


def layout(width: int, height: int, language: str) -> Layout:
    """Return where text stands in a frame of ``width`` × ``height`` pixels."""
    short = min(width, height)
    tall = height > width
    return Layout(
        subtitle_em=round(short * (0.052 if language.startswith("zh") else 0.047)),
        subtitle_bottom=round(height * (0.78 if tall else 0.92)),
        card_em=round(short * 0.056),
        card_middle=round(height * 0.31),
        text_width=round(width * (0.72 if tall else 0.80)),
        label_left=round(width * 0.05),
        label_top=round(height * (0.10 if tall else 0.05)),
    )


@cache
def font_sha256() -> str:
    """Return the hash of the one font that is burned in, since the picture depends on it."""
    return hashlib.sha256(fonts.sans_path().read_bytes()).hexdigest()


def face(em: int) -> ImageFont.FreeTypeFont:
    """Return the font at ``em`` pixels."""
    return ImageFont.truetype(str(fonts.sans_path()), em, layout_engine=ImageFont.Layout.BASIC)


@cache
def _measuring_face() -> ImageFont.FreeTypeFont:
    return face(UNITS)


@cache
def line_height() -> float:
    """Return the height of a line in ems; libass calls this, times the em, the font size."""
    ascent, descent = _measuring_face().getmetrics()
    return (ascent + descent) / UNITS


@cache
def advance(character: str) -> float:
    """Return the width of one character in ems."""
    return float(_measuring_face().getlength(character)) / UNITS


def ink_height(character: str) -> float:
    """Return the height of the drawn part of one character in ems."""
    _left, top, _right, bottom = _measuring_face().getmask(character).getbbox() or (0, 0, 0, 0)
    return (bottom - top) / UNITS


def text_width(text: str) -> float:
    """Return the width of one line of text in ems."""
    return sum(map(advance, text))


@cache
def _drawn(character: str) -> bytes:
    return bytes(_measuring_face().getmask(character))


def undrawable(text: str) -> tuple[str, ...]:
    """Return the characters of ``text`` the font has no drawing for, each once."""
    missing = _drawn("\U0010fffe")
    return tuple(c for c in dict.fromkeys(text) if not c.isspace() and c.isprintable() and _drawn(c) == missing)


def is_wide(text: str) -> bool:
    """Return whether ``text`` is mostly in a script without spaces, such as Chinese."""
    return 2 * len(re.findall(f"[{_WIDE}]", text)) > len(text.replace(" ", ""))


def units(text: str) -> list[Unit]:
    """Cut ``text`` where lines may break: between words, and between Chinese characters as their marks allow."""
    pieces: list[list[str]] = []
    glue_next = False
    for piece in _PIECE.findall(text.strip()):
        if piece.isspace():
            if pieces:
                pieces[-1][1] = " "
            continue
        attached = pieces and not pieces[-1][1] and (glue_next or piece[0] in CLOSING)
        if attached:
            pieces[-1][0] += piece
        else:
            pieces.append([piece, ""])
        glue_next = piece[-1] in OPENING
    return [Unit(body, space, text_width(body)) for body, space in pieces]


def joined(parts: list[Unit]) -> str:
    """Return the text of ``parts`` on one line."""
    return "".join(part.text + part.space for part in parts).rstrip()


def line_count(parts: list[Unit], ems: float) -> int:
    """Return how many lines of ``ems`` the ``parts`` need."""
    lines, used = 1, 0.0
    for part in parts:
        if used and used + part.width > ems:
            lines, used = lines + 1, 0.0
        used += part.width + (advance(" ") if part.space else 0)
    return lines


def breakable(parts: list[Unit], ems: float) -> list[Unit]:
    """Return ``parts`` with those wider than a whole line cut between their characters."""
    fitting: list[Unit] = []
    for part in parts:
        if part.width <= ems:
            fitting.append(part)
            continue
        fitting += [Unit(character, "", advance(character)) for character in part.text]
        fitting[-1] = Unit(fitting[-1].text, part.space, fitting[-1].width)
    return fitting


def wrap(parts: list[Unit], ems: float) -> tuple[str, ...]:
    """Break ``parts`` into as few lines as ``ems`` allows, and those as even as can be."""
    parts = breakable(parts, ems)
    count = line_count(parts, ems)
    narrow, wide = 0.0, ems
    for _step in range(12):
        middle = (narrow + wide) / 2
        if max((part.width for part in parts), default=0.0) <= middle and line_count(parts, middle) <= count:
            wide = middle
        else:
            narrow = middle
    lines: list[list[Unit]] = [[]]
    used = 0.0
    for part in parts:
        if used and used + part.width > wide:
            lines.append([])
            used = 0.0
        lines[-1].append(part)
        used += part.width + (advance(" ") if part.space else 0)
    return tuple(joined(line) for line in lines)
