"""Reading what MiniMax says of itself: codes, errors, ids (the providers' fact sheets, china §6 and §1.3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.backends.errors import Fault, Kind

KINDS: Mapping[int, Kind] = {
    1000: Kind.TRANSIENT,
    1001: Kind.TRANSIENT,
    1002: Kind.RATE_LIMIT,
    1004: Kind.AUTH,
    1008: Kind.QUOTA,
    1024: Kind.TRANSIENT,
    1026: Kind.MODERATION,
    1027: Kind.MODERATION,
    1033: Kind.TRANSIENT,
    1039: Kind.RATE_LIMIT,
    1041: Kind.RATE_LIMIT,
    1042: Kind.INVALID,
    2013: Kind.INVALID,
    2038: Kind.AUTH,
    2049: Kind.AUTH,
    2056: Kind.QUOTA,
}
CODES_OF_TYPES: Mapping[str, int] = {
    "bad_request_error": 2013,
    "authorized_error": 1004,
    "insufficient_balance_error": 1008,
    "unprocessable_entity_error": 1026,
    "rate_limit_error": 1002,
    "server_error": 1000,
}
ILLEGAL_CHARACTERS, OUTPUT_REFUSED, WRONG_PARAMETER = 1042, 1027, 2013
MODEL_GONE = re.compile(r"\bmodel\b.{0,60}(not exist|not found|no longer|retired|offline)", re.IGNORECASE)
FAULTS = (
    (re.compile(r"image|picture|frame", re.IGNORECASE), Fault.IMAGE),
    (re.compile(r"audio|voice", re.IGNORECASE), Fault.AUDIO),
    (re.compile(r"prompt|text", re.IGNORECASE), Fault.PROMPT),
)


@dataclass(frozen=True, slots=True)
class Told:
    """What an answer says of itself: 0 is success; a code nobody knows is None."""

    code: int | None = 0
    message: str = ""


def read_told(body: Any) -> Told:
    """Read ``base_resp`` (V1), or an ``error`` with a type and its code in brackets, or with a code of its own (V2)."""
    if not isinstance(body, dict):
        return Told()
    if isinstance(base := body.get("base_resp"), dict):
        return Told(_number(base.get("status_code", 0)), str(base.get("status_msg") or ""))
    error = body.get("error")
    if not isinstance(error, dict):
        return Told()
    message = str(error.get("message") or "")
    bracketed = re.search(r"\((\d{4})\)\s*$", message)
    code = _number(bracketed[1] if bracketed else error.get("code"))
    return Told(code or CODES_OF_TYPES.get(str(error.get("type"))), message)


def _number(value: Any) -> int | None:
    text = str(value)
    return int(text) if re.fullmatch(r"[0-9]{1,6}", text) else None


def fault_of(told: Told) -> Fault:
    """Return whose input a moderated request or result was refused for, as far as the words tell."""
    if told.code == OUTPUT_REFUSED:
        return Fault.PROVIDER
    return next((fault for pattern, fault in FAULTS if pattern.search(told.message)), Fault.UNKNOWN)


def read_id(value: Any) -> str:
    """Return an id or a status as text, empty for what can be none; the provider has ids as text and as numbers."""
    usable = isinstance(value, str | int) and not isinstance(value, bool) and len(str(value)) <= 200
    text = str(value) if usable else ""
    return text if text.isprintable() and text not in {".", ".."} else ""
