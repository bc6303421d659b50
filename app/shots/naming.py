"""Sparse shot names: SH0010, SH0020, and what fits between. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

STEP = 10
_NAME = re.compile(r"^SH(\d+)([A-Z]*)$")


def name_after(taken: Iterable[str], before: str | None, after: str | None) -> str:
    """Return a free name that sorts after ``before`` and, where there is room, before ``after``."""
    used = set(taken)
    low = _number(before) if before else 0
    high = _number(after) if after else None
    if high is None or high <= low:
        number = low // STEP * STEP + STEP
        while f"SH{number:04d}" in used:
            number += STEP
        return f"SH{number:04d}"
    for number in _between(low, high):
        if f"SH{number:04d}" not in used:
            return f"SH{number:04d}"
    for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        if f"SH{low:04d}{letter}" not in used:
            return f"SH{low:04d}{letter}"
    return name_after(used, max(used), None)


def _between(low: int, high: int) -> list[int]:
    """The whole numbers between, round tens first, then the middle ones."""
    middle = (low + high) / 2
    return sorted(range(low + 1, high), key=lambda number: (number % STEP != 0, abs(number - middle)))


def _number(name: str) -> int:
    found = _NAME.match(name)
    return int(found[1]) if found else 0
