"""The one source of time: UTC, and turnable by tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta


def _system() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _system


def now() -> datetime:
    """Return the current UTC time, timezone-aware."""
    return _source()


@contextmanager
def turned(to: datetime | timedelta) -> Iterator[None]:
    """Make ``now`` answer ``to`` (or the real time shifted by it) inside the block."""
    global _source
    before = _source
    _source = (lambda: before() + to) if isinstance(to, timedelta) else (lambda: to)
    try:
        yield
    finally:
        _source = before
