"""The check of scripts finds what does not agree, and nothing else."""

from __future__ import annotations

from sqlalchemy import update

from app.rooms import service as rooms
from app.rooms.models import RoomUpdate
from app.scripts import service as scripts
from app.scripts.checking import disagreements
from app.scripts.models import Script


async def test_what_was_written_agrees_and_what_was_broken_is_found(database, world):
    for text in ("内景 客厅 - 日\n", "内景 客厅 - 日\n她笑了。\n"):
        async with database.transaction() as session:
            await scripts.edit(session, world.actors["writer"], world.episode, lambda now, text=text: now.replace(text))
    assert await disagreements(database) == (1, [])
    assert (await disagreements(database, world.project.id))[0] == 1
    async with database.transaction() as session:
        await session.execute(update(Script).values(text="something else\n\n"))
    _looked_at, found = await disagreements(database)
    assert [one.episode for one in found] == [world.episode.number]
    assert "another text" in found[0].found


async def test_a_log_that_cannot_be_read_is_found(database, world):
    async with database.transaction() as session:
        await scripts.edit(session, world.actors["writer"], world.episode, lambda now: now.replace("text"))
        await session.execute(update(RoomUpdate).values(update=b"\x01rubbish"))
    _looked_at, found = await disagreements(database)
    assert "cannot be read" in found[0].found


async def test_a_long_log_is_folded_and_still_agrees(database, world):
    async with database.transaction() as session:
        for number in range(rooms.FOLD_BEYOND + 5):
            await scripts.edit(
                session, world.actors["writer"], world.episode, lambda now, n=number: now.splice(0, 0, f"{n}\n")
            )
    assert await disagreements(database) == (1, [])
    async with database.transaction() as session:
        script = await scripts.of_episode(session, world.episode)
        opened = await rooms.opened(session, await scripts.room_of(session, script))
        assert len(opened.log) <= rooms.FOLD_BEYOND
        assert opened.document.text == script.text
