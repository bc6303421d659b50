"""Jobs found by filters, and many of them tried again, cancelled or put aside at once, by pages and by API."""

from __future__ import annotations

from uuid import uuid4

import pytest
from jobs_support import ids_of, job_of, shot_in
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.core import clock
from app.jobs.models import Attempt, Job
from app.shots.models import Shot


@pytest.fixture
async def made(database, world):
    """Five jobs of five shots: failed, refused, waiting, running and done, by two people at two backends."""
    people = [world.actors[role] for role in ("director", "producer")]
    async with database.transaction() as session:
        jobs = []
        for number, state in enumerate(("failed", "refused", "waiting", "active", "done")):
            shot = await shot_in(session, world, f"SH{number + 1:03}0", number)
            by = people[number % 2]
            backend = "animatic" if number < 3 else "paid"
            wisher = {"wished_by": by.id, "wished_by_name": by.name}
            job = await job_of(session, shot, state, backend=backend, **wisher)
            job.model = "animatic-1" if backend == "animatic" else "paid-fast"
            jobs.append(job)
        session.add(
            Attempt(
                job_id=jobs[3].id, number=1, backend="paid", model="paid-fast", state="running", request_hash="",
                cap_micros=400_000, currency="USD",
            )
        )  # fmt: skip
    return jobs


@pytest.fixture
def path(world) -> str:
    """The address of the list."""
    return f"/projects/{world.project.id}/jobs"


def shown(page) -> list[str]:
    """Return which of the shots a page lists."""
    return [name for name in ("SH0010", "SH0020", "SH0030", "SH0040", "SH0050") if f">{name}<" in page.text]


async def test_filters_are_in_the_address_and_narrow_one_another(browsers, world, made, path):
    viewer, person = browsers("viewer"), world.actors["director"].id
    for query, expected in (
        ("state=failed", ["SH0010", "SH0020"]),
        ("backend=paid", ["SH0040", "SH0050"]),
        (f"person={person}", ["SH0010", "SH0030", "SH0050"]),
        (f"person={person}&backend=animatic&state=failed", ["SH0010"]),
        (f"episode={world.episode.id}&shot=0050", ["SH0050"]),
        (f"episode={uuid4()}", []),
        ("shot=%25", []),
        ("shot=sh003", ["SH0030"]),
        ("state=nonsense&episode=nonsense&before=nonsense", ["SH0010", "SH0020", "SH0030", "SH0040", "SH0050"]),
    ):
        page = await viewer.get(f"{path}?{query}")
        assert (page.status_code, shown(page)) == (200, expected), query
    page = await viewer.get(f"{path}?backend=animatic")
    assert 'name="jobs"' not in page.text, "A viewer selects nothing."
    assert "backend=animatic" in page.text.split("state=failed&amp;")[1][:40], "The other filters are kept."


async def test_a_retry_shows_its_price_first_and_then_tells_what_it_could_not(browsers, database, made, path):
    director, ids = browsers("director"), [str(job) for job in ids_of(*made)]
    asked = await director.post(f"{path}/retry", data={"jobs": ids, "next": f"{path}?state=failed"})
    assert asked.status_code == 200
    assert "Try 2 jobs again?" in asked.text and "animatic" in asked.text and "free" in asked.text
    assert "Only what failed, was refused or cancelled can be tried again." in asked.text
    async with database.transaction() as session:
        assert len((await session.scalars(select(Job))).all()) == len(made), "Nothing was done yet."
    done = await director.post(f"{path}/retry", data={"jobs": ids, "next": f"{path}?state=failed", "confirmed": "true"})
    assert done.headers["location"].endswith("?state=failed")
    page = await director.get(done.headers["location"])
    assert "2 jobs are tried again. 3 could not: 3 × Only what failed" in page.text
    async with database.transaction() as session:
        fresh = (await session.scalars(select(Job).where(Job.id.not_in(ids_of(*made))))).all()
        assert {job.shot_id for job in fresh} == {made[0].shot_id, made[1].shot_id}
        assert len({job.batch_id for job in fresh}) == 1, "They are one wish, which is approved as one."
        (entry,) = (await session.scalars(select(AuditEntry).where(AuditEntry.action == "jobs.many_retry"))).all()
        assert (entry.actor_name, len(entry.facts["jobs"]), entry.facts["refused"]) == ("Director", 2, 3)


