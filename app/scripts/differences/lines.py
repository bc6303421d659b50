"""The difference between two runs of lines. Pure, and bounded: a text of any length is compared in one look."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

from app.scripts.differences.words import Piece, word_pieces

LARGEST = 64_000_000
PAIRED = 40
ALIKE = 45.0
Span = tuple[bool, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a comparison; the numbers are its lines (1-based) in the text before and after, 0 where it is not."""

    kind: Literal["same", "changed", "gone", "new"]
    before: int
    after: int
    pieces: tuple[Piece, ...]

    @property
    def old(self) -> str:
        """The line as it was."""
        return "".join(piece.text for piece in self.pieces if piece.kind != "new")

    @property
    def new(self) -> str:
        """The line as it is."""
        return "".join(piece.text for piece in self.pieces if piece.kind != "gone")


def line_spans(old: Sequence[str], new: Sequence[str]) -> list[Span]:
    """Return (same, start, end, other start, other end) in order, covering both runs of lines."""
    spans: list[Span] = []
    for span in _spans(old, new, 0, len(old), 0, len(new)):
        if spans and spans[-1][0] == span[0]:
            spans[-1] = (span[0], spans[-1][1], span[2], spans[-1][3], span[4])
        elif span[1] < span[2] or span[3] < span[4]:
            spans.append(span)
    return spans


def _spans(old: Sequence[str], new: Sequence[str], i: int, n: int, j: int, m: int) -> Iterator[Span]:
    head = 0
    while i + head < n and j + head < m and old[i + head] == new[j + head]:
        head += 1
    tail = 0
    while n - tail > i + head and m - tail > j + head and old[n - tail - 1] == new[m - tail - 1]:
        tail += 1
    yield True, i, i + head, j, j + head
    yield from _middle(old, new, i + head, n - tail, j + head, m - tail)
    yield True, n - tail, n, m - tail, m


def _middle(old: Sequence[str], new: Sequence[str], i: int, n: int, j: int, m: int) -> Iterator[Span]:
    if (n - i) * (m - j) <= LARGEST:
        for code in Indel.opcodes(old[i:n], new[j:m]):
            yield code.tag == "equal", i + code.src_start, i + code.src_end, j + code.dest_start, j + code.dest_end
        return
    for i_next, j_next in _anchors(old, new, i, n, j, m):
        yield from _between(old, new, i, i_next, j, j_next)
        yield True, i_next, i_next + 1, j_next, j_next + 1
        i, j = i_next + 1, j_next + 1
    yield from _between(old, new, i, n, j, m)


def _between(old: Sequence[str], new: Sequence[str], i: int, n: int, j: int, m: int) -> Iterator[Span]:
    if (n - i) * (m - j) <= LARGEST:
        yield from _middle(old, new, i, n, j, m)
    else:
        yield False, i, n, j, m


def _anchors(old: Sequence[str], new: Sequence[str], i: int, n: int, j: int, m: int) -> list[tuple[int, int]]:
    """Return the longest run of lines that stand once on each side and keep their order."""
    ours, theirs = Counter(old[i:n]), Counter(new[j:m])
    at = {new[k]: k for k in range(j, m) if theirs[new[k]] == 1}
    pairs = [(k, at[old[k]]) for k in range(i, n) if ours[old[k]] == 1 and old[k] in at]
    return [pairs[index] for index in rising([other for _, other in pairs])]


def rising(values: Sequence[int]) -> list[int]:
    """Return the indices of a longest run of rising values."""
    ends: list[int] = []
    last: list[int] = []
    back: list[int] = []
    for index, value in enumerate(values):
        place = bisect_left(ends, value)
        back.append(last[place - 1] if place else -1)
        ends[place : place + 1] = [value]
        last[place : place + 1] = [index]
    found: list[int] = []
    at = last[-1] if last else -1
    while at >= 0:
        found.append(at)
        at = back[at]
    return found[::-1]


def line_rows(old: Sequence[str], new: Sequence[str], *, before: int = 0, after: int = 0) -> list[Row]:
    """Return the rows of a comparison, where ``before`` and ``after`` lines stand above these runs in their texts."""
    rows: list[Row] = []
    for same, start, end, other, other_end in line_spans(old, new):
        if same:
            rows += [
                Row("same", before + k + 1, after + other + k - start + 1, (Piece("same", old[k]),))
                for k in range(start, end)
            ]
        else:
            rows += _changed(old[start:end], new[other:other_end], before + start, after + other)
    return rows


def _changed(old: Sequence[str], new: Sequence[str], before: int, after: int) -> Iterator[Row]:
    i = j = 0
    for mine, other in [*_pairs(old, new), (len(old), len(new))]:
        yield from (Row("gone", before + k + 1, 0, (Piece("gone", old[k]),)) for k in range(i, mine))
        yield from (Row("new", 0, after + k + 1, (Piece("new", new[k]),)) for k in range(j, other))
        if mine < len(old) and other < len(new):
            yield Row("changed", before + mine + 1, after + other + 1, tuple(word_pieces(old[mine], new[other])))
        i, j = mine + 1, other + 1


def _pairs(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Return which old line became which new one, in order: those that are alike, where there are few."""
    if len(old) > PAIRED or len(new) > PAIRED:
        pairs = [(k, k) for k in range(min(len(old), len(new)))] if len(old) == len(new) else []
        return [pair for pair in pairs if fuzz.ratio(old[pair[0]], new[pair[1]]) >= ALIKE]
    likeness = [[fuzz.ratio(one, other) for other in new] for one in old]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in range(len(old) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            pair = likeness[i][j] + best[i + 1][j + 1] if likeness[i][j] >= ALIKE else 0.0
            best[i][j] = max(pair, best[i + 1][j], best[i][j + 1])
    found: list[tuple[int, int]] = []
    i = j = 0
    while i < len(old) and j < len(new):
        if likeness[i][j] >= ALIKE and best[i][j] == likeness[i][j] + best[i + 1][j + 1]:
            found.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return found


def changed_lines(before: str, after: str) -> list[int]:
    """Return the lines (1-based) of ``after`` that are new or changed; where lines only went, the one that follows."""
    old, new = before.split("\n"), after.split("\n")
    found: list[int] = []
    for same, _start, _end, other, other_end in line_spans(old, new):
        if not same:
            found += range(other + 1, other_end + 1) if other < other_end else [min(other + 1, len(new))]
    return sorted(set(found))
