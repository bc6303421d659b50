"""The whole main job as people do it: set up, invite, import both samples, generate, circle, export, download, play."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from browser_support import chromium, note_complaint
from playwright.async_api import Browser, Page, expect

from app.exports.labels import read_aigc
from app.media.probe import probe

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
PASSWORD = "correct horse battery"
RENDERING = 240_000

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A real Chromium."""
    async with chromium() as started:
        yield started


async def visitor(browser: Browser, base_url: str, complaints: list[str]) -> Page:
    """Return a page of somebody's own browser, whose complaints are kept."""
    context = await browser.new_context(
        viewport={"width": 1280, "height": 860}, base_url=base_url, accept_downloads=True
    )
    context.set_default_timeout(20_000)
    page = await context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: note_complaint(message, complaints))
    return page


async def set_up(page: Page) -> None:
    await page.goto("/")
    await page.fill("[name=name]", "Ada Okoye")
    await page.fill("[name=email]", "ada@reelroom.example")
    await page.fill("[name=password]", PASSWORD)
    await page.fill("[name=team]", "Night Shift")
    await page.press("[name=team]", "Enter")
    await expect(page.get_by_role("heading", name="Projects", exact=True)).to_be_visible()


async def invite_director(page: Page, director: Page) -> None:
    await page.goto("/team")
    await page.fill("[name=note]", "Zhou Mu")
    await page.get_by_role("button", name="Make a link").click()
    link = await page.locator("code.tc").inner_text()
    await director.goto(link)
    await director.fill("[name=name]", "Zhou Mu")
    await director.fill("[name=email]", "zhou@reelroom.example")
    await director.fill("[name=password]", PASSWORD)
    await director.press("[name=password]", "Enter")
    await expect(director.get_by_role("heading", name="Projects", exact=True)).to_be_visible()


async def new_project(page: Page, title: str, sample: str) -> str:
    """Make a project of small pictures and import a sample; return its address."""
    await page.goto("/")
    await page.get_by_role("button", name="New project").first.click()
    await page.fill("#new-project [name=title]", title)
    await page.locator("#new-project [type=submit]").click()
    await expect(page.get_by_role("heading", name=title)).to_be_visible()
    address = page.url
    await page.goto(f"{address}/settings")
    await page.select_option("[name=format]", "other")
    await page.fill("[name=width]", "270")
    await page.fill("[name=height]", "480")
    await page.get_by_role("button", name="Save").click()
    await page.goto(address)
    await page.set_input_files("[name=script]", SAMPLES / sample)
    await page.get_by_role("button", name="Import and break down").click()
    await expect(page.locator("#editor-desk[data-state=ready]")).to_be_visible()
    return address


async def generate(page: Page, board: str) -> int:
    """Generate every planned shot of the board and wait until each has a take; return how many there are."""
    await page.goto(board)
    count = await page.locator("article.shot").count()
    await page.get_by_role("button", name=f"Generate {count} planned").click()
    review = page.locator(".filters a", has_text="To review").locator("data")
    await expect(review).to_have_text(str(count), timeout=RENDERING)
    return count


async def circle_all(page: Page, episode: str, count: int) -> None:
    """Decide shot by shot, with one key, as a director in dailies does."""
    await page.goto(f"{episode}/review")
    for _shot in range(count):
        await expect(page.get_by_role("button", name="Circle take 1")).to_be_visible()
        before = page.url
        await page.keyboard.press("c")
        await page.wait_for_url(lambda url, before=before: url != before)
    await expect(page.get_by_role("button", name="Circle take 1")).to_have_count(0)


async def test_from_an_empty_machine_to_a_downloaded_episode(live, browser, tmp_path):
    complaints: list[str] = []
    base = live.settings.base_url
    producer = await visitor(browser, base, complaints)
    director = await visitor(browser, base, complaints)
    await set_up(producer)
    await invite_director(producer, director)
    salt = await new_project(producer, "The Salt Ledger", "salt-ledger-e01.fountain")
    jingwei = await new_project(producer, "精卫", "jingwei-e01.zh.txt")
    await producer.goto(salt)
    await expect(producer.locator("table.episodes tbody tr")).to_have_count(1)

    await director.goto(jingwei)
    await director.locator("table.episodes tbody a").first.click()
    await director.wait_for_url("**/board*")
    board = director.url.split("?")[0]
    episode = board.removesuffix("/board")
    count = await generate(director, board)
    await producer.goto(f"{episode}/exports")
    await expect(producer.get_by_text(f"{count} shots are not decided")).to_be_visible()
    await circle_all(director, episode, count)

    await producer.goto(f"{episode}/exports")
    await producer.get_by_role("button", name="Export episode").click()
    file = producer.locator("a[download]", has_text=".mp4")
    await expect(file).to_be_visible(timeout=RENDERING)
    async with producer.expect_download() as coming:
        await file.click()
    target = tmp_path / "episode.mp4"
    await (await coming.value).save_as(target)
    facts = await probe(target)
    assert (facts.width, facts.height, facts.has_audio) == (270, 480, True)
    assert read_aigc(target).Label == "1"

    player = producer.locator("video").first
    played = await player.evaluate(
        """async video => {
            video.muted = true;
            const half = new Promise(done => video.addEventListener(
                "timeupdate", () => video.currentTime > 0.5 && done(video.currentTime)));
            await video.play();
            return half;
        }"""
    )
    assert played > 0.5
    assert complaints == []
