"""Taking scenes out of one text and putting them into another. Pure; places count code points."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise


def cut_out(text: str, starts: Sequence[int], chosen: Collection[int]) -> tuple[str, str]:
    """Return what is left of a text, and the scenes that begin at ``chosen`` in their order.

    ``starts`` are the places where all scenes begin; a scene ends where the next one begins.
    """
    bounds = [*sorted(starts), len(text)]
    rest, taken = [text[: bounds[0]]], list[str]()
    for start, end in pairwise(bounds):
        (taken if start in chosen else rest).append(text[start:end])
    return "".join(_ended(part) for part in rest).lstrip("\n") if rest != [""] else "", "".join(map(_ended, taken))


def put_in(text: str, scenes: str, place: int) -> str:
    """Return a text with scenes put in at a place between its own, each on lines of its own."""
    before, after = text[:place], text[place:]
    if before.strip() and not before.endswith("\n\n"):
        before = before.rstrip("\n") + "\n\n"
    if after.strip() and not scenes.endswith("\n\n"):
        scenes = scenes.rstrip("\n") + "\n\n"
    return before + scenes + after


def _ended(part: str) -> str:
    return part if not part or part.endswith("\n") else part + "\n"