async def test_one_shot_that_cannot_be_tried_again_does_not_stop_the_others(browsers, database, made, path):
    async with database.transaction() as session:
        row = await session.merge(made[1])
        row.backend, row.model = "gone", "gone-1"
        row = await session.merge(made[0])
        twin = await job_of(session, await session.get_one(Shot, row.shot_id), "failed")
    ids = [str(one) for one in (*ids_of(made[0], made[1]), twin.id)]
    answer = await browsers("director").post(f"/api/v1{path}/retry", json={"jobs": ids})
    told = answer.json()
    assert (answer.status_code, len(told["made"])) == (202, 1)
    assert {one["code"] for one in told["refused"]} == {"backend_not_found", "jobs.same_shot"}


async def test_cancelling_says_what_may_still_be_charged(browsers, made, path):
    director, ids = browsers("director"), [str(job) for job in ids_of(*made)]
    asked = await director.post(f"{path}/cancel", data={"jobs": ids})
    assert "Cancel 2 jobs?" in asked.text and "Up to $0.40 may still be charged" in asked.text
    told = (await director.post(f"/api/v1{path}/cancel", json={"jobs": ids})).json()
    assert set(told["done"]) == {ids[2], ids[3]} and len(told["refused"]) == 3
    page = await director.get(f"{path}/{ids[2]}")
    assert "Cancelled by Director before anything was bought." in page.text


async def test_what_failed_is_put_aside_together(browsers, database, made, path):
    director, ids = browsers("director"), [str(job) for job in ids_of(*made)]
    asked = await director.post(f"{path}/put-aside", data={"jobs": ids})
    assert "Put 2 jobs aside?" in asked.text and "This costs nothing." in asked.text
    before = clock.now()
    await director.post(f"{path}/put-aside", data={"jobs": ids, "confirmed": "true"})
    async with database.transaction() as session:
        rows = (await session.scalars(select(Job).where(Job.dismissed_at >= before))).all()
        assert {job.id for job in rows} == set(ids_of(made[0], made[1]))


async def test_too_many_none_and_others_are_refused(browsers, made, path):
    director, api = browsers("director"), f"/api/v1{path}"
    assert (await director.post(f"{api}/cancel", json={"jobs": []})).status_code == 422
    assert (await director.post(f"{api}/cancel", json={"jobs": [str(uuid4())] * 501})).status_code == 422
    assert (await director.post(f"{path}/cancel", data={})).status_code == 422
    told = (await director.post(f"{api}/cancel", json={"jobs": [str(uuid4())]})).json()
    assert (told["done"], told["refused"][0]["code"]) == ([], "jobs.unknown_job")
    for action in ("retry", "cancel", "put-aside"):
        assert (await browsers("writer").post(f"{api}/{action}", json={"jobs": []})).status_code == 403
        assert (await browsers("viewer").post(f"{path}/{action}", data={})).status_code == 403


async def test_a_retry_by_key_happens_once(browsers, made, path):
    director, key = browsers("director"), {"idempotency-key": "again"}
    given = {"jobs": [str(made[0].id)]}
    first = await director.post(f"/api/v1{path}/retry", json=given, headers=key)
    again = await director.post(f"/api/v1{path}/retry", json=given, headers=key)
    assert first.json() == again.json() and again.headers["idempotent-replayed"] == "true"


async def test_the_api_filters_too(browsers, world, made):
    listed = f"/api/v1/projects/{world.project.id}/jobs"
    viewer, person = browsers("viewer"), world.actors["producer"].id
    items = (await viewer.get(f"{listed}?wished_by={person}&backend=paid")).json()["items"]
    assert [item["shot_name"] for item in items] == ["SH0040"]
    assert (await viewer.get(f"{listed}?shot=0050&episode={world.episode.id}")).json()["items"][0]["state"] == "done"
