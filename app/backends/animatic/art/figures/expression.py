"""What a face does: brows, lids, gaze and mouth, from the manner of a line or the words of an action."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Expression:
    """A held expression; 0 is at rest.

    ``brow`` lifts (+) or lowers (−) the brows, ``worry`` raises their inner ends (+) or knits them down (−); ``lids``
    opens the eyes wider (+) or narrows them (−), −1 is closed; ``smile`` lifts the mouth's corners; ``mouth`` opens it
    (0 to 1).
    """

    brow: float = 0.0
    worry: float = 0.0
    lids: float = 0.0
    smile: float = 0.0
    mouth: float = 0.0
    gaze: float = 0.0
    gaze_down: float = 0.0
    tears: bool = False


CALM = Expression()
