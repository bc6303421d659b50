"""Uploads on their way in: hashed, capped, and gone when they fail."""

from __future__ import annotations

import hashlib
import os
import resource
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.core.errors import PayloadTooLarge
from app.media.hashing import hash_file, receive
from app.media.storage import StorageFull

DATA = os.urandom(2_500_000)


async def pieces(data: bytes, size: int = 60_000) -> AsyncIterator[bytes]:
    """Yield ``data`` as a network would."""
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def test_an_upload_is_kept_with_its_hash(tmp_path: Path) -> None:
    received = await receive(pieces(DATA), len(DATA), tmp_path)
    assert received.path.read_bytes() == DATA
    assert received.sha256 == hashlib.sha256(DATA).hexdigest() == await hash_file(received.path)
    assert received.size == len(DATA)
    assert received.path.parent == tmp_path


async def test_an_empty_upload_is_an_empty_file(tmp_path: Path) -> None:
    received = await receive(pieces(b""), 10, tmp_path)
    assert (received.size, received.path.read_bytes()) == (0, b"")


async def test_too_many_bytes_are_refused_before_they_are_all_read(tmp_path: Path) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 60_000
            yield b"x" * 60_000

    with pytest.raises(PayloadTooLarge, match="2 MB") as caught:
        await receive(endless(), 2_000_000, tmp_path)
    assert caught.value.code == "upload.too_large"
    assert read < 2_200_000
    assert list(tmp_path.iterdir()) == []


async def test_a_client_that_goes_away_leaves_nothing(tmp_path: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"x" * 1_500_000
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await receive(broken(), 10_000_000, tmp_path)
    assert list(tmp_path.iterdir()) == []


async def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
    try:
        with pytest.raises(StorageFull):
            await receive(pieces(DATA), len(DATA), tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []
