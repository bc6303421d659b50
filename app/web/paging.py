"""Cursors: a list is read in steps by the sort key of its last row, never by an offset."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from app.core.errors import Invalid
from app.core.i18n import gettext as _

LARGEST_NUMBER = 2**31 - 1
"""The largest integer a sort key holds: PostgreSQL's ``integer``."""


def encode_cursor(key: Sequence[UUID | int | str]) -> str:
    """Return the opaque text that stands for a place in a list."""
    parts = [{"u": value.hex} if isinstance(value, UUID) else value for value in key]
    return base64.urlsafe_b64encode(json.dumps(parts, separators=(",", ":")).encode()).decode().rstrip("=")


def decode_cursor(text: str, kinds: Sequence[type]) -> tuple[Any, ...]:
    """Return the key of a cursor, a value for each of ``kinds``; raises ``Invalid`` when it is not one of this list."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        return tuple(_read(part, kind) for part, kind in zip(json.loads(raw), kinds, strict=True))
    except (binascii.Error, ValueError, TypeError, KeyError, RecursionError) as error:
        raise Invalid(
            "web.bad_cursor", _("That is not a place in this list: start again from its first page.")
        ) from error


def _read(part: Any, kind: type) -> Any:
    value: Any = UUID(part["u"]) if kind is UUID else part
    if (kind is int and abs(value) > LARGEST_NUMBER) or type(value) is not kind:
        raise ValueError("not a key of this kind")
    return value
