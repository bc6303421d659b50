"""Jobs and lost answers with the keyboard, in a real browser."""

from __future__ import annotations

import pytest
from browser_support import page_of
from jobs_support import job_of, lost, shot_in
from playwright.async_api import expect

from app.jobs.models import Job

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
async def page(world, services):
    """A producer's page on a running server."""
    async with page_of(world.cookies["producer"]) as opened:
        yield opened


async def test_failed_jobs_are_selected_by_keys_and_put_aside(page, world, database):
    async with database.transaction() as session:
        jobs = [
            await job_of(session, await shot_in(session, world, f"SH00{number}0", number), "failed")
            for number in (1, 2, 3)
        ]
    await page.goto(f"/projects/{world.project.id}/jobs?state=failed")
    await page.wait_for_selector("html[data-ready]")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Space")
    await page.keyboard.press("Shift+ArrowDown")
    await expect(page.locator("[data-selection-count]")).to_have_text("2")
    await page.keyboard.press("p")
    await expect(page.get_by_role("heading", name="Put 2 jobs aside?")).to_be_visible()
    await page.get_by_role("button", name="Put aside").click()
    await expect(page.locator(".notice")).to_contain_text("2 jobs were put aside.")
    assert page.url.endswith("?state=failed")
    async with database.transaction() as session:
        aside = [(await session.get_one(Job, job.id)).dismissed_at is not None for job in jobs]
    assert aside == [False, True, True]


async def test_a_lost_answer_is_given_up_by_keys(page, world, database):
    async with database.transaction() as session:
        job = await lost(session, await shot_in(session, world, "SH0010", 1))
    await page.goto("/lost-answers")
    await page.wait_for_selector("html[data-ready]")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Space")
    await page.keyboard.press("x")
    await expect(page.get_by_role("heading", name="Give 1 job up?")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator(".lost")).to_have_count(1)
    await page.get_by_role("button", name="Give up").first.click()
    await page.get_by_role("button", name="Give up").click()
    await expect(page.locator(".notice")).to_contain_text("1 job was given up.")
    async with database.transaction() as session:
        assert (await session.get_one(Job, job.id)).state == "failed"
