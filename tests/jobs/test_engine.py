"""The engine against a provider that charges: nothing is bought twice, and every ending tells the truth about money."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from app.backends.testing.paid import FakePaidBackend
from app.core.errors import Conflict
from app.jobs import buying, fetching, following, reserving, service
from app.jobs.models import Attempt, Job
from app.jobs.states import AttemptState

PRICE = 100_000  # two seconds at five cents, in micro-dollars


async def test_a_take_is_bought_once_and_paid_once(bought):
    await bought.budget("10")
    job_id = await bought.wish()
    job = await bought.run(job_id, seconds=60)
    assert (job.state, job.reason) == ("done", "Take 1.")
    assert list(bought.creates().values()) == [1]
    position = await bought.position()
    assert (position.reserved, position.spent) == (0, PRICE)
    shot = await bought.shot()
    assert (shot.status, shot.take_count, shot.newest_take_number, shot.job_state) == ("review", 1, 1, "")
    assert shot.poster_key is not None


async def test_two_clicks_make_one_job(bought):
    await bought.budget("10")
    first, second = await asyncio.gather(bought.wish(), bought.wish())
    assert first == second
    await bought.run(first, seconds=60)
    assert list(bought.creates().values()) == [1]


async def test_without_a_budget_the_job_is_held_and_goes_on_when_there_is_one(bought):
    job_id = await bought.wish()
    job = await bought.run(job_id)
    assert (job.state, job.reason_code) == ("waiting", "money.no_budget")
    assert (await bought.shot()).status == "held"
    assert bought.creates() == {}
    await bought.budget("0.05")
    job = await bought.run(job_id)
    assert job.reason_code == "money.over_budget"
    await bought.budget("1")
    job = await bought.run(job_id, seconds=60)
    assert job.state == "done"


async def test_redelivered_messages_never_send_a_second_create(bought):
    await bought.budget("10")
    job_id = await bought.wish()
    await buying.advance(bought.engine, job_id)
    (attempt,) = await bought.attempts(job_id)
    await asyncio.gather(*(buying.submit(bought.engine, attempt.id) for _ in range(5)))
    await asyncio.gather(*(buying.advance(bought.engine, job_id) for _ in range(5)))
    assert bought.creates() == {str(attempt.id): 1}


async def test_an_attempt_found_in_submitting_is_never_sent_again(bought):
    await bought.budget("10")
    job_id = await bought.wish()
    async with bought.engine.database.transaction() as session:
        attempt_id = (await reserving.reserve(bought.engine, session, [job_id]))[job_id].id
    async with bought.engine.database.transaction() as session:
        attempt = await session.get_one(Attempt, attempt_id)
        attempt.state = AttemptState.SUBMITTING.value  # a worker died here, before or after it sent
    job = await bought.run(job_id, seconds=30)
    assert job.state == "unknown"
    assert bought.creates() == {}


async def test_a_lost_answer_waits_for_a_person_and_keeps_its_reservation(bought):
    await bought.budget("10")
    job_id = await bought.wish("drop_after")
    job = await bought.run(job_id, seconds=30)
    assert (job.state, job.reason_code) == ("unknown", "jobs.answer_lost")
    assert (await bought.shot()).status == "unknown"
    assert list(bought.creates().values()) == [1]
    assert (await bought.position()).reserved == PRICE
    async with bought.engine.database.transaction() as session:
        row = await session.get_one(Job, job_id)
        await service.decide(session, bought.actor, row, "give_up")
    position = await bought.position()
    assert (position.reserved, position.spent) == (0, PRICE)
    assert (await bought.job(job_id)).state == "failed"


async def test_buying_again_after_a_lost_answer_is_a_persons_word_and_a_new_attempt(bought):
    await bought.budget("10")
    job_id = await bought.wish("drop_after")
    await bought.run(job_id, seconds=30)
    async with bought.engine.database.transaction() as session:
        row = await session.get_one(Job, job_id)
        await service.decide(session, bought.actor, row, "buy_again")
        row.request = {**row.request, "prompt": "A stone on a palm."}
    job = await bought.run(job_id, seconds=60)
    assert job.state == "done"
    assert sorted(bought.creates().values()) == [1, 1]
    with pytest.raises(Conflict):
        async with bought.engine.database.transaction() as session:
            await service.decide(session, bought.actor, await session.get_one(Job, job_id), "buy_again")


class TestWithLookUp:
    """A provider that can be asked by the attempt's id."""

    @pytest.fixture
    def recover(self):
        return True

    async def test_a_lost_answer_is_found_and_not_bought_again(self, bought):
        await bought.budget("10")
        job_id = await bought.wish("drop_after")
        job = await bought.run(job_id, seconds=60)
        assert job.state == "done"
        assert list(bought.creates().values()) == [1]

    async def test_a_create_that_never_arrived_is_sent_again(self, bought):
        await bought.budget("10")
        job_id = await bought.wish()
        async with bought.engine.database.transaction() as session:
            attempt_id = (await reserving.reserve(bought.engine, session, [job_id]))[job_id].id
        async with bought.engine.database.transaction() as session:
            (await session.get_one(Attempt, attempt_id)).state = AttemptState.SUBMITTING.value
        job = await bought.run(job_id, seconds=60)
        assert job.state == "done"
        assert bought.creates() == {str(attempt_id): 1}


async def test_a_refusal_says_whose_fault_it_was_and_costs_nothing(bought):
    await bought.budget("10")
    job_id = await bought.wish("moderation_output")
    job = await bought.run(job_id, seconds=40)
    assert job.state == "refused"
    assert "Refused by the provider: provider. Nothing was charged." in job.reason
    assert (await bought.position()).spent == 0
    assert (await bought.shot()).status == "failed"
    assert sum(bought.creates().values()) == 1


