"""The difference between two lines, word by word. Pure.

English is compared by word, Chinese by character; shreds that stayed between two changes join them, so that a reader
sees one phrase for another rather than a sieve.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from rapidfuzz.distance import Indel

Kind = Literal["same", "gone", "new"]
MOST_TOKENS = 4000
_CHARACTER = r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]"
_LETTERS = r"[^\W_\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]+"
_WORDS = re.compile(rf"{_CHARACTER}|{_LETTERS}(?:['’]{_LETTERS})*|\s+|.", re.S)
_CHINESE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


class Piece(NamedTuple):
    """A stretch of a line that stayed, is gone, or is new."""

    kind: Kind
    text: str


def tokens(text: str) -> list[str]:
    """Return the words of a line: a Chinese character is one, and so are a run of spaces and a mark; none is lost."""
    return _WORDS.findall(text)


def word_pieces(before: str, after: str) -> list[Piece]:
    """Return the pieces of both lines in reading order, what is gone before what is new.

    Joining what is not new gives ``before``, joining what is not gone gives ``after``. Beyond 4,000 words a side the
    rest is compared as one piece.
    """
    if before == after:
        return [Piece("same", before)] if before else []
    old, new = _bounded(tokens(before)), _bounded(tokens(after))
    spans: list[tuple[str, str, str]] = []
    for code in Indel.opcodes(old, new):
        gone, made = "".join(old[code.src_start : code.src_end]), "".join(new[code.dest_start : code.dest_end])
        spans.append((gone, "", "") if code.tag == "equal" else ("", gone, made))
    return _pieces(_joined(spans))


def _bounded(words: list[str]) -> list[str]:
    return [*words[:MOST_TOKENS], "".join(words[MOST_TOKENS:])] if len(words) > MOST_TOKENS else words


def _joined(spans: Sequence[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Make one change of neighbouring changes and of the shreds between them."""
    joined: list[tuple[str, str, str]] = []
    for index, (same, gone, new) in enumerate(spans):
        inside = 0 < index < len(spans) - 1
        if same and inside and joined and not joined[-1][0] and _is_shred(same, joined[-1], spans[index + 1]):
            gone, new, same = same, same, ""
        if not same and joined and not joined[-1][0]:
            joined[-1] = ("", joined[-1][1] + gone, joined[-1][2] + new)
        else:
            joined.append((same, gone, new))
    return joined


def _is_shred(same: str, before: tuple[str, str, str], after: tuple[str, str, str]) -> bool:
    if not same.strip():
        return "\n" not in same
    if not _CHINESE.search(same):
        return False
    return len(same) == 1 and min(len(before[1] + before[2]), len(after[1] + after[2])) > 2


def _pieces(spans: Sequence[tuple[str, str, str]]) -> list[Piece]:
    pieces: list[Piece] = []
    for same, gone, new in spans:
        parts: tuple[Piece, ...] = (Piece("same", same), Piece("gone", gone), Piece("new", new))
        pieces += [part for part in parts if part.text]
    return pieces
