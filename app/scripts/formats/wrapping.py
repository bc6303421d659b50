"""Breaking lines where Latin and Chinese typesetting break them."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace

from app.scripts.formats.inline import Run

Measure = Callable[[str], float]
_NEVER_FIRST = frozenset("、。，．：；？！）】》」』〉’”…—～·,.:;?!)]}%‰ー々")
_NEVER_LAST = frozenset("（【《「『〈‘“([{")


def is_wide(char: str) -> bool:
    """Tell whether a character fills a whole square, as Chinese ones do."""
    return unicodedata.east_asian_width(char) in "WF"


def wrap(pieces: Sequence[Run], width: float, measure: Measure, hanging: float = 0) -> list[tuple[Run, ...]]:
    """Break runs into lines at most ``width`` wide; lines after the first have ``hanging`` less."""
    chars = [(char, replace(piece, text="")) for piece in pieces for char in piece.text]
    text = "".join(char for char, _style in chars)
    lines: list[tuple[Run, ...]] = []
    start = 0
    room = width
    while start < len(chars):
        end = _end(text, start, room, measure)
        lines.append(_joined(chars[start:end]))
        start = end
        while start < len(chars) and text[start] == " ":
            start += 1
        room = width - hanging
    return lines or [()]


def _end(text: str, start: int, room: float, measure: Measure) -> int:
    used, possible, position = 0.0, start, start
    while position < len(text):
        used += measure(text[position])
        if used > room and text[position] != " ":
            return possible if possible > start else max(position, start + 1)
        position += 1
        if position < len(text) and _breaks(text[position - 1], text[position]):
            possible = position
    return position


def _breaks(before: str, after: str) -> bool:
    """Tell whether a line may end between two characters."""
    if after in _NEVER_FIRST or before in _NEVER_LAST or after == " ":
        return False
    if before == " " or (before in "-–—" and after.isalnum()):
        return True
    return (is_wide(before) or is_wide(after)) and not unicodedata.combining(after)


def _joined(chars: Sequence[tuple[str, Run]]) -> tuple[Run, ...]:
    pieces: list[Run] = []
    for char, style in chars:
        if pieces and replace(pieces[-1], text="") == style:
            pieces[-1] = replace(pieces[-1], text=pieces[-1].text + char)
        else:
            pieces.append(replace(style, text=char))
    if pieces:
        pieces[-1] = replace(pieces[-1], text=pieces[-1].text.rstrip())
    return tuple(piece for piece in pieces if piece.text)
