"""An account is never asked for more than it allows, projects share it fairly, and a retake goes first."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest
from sqlalchemy import select

from app.backends.config import Limits
from app.jobs import attempts, policies, turns
from app.jobs.models import Attempt, Job
from app.jobs.policy import Policy
from app.jobs.states import AttemptState
from app.projects.models import Project
from app.shots.models import Shot
from tests.jobs.market import Market, open_market


@pytest.fixture
def market(bought, fake):
    def opened(**limits: object) -> Market:
        return open_market(bought, fake[1], {"paid": {"limits": Limits(**limits)}, "other": {"account": "paid"}})

    return opened


async def _give(market: Market) -> list[Job]:
    """Do one sweep's part, advance whose turn it was, and return those jobs."""
    async with market.bought.engine.database.transaction() as session:
        await turns.give_turns(session, market.registry)
    due = [job for job in await market.jobs() if job.reason_code == "jobs.turn" and job.next_due_at is not None]
    await market.advance([job.id for job in due])
    return [job for job in await market.jobs() if job.id in {one.id for one in due}]


async def _finish_one(market: Market) -> None:
    async with market.bought.engine.database.transaction() as session:
        open_ones = select(Attempt).where(Attempt.state == AttemptState.SUBMITTED).order_by(Attempt.id).limit(1)
        attempt = (await session.scalars(open_ones)).one()
        job = await session.get_one(Job, attempt.job_id)
        await attempts.end(session, attempt, job, AttemptState.FAILED, reason="Over.")


async def test_an_account_makes_as_much_at_once_as_it_may_and_backends_share_it(market):
    shop = market(concurrency=3)
    await shop.bought.budget("100")
    shots = await shop.shots(8)
    jobs = [*await shop.wish(shots[:4], "paid"), *await shop.wish(shots[4:], "other", "paid-fast")]
    await shop.advance(jobs)
    assert Counter(job.state for job in await shop.jobs()) == {"active": 3, "waiting": 5}
    assert {job.reason_code for job in await shop.jobs() if job.state == "waiting"} == {"jobs.turn"}
    assert await _give(shop) == [], "There is no room."
    await _finish_one(shop)
    given = await _give(shop)
    assert [job.state for job in given] == ["active"]
    assert given[0].id == jobs[3], "Who waited longest goes first."


async def test_a_newcomer_does_not_overtake_who_waits(market):
    shop = market(concurrency=1)
    await shop.bought.budget("100")
    first, second, third = await shop.shots(3)
    jobs = await shop.wish([first, second], "paid")
    await shop.advance(jobs)
    await _finish_one(shop)
    (late,) = await shop.wish([third], "paid")
    async with shop.bought.engine.database.transaction() as session:
        (await session.get_one(Job, late)).priority = 0
    await shop.advance([late])
    assert [job.id for job in await _give(shop)] == [jobs[1]]


async def test_a_retake_goes_before_a_batch(market):
    shop = market(concurrency=1)
    await shop.bought.budget("100")
    shots = await shop.shots(6)
    jobs = await shop.wish(shots[:5], "paid")
    await shop.advance(jobs)
    async with shop.bought.engine.database.transaction() as session:
        (await session.get_one(Shot, shots[5])).retake_note = "Slower."
    (retake,) = await shop.wish([shots[5]], "paid")
    await shop.advance([retake])
    await _finish_one(shop)
    assert [job.id for job in await _give(shop)] == [retake]


async def test_projects_share_an_account_fairly(market, world):
    shop = market(concurrency=4)
    await shop.bought.budget("100")
    shots = await shop.shots(12)
    await shop.advance(await shop.wish(shots, "paid"))
    async with shop.bought.engine.database.transaction() as session:
        other = Project(team_id=world.team_id, title="Other", currency="USD")
        session.add(other)
        await session.flush()
        for job in (await session.scalars(select(Job).where(Job.state == "waiting"))).all()[4:]:
            job.project_id = other.id
        other_id = other.id
        for attempt in await session.scalars(select(Attempt)):
            job = await session.get_one(Job, attempt.job_id)
            await attempts.end(session, attempt, job, AttemptState.FAILED, reason="Over.")
        await turns.give_turns(session, shop.registry)
    due = [job for job in await shop.jobs() if job.state == "waiting" and job.next_due_at is not None]
    assert Counter(job.project_id == other_id for job in due) == {True: 2, False: 2}


async def test_an_account_is_asked_so_many_times_a_minute(market):
    shop = market(per_minute=2)
    await shop.bought.budget("100")
    await shop.advance(await shop.wish(await shop.shots(4), "paid"))
    assert Counter(job.state for job in await shop.jobs()) == {"active": 2, "waiting": 2}


async def test_an_account_spends_so_much_a_day(market):
    shop = market(spend_per_day=Decimal("0.25"))
    await shop.bought.budget("100")
    await shop.advance(await shop.wish(await shop.shots(4), "paid"))
    held = [job for job in await shop.jobs() if job.state == "waiting"]
    assert {job.reason_code for job in held} == {"jobs.account_spent"}
    assert len(held) == 2, "Two at ten cents fit under twenty-five."


async def test_a_project_makes_as_much_at_once_as_its_policy_allows(market):
    shop = market(concurrency=10)
    await shop.bought.budget("100")
    async with shop.bought.engine.database.transaction() as session:
        project = await session.get_one(Project, shop.bought.project_id)
        policy = Policy(order=("paid",), most_at_once=2)
        await policies.choose(session, shop.bought.actor, shop.registry, project, policy)
    await shop.advance(await shop.wish(await shop.shots(5), "paid"))
    assert Counter(job.state for job in await shop.jobs()) == {"active": 2, "waiting": 3}
    assert await _give(shop) == []
    await _finish_one(shop)
    assert len(await _give(shop)) == 1
