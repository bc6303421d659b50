"""A provider that answers late keeps its attempt; a process that lost the database lets go of it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from app.core import clock
from app.jobs import engine, reserving
from app.jobs.models import Attempt
from app.jobs.states import AttemptState


async def _leased(bought) -> Attempt:
    """Return an attempt that a process has just claimed to buy."""
    await bought.budget("10")
    job_id = await bought.wish()
    async with bought.engine.database.transaction() as session:
        attempt_id = (await reserving.reserve(bought.engine, session, [job_id]))[job_id].id
    async with bought.engine.database.transaction() as session:
        claimed = await engine.claim(session, attempt_id, frozenset({AttemptState.RESERVED}), engine.SUBMIT_LEASE)
        assert claimed is not None
        return claimed[0]


async def _now(bought, attempt_id) -> Attempt:
    async with bought.engine.database.transaction() as session:
        return await session.get_one(Attempt, attempt_id)


async def test_a_slow_provider_does_not_cost_the_lease(bought, monkeypatch):
    monkeypatch.setattr(engine, "RENEW_SECONDS", 0.01)
    attempt = await _leased(bought)
    with clock.turned(timedelta(minutes=30)):
        async with asyncio.timeout(30), engine.kept_lease(bought.engine, attempt.id):
            while (await _now(bought, attempt.id)).lease_until < clock.now():
                await asyncio.sleep(0)
        async with bought.engine.database.transaction() as session:
            taken = await engine.claim(session, attempt.id, frozenset({AttemptState.RESERVED}), engine.SUBMIT_LEASE)
        assert taken is None, "Nobody else may buy it while the first still asks."


async def test_without_the_database_the_asking_ends_before_anybody_else_may_begin(bought, monkeypatch):
    monkeypatch.setattr(engine, "RENEW_SECONDS", 0.01)
    monkeypatch.setattr(engine, "FENCE", timedelta(seconds=0.2))
    attempt = await _leased(bought)

    def gone():
        raise OperationalError("UPDATE", {}, ConnectionError("the server closed the connection"))

    monkeypatch.setattr(bought.engine.database, "transaction", gone)
    with pytest.raises(TimeoutError):
        async with engine.kept_lease(bought.engine, attempt.id):
            await asyncio.Event().wait()


def test_the_fence_falls_before_the_lease_ends():
    assert engine.FENCE < engine.SUBMIT_LEASE
    assert timedelta(seconds=engine.RENEW_SECONDS) < engine.FENCE
