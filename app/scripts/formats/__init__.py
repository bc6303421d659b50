"""Script formats: Fountain and the Chinese micro-drama format, one tree for both. Pure: no IO, no database."""

from __future__ import annotations

from app.scripts.formats.ast import Dialect, Script
from app.scripts.formats.chinese import parse_chinese
from app.scripts.formats.detect import detect
from app.scripts.formats.fountain import parse_fountain

__all__ = ["Dialect", "Script", "parse"]


def parse(text: str, dialect: Dialect | None = None) -> Script:
    """Parse a script in ``dialect``, or in the one its lines speak; any text yields a tree, doubts are warnings."""
    known = dialect or detect(text)
    return parse_chinese(text) if known is Dialect.CHINESE else parse_fountain(text)
