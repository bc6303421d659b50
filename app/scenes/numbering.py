"""Scene numbers once they are locked: what is shot keeps its number, and what is inserted gets a letter."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, product
from string import ascii_uppercase

_LETTERS = re.compile(r"[A-Z]+$")
_BEFORE = re.compile(r"[A-Z]+")


@dataclass(frozen=True, slots=True)
class Numbered:
    """A scene to be numbered: what the script calls it, whether it says so itself, and the number it is locked to."""

    wanted: str
    written: bool
    locked: str = ""


def renumbered(scenes: Sequence[Numbered], reserved: Collection[str]) -> list[str]:
    """Return a number for each scene in order, where ``reserved`` are all locked numbers, also of omitted scenes.

    Nothing locked: the script's numbers. Else a scene without a number of its own, or with one that is taken, is
    called after the scene before it (2A after 2) or, as the first of all, before the next locked one (A1 before 1).
    Where inserted scenes were locked too, numbers keep reading upwards: 1AA between 1A and 1B, A1A between 1 and 1A.
    """
    if not reserved:
        return [scene.wanted for scene in scenes]
    written = {scene.wanted for scene in scenes if scene.written and not scene.locked}
    following = _following([scene.locked for scene in scenes])
    given: list[str] = []
    for scene, after in zip(scenes, following, strict=True):
        free = scene.written and scene.wanted not in reserved and scene.wanted not in given
        names = _beside(given[-1] if given else "", after)
        inserted = (name for name in names if name not in reserved and name not in written and name not in given)
        given.append(scene.locked or (scene.wanted if free else next(inserted)))
    return given


def _following(locked: Sequence[str]) -> list[str]:
    """Return, for each scene, the locked number that comes next, or ""."""
    found, after = [], ""
    for number in reversed(locked):
        found.append(after)
        after = number or after
    return found[::-1]


def _beside(before: str, after: str) -> Iterator[str]:
    """Yield the numbers a scene behind ``before`` may have, where ``after`` is the locked number that comes next."""
    head = before.removesuffix(after) if after else before
    if not before or (after and before.endswith(after) and _BEFORE.fullmatch(head)):
        return (f"{letters}{after}" for letters in _lettered())
    base = _LETTERS.sub("", before) or before
    letters, next_letters = before.removeprefix(base), after.removeprefix(base)
    if after.startswith(base) and next_letters.isalpha():
        if not letters:
            return (f"{each}{after}" for each in _lettered())
        stem = before[:-1] if len(letters) > len(next_letters) else before
        return (f"{stem}{each}" for each in _lettered())
    return (f"{base}{each}" for each in _lettered())


def _lettered() -> Iterator[str]:
    for length in count(1):
        for letters in product(ascii_uppercase, repeat=length):
            yield "".join(letters)
