"""The difference between two texts of a script, by scene, line and word. Pure: no IO, no database, no clock."""

from __future__ import annotations

from app.scripts.differences.lines import Row, changed_lines, line_rows, line_spans
from app.scripts.differences.scenes import Difference, SceneChange, compare, with_scene
from app.scripts.differences.words import Piece, word_pieces

__all__ = [
    "Difference",
    "Piece",
    "Row",
    "SceneChange",
    "changed_lines",
    "compare",
    "line_rows",
    "line_spans",
    "with_scene",
    "word_pieces",
]
