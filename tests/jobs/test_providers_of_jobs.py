"""What becomes of jobs when their backend is disabled, goes missing, or loses a model."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from app.backends.config import BackendConfig
from app.backends.registry import Registry
from app.core.errors import Conflict, NotFound
from app.events.models import OutboxEvent
from app.jobs import buying, reserving
from app.jobs.states import AttemptState
from app.providers.models import CatalogueRow


async def test_what_runs_is_followed_to_its_end_when_its_backend_is_disabled(bought):
    await bought.budget("10")
    job_id = await bought.wish()
    await bought.run(job_id)
    disabled = BackendConfig(name="paid", kind="fake_paid", enabled=False)
    registry = Registry([bought.engine.registry.get("paid")], configs=[disabled])
    bought.engine = replace(bought.engine, registry=registry)
    job = await bought.run(job_id, seconds=60)
    assert (job.state, list(bought.creates().values())) == ("done", [1])
    with pytest.raises(Conflict, match="paid is disabled"):
        await bought.wish()


async def test_a_backend_that_is_missing_loses_no_attempt(bought):
    await bought.budget("10")
    job_id = await bought.wish()
    whole, missing = bought.engine, replace(bought.engine, registry=Registry())
    async with whole.database.transaction() as session:
        attempt_id = (await reserving.reserve(whole, session, [job_id]))[job_id].id
    with pytest.raises(NotFound):
        await buying.submit(missing, attempt_id)
    assert [attempt.state for attempt in await bought.attempts(job_id)] == [AttemptState.RESERVED]
    assert (await bought.run(job_id, seconds=60)).state == "done"
    assert list(bought.creates().values()) == [1]


async def test_a_model_that_the_provider_no_longer_has_is_offered_no_longer(bought, database):
    await bought.budget("1.00")
    job = await bought.run(await bought.wish("model_gone"))
    assert job.state == "failed"
    async with database.transaction() as session:
        rows = (await session.scalars(select(CatalogueRow))).all()
        told = (await session.scalars(select(OutboxEvent).where(OutboxEvent.name == "providers.model_retired"))).all()
    assert [(row.backend, row.model, row.enabled) for row in rows] == [("paid", "paid-fast", False)]
    assert [event.payload["model"] for event in told] == ["paid-fast"]
