"""The conform cache, kept in the store: used from the threads of a conform while the event loop serves the store."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar

from app.core.errors import NotFound
from app.media.storage import Storage

T = TypeVar("T")


class StoreCache:
    """A ``SegmentCache`` over a store; what it lends stays readable until ``stack`` is closed."""

    def __init__(self, storage: Storage, loop: asyncio.AbstractEventLoop, stack: AsyncExitStack) -> None:
        self._storage = storage
        self._loop = loop
        self._stack = stack

    def get(self, key: str) -> Path | None:
        """Return where the part can be read until the export ends, or None when it is not kept."""
        return self._wait(self._lend(key))

    def put(self, key: str, path: Path) -> Path:
        """Keep the finished file under ``key`` and return where it can be read."""
        self._wait(self._storage.put_file(path, key))
        return path

    async def _lend(self, key: str) -> Path | None:
        try:
            return await self._stack.enter_async_context(self._storage.local(key))
        except NotFound:
            return None

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()
