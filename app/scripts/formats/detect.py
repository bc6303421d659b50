"""Which of the two dialects a text is written in."""

from __future__ import annotations

import re

from app.scripts.formats import marks
from app.scripts.formats.ast import Dialect
from app.scripts.formats.chinese import label_of, read_cue
from app.scripts.formats.fountain import is_cue
from app.scripts.formats.headings import chinese_heading, is_fountain_heading
from app.scripts.formats.lines import normalised
from app.scripts.formats.marks import Span
from app.scripts.formats.vocabulary import PEOPLE, trim

_ENOUGH = 3000
_FORCED = re.compile(r"\.[^\s.]|@\S|![^\s!]|>\s*\S")
_LATIN_HEADING = re.compile(r"(?:INT|EXT|EST|I/E)[./\s]", re.I)
_HAN = re.compile(r"[\u3400-\u9fff]")
_NOWHERE: Span = {"line": 0, "start": 0, "end": 0, "raw": ""}


def detect(text: str) -> Dialect:
    """Return the dialect most of the first lines speak; Fountain when nothing tells."""
    fountain = chinese = 0
    words = [trim(line) for line in normalised(text[:400_000]).split("\n")[:_ENOUGH]]
    for index, line in enumerate(words):
        if not line:
            continue
        for_fountain, for_chinese = _votes(line, words[index + 1] if index + 1 < len(words) else "")
        fountain, chinese = fountain + for_fountain, chinese + for_chinese
    return Dialect.CHINESE if chinese > fountain else Dialect.FOUNTAIN


def _votes(line: str, following: str) -> tuple[int, int]:
    """Return how much a line speaks for Fountain and for the Chinese format."""
    if _LATIN_HEADING.match(line) and is_fountain_heading(line):
        return 4, 0
    if _FORCED.match(line):
        return 4 if line[0] == "." or line[0] == "@" else 2, 0
    if not _HAN.search(line):
        return (1, 0) if following and is_cue(line) else (0, 0)
    if line[0] in marks.TRIANGLES or label_of(line) in PEOPLE or marks.episode(line, _NOWHERE):
        return 0, 2
    if line[0] == "【":
        return 0, 1
    if not is_fountain_heading(line) and chinese_heading(line):
        return 0, 4
    if line.startswith(("# ", "= ", "[[")):
        return 1, 0
    return (0, 1) if read_cue(line) else (0, 0)
