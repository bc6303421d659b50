"""One collaborative text on the server. Places are code points here; pycrdt's own are UTF-8 bytes, and only here.

Facts about pycrdt 0.14.13: an index inside a character inserts at the end, ``get_update`` leaves out what is pending,
and a root type must not be fetched for the first time inside a transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from pycrdt import Doc, Text, TransactionEvent, merge_updates
from rapidfuzz.distance import Levenshtein

ROOT = "content"
LONGEST_COMPARED = 4000  # characters a side; what is longer is replaced whole


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text with the same marks, from ``start`` to ``end`` (code points)."""

    start: int
    end: int
    text: str
    marks: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Edit:
    """What stands from ``start`` to ``end`` (code points of the old text) becomes ``text``."""

    start: int
    end: int
    text: str


class Document:
    """A collaborative text built from updates; what is changed through it comes back from ``changes``.

    One that only takes in what others made need not keep ``records``.
    """

    def __init__(self, updates: Iterable[bytes] = (), *, records: bool = True) -> None:
        self.doc: Doc[Any] = Doc()
        self._text: Text = self.doc.get(ROOT, type=Text)
        for update in updates:
            self.doc.apply_update(update)
        self._made: list[bytes] = []
        self._observing = self.doc.observe(self._changed) if records else None

    def _changed(self, event: TransactionEvent) -> None:
        self._made.append(event.update)

    def apply(self, update: bytes) -> None:
        """Take in a change that was made elsewhere; raises ``ValueError`` on what is no update."""
        made = len(self._made)
        self.doc.apply_update(update)
        if self._observing is not None:
            del self._made[made:]

    @property
    def text(self) -> str:
        """The whole text."""
        return str(self._text)

    def changes(self) -> bytes | None:
        """Return everything changed through this object since it was made or last asked, as one update."""
        made, self._made = self._made, []
        if not made:
            return None
        return made[0] if len(made) == 1 else merge_updates(*made)

    def splice(self, start: int, end: int, new: str) -> None:
        """Put ``new`` in the place of what stands from ``start`` to ``end``; raises ``IndexError`` outside the text."""
        self._apply([Edit(start, end, new)])

    def replace(self, new: str) -> None:
        """Make the text ``new`` by the smallest changes that are quick to find; what stays keeps its marks."""
        self._apply(differences(self.text, new))

    def _apply(self, edits: list[Edit]) -> None:
        text = self.text
        if any(not 0 <= edit.start <= edit.end <= len(text) for edit in edits):
            raise IndexError("The place is outside the text.")
        if not edits:
            return
        at = _bytes_at(text, sorted({place for edit in edits for place in (edit.start, edit.end)}))
        with self.doc.transaction():
            for edit in reversed(edits):
                if edit.end > edit.start:
                    del self._text[at[edit.start] : at[edit.end]]
                if edit.text:
                    self._text.insert(at[edit.start], edit.text)

    def mark(self, start: int, end: int, name: str, value: Any = True) -> None:
        """Mark what stands from ``start`` to ``end``; raises ``IndexError`` outside the text or on nothing."""
        text = self.text
        if not 0 <= start < end <= len(text):
            raise IndexError("The place is outside the text.")
        at = _bytes_at(text, [start, end])
        with self.doc.transaction():
            self._text.format(at[start], at[end], {name: value})

    def unmark(self, name: str) -> bool:
        """Take a mark away wherever it stands, and tell whether it stood anywhere."""
        marked = [run for run in self.runs() if name in run.marks]
        at = _bytes_at(self.text, sorted({place for run in marked for place in (run.start, run.end)}))
        with self.doc.transaction():
            for run in marked:
                self._text.format(at[run.start], at[run.end], {name: None})
        return bool(marked)

    def runs(self) -> list[Run]:
        """Return the text in stretches of the same marks, in order."""
        found, place = [], 0
        for part, marks in self._text.diff():
            if isinstance(part, str):  # anything embedded is no text, and nobody sees it
                found.append(Run(place, place + len(part), part, dict(marks or {})))
                place += len(part)
        return found

    def marked(self, name: str) -> tuple[int, int] | None:
        """Return where a mark begins and ends, from its first to its last stretch; None where it does not stand."""
        places = [(run.start, run.end) for run in self.runs() if name in run.marks]
        return (places[0][0], places[-1][1]) if places else None


def differences(old: str, new: str) -> list[Edit]:
    """Return the edits that make ``new`` of ``old``: by line, and inside what changed by character."""
    if old == new:
        return []
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    middle, wanted = old[head : len(old) - tail], new[head : len(new) - tail]
    if "\n" not in middle or "\n" not in wanted:
        return list(_characters(head, middle, wanted))
    return list(_lines(head, middle, wanted))


def _common(one: str, other: str) -> int:
    """Return how many characters two texts have in common at their beginning."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _lines(place: int, old: str, new: str) -> Iterator[Edit]:
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    starts = [place]
    for line in before:
        starts.append(starts[-1] + len(line))
    matcher = SequenceMatcher(a=before, b=after, autojunk=len(before) > 2000)
    for kind, i, j, k, m in matcher.get_opcodes():
        if kind != "equal":
            yield from _characters(starts[i], "".join(before[i:j]), "".join(after[k:m]))


def _characters(place: int, old: str, new: str) -> Iterator[Edit]:
    if not old or not new or max(len(old), len(new)) > LONGEST_COMPARED:
        yield Edit(place, place + len(old), new)
        return
    for step in Levenshtein.opcodes(old, new):
        if step.tag != "equal":
            yield Edit(place + step.src_start, place + step.src_end, new[step.dest_start : step.dest_end])


def _bytes_at(text: str, places: list[int]) -> dict[int, int]:
    """Return the place in UTF-8 bytes of each place in code points, given in order."""
    at: dict[int, int] = {}
    before = count = 0
    for place in places:
        count += len(text[before:place].encode())
        at[place], before = count, place
    return at
