"""The JSON API of rules, budgets by role and exchange rates; and their pages."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from app.audit import service as audit
from app.core import clock


@pytest.fixture
def money(world) -> str:
    """The address of the project's money."""
    return f"/api/v1/projects/{world.project.id}/money"


async def test_a_role_gets_a_budget_and_loses_it(browsers, money):
    producer = browsers("producer")
    limit = {"micros": 200_000_000, "currency": "CNY"}
    told = (await producer.put(f"{money}/roles/director", json={"limit": limit})).json()
    assert [(each["role"], each["limit"], each["left"]) for each in told["roles"]] == [("director", limit, limit)]
    assert (await producer.delete(f"{money}/roles/director")).json()["roles"] == []
    assert (await producer.put(f"{money}/roles/boss", json={"limit": limit})).status_code == 422
    dollars = {"limit": {"micros": 1, "currency": "USD"}}
    assert (await producer.put(f"{money}/roles/director", json=dollars)).json()["code"] == "money.limit"
    assert (await browsers("director").put(f"{money}/roles/director", json={"limit": limit})).status_code == 403


async def test_rules_are_set_and_read(browsers, money):
    producer, director = browsers("producer"), browsers("director")
    assert (await director.get(money)).json()["rules"] == {"single": None, "batch": None, "lines": [50, 80, 100]}
    given = {"single": None, "batch": {"micros": 5, "currency": "CNY"}, "lines": [90, 60]}
    made = (await producer.put(f"{money}/rules", json=given)).json()
    assert made == {**given, "lines": [60, 90]}
    assert (await director.get(money)).json()["rules"] == made
    for wrong in ([0], [101], [1, 2, 3, 4, 5, 6, 7]):
        assert (await producer.put(f"{money}/rules", json={"lines": wrong})).status_code == 422, wrong
    wrong = {"lines": [], "single": {"micros": 1, "currency": "USD"}}
    assert (await producer.put(f"{money}/rules", json=wrong)).json()["code"] == "money.threshold"
    assert (await director.put(f"{money}/rules", json=given)).status_code == 403


async def test_rates_are_entered_replaced_listed_and_removed(browsers, money, database, world):
    producer, today = browsers("producer"), clock.now().date().isoformat()
    given = {"base": "USD", "quote": "CNY", "rate": "7.1234567891", "on": today}
    first = (await producer.put(f"{money}/rates", json=given)).json()
    assert (first["rate"], first["set_by_name"], first["on"]) == ("7.1234567891", "Producer", today)
    again = (await producer.put(f"{money}/rates", json={**given, "rate": "7"})).json()
    assert (again["id"], again["rate"]) == (first["id"], "7")
    await producer.put(f"{money}/rates", json={**given, "base": "XCR", "rate": "0.07"})
    page = (await browsers("director").get(f"{money}/rates?limit=1")).json()
    assert [row["base"] for row in page["items"]] == ["XCR"]
    behind = (await browsers("director").get(f"{money}/rates?limit=1&after={page['next']}")).json()
    assert [row["base"] for row in behind["items"]] == ["USD"] and behind["next"] is None
    assert (await producer.delete(f"{money}/rates/{first['id']}")).status_code == 204
    assert (await producer.delete(f"{money}/rates/{uuid4()}")).json()["code"] == "money.unknown_rate"
    async with database.transaction() as session:
        told = await audit.for_team(session, world.team_id, before=None, limit=10)
        acts = [(one.action, one.facts.get("before")) for one in told if one.action.startswith("money.rate")]
    assert ("money.rate_set", "7.1234567891") in acts and ("money.rate_removed", None) in acts


async def test_a_wrong_rate_is_refused(browsers, money):
    producer, today = browsers("producer"), clock.now().date()
    good = {"base": "USD", "quote": "CNY", "rate": "7", "on": today.isoformat()}
    tomorrow = (today + timedelta(days=1)).isoformat()
    for wrong in (
        {"base": "usd"},
        {"quote": "USD"},
        {"rate": "0"},
        {"rate": "-1"},
        {"rate": "1e-11"},
        {"on": tomorrow},
    ):
        assert (await producer.put(f"{money}/rates", json={**good, **wrong})).status_code == 422, wrong
    assert (await browsers("director").put(f"{money}/rates", json=good)).status_code == 403
    assert (await browsers("writer").get(f"{money}/rates")).status_code == 403


async def test_a_producer_does_it_all_on_the_pages(browsers, world):
    producer, path = browsers("producer"), f"/projects/{world.project.id}/money"
    assert (await producer.post(f"{path}/roles", data={"role": "director", "limit": "200"})).status_code == 303
    assert (await producer.post(f"{path}/rules", data={"single": "1.5", "lines": "60, 90 %"})).status_code == 303
    page = (await producer.get(path)).text
    assert "¥200" in page and 'value="1.50"' in page and 'value="60, 90"' in page
    assert (await producer.post(f"{path}/rules", data={"lines": "many"})).status_code == 422
    assert (await producer.post(f"{path}/roles", data={"role": "director"})).status_code == 303
    assert "¥200" not in (await producer.get(path)).text
    rate = {"base": "usd", "quote": "CNY", "rate": "7.10", "on": clock.now().date().isoformat()}
    assert (await producer.post(f"{path}/rates", data=rate)).status_code == 303
    assert "1 USD = 7.1 CNY" in (await producer.get(f"{path}/rates")).text
    refused = await producer.post(f"{path}/rates", data={**rate, "rate": "0"})
    assert refused.status_code == 422 and 'value="usd"' in refused.text
    reader = await browsers("director").get(f"{path}/rates")
    assert "1 USD = 7.1 CNY" in reader.text and "Enter the rate" not in reader.text


async def test_a_producer_of_one_project_does_not_set_the_rates_of_the_team(browsers, world, database, money):
    from sqlalchemy import update

    from app.accounts.models import Membership

    async with database.transaction() as session:
        mine = Membership.user_id == world.actors["producer"].id
        await session.execute(update(Membership).where(mine).values(project_id=world.project.id))
    given = {"base": "USD", "quote": "CNY", "rate": "7", "on": clock.now().date().isoformat()}
    refused = await browsers("producer").put(f"{money}/rates", json=given)
    assert (refused.status_code, refused.json()["code"]) == (403, "accounts.not_allowed")
    limit = {"limit": {"micros": 1, "currency": "CNY"}}
    assert (await browsers("producer").put(f"{money}/budget", json=limit)).status_code == 200
