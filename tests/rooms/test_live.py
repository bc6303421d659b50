"""Writing together over real sockets and real web processes: what arrives, what is saved, who may, what is refused."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import func, select, update
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from app.accounts.models import Membership, UserSession
from app.core import clock
from app.rooms import protocol
from app.rooms import service as rooms
from app.rooms.models import RoomUpdate
from app.scripts import service as scripts

pytestmark = pytest.mark.slow


async def stored(database, room: str) -> str:
    """Return the text that PostgreSQL's log amounts to."""
    async with database.transaction() as session:
        return (await rooms.opened(session, await rooms.by_name(session, room))).document.text


async def test_what_one_types_the_other_has_and_postgres_has_when_it_is_said_so(web, peers, room, database, world):
    one, other = await peers("writer", web), await peers("director", web)
    await one.type("内景 客厅 😀\n")
    await other.until(lambda: other.text == "内景 客厅 😀\n")
    await one.until(lambda: one.saved == one.frames and one.vector.get(one.doc.client_id, 0) > 0)
    assert await stored(database, room) == "内景 客厅 😀\n"
    async with database.transaction() as session:
        authors = set(await session.scalars(select(RoomUpdate.made_by).where(RoomUpdate.made_by.is_not(None))))
    assert authors == {world.actors["writer"].id}


async def test_two_processes_share_a_room_its_deletions_and_who_is_there(web, other_web, peers):
    here, there = await peers("writer", web), await peers("director", other_web)
    await here.appear(b'{"user":{"name":"W"}}', client=11)
    await here.type("one two")
    await there.until(lambda: there.text == "one two" and 11 in there.presences)
    before = here.doc.get_state()
    del here.body[0:4]
    await here.update(here.doc.get_update(before))
    await there.until(lambda: there.text == "two")


async def test_a_new_room_is_opened_by_two_at_once_and_is_one(web, other_web, peers):
    one, other = await asyncio.gather(peers("writer", web), peers("director", other_web))
    await asyncio.gather(one.type("A"), other.type("B"))
    await one.until(lambda: len(one.text) == 2)
    await other.until(lambda: other.text == one.text)


async def test_what_was_said_to_be_saved_outlives_kill_9(web, peers, room, database):
    writer = await peers("writer", web)
    for number in range(20):
        await writer.type(f"{number} ")
    await writer.until(lambda: writer.saved == writer.frames)
    web.kill()
    assert await stored(database, room) == writer.text
    web.start()
    again = await peers("director", web)
    assert again.text == writer.text


async def test_a_laptop_that_was_away_for_a_day_is_merged(web, peers):
    away, there = await peers("writer", web), await peers("director", web)
    await away.type("base ")
    await there.until(lambda: there.text == "base ")
    await away.socket.close()
    await there.type("while away ", at=5)
    away.body.insert(0, "written offline ")
    back = await peers("writer", web)
    await back.update(away.doc.get_update(back.doc.get_state()))
    await there.until(lambda: "written offline" in there.text and "while away" in there.text)


async def test_a_connection_that_is_reset_ends_nobody_elses(web, peers):
    lost, one, other = [await peers(who, web) for who in ("writer", "director", "producer")]
    await lost.appear(b"{}", client=5)
    await one.until(lambda: one.presences.get(5) == b"{}")
    lost.socket.transport.abort()
    await one.type("still here")
    await other.until(lambda: other.text == "still here")
    await one.until(lambda: one.presences.get(5) == protocol.GONE)


async def test_who_comes_late_sees_who_is_there(web, peers):
    first = await peers("writer", web)
    await first.appear(b'{"cursor":1}', client=9)
    late = await peers("viewer", web)
    await late.until(lambda: late.presences.get(9) == b'{"cursor":1}')


async def test_who_comes_back_is_seen_though_others_repeat_that_they_left(web, peers):
    first, second = await peers("writer", web), await peers("director", web)
    await first.appear(b'{"user":"F"}', client=21)
    await second.until(lambda: second.presences.get(21) == b'{"user":"F"}')
    await second.appear(b'{"user":"S"}', client=22)
    await first.socket.close()
    await second.until(lambda: second.presences.get(21) == protocol.GONE)
    await second.appear(protocol.GONE, client=21)  # as y-websocket does with all it hears
    await second.appear(b'{"user":"ghost"}', client=21, clock=2)
    back = await peers("writer", web)
    await back.appear(b'{"user":"back"}', client=21, clock=2)
    await second.until(lambda: second.presences.get(21) == b'{"user":"back"}')


