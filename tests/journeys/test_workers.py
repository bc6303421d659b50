"""Real workers, really killed: nothing that was wished is lost, and nothing is made twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select

from app.accounts import service as accounts
from app.accounts.schemas import SYSTEM
from app.backends.registry import Registry
from app.embedded import fleet
from app.episodes import service as episodes
from app.exports import service as exports
from app.jobs import wishing
from app.jobs.models import Attempt, Job
from app.projects import service as projects
from app.projects.schemas import ProjectInput
from app.review import service as review
from app.shots import importing
from app.shots import service as shots
from app.takes import service as takes
from app.takes.models import Take

pytestmark = pytest.mark.slow

SCRIPT = """剧名：短片
1-1 日 外 东海之滨
人物：女娃
△海浪拍在黑色的礁石上，碎成白沫。
女娃（笑）：那我去把他们叫回来。
△特写：她摊开手掌，掌心是一枚圆润的白石子。
"""


async def until(look: Callable[[], Awaitable[object]], what: str, live, seconds: float = 240) -> None:
    """Look again until something holds."""
    try:
        async with asyncio.timeout(seconds):
            while not await look():
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"Not in {seconds} s: {what}\n{live.said()}") from None


async def wished(live_database) -> tuple:
    """Make a small project and wish for all its shots."""
    async with live_database.transaction() as session:
        team = await accounts.make_team(session, "Night Shift")
        given = ProjectInput(title="短片", language="zh", width=270, height=480)
        project = await projects.create(session, SYSTEM, team.id, given)
        (imported,) = await importing.import_project(session, SYSTEM, project, SCRIPT, name="test")
        rows = await shots.of_episode(session, imported.episode.id)
        made = await wishing.wish(session, Registry.load(), SYSTEM, project, imported.episode, rows)
        return project, imported.episode, [job.id for job in made]


async def states(live_database, ids) -> list[str]:
    async with live_database.transaction() as session:
        return list((await session.scalars(select(Job.state).where(Job.id.in_(ids)))).all())


async def test_a_killed_worker_loses_no_render_and_makes_none_twice(live, live_database):
    _project, _episode, ids = await wished(live_database)

    async def rendering() -> bool:
        async with live_database.transaction() as session:
            return (
                await session.scalar(
                    select(Attempt.id).where(
                        Attempt.state.in_(("fetching", "checking")), Attempt.lease_until.is_not(None)
                    )
                )
                is not None
            )

    await until(rendering, "nothing is rendered", live)
    live.kill("media")
    live.kill("io")
    live.start_workers()

    async def all_done() -> bool:
        return set(await states(live_database, ids)) == {"done"}

    await until(all_done, "jobs that were lost", live)
    async with live_database.transaction() as session:
        made = (await session.scalars(select(Take))).all()
        assert len(made) == len(ids)
        assert all(take.has_audio and (take.width, take.height) == (270, 480) for take in made)


async def test_wiping_redis_loses_nothing(live, live_database, services):
    from redis import Redis

    _project, _episode, ids = await wished(live_database)
    with Redis.from_url(services.valkey.url) as redis:
        redis.flushall()

    async def all_done() -> bool:
        return set(await states(live_database, ids)) == {"done"}

    await until(all_done, "jobs whose messages were wiped", live)


async def test_an_export_survives_its_worker(live, live_database):
    project, episode, ids = await wished(live_database)

    async def all_done() -> bool:
        return set(await states(live_database, ids)) == {"done"}

    await until(all_done, "takes to export", live)
    async with live_database.transaction() as session:
        episode = await episodes.get(session, project.id, episode.id)
        rows = await shots.of_episode(session, episode.id)
        for take in (await takes.newest_of(session, [row.id for row in rows])).values():
            await review.circle(session, SYSTEM, take)
        asked = await exports.ask(session, SYSTEM, project, episode, "final")

    async def state() -> str:
        async with live_database.transaction() as session:
            return (await exports.get(session, project.id, asked.id)).state

    async def running() -> bool:
        return await state() != "waiting"

    async def ended() -> bool:
        return await state() not in ("waiting", "active")

    await until(running, "the export to begin", live)
    live.kill("media")
    live.start("media", fleet.worker_program("media", live.settings))
    await until(ended, "the export to end", live)
    assert await state() == "done", live.said()
    async with live_database.transaction() as session:
        files = (await exports.deliverables(session, [asked.id]))[asked.id]
    assert {file.kind for file in files} == {"video", "srt", "vtt", "shots", "manifest"}
