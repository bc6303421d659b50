"""Leaving a vendor: what waits goes, after every change was shown; what runs is left alone; nothing is bought twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from app.backends.base import GenRequest
from app.backends.capabilities import Frame, ModelCaps, Task
from app.backends.testing.paid import FakePaidBackend
from app.core.errors import Conflict, Invalid
from app.core.frames import FrameRate
from app.jobs import policies, relocation, reserving
from app.jobs.comparing import Change, differences, obstacles
from app.jobs.policy import Policy
from app.jobs.relocation import Wanted
from app.projects.models import Project
from tests.jobs.market import Market, open_market

REQUEST = GenRequest(Task.TEXT, "", "A stone.", duration_frames=120, rate=FrameRate(24), width=1080, height=1920)
OLD = ModelCaps(
    "old", frozenset({Task.TEXT, Task.FIRST_FRAME}), durations=(5,), frames=(Frame(1080, 1920),),
    native_sound=True, lip_sync=True, seed=True, negative_prompt=True,
)  # fmt: skip
NEW = ModelCaps("new", frozenset({Task.TEXT}), durations=(4, 8), frames=(Frame(720, 1280),), prompt_max=100)


def changes(target: ModelCaps, request: GenRequest = REQUEST, roles: frozenset[str] = frozenset()) -> set[Change]:
    return {one.change for one in differences(request, roles, OLD, target, frozenset())}


def test_every_loss_is_named() -> None:
    request = replace(REQUEST, negative="text")
    found = changes(NEW, request, frozenset({"first"}))
    assert found == {Change.LONGER, Change.FRAME, Change.INPUT, Change.SOUND, Change.SEED, Change.NEGATIVE}
    assert changes(replace(NEW, durations=(3,)), request) >= {Change.CUT}
    assert changes(OLD) == set()


def test_what_cannot_be_made_at_all_is_named() -> None:
    today = date(2026, 11, 30)
    assert [one.change for one in obstacles(replace(REQUEST, prompt="x" * 101), NEW, today)] == [Change.PROMPT]
    assert [one.change for one in obstacles(REQUEST, replace(NEW, tasks=frozenset()), today)] == [Change.TASK]
    assert [one.change for one in obstacles(REQUEST, replace(NEW, retires_on=today), today)] == [Change.RETIRED]


@pytest.fixture
def market(bought, fake) -> Market:
    return open_market(bought, fake[1], {"paid": {}, "other": {}, "third": {}})


async def _plan(market: Market, wanted: Wanted) -> relocation.Plan:
    async with market.bought.engine.database.transaction() as session:
        return await relocation.plan(session, market.registry, wanted)


async def _move(market: Market, wanted: Wanted, digest: str = "") -> int:
    digest = digest or (await _plan(market, wanted)).digest
    async with market.bought.engine.database.transaction() as session:
        return await relocation.carry_out(session, market.bought.actor, market.registry, wanted, digest)


async def test_what_waits_moves_and_what_runs_stays(market):
    running, *waiting = await market.wish(await market.shots(5), "paid")
    await market.bought.budget("0.10")
    await market.advance([running, *waiting])
    wanted = Wanted("paid", "other")
    found = await _plan(market, wanted)
    assert (len(found.possible), len(found.stuck), found.running) == (4, 0, 1)
    assert found.before == found.after == {"USD": 400_000}
    assert await _move(market, wanted, found.digest) == 4
    assert [job.backend for job in await market.jobs()] == ["paid", *["other"] * 4]
    await market.bought.budget("10")
    await market.advance(waiting)
    assert {job.state for job in await market.jobs()} == {"active"}
    assert [attempt.backend for attempt in await market.attempts()] == ["paid", *["other"] * 4]


async def test_what_was_shown_is_what_is_done_or_nothing_is(market):
    await market.wish(await market.shots(2), "paid")
    wanted = Wanted("paid", "other")
    digest = (await _plan(market, wanted)).digest
    await market.wish([market.bought.shot_id], "paid")
    with pytest.raises(Conflict):
        await _move(market, wanted, digest)
    assert {job.backend for job in await market.jobs()} == {"paid"}


async def test_what_was_reserved_and_not_sent_moves_and_gives_its_money_back(market):
    await market.bought.budget("10")
    (job_id,) = await market.wish(await market.shots(1), "paid")
    async with market.bought.engine.database.transaction() as session:
        await reserving.reserve(market.bought.engine, session, [job_id])
    assert await _move(market, Wanted("paid", "other")) == 1
    position = await market.bought.position()
    assert (position.reserved, position.spent) == (0, 0)
    job = await market.bought.run(job_id, seconds=60)
    assert (job.state, job.backend) == ("done", "other"), job.reason
    assert [attempt.state for attempt in await market.attempts()] == ["cancelled", "succeeded"]


async def test_a_wish_that_is_open_at_the_target_already_is_not_bought_twice(market):
    await market.wish([market.bought.shot_id], "paid")
    await market.wish([market.bought.shot_id], "other")
    await _move(market, Wanted("paid", "other"))
    assert sorted((job.backend, job.state) for job in await market.jobs()) == [
        ("other", "cancelled"),
        ("other", "waiting"),
    ]
    again = await market.wish([market.bought.shot_id], "other")
    assert len(again) == 1 and len(await market.jobs()) == 2


async def test_projects_and_policies_that_named_the_vendor_name_the_other(market):
    async with market.bought.engine.database.transaction() as session:
        project = await session.get_one(Project, market.bought.project_id)
        policy = Policy(order=("third", "paid/paid-fine", "other"))
        await policies.choose(session, market.bought.actor, market.registry, project, policy)
    await _move(market, Wanted("paid", "other"))
    async with market.bought.engine.database.transaction() as session:
        project = await session.get_one(Project, market.bought.project_id)
        moved = await policies.of_project(session, project.id)
    assert (project.backend, moved.order) == ("other", ("third", "other"))


async def test_a_vendor_that_is_gone_from_the_configuration_can_still_be_left(market):
    jobs = await market.wish(await market.shots(2), "paid")
    del market.registry._backends["paid"]
    assert await _move(market, Wanted("paid", "other")) == len(jobs)


@pytest.mark.parametrize(("source", "target", "error"), [("paid", "paid", Invalid), ("paid", "nobody", Exception)])
async def test_a_target_that_makes_no_sense_is_refused(market, source, target, error):
    with pytest.raises(error):
        await _plan(market, Wanted(source, target))


async def test_what_the_target_cannot_make_stays_and_is_told(market, monkeypatch):
    jobs = await market.wish(await market.shots(2), "paid")
    short = [replace(caps, prompt_max=5) for caps in market.registry.get("other").models()]
    monkeypatch.setattr(FakePaidBackend, "models", lambda self: tuple(short) if self.name == "other" else ())
    found = await _plan(market, Wanted("paid", "other"))
    assert (len(found.possible), len(found.stuck)) == (0, len(jobs))
    assert {one.change for move in found.stuck for one in move.changes} == {Change.PROMPT}
