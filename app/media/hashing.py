"""Taking bytes in: streamed to a file with a cap, hashed on the way."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from app.core.errors import PayloadTooLarge
from app.core.i18n import _
from app.core.ids import new_id
from app.media.storage import is_full, storage_full

_BUFFER = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Received:
    """A received file: its path, the SHA-256 of its bytes in hexadecimal, and how many there are."""

    path: Path
    sha256: str
    size: int


async def receive(stream: AsyncIterable[bytes], cap: int, folder: Path) -> Received:
    """Write ``stream`` to a new file in ``folder`` and return it with its hash.

    Raises ``PayloadTooLarge`` once more than ``cap`` bytes came, ``StorageFull`` when there is no room. Whatever stops
    it (a client that goes away, too), nothing is left behind. The name is ours: what a client calls it is never a path.
    """
    path = folder / f"{new_id()}.part"
    hasher, size, buffer = hashlib.sha256(), 0, bytearray()
    complete = False
    try:
        with await asyncio.to_thread(path.open, "xb") as target:
            async for chunk in stream:
                size += len(chunk)
                if size > cap:
                    raise _too_large(cap)
                buffer += chunk
                if len(buffer) >= _BUFFER:
                    await asyncio.to_thread(_absorb, bytes(buffer), hasher, target)
                    buffer.clear()
            await asyncio.to_thread(_absorb, bytes(buffer), hasher, target)
        complete = True
    except OSError as error:
        if is_full(error):
            raise storage_full() from error
        raise
    finally:
        if not complete:
            path.unlink(missing_ok=True)
    return Received(path, hasher.hexdigest(), size)


async def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    return await asyncio.to_thread(_hash, path)


def _hash(path: Path) -> str:
    with path.open("rb") as reader:
        return hashlib.file_digest(reader, "sha256").hexdigest()


def _absorb(data: bytes, hasher: hashlib._Hash, target: BinaryIO) -> None:
    hasher.update(data)
    target.write(data)


def _too_large(cap: int) -> PayloadTooLarge:
    return PayloadTooLarge(
        "upload.too_large",
        _("The file is larger than the %(cap)s MB accepted here. Make it smaller and send it again.")
        % {"cap": f"{cap / 1_000_000:.0f}"},
        cap=cap,
    )
