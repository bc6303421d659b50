"""A proposal in a real browser, with a real worker and sweeper: asked for, appearing by itself, taken over."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import AsyncIterator

import pytest
from assistant_support import BETTER, PASSAGE, SCRIPT, assisted, chat
from backends.chat_clients import entry
from browser_support import page_of
from playwright.async_api import Page, expect

from app.core.config import get_settings
from app.embedded import fleet

__all__ = ["assisted", "chat"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]
SELECT = """(place, passage) => {
    const line = [...place.querySelectorAll(".cm-line")].find((one) => one.textContent.includes(passage));
    const start = line.textContent.indexOf(passage);
    const range = document.createRange();
    range.setStart(line.firstChild, start);
    range.setEnd(line.firstChild, start + passage.length);
    place.focus();
    getSelection().removeAllRanges();
    getSelection().addRange(range);
}"""


@pytest.fixture
async def page(assisted, world) -> AsyncIterator[Page]:
    """A director's page, with the programs that ask a text model and tell the page of it."""
    os.environ["REELROOM_TEXT_MODELS"] = json.dumps({"first": entry(assisted.url)})
    programs: list[subprocess.Popen[bytes]] = []
    try:
        async with page_of(world.cookies["director"]) as opened:
            for program in (fleet.worker_program("io", get_settings()), fleet.sweeper_program()):
                environment = fleet.environment_of(get_settings())
                programs.append(subprocess.Popen(program, env=environment, cwd=fleet.ROOT, stdout=subprocess.DEVNULL))
            yield opened
    finally:
        for each in programs:
            each.terminate()
            each.wait(30)
        del os.environ["REELROOM_TEXT_MODELS"]


async def test_a_selected_passage_is_asked_about_and_the_proposal_appears_by_itself(page, assisted):
    episode = f"/projects/{assisted.world.project.id}/episodes/{assisted.world.episode.id}"
    assisted.answer({"text": BETTER})
    await page.goto(f"{episode}/script")
    await expect(page.locator("#editor-desk")).to_have_attribute("data-state", "ready")
    await page.locator(".cm-content").evaluate(SELECT, PASSAGE)
    await page.get_by_role("button", name="Ask for help").click()
    await expect(page.locator("#script-help textarea")).to_have_value(PASSAGE)
    await page.locator("#script-help").get_by_role("button", name="Ask").click()
    take = page.get_by_role("button", name="Take it over")
    await expect(take).to_be_visible(timeout=60_000)  # nobody loaded the page again
    assert BETTER in await page.locator("#proposal").inner_text() or await page.locator("#proposal ins").count()
    assert await assisted.text() == SCRIPT
    await take.click()
    await expect(page.locator(".cm-content")).to_contain_text(BETTER)
    assert await assisted.text() == SCRIPT.replace(PASSAGE, BETTER)
