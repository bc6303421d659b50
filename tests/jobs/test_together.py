"""Steps that come together share a transaction, and none fails, waits or pays for another's sake."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from app.jobs import buying, reserving
from app.jobs.models import Attempt, Job
from app.jobs.together import MOST, Together
from app.money.models import LedgerEntry
from tests.jobs.market import open_market


async def test_what_comes_while_a_group_is_under_way_makes_the_next_one():
    groups: list[list[int]] = []
    gate = asyncio.Event()

    async def double(items):
        groups.append(list(items))
        await gate.wait()
        return [2 * item for item in items]

    together = Together(double)
    first = asyncio.create_task(together(1))
    while not groups:
        await asyncio.sleep(0)
    others = [asyncio.create_task(together(number)) for number in range(2, MOST + 10)]
    await asyncio.sleep(0)
    gate.set()
    assert [await task for task in (first, *others)] == [2 * number for number in range(1, MOST + 10)]
    assert [len(group) for group in groups] == [1, MOST, 8]


async def test_one_that_fails_fails_alone():
    async def halve(items):
        return [10 / item for item in items]

    together = Together(halve)
    answers = await asyncio.gather(*(together(item) for item in (1, 0, 5)), return_exceptions=True)
    assert answers[0] == 10 and isinstance(answers[1], ZeroDivisionError) and answers[2] == 2
    assert await together(2) == 5  # and the next ones come through


async def test_one_that_was_called_off_leaves_the_others_alone():
    started, gate = asyncio.Event(), asyncio.Event()

    async def same(items):
        started.set()
        await gate.wait()
        return items

    together = Together(same)
    tasks = [asyncio.create_task(together(number)) for number in range(3)]
    await started.wait()
    tasks[1].cancel()
    gate.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert answers[0] == 0 and isinstance(answers[1], asyncio.CancelledError) and answers[2] == 2


@pytest.fixture
async def market(bought, fake):
    """One account at the fake paid provider."""
    return open_market(bought, fake[1], {"paid": {}})


@pytest.fixture
async def wished(market):
    """Wish for takes of many shots at once: ``await wished(12)``."""

    async def wish(count: int):
        return await market.wish(await market.shots(count), "paid")

    return wish


async def test_many_that_come_at_once_are_bought_once_each_and_share_transactions(market, wished):
    bought = market.bought
    await bought.budget("10")
    jobs = await wished(12)
    # every message twice, as a broker may deliver it
    await asyncio.gather(*(buying.advance(bought.engine, job_id) for job_id in [*jobs, *jobs]))
    assert {job.state for job in await market.jobs()} == {"active"}
    assert set(bought.creates().values()) == {1} and len(bought.creates()) == 12
    async with bought.engine.database.transaction() as session:
        reserved = select(func.count(), func.count(func.distinct(Attempt.id))).select_from(Attempt)
        assert (await session.execute(reserved)).one() == (12, 12)
        entries = await session.scalar(select(func.count()).where(LedgerEntry.kind == "reserve"))
    assert entries == 12


async def test_a_group_never_reserves_more_than_the_budget(market, wished):
    bought = market.bought
    jobs = await wished(6)
    price = (await market.jobs())[0].estimate_high_micros
    await bought.budget(str(Decimal(4 * price + price // 2) / 1_000_000))
    async with bought.engine.database.transaction() as session:
        made = await reserving.reserve(bought.engine, session, jobs)
    assert len(made) == 4
    held = [job for job in await market.jobs() if job.state == "waiting"]
    assert {job.reason_code for job in held} == {"money.over_budget"} and len(held) == 2
    position = await bought.position()
    assert position.reserved == 4 * price and (position.left or 0) < price


async def test_the_urgent_ones_of_a_group_come_first(market, wished):
    bought = market.bought
    jobs = await wished(3)
    price = (await market.jobs())[0].estimate_high_micros
    await bought.budget(str(Decimal(price) / 1_000_000))
    async with bought.engine.database.transaction() as session:
        (await session.get_one(Job, jobs[2])).priority = 10
    async with bought.engine.database.transaction() as session:
        made = await reserving.reserve(bought.engine, session, jobs)
    assert list(made) == [jobs[2]]
