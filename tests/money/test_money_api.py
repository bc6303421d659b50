"""The JSON API of money."""

from __future__ import annotations

from uuid import uuid4


async def test_budgets_are_set_and_read(browsers, world):
    producer, project = browsers("producer"), f"/api/v1/projects/{world.project.id}"
    fresh = (await producer.get(f"{project}/money")).json()
    assert fresh["project"]["limit"] is None and fresh["episodes"] == []
    limit = {"micros": 600_000_000_000, "currency": "CNY"}
    done = await producer.put(f"{project}/money/budget", json={"limit": limit})
    assert done.json() == {
        "reserved": {"micros": 0, "currency": "CNY"},
        "spent": {"micros": 0, "currency": "CNY"},
        "limit": limit,
        "left": limit,
    }
    assert (await producer.get(f"{project}/money/budget")).json() == done.json()
    episode = f"{project}/episodes/{world.episode.id}/money/budget"
    small = {"micros": 1, "currency": "CNY"}
    assert (await producer.put(episode, json={"limit": small})).json()["limit"] == small
    assert (await producer.get(episode)).json()["left"] == small
    (one,) = (await producer.get(f"{project}/money")).json()["episodes"]
    assert one["episode_id"] == str(world.episode.id) and one["limit"] == small


async def test_a_wrong_budget_is_refused(browsers, world):
    producer, project = browsers("producer"), f"/api/v1/projects/{world.project.id}"
    for wrong in (
        {"micros": -1, "currency": "CNY"},
        {"micros": 1, "currency": "USD"},
        {"micros": 1.5, "currency": "CNY"},
    ):
        assert (await producer.put(f"{project}/money/budget", json={"limit": wrong})).status_code == 422, wrong
    limit = {"limit": {"micros": 1, "currency": "CNY"}}
    assert (await producer.put(f"{project}/episodes/{uuid4()}/money/budget", json=limit)).status_code == 404
    assert (await browsers("director").put(f"{project}/money/budget", json=limit)).status_code == 403
    assert (await browsers("director").get(f"{project}/money")).status_code == 200
    assert (await browsers("writer").get(f"{project}/money")).status_code == 403


async def test_spending_is_paused_and_resumed(browsers, world):
    producer, money = browsers("producer"), f"/api/v1/projects/{world.project.id}/money"
    assert (await producer.post(f"{money}/pause")).json()["paused_at"]
    assert (await producer.get(money)).json()["paused_at"]
    assert (await producer.post(f"{money}/resume")).json()["paused_at"] is None
    assert (await browsers("director").post(f"{money}/pause")).status_code == 403
