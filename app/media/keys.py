"""Storage keys: where an object lives, decided by what it is; nothing a person typed is ever part of one."""

from __future__ import annotations

import re

from app.core.errors import Invalid
from app.core.i18n import _

ORIGINALS = "sha256"
"""The first segment of every original's key."""

_HASH = re.compile(r"[0-9a-f]{64}")
_KIND = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_INPUT = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,126}[a-z0-9])?")
_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")
_SEGMENT = re.compile(r"[a-z0-9][a-z0-9_-]*(\.[a-z0-9]{1,8})?")
_LONGEST_KEY = 255


def original_key(sha256: str) -> str:
    """Return the key of original bytes, ``sha256/aa/bb/<hash>``; ``sha256`` is 64 lower-case hexadecimal digits."""
    if not _HASH.fullmatch(sha256):
        raise _bad(sha256)
    return f"{ORIGINALS}/{sha256[:2]}/{sha256[2:4]}/{sha256}"


def derived_key(kind: str, version: int, input_key: str, suffix: str) -> str:
    """Return the key of something that can be made again: ``kind/version/aa/<input><suffix>``.

    ``kind`` is a word such as "proxy"; ``version`` rises when the recipe changes; ``input_key`` is the fingerprint of
    what it was made from (or the key of one original); ``suffix`` names the format (".mp4").
    """
    source = input_key.rsplit("/", 1)[-1] if is_original(input_key) else input_key
    wrong = kind == ORIGINALS or not _KIND.fullmatch(kind) or version < 0 or not _INPUT.fullmatch(source)
    if wrong or not _SUFFIX.fullmatch(suffix):
        raise _bad(f"{kind}/{version}/{input_key}{suffix}")
    return f"{kind}/{version}/{source[:2]}/{source}{suffix}"


def is_original(key: str) -> bool:
    """Tell whether ``key`` names original bytes, which are never changed once stored."""
    parts = key.split("/")
    return len(parts) == 4 and _HASH.fullmatch(parts[3]) is not None and key == original_key(parts[3])


def check_key(key: str) -> str:
    """Return ``key`` when it is one a store may use; raise ``Invalid`` for anything that could leave the store."""
    segments = key.split("/")
    if len(key) > _LONGEST_KEY or len(segments) < 2 or not all(_SEGMENT.fullmatch(part) for part in segments):
        raise _bad(key)
    return key


def check_prefix(prefix: str) -> str:
    """Return ``prefix``, whole segments of keys or nothing for all; raise ``Invalid`` otherwise."""
    if prefix and (len(prefix) > _LONGEST_KEY or not all(_SEGMENT.fullmatch(part) for part in prefix.split("/"))):
        raise _bad(prefix)
    return prefix


def _bad(key: str) -> Invalid:
    return Invalid(
        "storage.bad_key", _("%(key)s is not a storage key. Follow a link from a page.") % {"key": repr(key[:80])}
    )
