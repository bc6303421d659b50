"""What the parser makes of each line of a script: what the editor in the browser has to show the same."""

from __future__ import annotations

import re

from app.scripts.formats import Dialect, parse
from app.scripts.formats.ast import Kind, Speech
from app.scripts.formats.lines import normalised

_MANNER = re.compile(r"[（(][^（）()]*[）)]")


def line_kinds(text: str, dialect: Dialect) -> list[str]:
    """Return the kind of every line, ``blank`` for those without words."""
    tree = parse(text, dialect)
    whole = normalised(text)
    rows = whole.split("\n")
    kinds = ["blank"] * len(rows)
    for node, kind in [*((field, "title") for field in tree.fields), *((one, one.kind.value) for one in tree.elements)]:
        first = node.line - 1
        last = first + whole[node.start : node.end].count("\n")
        for index in range(first, last + 1):
            listed_in_heading = kind == Kind.CAST and kinds[index] == Kind.SCENE
            if rows[index].strip() and not listed_in_heading:
                kinds[index] = _of_line(node, kind, rows[index].strip(), index == first, dialect)
    return kinds


def _of_line(node: object, kind: str, words: str, is_first: bool, dialect: Dialect) -> str:
    if isinstance(node, Speech) and dialect is Dialect.FOUNTAIN:
        return "cue" if is_first else "parenthetical" if _MANNER.fullmatch(words) else "dialogue"
    if kind in (Kind.FLASHBACK_START, Kind.FLASHBACK_END):
        return "flashback"
    return kind
