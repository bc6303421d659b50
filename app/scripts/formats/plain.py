"""The words that are seen and heard: without emphasis marks, notes and cuts."""

from __future__ import annotations

import re

_STARS = re.compile(r"(?<![\\A-Za-z0-9*])(\*{1,3})(?=[^\s*])([^*\n]*[^\s*])\1(?![A-Za-z0-9*])")
_UNDERLINE = re.compile(r"(?<![\\A-Za-z0-9_])_(?=[^\s_])([^_\n]*[^\s_])_(?![A-Za-z0-9_])")
_ESCAPED = re.compile(r"\\([*_])")
_BLANKS = re.compile(r"[ \t]+")


def plain(text: str) -> str:
    """Return ``text`` without ``[[notes]]``, ``/* cuts */`` and Fountain's ``*``, ``**`` and ``_`` around words."""
    if not any(sign in text for sign in "*_[\\"):
        return text
    text = _without(_without(text, "[[", "]]"), "/*", "*/")
    before = None
    while before != text:
        before, text = text, _UNDERLINE.sub(r"\1", _STARS.sub(r"\2", text))
    text = _ESCAPED.sub(r"\1", text)
    return "\n".join(_BLANKS.sub(" ", line).strip() for line in text.split("\n")).strip("\n")


def _without(text: str, opening: str, closing: str) -> str:
    """Return ``text`` without what stands between the two marks; a mark that is never closed stays."""
    kept: list[str] = []
    position = 0
    while (start := text.find(opening, position)) >= 0:
        end = text.find(closing, start + len(opening))
        if end < 0:
            break
        kept.append(text[position:start])
        position = end + len(closing)
    return "".join((*kept, text[position:]))
