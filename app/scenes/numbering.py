"""Scene numbers once they are locked: what is shot keeps its number, and what is inserted gets a letter."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, product
from string import ascii_uppercase

_LETTERS = re.compile(r"[A-Z]+$")


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
    """
    if not reserved:
        return [scene.wanted for scene in scenes]
    written = {scene.wanted for scene in scenes if scene.written and not scene.locked}
    first_locked = next((scene.locked for scene in scenes if scene.locked), "")
    given: list[str] = []
    for scene in scenes:
        free = scene.written and scene.wanted not in reserved and scene.wanted not in given
        names = _beside(given[-1] if given else "", first_locked)
        inserted = (name for name in names if name not in reserved and name not in written and name not in given)
        given.append(scene.locked or (scene.wanted if free else next(inserted)))
    return given


def _beside(before: str, after: str) -> Iterator[str]:
    base = _LETTERS.sub("", before) or before
    for length in count(1):
        for letters in product(ascii_uppercase, repeat=length):
            yield f"{base}{''.join(letters)}" if base else f"{''.join(letters)}{after}"
