"""Making a provider's words safe to show: no key, signed address, base64 or control character."""

from __future__ import annotations

import re
from collections.abc import Iterable

LONGEST = 500
HIDDEN = "[hidden]"

_QUERY = re.compile(r"(https?://[^\s?#\"'<>]+)[?#][^\s\"'<>]*")
_USER = re.compile(r"(https?://)[^\s/@\"'<>]+@")
_BEARER = re.compile(r"\b(bearer|token|basic)\s+[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE)
_KEY = re.compile(r"\b(?:sk|pk|rk|whsec)[-_][A-Za-z0-9_*.-]{6,}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{100,}={0,2}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


def safe(text: str, secrets: Iterable[str] = ()) -> str:
    """Return ``text`` without ``secrets`` and without what looks like one, on one line, at most 500 characters."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, HIDDEN)
    text = _USER.sub(rf"\1{HIDDEN}@", text)
    text = _QUERY.sub(rf"\1?{HIDDEN}", text)
    text = _BEARER.sub(rf"\1 {HIDDEN}", text)
    text = _KEY.sub(HIDDEN, text)
    text = _BASE64.sub(HIDDEN, text)
    text = _CONTROL.sub(" ", text).strip()
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
