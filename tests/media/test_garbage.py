"""Collecting garbage: what nothing refers to goes, what is young or used stays."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from app.core import clock
from app.media.garbage import GRACE, unreferenced
from app.media.keys import derived_key
from app.media.local import LocalStorage

USED, OLD, YOUNG = (derived_key("proxy", 1, letter * 64, ".mp4") for letter in "abc")


async def aged_store(root: Path) -> LocalStorage:
    """Return a store of three proxies, two of them put long ago."""
    store = LocalStorage(root)
    for key in (USED, OLD, YOUNG):
        await store.put_bytes(b"video", key)
    for key in (USED, OLD):
        os.utime(root / key, (1_000_000_000, 1_000_000_000))
    return store


async def test_only_what_is_old_and_unreferenced_is_garbage(tmp_path: Path) -> None:
    store = await aged_store(tmp_path)
    found = [stored.key async for stored in unreferenced(store.list(), [USED], clock.now())]
    assert found == [OLD]


async def test_without_references_the_grace_alone_protects(tmp_path: Path) -> None:
    store = await aged_store(tmp_path)
    later = clock.now() + timedelta(days=3)
    assert {stored.key async for stored in unreferenced(store.list(), [], later)} == {USED, OLD, YOUNG}
    assert {stored.key async for stored in unreferenced(store.list(), [], clock.now())} == {USED, OLD}


async def test_what_is_stored_again_during_a_collection_survives_it(tmp_path: Path) -> None:
    store = await aged_store(tmp_path)
    now = clock.now()
    condemned = [stored.key async for stored in unreferenced(store.list(), [USED], now)]
    await store.put_bytes(b"video", OLD)
    assert [await store.delete(key, put_before=now - GRACE) for key in condemned] == [False]
    assert await store.size(OLD) == 5
