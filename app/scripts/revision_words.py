"""What a reader is told of a revision: its title and its colour, in their language."""

from __future__ import annotations

from app.core.i18n import _
from app.scripts.colours import COLOURS
from app.scripts.models import Revision


def colour_word(colour: str) -> str:
    """Return the name of a colour of revisions, "" for none."""
    return {
        "white": _("White"),
        "blue": _("Blue"),
        "pink": _("Pink"),
        "yellow": _("Yellow"),
        "green": _("Green"),
        "goldenrod": _("Goldenrod"),
        "buff": _("Buff"),
        "salmon": _("Salmon"),
        "cherry": _("Cherry"),
    }.get(colour, "")


def colour_choices() -> list[tuple[str, str]]:
    """Return the colours to choose from, none first."""
    return [("", _("No colour")), *((colour, colour_word(colour)) for colour in COLOURS)]


def next_name(colour: str, turn: int) -> str:
    """Return what a revision of this colour is called by custom; ``turn`` 2 is the second of it."""
    word = colour_word(colour)
    return word if turn < 2 else _("%(colour)s %(turn)d") % {"colour": word, "turn": turn}


def title(revision: Revision) -> str:
    """Return what a list calls a revision; checkpoints have no name of their own."""
    return revision.name or _("Checkpoint")
