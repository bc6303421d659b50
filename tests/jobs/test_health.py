"""A backend that does not work is left alone for a while, and what the policy allows goes on elsewhere, at no cost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.backends.errors import BackendError, Kind
from app.backends.testing.contract.subject import dead_address
from app.core import clock
from app.core.errors import Conflict
from app.jobs import health, moving, policies
from app.jobs.models import BackendHealth, Job
from app.jobs.policy import Policy
from app.projects.models import Project
from tests.jobs.market import Market, open_market

DOWN = BackendError(Kind.TRANSIENT, "The connection was refused.")


@pytest.fixture
def market(bought, fake):
    """Two good accounts and one that cannot be reached."""
    return open_market(
        bought, fake[1], {"down": {"base_url": dead_address()}, "paid": {}, "poor": {"api_key": "wrong"}}
    )


async def _policy(market: Market, *order: str, **more: object) -> None:
    async with market.bought.engine.database.transaction() as session:
        project = await session.get_one(Project, market.bought.project_id)
        await policies.choose(session, market.bought.actor, market.registry, project, Policy(order=order, **more))


async def _fault(market: Market, backend: str, error: BackendError, times: int = 1) -> None:
    async with market.bought.engine.database.transaction() as session:
        for _time in range(times):
            await health.note_fault(session, backend, error)


async def _admits(market: Market, backend: str) -> bool:
    async with market.bought.engine.database.transaction() as session:
        return await health.admits(session, backend)


async def test_a_few_faults_in_a_row_open_the_circuit_and_one_try_closes_it(market):
    await _fault(market, "paid", DOWN, health.MOST_FAULTS - 1)
    assert await _admits(market, "paid")
    await _fault(market, "paid", DOWN)
    assert not await _admits(market, "paid")
    with clock.turned(health.FIRST_PAUSE + timedelta(seconds=1)):
        assert await _admits(market, "paid"), "One is let through."
        assert not await _admits(market, "paid"), "And only one."
        async with market.bought.engine.database.transaction() as session:
            await health.note_success(session, "paid")
        assert await _admits(market, "paid")


async def test_the_pause_grows_when_the_try_fails(market):
    await _fault(market, "paid", DOWN, health.MOST_FAULTS)
    with clock.turned(health.FIRST_PAUSE + timedelta(seconds=1)):
        assert await _admits(market, "paid")
        await _fault(market, "paid", DOWN)
    with clock.turned(health.FIRST_PAUSE * 2):
        assert not await _admits(market, "paid")
    with clock.turned(health.FIRST_PAUSE * 3 + timedelta(seconds=2)):
        assert await _admits(market, "paid")


@pytest.mark.parametrize("kind", [Kind.AUTH, Kind.QUOTA])
async def test_a_refused_key_or_an_empty_account_opens_it_at_once(market, kind):
    await _fault(market, "paid", BackendError(kind, "No."))
    assert not await _admits(market, "paid")


@pytest.mark.parametrize("kind", [Kind.MODERATION, Kind.INVALID, Kind.RATE_LIMIT])
async def test_what_is_no_fault_of_the_backend_does_not_count(market, kind):
    await _fault(market, "paid", BackendError(kind, "No."), 20)
    assert await _admits(market, "paid")


async def test_jobs_of_a_backend_that_rests_wait_and_wake_when_it_works(market):
    await market.bought.budget("100")
    await _fault(market, "paid", DOWN, health.MOST_FAULTS)
    jobs = await market.wish(await market.shots(3), "paid")
    await market.advance(jobs)
    held = await market.jobs()
    assert {(job.state, job.reason_code) for job in held} == {("waiting", "jobs.circuit")}
    soon = [job for job in held if job.next_due_at < clock.now() + health.LONGEST_PAUSE]
    assert len(soon) == 1, "One looks again soon, for all."
    async with market.bought.engine.database.transaction() as session:
        await health.try_now(session, market.bought.actor, "paid")
    assert all(job.next_due_at <= clock.now() for job in await market.jobs())
    await market.advance(jobs)
    assert {job.state for job in await market.jobs()} == {"active"}


async def test_a_routed_wish_goes_to_the_next_backend_when_its_own_rests(market):
    await market.bought.budget("100")
    await _policy(market, "poor", "paid")
    (job_id,) = await market.wish(await market.shots(1))
    assert (await market.bought.job(job_id)).backend == "poor"
    await _fault(market, "poor", DOWN, health.MOST_FAULTS)
    await market.advance([job_id])
    job = await market.bought.job(job_id)
    assert (job.state, job.backend) == ("active", "paid"), job.reason
    told = {(line["backend"], line["verdict"]) for line in job.routing}
    assert {("poor", "unhealthy"), ("paid", "chosen")} <= told


async def test_a_technical_fault_fails_over_and_is_paid_once(market):
    await market.bought.budget("100")
    await _policy(market, "down", "poor", "paid")
    (job_id,) = await market.wish(await market.shots(1))
    job = await market.bought.run(job_id, seconds=120)
    assert (job.state, job.backend) == ("done", "paid"), job.reason
    assert [attempt.backend for attempt in await market.attempts()] == ["down", "poor", "paid"]
    position = await market.bought.position()
    assert (position.reserved, position.spent) == (0, 100_000)
    async with market.bought.engine.database.transaction() as session:
        assert (await session.get_one(BackendHealth, "poor")).last_fault.startswith("auth")


async def test_what_is_refused_or_charged_goes_to_a_person(market):
    await market.bought.budget("100")
    await _policy(market, "paid", "poor")
    async with market.bought.engine.database.transaction() as session:
        job = Job(routed=True, state="failed")
        await moving.fail_over(session, market.registry, job, BackendError(Kind.MODERATION, "No."), charged=False)
        await moving.fail_over(session, market.registry, job, DOWN, charged=True)
        assert job.state == "failed"
    job_id = await market.bought.wish("moderation_input")
    assert (await market.bought.run(job_id, seconds=30)).state == "refused"


async def test_a_wish_no_backend_can_make_is_refused_with_every_reason(market):
    await _policy(market, "down", "paid", most_per_second="0.01")
    with pytest.raises(Conflict, match=r"down: over the price limit.*paid: over the price limit"):
        await market.wish(await market.shots(1))
    assert await market.jobs() == []


async def test_a_second_click_on_a_routed_wish_changes_nothing(market):
    await _policy(market, "poor", "paid")
    shots = await market.shots(1)
    first = await market.wish(shots)
    await _policy(market, "paid", "poor")
    assert await market.wish(shots) == first
