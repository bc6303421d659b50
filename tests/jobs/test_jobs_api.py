"""The JSON API of jobs: generating once for a key, watching, cancelling, deciding."""

from __future__ import annotations

from uuid import uuid4

import pytest
from redis.asyncio import Redis
from sqlalchemy import func, select

from app.cli.problems import KEYED_WORDS
from app.jobs.models import Job

SCRIPT = "1-1 日 外 东海之滨\n人物：女娃\n△海浪拍在黑色的礁石上，碎成白沫。\n女娃：爹，海的那一边有什么？\n"


@pytest.fixture
def project(world) -> str:
    """The project's address."""
    return f"/api/v1/projects/{world.project.id}"


@pytest.fixture
async def planned(browsers, project, world) -> str:
    """The address of an episode that was broken down."""
    path = f"{project}/episodes/{world.episode.id}"
    assert (await browsers("writer").post(f"{path}/import", json={"text": SCRIPT})).status_code == 200
    return path


async def count_of(database) -> int:
    """Return how many jobs there are."""
    async with database.transaction() as session:
        return await session.scalar(select(func.count()).select_from(Job)) or 0


async def test_a_key_makes_generating_happen_once(browsers, database, planned, project):
    director, key = browsers("director"), {"idempotency-key": "first night"}
    first = await director.post(f"{planned}/generate", json={"which": "all"}, headers=key)
    assert first.status_code == 202 and len(first.json()["jobs"]) > 0
    made = await count_of(database)
    for job in first.json()["jobs"]:
        await director.post(f"{project}/jobs/{job['id']}/cancel")
    again = await director.post(f"{planned}/generate", json={"which": "all"}, headers=key)
    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    assert await count_of(database) == made
    other = await director.post(f"{planned}/generate", json={"which": "planned"}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "jobs.idempotency_mismatch")
    assert other.json()["detail"] == KEYED_WORDS
    assert await count_of(database) == made


async def test_a_key_belongs_to_one_person_and_a_failure_is_not_kept(browsers, database, planned):
    director, key = browsers("director"), {"idempotency-key": "k"}
    nothing = await director.post(f"{planned}/generate", json={"which": ""}, headers=key)
    assert nothing.json()["code"] == "jobs.no_shots"
    done = await director.post(f"{planned}/generate", json={"which": "all"}, headers=key)
    assert done.status_code == 202
    theirs = await browsers("producer").post(f"{planned}/generate", json={"which": "all", "seed": 7}, headers=key)
    assert theirs.status_code == 202 and "idempotent-replayed" not in theirs.headers


async def test_without_a_key_an_open_wish_is_returned(browsers, database, planned):
    director = browsers("director")
    first = (await director.post(f"{planned}/generate", json={"which": "all"})).json()
    assert (await director.post(f"{planned}/generate", json={"which": "all"})).json() == first
    assert await count_of(database) == len(first["jobs"])


async def test_shots_and_scenes_are_chosen_by_name(browsers, planned, project):
    director = browsers("director")
    shots = (await director.get(f"{planned}/shots")).json()["items"]
    one = await director.post(f"{planned}/generate", json={"shots": [shots[0]["id"]], "seed": 5})
    assert [job["shot_id"] for job in one.json()["jobs"]] == [shots[0]["id"]]
    scene = await director.post(f"{planned}/generate", json={"scene": shots[0]["scene_id"]})
    assert {job["shot_id"] for job in scene.json()["jobs"]} == {shot["id"] for shot in shots}
    for wrong, status in (
        ({"scene": str(uuid4())}, 404),
        ({"which": "x"}, 422),
        ({"backend": "nobody", "which": "all"}, 404),
    ):
        assert (await director.post(f"{planned}/generate", json=wrong)).status_code == status


async def test_the_price_is_said_before(browsers, planned):
    offer = (await browsers("director").get(f"{planned}/estimate?which=planned")).json()
    assert (offer["backend"], offer["model"]) == ("animatic", "animatic-1") and offer["shots"] > 0
    assert offer["low"] == offer["high"] == {"micros": 0, "currency": "CNY"}
    assert (await browsers("viewer").get(f"{planned}/estimate")).status_code == 403


