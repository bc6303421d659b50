"""Generating, watching, cancelling and deciding, as people do it in the browser; and the budget."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.jobs.models import Job
from app.shots import service as shots

SCRIPT = "1-1 日 外 东海之滨\n人物：女娃\n△海浪拍在黑色的礁石上，碎成白沫。\n女娃：爹，海的那一边有什么？\n"


@pytest.fixture
async def planned(browsers, world):
    """An episode broken down into shots."""
    path = f"/projects/{world.project.id}/episodes/{world.episode.id}"
    writer = browsers("writer")
    await writer.put(f"/api/v1{path}/script", json={"text": SCRIPT}, headers={"if-match": '"1"'})
    assert (await writer.post(f"{path}/break-down")).status_code == 303
    return path


async def jobs_of(database, world):
    async with database.transaction() as session:
        return list((await session.scalars(select(Job).where(Job.project_id == world.project.id))).all())


async def test_two_clicks_on_generate_wish_once(browsers, world, database, planned):
    director = browsers("director")
    for _click in range(2):
        assert (await director.post(f"{planned}/generate", data={"which": "all"})).status_code == 303
    async with database.transaction() as session:
        count = len(await shots.of_episode(session, world.episode.id))
    assert len(await jobs_of(database, world)) == count
    page = await director.get(f"/projects/{world.project.id}/jobs")
    assert page.status_code == 200 and "SH0010" in page.text


async def test_nothing_chosen_is_said_so(browsers, world, planned):
    answer = await browsers("director").post(f"{planned}/generate", data={"which": ""})
    assert answer.status_code == 422
    assert "nothing to generate" in answer.text


async def test_a_job_is_cancelled_and_tried_again(browsers, world, database, planned):
    director = browsers("director")
    await director.post(f"{planned}/generate", data={"which": "planned"})
    job = (await jobs_of(database, world))[0]
    path = f"/projects/{world.project.id}/jobs/{job.id}"
    assert (await director.post(f"{path}/cancel")).status_code == 303
    page = await director.get(path)
    assert "Cancelled by Director before anything was bought." in page.text
    assert (await director.post(f"{path}/cancel")).status_code == 409
    again = await director.post(f"{path}/retry")
    assert again.status_code == 303 and str(job.id) not in again.headers["location"]
    assert (await director.post(f"{planned}/cancel-jobs")).status_code == 303


async def test_a_job_of_another_project_is_not_found(browsers, world, planned):
    answer = await browsers("director").get(f"/projects/{world.project.id}/jobs/{world.episode.id}")
    assert answer.status_code == 404


async def test_a_producer_sets_budgets_and_pauses(browsers, world):
    producer, viewer = browsers("producer"), browsers("viewer")
    path = f"/projects/{world.project.id}/money"
    assert (await producer.post(f"{path}/budget", data={"limit": "600"})).status_code == 303
    assert (
        await producer.post(f"{path}/budget", data={"limit": "100", "episode": str(world.episode.id)})
    ).status_code == 303
    assert (await producer.post(f"{path}/budget", data={"limit": "-1"})).status_code == 422
    page = await producer.get(path)
    assert "of ¥600" in page.text and "¥100" in page.text
    await producer.post(f"{path}/pause")
    assert "Spending is paused" in (await producer.get(path)).text
    assert (await viewer.get(path)).status_code == 403
