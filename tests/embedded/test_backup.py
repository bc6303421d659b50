"""A backup of a whole installation comes back equal in another one."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import text

from app.core.db import Database
from app.core.errors import Conflict, Invalid
from app.embedded.backup import back_up
from app.embedded.restoring import restore
from app.media.keys import original_key
from app.media.storage import open_storage

STONE = "5" * 64


async def rows(database: Database) -> dict[str, list[tuple]]:
    """Return every row of every table, in an order of its own."""
    async with database.engine.connect() as connection:
        names = (
            await connection.execute(text("select tablename from pg_tables where schemaname = 'public' order by 1"))
        ).scalars()
        return {
            name: sorted((await connection.execute(text(f"select {name}::text from {name}"))).scalars())
            for name in list(names)
        }


@pytest.mark.slow
async def test_what_is_restored_is_equal(settings, database, world, services, tmp_path):
    storage = open_storage(settings.storage_url)
    await storage.put_bytes(b"a white stone", original_key(STONE))
    target = tmp_path / "backup.tar"
    made = await back_up(settings, target)
    before = await rows(database)
    assert len(before["users"]) == 6
    with pytest.raises(Conflict):
        await back_up(settings, target)

    name = f"restored_{uuid4().hex[:8]}"
    services.postgres.create_database(name)
    other = settings.model_copy(
        update={
            "database_url": services.postgres.url(name),
            "storage_url": (tmp_path / "other").as_uri(),
            "data_folder": tmp_path / "other-data",
        }
    )
    (tmp_path / "other-data").mkdir()
    restored = await restore(other, target)
    assert restored.revision == made.revision
    again = Database(other.sqlalchemy_url, pool_size=1)
    try:
        assert await rows(again) == before
        kept = b"".join([part async for part in open_storage(other.storage_url).stream(original_key(STONE))])
        assert kept == b"a white stone"
        with pytest.raises(Conflict):
            await restore(other, target)
    finally:
        await again.close()
        services.postgres.drop_database(name)


async def test_a_file_that_is_no_backup_is_refused(settings, tmp_path):
    (tmp_path / "x.tar").write_bytes(b"not a backup")
    with pytest.raises(Invalid):
        await restore(settings, tmp_path / "x.tar")


async def test_a_damaged_backup_is_found_out_before_the_database_is_touched(settings, services, tmp_path):
    await open_storage(settings.storage_url).put_bytes(b"a white stone", original_key(STONE))
    whole = tmp_path / "whole.tar"
    await back_up(settings, whole)
    packed = whole.read_bytes()
    (tmp_path / "cut.tar").write_bytes(packed[: len(packed) // 2])
    (tmp_path / "changed.tar").write_bytes(packed.replace(b"a white stone", b"a black stone"))

    name = f"restored_{uuid4().hex[:8]}"
    services.postgres.create_database(name)
    empty = settings.model_copy(
        update={"database_url": services.postgres.url(name), "storage_url": (tmp_path / "other").as_uri()}
    )
    try:
        with pytest.raises(Invalid, match="cut off"):
            await restore(empty, tmp_path / "cut.tar")
        with pytest.raises(Invalid, match=f"{STONE} in the backup is damaged"):
            await restore(empty, tmp_path / "changed.tar")
        again = Database(empty.sqlalchemy_url, pool_size=1)
        assert await rows(again) == {}
        await again.close()
    finally:
        services.postgres.drop_database(name)


async def test_a_backup_that_cannot_be_finished_leaves_nothing(settings, database, tmp_path):
    async with database.transaction() as session:
        await session.execute(text("drop table alembic_version"))
    with pytest.raises(Conflict, match="nothing to back up"):
        await back_up(settings, tmp_path / "never.tar")
    assert [path.name for path in tmp_path.iterdir() if "never" in path.name] == []
