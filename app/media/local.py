"""A store in a local folder: whole files that appear at once, by rename."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from app.core import clock
from app.core.i18n import _
from app.core.ids import new_id
from app.media.keys import check_key, check_prefix, is_original
from app.media.storage import CHUNK, StorageUnavailable, StoredObject, is_full, missing, original_differs, storage_full

RESERVE = 64 * 1024 * 1024
"""Bytes left free on the disk, so that a full store does not stop the database beside it."""

INCOMING = ".incoming"
"""The folder of files being written; no key begins with a dot."""

_ABANDONED = timedelta(days=1)


class LocalStorage:
    """A ``Storage`` in the folder ``root``, which is made when it is not there."""

    def __init__(self, root: Path, *, reserve: int = RESERVE) -> None:
        self.root = root
        self.reserve = reserve

    async def put_file(self, source: Path, key: str) -> None:
        """Keep a copy of ``source`` as ``key``."""
        size = (await asyncio.to_thread(source.stat)).st_size

        def copy(target: BinaryIO) -> None:
            with source.open("rb") as reader:
                shutil.copyfileobj(reader, target, 1024 * 1024)

        await asyncio.to_thread(self._put, check_key(key), size, copy)

    async def put_bytes(self, data: bytes, key: str) -> None:
        """Keep ``data`` as ``key``."""

        def write(target: BinaryIO) -> None:
            target.write(data)

        await asyncio.to_thread(self._put, check_key(key), len(data), write)

    async def size(self, key: str) -> int | None:
        """Return how many bytes ``key`` has, or None."""
        found = await asyncio.to_thread(_stat, self._path(key))
        return None if found is None else found.st_size

    async def stream(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Yield bytes ``start`` to ``end`` in chunks of 256 KiB."""
        path = self._path(key)
        try:
            reader = await asyncio.to_thread(path.open, "rb")
        except FileNotFoundError as error:
            raise missing(key) from error
        try:
            reader.seek(start)
            left = None if end is None else end - start
            while left is None or left > 0:
                chunk = await asyncio.to_thread(reader.read, CHUNK if left is None else min(CHUNK, left))
                if not chunk:
                    break
                left = None if left is None else left - len(chunk)
                yield chunk
        finally:
            reader.close()

    def local(self, key: str) -> AbstractAsyncContextManager[Path]:
        """Lend the stored file itself: read it, never write it."""
        return self._lend(key)

    @asynccontextmanager
    async def _lend(self, key: str) -> AsyncIterator[Path]:
        if await self.size(key) is None:
            raise missing(key)
        yield self._path(key)

    async def delete(self, key: str, *, put_before: datetime | None = None) -> bool:
        """Forget ``key`` and return whether it was there (and older than ``put_before``)."""
        return await asyncio.to_thread(_unlink, self._path(key), put_before)

    async def list(self, prefix: str = "") -> AsyncIterator[StoredObject]:
        """Yield what is stored under ``prefix``."""
        found = _walk(self.root, check_prefix(prefix))
        while batch := await asyncio.to_thread(_take, found):
            for stored in batch:
                yield stored

    async def free_bytes(self) -> int:
        """Return how many bytes still fit before the reserve."""
        return await asyncio.to_thread(self._free)

    async def check(self) -> None:
        """Make the folder, write and delete in it, and clear what an earlier crash left half written."""
        probe = f"check/{new_id()}"
        await self.put_bytes(b"reelroom", probe)
        await self.delete(probe)
        await asyncio.to_thread(self._clear_abandoned)

    def _path(self, key: str) -> Path:
        return self.root / check_key(key)

    def _free(self) -> int:
        self.root.mkdir(parents=True, exist_ok=True)
        return max(0, shutil.disk_usage(self.root).free - self.reserve)

    def _put(self, key: str, size: int, write: Callable[[BinaryIO], None]) -> None:
        path = self._path(key)
        if is_original(key) and self._renewed(path, key, size):
            return
        incoming = self.root / INCOMING / str(new_id())
        try:
            free = self._free()
            if size > free:
                raise storage_full(size, free)
            self._write(incoming, path, key, write)
        except OSError as error:
            if is_full(error):
                raise storage_full(size) from error
            raise self._unavailable(error) from error
        finally:
            with suppress(OSError):  # the folder may be what is broken
                incoming.unlink()

    def _write(self, incoming: Path, path: Path, key: str, write: Callable[[BinaryIO], None]) -> None:
        incoming.parent.mkdir(exist_ok=True)
        with incoming.open("xb") as target:
            write(target)
            target.flush()
            os.fsync(target.fileno())
        if is_original(key):
            incoming.chmod(0o444)
        path.parent.mkdir(parents=True, exist_ok=True)
        incoming.replace(path)
        _sync_folder(path.parent)

    def _unavailable(self, error: OSError) -> StorageUnavailable:
        return StorageUnavailable(
            "storage.unavailable",
            _("The media folder %(folder)s cannot be used: %(why)s. Make it writable for this user, or choose another.")
            % {"folder": self.root, "why": error.strerror},
        )

    def _renewed(self, path: Path, key: str, size: int) -> bool:
        """Tell whether the original is there already, renewing its date so that a garbage collection spares it."""
        found = _stat(path)
        if found is None:
            return False
        if found.st_size != size:
            raise original_differs(key)
        try:
            os.utime(path)
        except FileNotFoundError:  # it was collected between the two calls
            return False
        return True

    def _clear_abandoned(self) -> None:
        before = (clock.now() - _ABANDONED).timestamp()
        for left in (self.root / INCOMING).iterdir():
            found = _stat(left)
            if found is not None and found.st_mtime < before:
                left.unlink(missing_ok=True)


def _stat(path: Path) -> os.stat_result | None:
    """Return the facts of a regular file, or None for anything else."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found if stat.S_ISREG(found.st_mode) else None


def _unlink(path: Path, put_before: datetime | None) -> bool:
    found = _stat(path)
    if found is None or (put_before is not None and found.st_mtime >= put_before.timestamp()):
        return False
    path.unlink(missing_ok=True)
    return True


def _sync_folder(folder: Path) -> None:
    """Make a rename durable: on POSIX the folder has its own data to write."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _take(found: Iterator[StoredObject]) -> list[StoredObject]:
    return list(islice(found, 500))


def _walk(root: Path, prefix: str) -> Iterator[StoredObject]:
    start = root / prefix if prefix else root
    for folder, folders, names in os.walk(start):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            path = Path(folder, name)
            found = None if name.startswith(".") else _stat(path)
            if found is not None:
                modified = datetime.fromtimestamp(found.st_mtime, UTC)
                yield StoredObject(path.relative_to(root).as_posix(), found.st_size, modified)
