"""A store in an S3-compatible bucket, through obstore; nothing is held whole in memory."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from app.core import clock
from app.core.i18n import _
from app.core.ids import new_id
from app.media.keys import check_key, check_prefix, is_original
from app.media.storage import (
    CHUNK,
    StorageUnavailable,
    StoredObject,
    is_full,
    missing,
    original_differs,
    storage_full,
)

_PART = 8 * 1024 * 1024
"""Bytes of one part of an upload."""

_WINDOW = 4 * 1024 * 1024
"""Bytes asked for at a time when streaming: a paused player then holds no connection open."""

_RENEW_AFTER = timedelta(hours=1)
"""An original put again is uploaded again when it is older, so that a garbage collection sees a new date."""

_FULL_WORDS = ("507 Insufficient Storage", "QuotaExceeded", "StorageFull")


class S3Storage:
    """A ``Storage`` in ``bucket`` below ``prefix``; ``endpoint`` is the server's URL, AWS when empty."""

    def __init__(self, bucket: str, prefix: str = "", *, endpoint: str = "", region: str = "us-east-1") -> None:
        self.bucket = bucket
        self.endpoint = endpoint
        options: dict[str, Any] = {"endpoint": endpoint} if endpoint else {}
        self._store = S3Store(
            bucket,
            prefix=prefix or None,
            region=region,
            disable_bulk_delete=True,  # several compatible servers have no bulk delete
            client_options={
                "allow_http": endpoint.startswith("http://"),
                "connect_timeout": timedelta(seconds=5),
                "timeout": timedelta(minutes=2),
            },
            retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=30)},
            **options,
        )

    async def put_file(self, source: Path, key: str) -> None:
        """Keep a copy of ``source`` as ``key``, in parts when it is large."""
        await self._put(source, (await asyncio.to_thread(source.stat)).st_size, check_key(key))

    async def put_bytes(self, data: bytes, key: str) -> None:
        """Keep ``data`` as ``key``."""
        await self._put(data, len(data), check_key(key))

    async def _put(self, content: Path | bytes, size: int, key: str) -> None:
        found = await self._head(key) if is_original(key) else None
        if found is not None and found.size != size:
            raise original_differs(key)
        if found is not None and found.modified > clock.now() - _RENEW_AFTER:
            return
        with self._explained():
            await obstore.put_async(self._store, key, content, chunk_size=_PART, max_concurrency=4)

    async def _head(self, key: str) -> StoredObject | None:
        with self._explained():
            try:
                found = await obstore.head_async(self._store, check_key(key))
            except FileNotFoundError:
                return None
        return StoredObject(key, found["size"], found["last_modified"])

    async def size(self, key: str) -> int | None:
        """Return how many bytes ``key`` has, or None."""
        found = await self._head(key)
        return None if found is None else found.size

    async def stream(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Yield bytes ``start`` to ``end`` in chunks of 256 KiB, fetched in windows of 4 MiB."""
        size = await self.size(key)
        if size is None:
            raise missing(key)
        stop = size if end is None else min(end, size)
        for begin in range(start, stop, _WINDOW):
            window = memoryview(await self._window(key, begin, min(begin + _WINDOW, stop)))
            for offset in range(0, len(window), CHUNK):
                yield bytes(window[offset : offset + CHUNK])

    async def _window(self, key: str, start: int, end: int) -> Any:
        with self._explained():
            try:
                return await obstore.get_range_async(self._store, key, start=start, end=end)
            except FileNotFoundError as error:
                raise missing(key) from error

    def local(self, key: str) -> AbstractAsyncContextManager[Path]:
        """Lend a temporary copy, deleted at the end of the block."""
        return self._lend(key)

    @asynccontextmanager
    async def _lend(self, key: str) -> AsyncIterator[Path]:
        with tempfile.TemporaryDirectory(prefix="reelroom-") as folder:
            path = Path(folder, key.rsplit("/", 1)[-1])
            try:
                with await asyncio.to_thread(path.open, "wb") as target:
                    async for chunk in self.stream(key):
                        await asyncio.to_thread(target.write, chunk)
            except OSError as error:
                if is_full(error):
                    raise storage_full() from error
                raise
            yield path

    async def delete(self, key: str, *, put_before: datetime | None = None) -> bool:
        """Forget ``key`` and return whether it was there (and older than ``put_before``)."""
        found = await self._head(key)
        if found is None or (put_before is not None and found.modified >= put_before):
            return False
        with self._explained():
            await obstore.delete_async(self._store, key)
        return True

    async def list(self, prefix: str = "") -> AsyncIterator[StoredObject]:
        """Yield what is stored below ``prefix``."""
        pages = obstore.list(self._store, check_prefix(prefix) or None, chunk_size=500)
        while True:
            with self._explained():
                page = await anext(pages, None)
            if page is None:
                return
            for found in page:
                yield StoredObject(found["path"], found["size"], found["last_modified"])

    async def free_bytes(self) -> int | None:
        """Return None: a bucket has no such figure."""
        return None

    async def check(self) -> None:
        """Write, find and delete a small object."""
        probe = f"check/{new_id()}"
        await self.put_bytes(b"reelroom", probe)
        if not await self.delete(probe):
            raise self._unavailable("what was written could not be read back")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn the client's errors into ours."""
        try:
            yield
        except FileNotFoundError as error:
            raise self._unavailable("there is no such bucket") from error
        except BaseError as error:
            if any(word in str(error) for word in _FULL_WORDS):
                raise storage_full() from error
            raise self._unavailable(type(error).__name__) from error

    def _unavailable(self, why: str) -> StorageUnavailable:
        return StorageUnavailable(
            "storage.unavailable",
            _(
                "The bucket “%(bucket)s” at %(endpoint)s cannot be used (%(why)s). "
                "Check that it exists, that the server answers, and AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
            )
            % {"bucket": self.bucket, "endpoint": self.endpoint or "AWS", "why": why},
        )
