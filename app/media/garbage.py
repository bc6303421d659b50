"""Which stored objects nobody refers to any more: pure, so that a dry run and the real one agree."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Iterable
from datetime import datetime, timedelta

from app.media.storage import StoredObject

GRACE = timedelta(days=1)
"""How long an object may be unreferenced: its row may still be on its way, and storing it again renews its date."""


def is_garbage(stored: StoredObject, referenced: frozenset[str], put_before: datetime) -> bool:
    """Tell whether nothing refers to ``stored`` and it was last put before ``put_before``."""
    return stored.key not in referenced and stored.modified < put_before


async def unreferenced(
    objects: AsyncIterable[StoredObject], referenced: Iterable[str], now: datetime, grace: timedelta = GRACE
) -> AsyncIterator[StoredObject]:
    """Yield the ``objects`` (say, ``storage.list()``) no key in ``referenced`` names, older than ``grace``.

    Read ``referenced`` *before* listing, and delete with ``storage.delete(key, put_before=now - grace)``: an object
    that was stored again in between has a newer date and is spared.
    """
    kept = frozenset(referenced)
    async for stored in objects:
        if is_garbage(stored, kept, now - grace):
            yield stored
