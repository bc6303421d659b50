"""The gallery in a real browser: nothing complains, nothing sticks out, everything can be reached and read."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

pytestmark = pytest.mark.browser

UNNAMED = """
[...document.querySelectorAll("button, a[href], input:not([type=hidden]), select, textarea")]
  .filter((element) => element.checkVisibility())
  .filter((element) => !(element.getAttribute("aria-label") || element.textContent.trim() || element.labels?.length
    || element.getAttribute("title")))
  .map((element) => element.outerHTML)
"""
TWICE = """
Object.entries(Object.groupBy([...document.querySelectorAll("[id]")], (element) => element.id))
  .filter(([, all]) => all.length > 1).map(([id]) => id)
"""
STICKS_OUT = "document.documentElement.scrollWidth > innerWidth"
SMALL_TARGETS = """
[...document.querySelectorAll("button, .btn, .chip, .items a, .rooms a")]
  .filter((element) => element.checkVisibility())
  .filter((element) => { const box = element.getBoundingClientRect(); return box.width < 24 || box.height < 24; })
  .map((element) => element.outerHTML)
"""


async def _visit(page: Page, theme: str, locale: str, width: int, path: str = "/dev/gallery") -> None:
    await page.set_viewport_size({"width": width, "height": 844})
    await page.goto(path)
    for name, value in (("reelroom_theme", theme), ("reelroom_locale", locale)):
        await page.context.add_cookies([{"name": name, "value": value, "url": page.url}])
    await page.reload()
    await page.wait_for_selector("html[data-ready]")


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("locale", ["en", "zh"])
@pytest.mark.parametrize("theme", ["dark", "light"])
async def test_every_part_in_every_dress(page: Page, theme: str, locale: str, width: int) -> None:
    await _visit(page, theme, locale, width)
    await expect(page.locator("html")).to_have_attribute("data-theme", theme)
    assert await page.evaluate(STICKS_OUT) is False
    assert await page.evaluate(UNNAMED) == []
    assert await page.evaluate(TWICE) == []
    assert await page.evaluate(SMALL_TARGETS) == []
    ground = await page.evaluate("getComputedStyle(document.body.parentElement).backgroundColor")
    assert ("0.16" in ground) is (theme == "dark")


@pytest.mark.parametrize("path", ["/dev/door", "/nowhere"])
async def test_the_door_and_the_error_page_fit_a_phone(page: Page, path: str) -> None:
    await _visit(page, "dark", "zh", 390, path)
    assert await page.evaluate(STICKS_OUT) is False
    assert await page.evaluate(UNNAMED) == []


async def test_rooms_are_at_the_foot_of_a_phone(page: Page) -> None:
    await _visit(page, "dark", "en", 390)
    box = await page.locator(".rooms").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] == 844
    await expect(page.locator("aside.list")).to_be_hidden()


async def test_the_first_tab_skips_to_the_content(page: Page) -> None:
    await _visit(page, "dark", "en", 1280)
    await page.keyboard.press("Tab")
    await expect(page.locator(".skip")).to_be_focused()
    await expect(page.locator(".skip")).to_be_in_viewport()


async def test_nothing_moves_for_who_wants_no_motion(page: Page) -> None:
    await page.emulate_media(reduced_motion="reduce")
    await _visit(page, "dark", "en", 1280)
    running = "document.getAnimations().filter((animation) => animation.playState === 'running').length"
    assert await page.evaluate(running) == 0
