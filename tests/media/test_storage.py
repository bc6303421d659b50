"""What every store promises, on a folder and on S3; then what only one of them does."""

from __future__ import annotations

import hashlib
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.core import clock
from app.core.errors import Conflict, Invalid, NotFound
from app.media.keys import derived_key, original_key
from app.media.local import INCOMING, LocalStorage
from app.media.s3 import S3Storage
from app.media.storage import Storage, StorageFull, StorageUnavailable, open_storage

KEY = derived_key("proxy", 1, "ab" * 32, ".mp4")


async def read(store: Storage, key: str, start: int = 0, end: int | None = None) -> bytes:
    """Return what a store streams, as one piece."""
    return b"".join([chunk async for chunk in store.stream(key, start, end)])


def original(data: bytes) -> str:
    """Return the key under which ``data`` belongs."""
    return original_key(hashlib.sha256(data).hexdigest())


async def test_bytes_come_back(store: Storage) -> None:
    await store.put_bytes(b"moving pictures", KEY)
    assert await store.size(KEY) == 15
    assert await read(store, KEY) == b"moving pictures"


async def test_a_large_file_comes_back_in_small_chunks_and_any_range(store: Storage, tmp_path: Path) -> None:
    data = os.urandom(9 * 1024 * 1024 + 11)
    source = tmp_path / "source.mp4"
    source.write_bytes(data)
    key = original(data)
    await store.put_file(source, key)
    chunks = [chunk async for chunk in store.stream(key)]
    assert b"".join(chunks) == data
    assert max(map(len, chunks)) <= 256 * 1024
    assert await read(store, key, 4_194_300, 4_194_310) == data[4_194_300:4_194_310]
    assert await read(store, key, len(data) - 5) == data[-5:]
    assert await read(store, key, len(data) - 5, len(data) + 100) == data[-5:]
    assert await read(store, key, len(data)) == b""
    assert await read(store, key, 7, 7) == b""


async def test_what_is_not_there_is_said_to_be_missing(store: Storage) -> None:
    assert await store.size(KEY) is None
    assert await store.delete(KEY) is False
    with pytest.raises(NotFound, match="restore a backup"):
        await read(store, KEY)
    with pytest.raises(NotFound):
        async with store.local(KEY):
            pass


async def test_an_original_is_written_once(store: Storage) -> None:
    key = original(b"the take")
    await store.put_bytes(b"the take", key)
    await store.put_bytes(b"the take", key)
    with pytest.raises(Conflict) as caught:
        await store.put_bytes(b"another take", key)
    assert caught.value.code == "storage.original_differs"
    assert await read(store, key) == b"the take"


async def test_a_derived_object_may_be_made_again(store: Storage) -> None:
    await store.put_bytes(b"first", KEY)
    await store.put_bytes(b"second, longer", KEY)
    assert await read(store, KEY) == b"second, longer"


async def test_a_path_is_lent_for_tools_that_need_one(store: Storage) -> None:
    await store.put_bytes(b"frames", KEY)
    async with store.local(KEY) as path:
        assert path.read_bytes() == b"frames"
    assert await read(store, KEY) == b"frames"


async def test_the_list_can_be_narrowed_to_a_kind(store: Storage) -> None:
    poster = derived_key("poster", 1, "cd" * 32, ".jpg")
    await store.put_bytes(b"video", KEY)
    await store.put_bytes(b"jpeg!!", poster)
    found = {stored.key: stored async for stored in store.list()}
    assert {key: stored.size for key, stored in found.items()} == {KEY: 5, poster: 6}
    assert abs(found[KEY].modified - datetime.now(UTC)) < timedelta(minutes=1)
    assert [stored.key async for stored in store.list("poster")] == [poster]
    assert [stored.key async for stored in store.list("poster/2")] == []


async def test_deleting_forgets_and_spares_what_was_put_since(store: Storage) -> None:
    await store.put_bytes(b"video", KEY)
    assert await store.delete(KEY, put_before=clock.now() - timedelta(days=1)) is False
    assert await store.size(KEY) == 5
    assert await store.delete(KEY, put_before=clock.now() + timedelta(days=1)) is True
    assert await store.size(KEY) is None


async def test_a_working_store_passes_its_check_and_keeps_nothing_of_it(store: Storage) -> None:
    await store.check()
    assert [stored.key async for stored in store.list()] == []


