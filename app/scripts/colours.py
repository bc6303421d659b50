"""The colours of revisions, in the order the industry prints them. Pure."""

from __future__ import annotations

from collections.abc import Sequence

COLOURS = ("white", "blue", "pink", "yellow", "green", "goldenrod", "buff", "salmon", "cherry")


def following(used: Sequence[str]) -> tuple[str, int]:
    """Return the colour after those used so far (oldest first), and its round: 1, then 2 for the second white."""
    coloured = [colour for colour in used if colour in COLOURS]
    if not coloured:
        return COLOURS[0], 1
    colour = COLOURS[(COLOURS.index(coloured[-1]) + 1) % len(COLOURS)]
    return colour, coloured.count(colour) + 1
