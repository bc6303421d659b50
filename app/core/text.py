"""Small, pure helpers for text in both languages."""

from __future__ import annotations

import re
import unicodedata

_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|]+")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")


def slug(title: str, fallback: str = "untitled") -> str:
    """Return a file-name-safe form of a title: lower case, hyphens, Chinese kept."""
    kept = _UNSAFE.sub(" ", unicodedata.normalize("NFC", title))
    words = re.sub(r"[^\w]+", "-", kept, flags=re.UNICODE).strip("-_").lower()
    return words[:80] or fallback


def clean_line(value: str, limit: int) -> str:
    """Return one line of text without control characters, trimmed, at most ``limit`` code points."""
    kept = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in value)
    return " ".join(kept.split())[:limit]


def is_chinese(value: str) -> bool:
    """Tell whether a text is mostly written in Chinese characters."""
    letters = [c for c in value if c.isalpha()]
    return bool(letters) and sum(bool(_HAN.match(c)) for c in letters) * 2 >= len(letters)
