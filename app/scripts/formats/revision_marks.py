"""What a revision changed: the lines to be marked in exports. The lines are computed where revisions are compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from app.scripts.formats.ast import Element

_FDX_COLOURS = {
    "white": "FFFFFF",
    "blue": "0000FF",
    "pink": "FF00FF",
    "yellow": "D9A300",
    "green": "008000",
    "goldenrod": "B8860B",
    "buff": "B8A06A",
    "salmon": "E9745A",
    "cherry": "B0123B",
    "tan": "A07A4A",
    "grey": "606060",
}


@dataclass(frozen=True, slots=True)
class RevisionMarks:
    """The lines (1-based, of the text that is exported) which a revision changed.

    ``colour`` is a name such as ``blue``, or ``#rrggbb``; "" stands for black.
    """

    name: str
    colour: str
    lines: frozenset[int]

    @property
    def hexadecimal(self) -> str:
        """The colour as six hexadecimal digits."""
        given = self.colour.strip().lower()
        digits = given.removeprefix("#")
        if given.startswith("#") and len(digits) == 6 and all(sign in "0123456789abcdef" for sign in digits):
            return digits.upper()
        return _FDX_COLOURS.get(given, "000000")


def changed_lines(before: str, after: str) -> frozenset[int]:
    """Return the lines (1-based) of ``after`` that are new or other than in ``before``; blank ones never are."""
    old, new = before.split("\n"), after.split("\n")
    found: set[int] = set()
    for kind, _from, _to, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind in ("insert", "replace"):
            found.update(at + 1 for at in range(start, end) if new[at].strip())
    return frozenset(found)


def lines_of(element: Element) -> range:
    """Return the lines an element stands on; none for an element that was not read from a text."""
    return range(element.line, element.line + element.raw.count("\n") + 1) if element.line else range(0)


def marks_of(element: Element, revisions: Sequence[RevisionMarks]) -> int:
    """Return the number (1-based) of the last revision that touched an element, 0 if none did."""
    touched = [index for index, each in enumerate(revisions, 1) if not each.lines.isdisjoint(lines_of(element))]
    return max(touched, default=0)
