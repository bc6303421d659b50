"""Garbage: only what nothing refers to, and only when it is old enough."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from sqlalchemy import update

from app.accounts.models import User
from app.accounts.schemas import SYSTEM
from app.backends.chat import TextModels
from app.bible import service as bible
from app.boards import upkeep
from app.media.keys import derived_key, original_key
from app.media.storage import open_storage

OLD, YOUNG, KEPT = ("a" * 64, "b" * 64, "c" * 64)


@pytest.fixture
async def store(settings, database, world):
    """A store with an old orphan, a young one, a picture in use and a finished segment."""
    storage = open_storage(settings.storage_url)
    for name in (OLD, YOUNG, KEPT):
        await storage.put_bytes(name.encode(), original_key(name))
    segment = derived_key("segment", 1, OLD, ".mp4")
    await storage.put_bytes(b"segment", segment)
    root = Path(settings.storage_url.removeprefix("file://"))
    three_days_ago = time.time() - 3 * 24 * 3600
    for key in (original_key(OLD), original_key(KEPT), segment):
        os.utime(root / key, (three_days_ago, three_days_ago))
    async with database.transaction() as session:
        row = await bible.add(session, world.project.id, "女娃")
        await bible.set_reference(session, row, original_key(KEPT), "image/jpeg")
    return storage


async def test_only_old_orphans_are_garbage(store, database):
    async with database.transaction() as session:
        use = await upkeep.measure(session, store)
        assert [one.key for one in use.garbage] == [original_key(OLD)]
        assert await upkeep.collect(session, store, SYSTEM, use.garbage) == 64
    left = sorted([one.key async for one in store.list()])
    assert original_key(OLD) not in left
    assert {original_key(YOUNG), original_key(KEPT)} <= set(left)


async def test_the_owner_sees_disk_use_and_frees_it(store, database, browsers, world):
    async with database.transaction() as session:
        await session.execute(update(User).where(User.id == world.actors["admin"].id).values(is_owner=True))
    admin = browsers("admin")
    page = await admin.get("/installation")
    assert page.status_code == 200 and "1 file of 64" in page.text
    assert (await admin.post("/installation/collect")).status_code == 303
    assert "Nothing to free" in (await admin.get("/installation")).text


async def test_the_owner_sees_the_text_models_and_what_is_wrong_with_them(store, database, browsers, world, app):
    key = "sk-owner-0123456789"
    good = {"vendor": "deepseek", "model": "deepseek-v4-flash", "api_key": key}
    app.state.text_models = TextModels.load(json.dumps({"fast": good, "odd": {**good, "model": "?"}}))
    async with database.transaction() as session:
        await session.execute(update(User).where(User.id == world.actors["admin"].id).values(is_owner=True))
    page = (await browsers("admin").get("/installation")).text
    assert "deepseek-v4-flash" in page and "0.3 / 1.2 USD" in page
    assert "needs a price" in page and key not in page