async def test_a_viewer_is_seen_and_changes_nothing(web, peers, room, database):
    viewer, writer = await peers("viewer", web), await peers("writer", web)
    await viewer.type("smuggled")
    await viewer.appear(b'{"user":"V"}', client=3)
    await writer.until(lambda: writer.presences.get(3) == b'{"user":"V"}')
    await writer.type("mine")
    await writer.until(lambda: writer.saved == writer.frames)
    assert writer.text == "mine"
    assert await stored(database, room) == "mine"


@pytest.mark.parametrize(("who", "status"), [("stranger", 404), ("", 401), ("forged", 401)])
async def test_who_may_not_read_is_refused_before_the_socket_opens(web, world, room, who, status):
    cookie = {"": {}, "forged": {"Cookie": "reelroom=forged"}}
    headers = cookie.get(who, {"Cookie": f"reelroom={world.cookies.get(who)}"})
    with pytest.raises(InvalidStatus) as refused:
        await connect(web.url(room), additional_headers=headers, proxy=None)
    assert refused.value.response.status_code in (status, 403)


async def test_a_room_that_is_none_is_not_found(web, world):
    headers = {"Cookie": f"reelroom={world.cookies['writer']}"}
    with pytest.raises(InvalidStatus):
        await connect(web.url("script-none"), additional_headers=headers, proxy=None)


@pytest.mark.parametrize(
    "frame",
    [
        b"", b"\x05", b"\x00\x07\x00", b"\x00\x02\x7f\x01", b"\x00\x02\x03\xff\xff\xff", b"\x01\xff",
        protocol.awareness([protocol.Presence(1, 1, b"NaN")]),
        protocol.awareness([protocol.Presence(1, 1, b"[1]")]),
        protocol.awareness([protocol.Presence(1, 1, b'{"a":"' + b"x" * 3000 + b'"}')]),
        "text",
    ],
)  # fmt: skip
async def test_a_malformed_frame_ends_its_sender_and_reaches_nobody(web, peers, frame):
    bad, good = await peers("writer", web), await peers("director", web)
    await bad.socket.send(frame)
    assert await bad.closed() == 1003
    assert 1 not in good.presences
    await good.type("fine")
    await good.until(lambda: good.saved == good.frames)


async def test_ten_megabytes_at_once_are_refused_and_the_room_goes_on(web, peers):
    bad, good = await peers("writer", web), await peers("director", web)
    await bad.type("海" * 3_500_000)
    assert await bad.closed() == 4413
    await good.type("fine")
    await good.until(lambda: good.saved == good.frames)
    assert good.text == "fine"


async def test_a_session_that_ends_closes_the_socket(web, peers, database, world):
    writer = await peers("writer", web)
    async with database.transaction() as session:
        mine = UserSession.user_id == world.actors["writer"].id
        await session.execute(update(UserSession).where(mine).values(ended_at=clock.now()))
    assert await writer.closed() == 4401


@pytest.mark.parametrize(("role", "code"), [("viewer", 4408), (None, 4403)])
async def test_a_changed_role_closes_the_socket(web, peers, database, world, role, code):
    writer = await peers("writer", web)
    async with database.transaction() as session:
        mine = (await session.scalars(select(Membership).where(Membership.user_id == world.actors["writer"].id))).one()
        if role:
            mine.role = role
        else:
            await session.delete(mine)
    assert await writer.closed() == code


async def test_what_the_server_writes_is_seen_by_who_is_in_the_room(web, peers, database, world):
    writer = await peers("writer", web)
    async with database.transaction() as session:
        await scripts.edit(
            session, world.actors["director"], world.episode, lambda text: text.replace("from the server")
        )
    await writer.until(lambda: writer.text == "from the server")


async def test_a_web_process_that_goes_down_sends_everybody_away_and_stores_what_it_has(web, peers, room, database):
    writer = await peers("writer", web)
    await writer.type("last words")
    await writer.socket.ping()
    web.process.terminate()
    # 1012, or 1006 where granian drops the socket before the code is out: browsers come back after either
    assert await writer.closed() in (1012, 1001, 1006)
    assert await asyncio.to_thread(web.process.wait, 30) == 0
    assert await stored(database, room) == "last words"


async def test_seeding_happens_once_however_many_come(database, world):
    async with database.transaction() as session:
        script = await scripts.of_episode(session, world.episode)
        script.text = "seed"

    async def ensure() -> None:
        async with database.transaction() as session:
            await scripts.room_of(session, script)

    await asyncio.gather(*[ensure() for _one in range(4)])
    async with database.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(RoomUpdate)) == 1
