"""A script as lines with offsets, with what is cut out (/* … */) lifted from between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from app.scripts.formats.ast import Element, Kind
from app.scripts.formats.vocabulary import trim


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its number (1-based), where it starts, its words as written, and the same without blanks around."""

    number: int
    start: int
    raw: str
    text: str

    @property
    def first(self) -> int:
        """Where the first visible character stands in the text."""
        return self.start + self.raw.find(self.text)

    @property
    def end(self) -> int:
        """Where the visible characters end in the text."""
        return self.first + len(self.text)


def line_of(number: int, start: int, raw: str) -> Line:
    """Return a line; ``text`` is trimmed once, here."""
    return Line(number, start, raw, trim(raw))


def normalised(text: str) -> str:
    """Return the text with ``\\n`` for every line end."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def lines(text: str) -> Iterator[Line | Element]:
    """Yield the lines of a text; a boneyard that fills its lines comes as one element.

    A cut inside one line stays in that line, so that the words around it stay together.
    """
    last_close = text.rfind("*/")
    position, number, size = 0, 1, len(text)
    while position <= size:
        end = text.find("\n", position)
        end = size if end < 0 else end
        line = line_of(number, position, text[position:end])
        opened = _opened(line.raw)
        if opened is None or text.find("*/", position + opened + 2, size) < 0 or position + opened > last_close:
            yield line
            position, number = end + 1, number + 1
            continue
        if trim(line.raw[:opened]):
            yield line_of(number, position, line.raw[:opened])
        close = text.find("*/", position + opened + 2) + 2
        yield boneyard(text, position + opened, close, number)
        number += text.count("\n", position, close)
        position = close
        end = text.find("\n", position)
        end = size if end < 0 else end
        if not trim(text[position:end]):
            position, number = end + 1, number + 1


def boneyard(text: str, start: int, end: int, line: int) -> Element:
    """Return the element for ``/* … */`` at ``text[start:end]``."""
    raw = text[start:end]
    return Element(kind=Kind.BONEYARD, text=trim(raw[2:-2]), line=line, start=start, end=end, raw=raw)


def _opened(line: str) -> int | None:
    """Return where a cut opens that fills the rest of the line or goes beyond it."""
    position = line.find("/*")
    if position < 0:
        return None
    words = trim(line)
    first = line.find(words)
    while position >= 0:
        closed = line.find("*/", position + 2)
        if closed < 0 or (position == first and closed + 2 == first + len(words)):
            return position
        position = line.find("/*", closed + 2)
    return None
