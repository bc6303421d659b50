"""Emphasis inside a line (``*italic*``, ``**bold**``, ``_underlined_``) as runs and back; notes and cuts in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

_STARS = re.compile(r"(?<![\\A-Za-z0-9*])(\*{1,3})(?=[^\s*])([^*\n]*[^\s*])\1(?![A-Za-z0-9*])")
_UNDERLINE = re.compile(r"(?<![\\A-Za-z0-9_])_(?=[^\s_])([^_\n]*[^\s_])_(?![A-Za-z0-9_])")
_ESCAPED = re.compile(r"\\([*_])")
_SIGNS = "*_\\"


@dataclass(frozen=True, slots=True)
class Run:
    """Words set in one style."""

    text: str
    bold: bool = False
    italic: bool = False
    underline: bool = False

    @property
    def styled(self) -> bool:
        """Whether the words are set apart at all."""
        return self.bold or self.italic or self.underline


@dataclass(frozen=True, slots=True)
class Aside:
    """A note or a cut that stands among words: where (code points of the words alone), and as it is written."""

    place: int
    raw: str

    @property
    def text(self) -> str:
        """What it says, without its brackets."""
        return self.raw[2:-2].strip()


def runs(text: str) -> tuple[Run, ...]:
    """Return the words of a text with their styles; joined, they are the text without marks of emphasis."""
    if not any(sign in text for sign in _SIGNS):
        return (Run(text),) if text else ()
    return tuple(_merged(_styled(text, Run(""))))


def marked(pieces: Sequence[Run]) -> str:
    """Return runs as Fountain writes them; words that only look like marks are escaped where any are styled."""
    if not any(piece.styled for piece in pieces):
        return "".join(piece.text for piece in pieces)
    return "".join(_marked(piece) for piece in pieces)


def without_asides(text: str) -> tuple[str, tuple[Aside, ...]]:
    """Return a text without its ``[[notes]]`` and ``/* cuts */``, and these; what is never closed stays."""
    kept: list[str] = []
    found: list[Aside] = []
    position = length = 0
    last = {"[[": text.rfind("]]"), "/*": text.rfind("*/")}
    for opening in re.finditer(r"\[\[|/\*", text):
        start = opening.start()
        if start < position or last[opening[0]] < start + 2:
            continue
        end = text.find("]]" if opening[0] == "[[" else "*/", start + 2) + 2
        kept.append(text[position:start])
        length += start - position
        found.append(Aside(length, text[start:end]))
        position = end
    return "".join((*kept, text[position:])), tuple(found)


def rejoined(pieces: Sequence[Run], asides: Sequence[Aside]) -> str:
    """Return runs as Fountain writes them, with notes and cuts at their places among the words that are seen."""
    escaped = any(piece.styled for piece in pieces)
    waiting = sorted(asides, key=lambda each: each.place)
    parts: list[str] = []
    position = index = 0
    for piece in pieces:
        start, end = 0, position + len(piece.text)
        while index < len(waiting) and waiting[index].place <= end:
            cut = max(waiting[index].place - position, start)
            parts += [_part(piece, start, cut, escaped=escaped), waiting[index].raw]
            start, index = cut, index + 1
        parts.append(_part(piece, start, len(piece.text), escaped=escaped))
        position = end
    return "".join((*parts, *(each.raw for each in waiting[index:])))


def _part(piece: Run, start: int, end: int, *, escaped: bool) -> str:
    cut = replace(piece, text=piece.text[start:end])
    return _marked(cut) if escaped and cut.text else cut.text


def _styled(text: str, style: Run) -> Iterator[Run]:
    position = 0
    while found := _first(text, position):
        yield replace(style, text=_ESCAPED.sub(r"\1", text[position : found.start()]))
        if found.re is _STARS:
            stars = len(found[1])
            inner = replace(style, italic=style.italic or stars != 2, bold=style.bold or stars > 1)
            yield from _styled(found[2], inner)
        else:
            yield from _styled(found[1], replace(style, underline=True))
        position = found.end()
    yield replace(style, text=_ESCAPED.sub(r"\1", text[position:]))


def _first(text: str, position: int) -> re.Match[str] | None:
    stars = _STARS.search(text, position) if "*" in text else None
    line = _UNDERLINE.search(text, position) if "_" in text else None
    if stars and line:
        return stars if stars.start() < line.start() else line
    return stars or line


def _merged(pieces: Iterator[Run]) -> Iterator[Run]:
    waiting: Run | None = None
    for piece in pieces:
        if not piece.text:
            continue
        if waiting and replace(waiting, text="") == replace(piece, text=""):
            waiting = replace(waiting, text=waiting.text + piece.text)
            continue
        if waiting:
            yield waiting
        waiting = piece
    if waiting:
        yield waiting


def _marked(piece: Run) -> str:
    escaped = re.sub(r"([*_])", r"\\\1", piece.text)
    stars = "*" * (piece.italic + 2 * piece.bold)
    line = "_" if piece.underline else ""
    wrapped = (_wrapped(each, line + stars, stars + line) for each in escaped.split("\n"))
    return "\n".join(wrapped)


def _wrapped(text: str, opening: str, closing: str) -> str:
    words = text.strip()
    if not words:
        return text
    start = text.find(words)
    return f"{text[:start]}{opening}{words}{closing}{text[start + len(words) :]}"
