"""Which of the new scenes (or shots) is which of the old: exact text, then locked number, then similarity, in order.

Pure. A thing that moved or was retitled keeps its identity, and one inserted takes nobody else's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

SAME_ENOUGH = 0.45
MOVED_ENOUGH = 0.72


@dataclass(frozen=True, slots=True)
class Item:
    """Something to recognise: its words, and the number it is locked to (old) or the script gives it (new)."""

    text: str
    number: str = ""


def match(old: Sequence[Item], new: Sequence[Item], *, threshold: float = SAME_ENOUGH) -> dict[int, int]:
    """Return, for indices of ``new``, the index of the old item it continues; no old item is given twice."""
    found: dict[int, int] = {}
    _match_exactly(old, new, found)
    _match_locked_numbers(old, new, found)
    rest_old = [i for i in range(len(old)) if i not in set(found.values())]
    rest_new = [j for j in range(len(new)) if j not in found]
    _match_in_order(old, new, rest_old, rest_new, found, threshold)
    _match_moved(old, new, found)
    return found


def _match_exactly(old: Sequence[Item], new: Sequence[Item], found: dict[int, int]) -> None:
    places: dict[str, list[int]] = {}
    for index, item in enumerate(old):
        places.setdefault(item.text, []).append(index)
    for index, item in enumerate(new):
        if waiting := places.get(item.text):
            found[index] = waiting.pop(0)


def _match_locked_numbers(old: Sequence[Item], new: Sequence[Item], found: dict[int, int]) -> None:
    taken = set(found.values())
    locked = {item.number: index for index, item in enumerate(old) if item.number and index not in taken}
    for index, item in enumerate(new):
        if index not in found and item.number in locked:
            found[index] = locked.pop(item.number)


def _match_in_order(
    old: Sequence[Item],
    new: Sequence[Item],
    rest_old: Sequence[int],
    rest_new: Sequence[int],
    found: dict[int, int],
    threshold: float,
) -> None:
    """Align what is left so that the sum of similarities is greatest and no two pairs cross."""
    likeness = [[similarity(old[i], new[j]) for j in rest_new] for i in rest_old]
    rows, columns = len(rest_old), len(rest_new)
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows - 1, -1, -1):
        for j in range(columns - 1, -1, -1):
            pair = likeness[i][j] + best[i + 1][j + 1] if likeness[i][j] >= threshold else 0.0
            best[i][j] = max(pair, best[i + 1][j], best[i][j + 1])
    i = j = 0
    while i < rows and j < columns:
        if likeness[i][j] >= threshold and best[i][j] == likeness[i][j] + best[i + 1][j + 1]:
            found[rest_new[j]] = rest_old[i]
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1


def _match_moved(old: Sequence[Item], new: Sequence[Item], found: dict[int, int]) -> None:
    """Recognise what was both moved and edited, when it is unmistakable."""
    taken = set(found.values())
    pairs = sorted(
        (
            (similarity(old[i], new[j]), i, j)
            for i in range(len(old))
            if i not in taken
            for j in range(len(new))
            if j not in found
        ),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )
    for likeness, i, j in pairs:
        if likeness < MOVED_ENOUGH:
            break
        if i not in taken and j not in found:
            found[j] = i
            taken.add(i)


def similarity(one: Item, other: Item) -> float:
    """Return how alike two texts are, from 0 to 1."""
    return fuzz.ratio(one.text, other.text) / 100
