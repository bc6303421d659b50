"""Lost answers of all projects on one page: what is known, and decisions one by one, in bulk and by API."""

from __future__ import annotations

import pytest
from jobs_support import lost, shot_in
from sqlalchemy import select

from app.accounts import service as accounts
from app.audit.models import AuditEntry
from app.jobs.models import Attempt, Job
from app.projects import service as projects
from app.projects.schemas import ProjectInput

PAGE = "/lost-answers"


@pytest.fixture
async def three(database, world):
    """Three jobs whose answer was lost, in one project."""
    async with database.transaction() as session:
        shots = [await shot_in(session, world, f"SH00{number}0", number) for number in (1, 2, 3)]
        return [await lost(session, shot, cap=500_000) for shot in shots]


async def state_of(database, job) -> str:
    async with database.transaction() as session:
        return (await session.get_one(Job, job.id)).state


async def test_only_who_may_decide_sees_them(browsers, world, database, three):
    page = (await browsers("producer").get(PAGE)).text
    assert "3 wait for a decision" in page and "SH0010" in page and "精卫" in page
    assert "$0.50 at stake" in page and "Sent to paid, paid-1" in page
    async with database.transaction() as session:
        attempt = await session.scalar(select(Attempt).where(Attempt.job_id == three[0].id))
    assert f"our id is {attempt.id}" in page
    for other in ("director", "writer", "viewer", "stranger"):
        text = (await browsers(other).get(PAGE)).text
        assert "No answer is lost" in text and "SH0010" not in text, other
    assert PAGE in (await browsers("producer").get(f"/projects/{world.project.id}/jobs")).text
    assert PAGE not in (await browsers("director").get(f"/projects/{world.project.id}/jobs")).text


async def test_programs_see_only_the_projects_where_they_may_decide(database, browsers, world, three):
    async with database.transaction() as session:
        team = await accounts.team(session, world.actors["admin"], world.team_id)
        given = ProjectInput(title="Elsewhere", language="en", style="")
        await projects.create(session, world.actors["producer"], team.id, given)
    items = (await browsers("producer").get(f"/api/v1{PAGE}")).json()["items"]
    assert {item["project_id"] for item in items} == {str(world.project.id)}
    assert (await browsers("director").get(f"/api/v1{PAGE}")).json()["items"] == []


async def test_giving_up_is_asked_once_more_and_counts_as_paid(browsers, database, three):
    producer, ids = browsers("producer"), [str(job.id) for job in three[:2]]
    asked = await producer.post(f"{PAGE}/give-up", data={"jobs": ids})
    assert "Give 2 jobs up?" in asked.text and "It counts as paid: $1.00." in asked.text
    assert await state_of(database, three[0]) == "unknown"
    done = await producer.post(f"{PAGE}/give-up", data={"jobs": ids, "confirmed": "true"})
    assert "2 jobs were given up." in (await producer.get(done.headers["location"])).text
    assert [await state_of(database, job) for job in three] == ["failed", "failed", "unknown"]
    async with database.transaction() as session:
        actions = (await session.scalars(select(AuditEntry.facts).where(AuditEntry.action == "jobs.decided"))).all()
    assert actions == [{"decision": "give_up"}] * 2


async def test_buying_again_warns_and_then_waits_to_be_bought(browsers, database, three):
    producer, only = browsers("producer"), str(three[2].id)
    asked = await producer.post(f"{PAGE}/buy-again", data={"jobs": [str(three[0].id)], "only": only})
    assert "Buy 1 take again?" in asked.text and "paid twice: up to $0.50 more" in asked.text
    await producer.post(f"{PAGE}/buy-again", data={"jobs": [only], "confirmed": "true"})
    assert [await state_of(database, job) for job in three] == ["unknown", "unknown", "waiting"]


async def test_looking_again_needs_no_question_and_changes_nothing_yet(browsers, database, three):
    producer = browsers("producer")
    done = await producer.post(f"{PAGE}/look-again", data={"jobs": [str(job.id) for job in three]})
    assert done.status_code == 303
    assert "3 jobs are looked up again." in (await producer.get(PAGE)).text
    assert await state_of(database, three[0]) == "unknown"


async def test_who_may_not_decide_decides_nothing(browsers, database, three):
    ids = [str(three[0].id)]
    for other in ("director", "stranger"):
        told = await browsers(other).post(f"/api/v1{PAGE}/decide", json={"jobs": ids, "decision": "give_up"})
        assert [one["code"] for one in told.json()["refused"]] == ["jobs.unknown_job"]
        await browsers(other).post(f"{PAGE}/give-up", data={"jobs": ids, "confirmed": "true"})
    assert await state_of(database, three[0]) == "unknown"
    assert (await browsers("producer").post(f"{PAGE}/give-up", data={})).status_code == 422
    assert (await browsers("producer").post(f"{PAGE}/shrug", data={"jobs": ids})).status_code in (404, 422)


async def test_programs_read_what_is_known_and_decide(browsers, three):
    producer, api = browsers("producer"), f"/api/v1{PAGE}"
    page = (await producer.get(f"{api}?limit=2")).json()
    assert [item["shot_name"] for item in page["items"]] == ["SH0030", "SH0020"] and page["next"]
    (last,) = (await producer.get(f"{api}?limit=2&after={page['next']}")).json()["items"]
    assert last["price"] == {"micros": 500_000, "currency": "USD"} and last["sent_at"] and not last["can_be_looked_up"]
    ids = [last["id"], page["items"][0]["id"]]
    told = (await producer.post(f"{api}/decide", json={"jobs": ids, "decision": "give_up"})).json()
    assert set(told["done"]) == set(ids) and told["refused"] == []
    again = (await producer.post(f"{api}/decide", json={"jobs": ids, "decision": "give_up"})).json()
    assert {one["code"] for one in again["refused"]} == {"jobs.not_unknown"} and again["done"] == []
