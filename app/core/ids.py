"""Identifiers: UUIDv7 everywhere, so that ids sort by creation."""

from __future__ import annotations

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """Return a new UUIDv7."""
    return UUID(bytes=uuid7().bytes)
