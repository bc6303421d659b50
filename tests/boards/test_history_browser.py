"""History and renaming in a real browser: compared, jumped through by keyboard, renamed where it was chosen."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from browser_support import page_of
from playwright.async_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]
BEFORE = (
    "1-1 日 内 客厅\n人物：阿宁、阿宁宁\n△阿宁走进客厅，把伞放下。\n阿宁：你终于来了。\n阿宁宁：我等了你一夜。\n"
    + "".join(f"△雨点敲着第{n}扇窗。\n" for n in range(12))
    + "\n1-2 夜 外 天台\n人物：阿宁\n△阿宁数着星星。\n"
)
AFTER = BEFORE.replace("把伞放下", "把一束花放下").replace("数着星星", "对着月亮喊了一声")


async def shot(page, name: str) -> None:
    """Keep a picture of the page where somebody asked for pictures."""
    if folder := os.environ.get("REELROOM_PICTURES"):
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("width", [1280, 390])
async def test_two_states_are_compared_and_a_name_is_changed(browsers, world, services, width):
    writer, path = browsers("writer"), f"/projects/{world.project.id}/episodes/{world.episode.id}"
    api = f"/api/v1{path}"
    assert (await writer.post(f"{api}/import", json={"text": BEFORE})).status_code == 200
    await writer.post(f"{api}/script/revisions", json={"name": "White", "colour": "white", "note": "围读之后"})
    await writer.put(f"{api}/script", json={"text": AFTER}, headers={"if-match": '"2"'})
    async with page_of(world.cookies["writer"], width=width) as page:
        await page.goto(f"{path}/script/history")
        await expect(page.locator(".kept-one.named b")).to_have_text("White")
        await shot(page, f"history-{width}")
        await page.get_by_role("link", name="Compare").first.click()
        await expect(page.locator("ins").filter(has_text="花").first).to_be_visible()
        await page.keyboard.press("j")
        await expect(page.locator("[data-change-here]")).to_contain_text("伞")
        await page.keyboard.press("j")
        await expect(page.locator("[data-change-here]")).to_contain_text("月亮")
        await page.keyboard.press("k")
        await expect(page.locator("[data-change-here]")).to_contain_text("伞")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await shot(page, f"compare-{width}")
        await page.get_by_role("link", name="Inline").click()
        await expect(page.locator(".compared.one-column").first).to_be_visible()
        await page.get_by_role("button", name="Bring this scene back").first.click()
        await page.get_by_role("button", name="Bring it back").click()
        await expect(page.get_by_text("The scene is back")).to_be_visible()
        await page.goto(f"{path}/script/authors")
        await shot(page, f"authors-{width}")
        await page.goto(f"/projects/{world.project.id}/search?q=阿宁")
        await shot(page, f"search-{width}")
        await page.goto(f"{path}/arrange")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await shot(page, f"arrange-{width}")
        await page.goto(f"/projects/{world.project.id}/rename-character")
        await page.get_by_label("Name now").fill("阿宁")
        await page.get_by_label("New name").fill("小月")
        await page.get_by_role("button", name="Show every place").click()
        places = page.locator("input[name=places]")
        await expect(places).to_have_count(5)
        await places.last.uncheck()
        await shot(page, f"rename-{width}")
        await page.get_by_role("button", name="Rename").click()
        await page.get_by_role("dialog").get_by_role("button", name="Rename").click()
        await expect(page.get_by_text("阿宁 is called 小月 now")).to_be_visible()
    text = (await writer.get(f"{api}/script")).json()["text"]
    assert "小月：你终于来了" in text and "阿宁宁：我等了你一夜" in text and "△阿宁对着月亮" in text
