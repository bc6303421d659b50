"""Bringing a script and taking it away, in a real browser."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest
from playwright.async_api import Page, expect
from shoot_support import SCRIPT

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SEASON = Path(__file__).resolve().parents[2] / "samples" / "mountains-and-seas-e01-05.zh.txt"


async def look(page: Page, name: str) -> None:
    """Keep a picture of a page at two widths, for whoever asks for it."""
    if folder := os.environ.get("PICTURES"):
        for width in (1280, 390):
            await page.set_viewport_size({"width": width, "height": 900})
            await page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
        await page.set_viewport_size({"width": 1280, "height": 800})


async def test_an_import_is_looked_at_chosen_and_confirmed(page, shoot):
    await page.goto(f"{shoot.project}/scripts/import")
    await look(page, "form")
    await page.set_input_files("[name=script]", SEASON)
    await page.get_by_role("button", name="Import and break down").click()
    await expect(page.get_by_role("heading", name="What this import changes")).to_be_visible()
    await look(page, "preview")
    await page.locator("label.chip", has_text="Take this episode").first.click()
    await page.get_by_role("button", name="Import and break down").click()
    await expect(page.locator(".notice")).to_contain_text("4 episodes with")
    await expect(page.locator("table.episodes tbody tr")).to_have_count(5)


async def test_pasted_words_are_compared_and_left(page, shoot):
    await page.goto(f"{shoot.episode}/script/import")
    await page.fill("[name=text]", SCRIPT.replace("黑色的礁石", "青色的礁石"))
    await page.get_by_role("button", name="Import and break down").click()
    await page.locator("details summary").first.click()
    await expect(page.locator("ins", has_text="青")).to_be_visible()
    await look(page, "difference")
    await page.get_by_role("button", name="Leave everything as it is").click()
    await expect(page.locator(".notice")).to_contain_text("Nothing was imported.")


async def test_a_season_is_taken_away_as_an_archive(page, shoot, tmp_path):
    await page.goto(f"{shoot.project}/scripts/export")
    await look(page, "export")
    await page.locator("label.chip", has_text="Word (DOCX)").click()
    async with page.expect_download() as started:
        await page.get_by_role("button", name="Take away").click()
    download = await started.value
    assert download.suggested_filename.endswith(".zip") and "精卫" in download.suggested_filename
    await download.save_as(tmp_path / "season.zip")
    names = zipfile.ZipFile(tmp_path / "season.zip").namelist()
    assert sorted(name.partition("/")[0] for name in names) == ["docx", "pdf"]


async def test_an_episode_is_taken_away_from_its_menu(page, shoot):
    await page.goto(f"{shoot.episode}/script")
    await page.wait_for_selector("html[data-ready]")
    await page.get_by_role("button", name="Take away").click()
    if folder := os.environ.get("PICTURES"):
        await page.screenshot(path=f"{folder}/menu-1280.png")
    async with page.expect_download() as started:
        await page.get_by_role("menuitem", name="PDF, as it is printed").click()
    assert (await started.value).suggested_filename.endswith(".pdf")