async def test_jobs_are_listed_by_state_and_page(browsers, planned, project):
    director, viewer = browsers("director"), browsers("viewer")
    made = (await director.post(f"{planned}/generate", json={"which": "all"})).json()["jobs"]
    await director.post(f"{project}/jobs/{made[0]['id']}/cancel")
    found, cursor = [], ""
    for _page in made:
        page = (await viewer.get(f"{project}/jobs?limit=1{cursor}")).json()
        found += [each["id"] for each in page["items"]]
        cursor = f"&after={page['next']}"
    assert found == [each["id"] for each in reversed(made)] and page["next"] is None
    (gone,) = (await viewer.get(f"{project}/jobs?state=cancelled")).json()["items"]
    assert (gone["id"], gone["shot_name"]) == (made[0]["id"], "SH0010")
    assert (await viewer.get(f"{project}/jobs?state=cancelled&state=waiting&limit=200")).json()["next"] is None
    assert (await viewer.get(f"{project}/jobs?state=x")).status_code == 422


async def test_a_job_is_cancelled_and_tried_again(browsers, planned, project):
    director = browsers("director")
    (job, *rest) = (await director.post(f"{planned}/generate", json={"which": "all"})).json()["jobs"]
    path = f"{project}/jobs/{job['id']}"
    assert (await director.post(f"{path}/retry")).json()["code"] == "jobs.not_ended_badly"
    stopped = (await director.post(f"{path}/cancel")).json()
    assert stopped["state"] == "cancelled" and "Director" in stopped["reason"]
    assert (await director.post(f"{path}/cancel")).json()["code"] == "jobs.ended"
    assert (await director.post(f"{path}/dismiss")).json()["code"] == "jobs.not_failed"
    again = await director.post(f"{path}/retry")
    assert again.status_code == 202 and again.json()["id"] != job["id"]
    assert (await director.post(f"{planned}/cancel-jobs")).json() == {"cancelled": len(rest) + 1}


async def test_a_lost_answer_is_told_and_decided(browsers, bought, project):
    await bought.budget("10")
    job_id = await bought.wish("drop_after")
    await bought.run(job_id, seconds=30)
    producer, path = browsers("producer"), f"{project}/jobs/{job_id}"
    told = (await producer.get(path)).json()
    assert (told["state"], told["reason_code"]) == ("unknown", "jobs.answer_lost")
    (attempt,) = told["attempts"]
    assert attempt["cap"]["micros"] > 0 and attempt["cap"]["currency"] == "USD" and attempt["actual"] is None
    assert told["story"][-1]["state"] == "unknown" and {line["attempt"] for line in told["story"]} == {1}
    assert (await browsers("director").post(f"{path}/decide", json={"decision": "give_up"})).status_code == 403
    assert (await producer.post(f"{path}/decide", json={"decision": "shrug"})).status_code == 422
    assert (await producer.post(f"{path}/decide", json={"decision": "give_up"})).json()["state"] == "failed"
    assert (await producer.get(path)).json()["attempts"][0]["actual"] == attempt["cap"]
    assert (await producer.post(f"{path}/dismiss")).json()["dismissed_at"]


async def test_who_may_not_is_refused(browsers, planned, project):
    assert (await browsers("writer").post(f"{planned}/generate", json={"which": "all"})).status_code == 403
    assert (await browsers("viewer").get(f"{project}/jobs/{uuid4()}")).status_code == 404
    assert (await browsers("stranger").get(f"{project}/jobs")).status_code == 404
    assert (await browsers().get(f"{project}/jobs")).status_code == 401


async def test_backends_say_what_they_can(browsers):
    items = (await browsers("viewer").get("/api/v1/backends")).json()["items"]
    animatic = next(each for each in items if each["name"] == "animatic")
    assert animatic["models"][0]["model"] == "animatic-1"
    assert animatic["models"][0]["free"] and "t2v" in animatic["models"][0]["tasks"]


async def test_without_redis_nothing_is_remembered_and_generating_goes_on(app, browsers, planned):
    working, app.state.redis = app.state.redis, Redis.from_url("redis://127.0.0.1:1")
    try:
        director, key = browsers("director"), {"idempotency-key": "k"}
        first = await director.post(f"{planned}/generate", json={"which": "all"}, headers=key)
        again = await director.post(f"{planned}/generate", json={"which": "all"}, headers=key)
    finally:
        await app.state.redis.aclose()
        app.state.redis = working
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json() == first.json() and "idempotent-replayed" not in again.headers
