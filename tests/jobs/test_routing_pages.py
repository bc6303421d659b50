"""Backends, policy and leaving a vendor, as producers and programs use them."""

from __future__ import annotations

import re

import pytest

from app.backends.errors import BackendError, Kind
from app.jobs import health
from tests.jobs.market import Market, open_market


@pytest.fixture
def market(bought, fake, app) -> Market:
    made = open_market(bought, fake[1], {"paid": {"region": "cn"}, "other": {}, "third": {}})
    app.state.registry = made.registry
    return made


def at(world, path: str, api: bool = False) -> str:
    return f"{'/api/v1' if api else ''}/projects/{world.project.id}/{path}"


async def test_everybody_sees_health_models_and_prices_and_only_producers_the_policy_form(browsers, market, world):
    async with market.bought.engine.database.transaction() as session:
        for _time in range(health.MOST_FAULTS):
            await health.note_fault(
                session, "other", BackendError(Kind.TRANSIENT, "The connection was <b>refused</b>.")
            )
        await health.note_success(session, "paid")
    page = (await browsers("writer").get(at(world, "backends"))).text
    assert "paid-fast" in page and "Works" in page and "Rests until" in page and "Not used yet" in page
    assert "<b>refused</b>" not in page
    assert "Save the policy" not in page
    assert "Save the policy" in (await browsers("producer").get(at(world, "backends"))).text


async def test_a_policy_is_saved_shown_used_and_removed(browsers, market, world):
    producer = browsers("producer")
    form = {"choice": ["third", "", "paid/paid-fine"], "prefer": "price", "needs": ["seed"], "fail_over": "true",
            "most_per_second": "0.5", "regions": "cn, sg", "most_at_once": "4"}  # fmt: skip
    assert (await producer.post(at(world, "backends/policy"), data=form)).status_code == 303
    told = (await producer.get(at(world, "routing-policy", api=True))).json()
    assert told["order"] == ["third", "paid/paid-fine"]
    assert (told["prefer"], told["needs_seed"], told["regions"], told["most_at_once"]) == (
        "price",
        True,
        ["cn", "sg"],
        4,
    )
    assert "The policy is saved." in (await producer.get(at(world, "backends"))).text
    assert (await producer.post(at(world, "backends/policy"), data={"choice": ""})).status_code == 303
    assert (await producer.get(at(world, "routing-policy", api=True))).status_code == 404


async def test_a_choice_that_does_not_exist_is_said_and_nothing_is_saved(browsers, market, world):
    producer = browsers("producer")
    answer = await producer.post(at(world, "backends/policy"), data={"choice": ["nobody/model-9"]})
    assert answer.status_code == 422 and "There is no nobody/model-9 to choose." in answer.text
    wrong = await producer.put(at(world, "routing-policy", api=True), json={"order": ["paid/none"]})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "jobs.policy_choice")
    assert (await producer.put(at(world, "routing-policy", api=True), json={"order": []})).status_code == 422
    assert (await producer.get(at(world, "routing-policy", api=True))).status_code == 404


async def test_a_director_may_not_choose_a_policy_or_leave_a_vendor(browsers, market, world):
    director = browsers("director")
    assert (await director.post(at(world, "backends/policy"), data={"choice": ["paid"]})).status_code == 403
    assert (await director.put(at(world, "routing-policy", api=True), json={"order": ["paid"]})).status_code == 403
    assert (await director.delete(at(world, "routing-policy", api=True))).status_code == 403
    assert (await director.get(at(world, "relocate"))).status_code == 403
    assert (await director.post(at(world, "relocate"), data={"source": "paid", "target": "other"})).status_code == 403
    query = {"source": "paid", "target": "other"}
    assert (await director.get(at(world, "relocation", api=True), params=query)).status_code == 403
    assert (await director.post(at(world, "relocation", api=True), json={**query, "digest": "x"})).status_code == 403


async def test_only_an_owner_closes_a_circuit(browsers, market, world):
    assert (await browsers("producer").post("/installation/backends/paid/try-now")).status_code == 403


async def test_a_plan_that_changed_is_shown_again_and_nothing_moves(browsers, market, world):
    await market.wish(await market.shots(2), "paid")
    producer = browsers("producer")
    query = {"source": "paid", "target": "other"}
    digest = (await producer.get(at(world, "relocation", api=True), params=query)).json()["digest"]
    await market.wish([market.bought.shot_id], "paid")
    again = await producer.post(at(world, "relocate"), data={**query, "digest": digest})
    assert again.status_code == 422 and "Something changed since this was shown." in again.text
    told = await producer.post(at(world, "relocation", api=True), json={**query, "digest": digest})
    assert (told.status_code, told.json()["code"]) == (409, "jobs.plan_changed")
    assert {job.backend for job in await market.jobs()} == {"paid"}


async def test_a_target_that_makes_no_sense_is_said(browsers, market, world):
    producer = browsers("producer")
    same = await producer.get(at(world, "relocate"), params={"source": "paid", "target": "paid"})
    assert same.status_code == 422 and "Choose another backend to move to." in same.text
    gone = await producer.get(at(world, "relocate"), params={"source": "paid", "target": "nobody"})
    assert gone.status_code == 422 and "There is no backend nobody." in gone.text


async def test_three_hundred_queued_shots_leave_a_vendor_in_three_steps_and_none_is_bought_twice(
    browsers, market, world, fake
):
    running, *waiting = await market.wish(await market.shots(301), "paid")
    await market.bought.budget("0.10")
    await market.advance([running, *waiting[:5]])
    producer = browsers("producer")
    assert "paid (300)" in (await producer.get(at(world, "relocate"))).text
    shown = (await producer.get(at(world, "relocate"), params={"source": "paid", "target": "other"})).text
    assert "300 move" in shown and "1 run on" in shown
    digest = re.search(r'name="digest" value="([0-9a-f]+)"', shown)
    assert digest is not None
    given = {"source": "paid", "target": "other", "digest": digest[1]}
    assert (await producer.post(at(world, "relocate"), data=given)).status_code == 303
    assert [job.backend for job in await market.jobs()] == ["paid", *["other"] * 300]
    await market.bought.budget("100")
    await market.advance([running, *waiting])
    assert {job.state for job in await market.jobs()} == {"active"}
    assert sorted(market.bought.creates().values()) == [1] * 301