@pytest.mark.parametrize("key", ["../outside", "proxy/../../outside", "/etc/passwd", "proxy/.hidden"])
async def test_no_method_takes_a_key_that_leaves_the_store(store: Storage, key: str) -> None:
    with pytest.raises(Invalid):
        await store.put_bytes(b"x", key)
    with pytest.raises(Invalid):
        await read(store, key)
    with pytest.raises(Invalid):
        await store.delete(key)
    with pytest.raises(Invalid):
        await store.size(key)


# A folder


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """Make the kernel refuse to write further than ``size`` bytes into any file, as a full disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def files_in(folder: Path) -> list[Path]:
    """Return every file below a folder."""
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_a_disk_that_fills_while_writing_leaves_nothing_half_written(folder_store: LocalStorage) -> None:
    with no_file_larger_than(1_000_000), pytest.raises(StorageFull, match="Free some disk space"):
        await folder_store.put_bytes(b"x" * 3_000_000, KEY)
    assert files_in(folder_store.root) == []
    assert await folder_store.size(KEY) is None
    await folder_store.put_bytes(b"x" * 3_000_000, KEY)


async def test_the_last_of_the_disk_is_left_to_the_database(tmp_path: Path) -> None:
    store = LocalStorage(tmp_path, reserve=2**62)
    assert await store.free_bytes() == 0
    with pytest.raises(StorageFull):
        await store.put_bytes(b"x", KEY)
    assert files_in(tmp_path) == []


async def test_a_folder_lends_the_stored_file_itself_and_protects_originals(folder_store: LocalStorage) -> None:
    key = original(b"the take")
    await folder_store.put_bytes(b"the take", key)
    async with folder_store.local(key) as path:
        assert path == folder_store.root / key
        assert path.stat().st_mode & 0o222 == 0


async def test_storing_an_original_again_renews_its_date(folder_store: LocalStorage) -> None:
    key = original(b"the take")
    await folder_store.put_bytes(b"the take", key)
    os.utime(folder_store.root / key, (1_000_000_000, 1_000_000_000))
    await folder_store.put_bytes(b"the take", key)
    assert await folder_store.delete(key, put_before=clock.now() - timedelta(hours=1)) is False


async def test_the_check_clears_what_a_crash_left_a_day_ago(folder_store: LocalStorage) -> None:
    await folder_store.check()
    left, fresh = (folder_store.root / INCOMING / name for name in ("left", "fresh"))
    left.write_bytes(b"half")
    fresh.write_bytes(b"being written")
    os.utime(left, (1_000_000_000, 1_000_000_000))
    await folder_store.check()
    assert not left.exists()
    assert fresh.exists()
    assert [stored.key async for stored in folder_store.list()] == []


async def test_a_folder_that_cannot_be_made_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "media").write_text("a file where the folder should be")
    with pytest.raises(StorageUnavailable, match="Make it writable"):
        await LocalStorage(tmp_path / "media").check()


# S3


async def test_a_wrong_secret_says_where_credentials_belong(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not the secret")
    store = open_storage(f"s3://reelroom-test?endpoint={s3_endpoint}")
    with pytest.raises(StorageUnavailable, match="AWS_SECRET_ACCESS_KEY"):
        await store.check()


async def test_a_bucket_that_does_not_exist_is_said_so(s3_endpoint: str) -> None:
    with pytest.raises(StorageUnavailable, match="no such bucket"):
        await open_storage(f"s3://nowhere?endpoint={s3_endpoint}").check()


async def test_an_s3_original_stored_again_later_is_renewed(s3_endpoint: str) -> None:
    store = S3Storage("reelroom-test", "renewal", endpoint=s3_endpoint)
    key = original(b"the take")
    await store.put_bytes(b"the take", key)
    [before] = [stored async for stored in store.list()]
    with clock.turned(before.modified + timedelta(days=2)):
        await store.put_bytes(b"the take", key)
    [after] = [stored async for stored in store.list()]
    assert after.modified >= before.modified
    assert await read(store, key) == b"the take"
    assert await store.free_bytes() is None


# URLs


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/var/media",
        "file://",
        "file:///",
        "file://host/share",
        "http://bucket",
        "s3://",
        "s3://key:secret@bucket",
        "s3://bucket?access_key_id=AKIA",
        "s3://bucket?endpoint=http://key:secret@host",
        "s3://bucket?endpoint",
    ],
)
def test_any_other_url_is_refused_with_the_two_that_work(url: str) -> None:
    with pytest.raises(Invalid, match="file:///an/absolute/folder") as caught:
        open_storage(url)
    assert "secret" not in caught.value.message
