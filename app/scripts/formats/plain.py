"""The words that are seen and heard: without emphasis marks, notes and cuts."""

from __future__ import annotations

import re

_HIDDEN = re.compile(r"\[\[(?:[^\]]|\](?!\]))*\]\]|/\*(?:[^*]|\*(?!/))*\*/")
_EMPHASIS = re.compile(r"(?<!\\)(\*{1,3}|_)(?=[^\s*_])((?:[^*_\n]|(?<=\w)_(?=\w))*[^\s*_])\1(?!\w)")
_ESCAPED = re.compile(r"\\([*_])")
_BLANKS = re.compile(r"[ \t]+")


def plain(text: str) -> str:
    """Return ``text`` without ``[[notes]]``, ``/* cuts */`` and Fountain's ``*``, ``**`` and ``_`` around words."""
    if not any(sign in text for sign in "*_[\\"):
        return text
    text = _HIDDEN.sub("", text)
    before = None
    while before != text:
        before, text = text, _EMPHASIS.sub(r"\2", text)
    text = _ESCAPED.sub(r"\1", text)
    return "\n".join(_BLANKS.sub(" ", line).strip() for line in text.split("\n")).strip("\n")