async def test_a_busy_provider_is_waited_for_within_the_same_attempt(bought):
    await bought.budget("10")
    job_id = await bought.wish("busy=2")
    job = await bought.run(job_id, seconds=90)
    assert job.state == "done"
    assert len(await bought.attempts(job_id)) == 1
    assert list(bought.fake.ledger()["generations"].values()) == [1]


async def test_a_status_nobody_knows_is_never_read_as_working(bought):
    await bought.budget("10")
    job_id = await bought.wish("unknown_status")
    job = await bought.run(job_id, seconds=150)
    assert (job.state, job.reason_code) == ("unknown", "jobs.unrecognised")


async def test_a_result_that_is_no_video_fails_and_is_told_apart_from_success(bought):
    await bought.budget("10")
    job_id = await bought.wish("html")
    job = await bought.run(job_id, seconds=150)
    assert job.state == "failed"
    assert (await bought.shot()).take_count == 0


async def test_a_worker_killed_in_the_middle_of_a_fetch_loses_nothing(bought, monkeypatch):
    await bought.budget("10")
    job_id = await bought.wish()
    real = fetching._get

    async def killed(*_arguments):
        raise asyncio.CancelledError

    monkeypatch.setattr(fetching, "_get", killed)
    with pytest.raises(asyncio.CancelledError):
        await bought.run(job_id, seconds=40)
    monkeypatch.setattr(fetching, "_get", real)
    job = await bought.run(job_id, seconds=20)
    assert job.state == "done"
    assert (await bought.shot()).take_count == 1
    assert list(bought.creates().values()) == [1]


async def test_a_full_disk_makes_the_attempt_wait_and_then_go_on(bought, monkeypatch):
    await bought.budget("10")
    job_id = await bought.wish()
    real = type(bought.engine.storage).put_file

    async def full(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(bought.engine.storage), "put_file", full)
    job = await bought.run(job_id, seconds=40)
    assert (job.state, job.reason_code) == ("active", "storage.full")
    monkeypatch.setattr(type(bought.engine.storage), "put_file", real)
    job = await bought.run(job_id, seconds=20)
    assert job.state == "done"
    assert list(bought.creates().values()) == [1]


async def test_a_job_cancelled_before_it_was_bought_costs_nothing(bought):
    job_id = await bought.wish()
    await bought.run(job_id)
    async with bought.engine.database.transaction() as session:
        await service.cancel(session, bought.actor, await session.get_one(Job, job_id))
    await bought.budget("10")
    job = await bought.run(job_id, seconds=30)
    assert (job.state, bought.creates()) == ("cancelled", {})


async def test_a_cancel_that_comes_too_late_says_so_and_the_take_arrives(bought):
    await bought.budget("10")
    job_id = await bought.wish("slow=60")
    await buying.advance(bought.engine, job_id)
    bought.fake.clock.advance(30)
    async with bought.engine.database.transaction() as session:
        await service.cancel(session, bought.actor, await session.get_one(Job, job_id))
    job = await bought.run(job_id, seconds=60)
    (attempt,) = await bought.attempts(job_id)
    assert attempt.cancel_result == "too_late"
    assert job.state in ("done", "cancelled")
    assert (await bought.position()).spent == PRICE


@pytest.mark.parametrize(("told", "spent", "words"), [(True, 0, "Nothing was charged."), (False, PRICE, "at the cap")])
async def test_a_cancel_in_time_costs_what_the_provider_says_or_counts_as_charged(
    bought, monkeypatch, told, spent, words
):
    await bought.budget("10")
    job_id = await bought.wish("slow=60")
    await buying.advance(bought.engine, job_id)
    if not told:
        poll = FakePaidBackend.poll

        async def silent(self, handle):
            return replace(await poll(self, handle), cost=None)

        monkeypatch.setattr(FakePaidBackend, "poll", silent)
    async with bought.engine.database.transaction() as session:
        await service.cancel(session, bought.actor, await session.get_one(Job, job_id))
    (attempt,) = await bought.attempts(job_id)
    await following.cancel(bought.engine, attempt.id)
    job, position = await bought.job(job_id), await bought.position()
    assert (job.state, position.reserved, position.spent) == ("cancelled", 0, spent)
    assert words in job.reason


async def test_dropped_and_locked_shots_are_not_generated(bought):
    async with bought.engine.database.transaction() as session:
        from app.shots import service as shots

        shot = await shots.get(session, bought.project_id, bought.shot_id)
        await shots.drop(session, bought.actor, shot, reason="Not needed")
    with pytest.raises(Conflict, match="SH0010"):
        await bought.wish()


async def test_a_result_on_a_host_nobody_named_waits_for_an_owner_and_is_not_lost(bought):
    await bought.budget("10")
    job_id = await bought.wish("redirect_undeclared")
    job = await bought.run(job_id, seconds=60)
    assert (job.state, job.reason_code) == ("active", "backend.host")
    bought.fake.default_scenario = {}
    for one in bought.fake._generations.values():
        one.scenario.clear()  # as after the owner named the host
    job = await bought.run(job_id, seconds=20)
    assert (job.state, job.reason) == ("done", "Take 1.")


async def test_a_result_nobody_could_fetch_in_time_is_charged_and_told(bought, monkeypatch):
    await bought.budget("10")
    monkeypatch.setattr(fetching, "USUALLY_KEPT_S", 600)
    job_id = await bought.wish("redirect_undeclared")
    job = await bought.run(job_id, seconds=120)
    assert (job.state, job.reason_code) == ("failed", "backend.permanent")
    assert (await bought.position()).spent == PRICE
