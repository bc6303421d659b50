"""Cursor paging: a list is read in steps by the sort key of its last row, never by an offset."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, tuple_

from app.core.errors import Invalid
from app.core.i18n import gettext as _

Row = TypeVar("Row")
LARGEST = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """Which page is wanted: ``limit`` rows after, or before, a cursor."""

    limit: int
    after: tuple[Any, ...] | None = None
    before: tuple[Any, ...] | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """The rows of one page, and the cursors of its neighbours (none at the ends)."""

    items: Sequence[Row]
    next: str | None = None
    previous: str | None = None


def encode_cursor(key: Sequence[UUID | datetime | int | str]) -> str:
    """Return the opaque text that stands for a place in a list."""
    parts = [_tagged(value) for value in key]
    return base64.urlsafe_b64encode(json.dumps(parts, separators=(",", ":")).encode()).decode().rstrip("=")


def decode_cursor(text: str, length: int | None = None) -> tuple[Any, ...]:
    """Return the key of a cursor; raises ``Invalid`` when it is not one of ours (or not of ``length`` parts)."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        key = tuple(_untagged(part) for part in json.loads(raw))
    except (binascii.Error, ValueError, TypeError, KeyError, RecursionError) as error:
        raise _strange() from error
    if not key or (length is not None and len(key) != length):
        raise _strange()
    return key


def asked(after: str | None, before: str | None, limit: int, key_length: int) -> Asked:
    """Return what a request wants, from its query; raises ``Invalid`` for a strange cursor or limit."""
    if not 1 <= limit <= LARGEST:
        raise Invalid("web.bad_limit", _("A page holds 1 to %(most)d rows.") % {"most": LARGEST}, limit=limit)
    if after and before:
        raise Invalid("web.bad_cursor", _("Ask for what comes after or for what comes before, not both."))
    return Asked(
        limit,
        decode_cursor(after, key_length) if after else None,
        decode_cursor(before, key_length) if before else None,
    )


def keyset(
    query: Select[Any], columns: Sequence[ColumnElement[Any]], wanted: Asked, *, descending: bool = False
) -> Select[Any]:
    """Return ``query`` ordered by ``columns`` and cut to the page wanted, with one row more as a sign of others.

    The columns together must be unique (end with the id). Pass the rows to ``page_of``.
    """
    backwards = wanted.before is not None
    edge = wanted.before if backwards else wanted.after
    falling = descending != backwards
    if edge is not None:
        here, there = tuple_(*columns), tuple_(*edge)
        query = query.where(here < there if falling else here > there)
    return query.order_by(*(column.desc() if falling else column.asc() for column in columns)).limit(wanted.limit + 1)


def page_of(
    rows: Sequence[Row], wanted: Asked, key: Callable[[Row], Sequence[UUID | datetime | int | str]]
) -> Page[Row]:
    """Return the page that ``keyset`` fetched; ``key`` gives the values of its columns for one row."""
    more = len(rows) > wanted.limit
    kept = list(rows[: wanted.limit])
    if wanted.before is not None:
        kept.reverse()
    if not kept:
        return Page([])
    follows = more if wanted.before is None else True
    precedes = more if wanted.before is not None else wanted.after is not None
    return Page(
        kept,
        next=encode_cursor(key(kept[-1])) if follows else None,
        previous=encode_cursor(key(kept[0])) if precedes else None,
    )


def _tagged(value: UUID | datetime | int | str) -> Any:
    if isinstance(value, UUID):
        return {"u": value.hex}
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    return value


def _untagged(part: Any) -> Any:
    if isinstance(part, dict):
        ((tag, text),) = part.items()
        return UUID(text) if tag == "u" else datetime.fromisoformat(text)
    if isinstance(part, int | str) and not isinstance(part, bool):
        return part
    raise ValueError("not a key")


def _strange() -> Invalid:
    return Invalid("web.bad_cursor", _("That is not a place in this list: start again from its first page."))
