"""The difference between two short texts, word by word; a Chinese character is a word. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Literal

Kind = Literal["same", "gone", "new"]
_WORDS = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]|\w+|\s+|[^\w\s]")
LONGEST = 4000


def word_difference(before: str, after: str) -> list[tuple[Kind, str]]:
    """Return pieces of both texts in reading order: what stayed, what is gone, what is new.

    Beyond 4,000 characters the rest is compared as one piece.
    """
    old, new = _words(before), _words(after)
    pieces: list[tuple[Kind, str]] = []
    for kind, start, end, other_start, other_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(("same", "".join(old[start:end])))
            continue
        pieces += list(_changed("".join(old[start:end]), "".join(new[other_start:other_end])))
    return pieces


def _changed(gone: str, new: str) -> Iterator[tuple[Kind, str]]:
    if gone:
        yield "gone", gone
    if new:
        yield "new", new


def _words(text: str) -> list[str]:
    rest = [text[LONGEST:]] if len(text) > LONGEST else []
    return _WORDS.findall(text[:LONGEST]) + rest
