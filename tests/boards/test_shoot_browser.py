"""The board and the page of a shot in a real browser: keys, frames, and what changes while one looks."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from app.core.redis import open_redis
from app.events import service as events
from app.web.sse import channel

pytestmark = [pytest.mark.browser, pytest.mark.slow]


async def ready(page: Page, path: str) -> None:
    """Open a page and wait until its script runs."""
    await page.goto(path)
    await page.wait_for_selector("html[data-ready]")


async def test_shots_are_selected_by_keys_and_circled_together(page, shoot):
    first, second = (await shoot.shots())[:2]
    await shoot.arrive(first, 2)
    await shoot.arrive(second)
    await ready(page, f"{shoot.episode}/board")
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("Space")
    await page.keyboard.press("Shift+ArrowRight")
    await expect(page.locator("[data-selection-count]")).to_have_text("2")
    await page.keyboard.press("c")
    await expect(page.locator(f"#shot-{first.id} .badge")).to_have_text("Take 2")
    await expect(page.locator(".notice")).to_contain_text("2 takes are circled.")


async def test_shots_are_dropped_with_a_reason_and_enter_alone_does_nothing(page, shoot):
    first = await shoot.shot()
    await ready(page, f"{shoot.episode}/board")
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("Space")
    await page.get_by_role("button", name="Drop", exact=True).click()
    reason = page.get_by_label("Reason")
    await reason.fill("太长")
    await reason.press("Enter")
    await expect(reason).to_be_visible()
    await page.get_by_role("button", name="Drop shots").click()
    await expect(page.locator(f"#shot-{first.id} .badge")).to_have_text("Dropped")
    assert [shot.status for shot in await shoot.shots()].count("dropped") == 1


async def test_a_card_changes_while_one_looks_at_the_board(page, shoot, database):
    shot = await shoot.shot()
    await ready(page, f"{shoot.episode}/board")
    card = page.locator(f"#shot-{shot.id}")
    await expect(card.locator(".badge")).to_have_text("Planned")
    await shoot.arrive(shot)
    redis = open_redis()
    listening = channel(shoot.project_id)
    while not sum(dict(await redis.pubsub_numsub(listening)).values()):
        await page.wait_for_timeout(50)
    while await events.deliver(database, redis):
        pass
    await redis.aclose()
    await expect(card.locator(".badge")).to_have_text("1 to review")
    await expect(card.locator("img")).to_have_count(1)


async def test_the_player_stops_on_the_very_frame(page, shoot):
    shot = await shoot.shot()
    await shoot.arrive(shot)
    await ready(page, f"{shoot.episode}/shots/{shot.id}")
    frame = page.locator("[data-player-frame]")
    for _press in range(5):
        await page.keyboard.press("ArrowRight")
    await page.keyboard.press("ArrowLeft")
    await expect(frame).to_have_text("4")
    assert await page.evaluate("document.querySelector('video').currentTime") == pytest.approx(4.5 / 24, abs=1e-4)
    await page.keyboard.press("Shift+ArrowRight")
    await expect(frame).to_have_text("14")
    await page.keyboard.press("Space")
    await expect(page.locator("[data-player]")).to_have_attribute("data-playing", "")
    await page.keyboard.press("k")
    await expect(page.locator("[data-player]")).not_to_have_attribute("data-playing", "")
    strip = page.locator("[data-player-scrub]")
    box = await strip.bounding_box()
    await page.mouse.click(box["x"] + box["width"] * (20.5 / 24), box["y"] + 20)
    await expect(frame).to_have_text("20")


async def test_a_director_goes_through_the_queue_by_keys(page, shoot):
    first, second = (await shoot.shots())[:2]
    await shoot.arrive(first)
    await shoot.arrive(second)
    await ready(page, f"{shoot.episode}/review")
    await page.wait_for_url(re.compile(f"{first.id}"))
    await page.keyboard.press("c")
    await page.wait_for_url(re.compile(f"{second.id}"))
    await page.wait_for_selector("html[data-ready]")
    await page.keyboard.press("r")
    await page.get_by_label("What should be different").fill("再慢一点")
    await page.get_by_role("button", name="Only note it").click()
    await expect(page.get_by_role("heading", name="Every take is decided")).to_be_visible()
    assert [shot.status for shot in await shoot.shots()][:2] == ["circled", "retake"]


async def test_a_tab_opens_without_losing_the_frame(page, shoot):
    shot = await shoot.shot()
    await shoot.arrive(shot)
    await ready(page, f"{shoot.episode}/shots/{shot.id}")
    for _press in range(3):
        await page.keyboard.press("ArrowRight")
    await page.get_by_role("link", name="Notes").click()
    await expect(page.get_by_text("No note yet")).to_be_visible()
    await expect(page.locator("[data-player-frame]")).to_have_text("3")
    await page.get_by_label("Note", exact=True).fill("眼睛")
    await page.get_by_role("button", name="Add note").click()
    await expect(page.get_by_text("T1 f 3")).to_be_visible()
