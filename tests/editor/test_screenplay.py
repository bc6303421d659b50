"""The editor as a screenplay: how lines look, Tab and Enter, completion, folding, the list of scenes."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TWO = "1-1 日 内 客厅\n人物：阿宁、周姐\n△ 雨声。\n周姐：打烊了。\n\n1-2 夜 外 后巷\n人物：阿宁\n△ 她跑。\n"


@pytest.fixture
async def writer(desks):
    desk = await desks("writer")
    await desk.end()
    await desk.paste(TWO)
    await desk.reads(TWO)
    return desk


async def test_each_line_looks_like_what_it_is(writer):
    shown = await writer.page.locator(".cm-line").evaluate_all("lines => lines.map((line) => line.className)")
    kinds = [next((name for name in row.split() if name.startswith("sp-")), "") for row in shown]
    assert kinds[:6] == ["sp-scene", "sp-cast", "sp-action", "sp-speech", "", "sp-scene"]
    await expect(writer.page.locator(".sp-name").first).to_have_text("周姐")


async def test_tab_goes_round_the_elements_and_back(writer):
    await writer.line(8)
    await writer.page.keyboard.press("Tab")
    await writer.reads(TWO.replace("△ 她跑。", "她跑。："))
    await writer.page.keyboard.press("Shift+Tab")
    await writer.reads(TWO)
    for wanted in ("她跑。：", "1-3 日 内 她跑。", "【她跑。】", "△ 她跑。"):
        await writer.page.keyboard.press("Tab")
        await writer.reads(TWO.replace("△ 她跑。", wanted))


async def test_enter_goes_on_with_the_block_and_twice_ends_it(writer):
    await writer.line(6, end=True)
    await writer.page.keyboard.press("Enter")
    await writer.reads(TWO.replace("后巷\n", "后巷\n人物：\n"))
    await writer.page.keyboard.press("Enter")
    await writer.reads(TWO.replace("后巷\n", "后巷\n\n"))
    await writer.line(9, end=True)
    await writer.page.keyboard.press("Enter")
    await writer.page.keyboard.type("门响。")
    assert (await writer.text()).endswith("△ 她跑。\n△ 门响。\n")


async def test_who_spoke_is_offered_and_taken_with_enter(writer):
    await writer.line(9)
    await writer.page.keyboard.insert_text("周")
    offered = writer.page.locator(".cm-tooltip-autocomplete li[aria-selected]")
    await expect(offered).to_have_text("周姐")
    await offered.click()
    await writer.reads(TWO + "周姐：")


async def test_the_list_of_scenes_follows_the_text_jumps_and_moves(writer):
    scenes = writer.page.locator("#editor-outline a")
    await expect(scenes).to_have_count(2)
    await expect(scenes.first).to_contain_text("客厅")
    await scenes.nth(1).click()
    await expect(scenes.nth(1)).to_have_attribute("aria-current", "true")
    await scenes.nth(1).focus()
    await writer.page.keyboard.press("Alt+ArrowUp")
    moved = "1-2 夜 外 后巷\n人物：阿宁\n△ 她跑。\n1-1 日 内 客厅\n人物：阿宁、周姐\n△ 雨声。\n周姐：打烊了。\n\n"
    await writer.reads(moved)
    await expect(scenes.first).to_contain_text("后巷")
    await writer.page.get_by_role("button", name="Undo what you wrote").click()
    await writer.reads(TWO)
    await expect(writer.page.locator("#editor-totals")).to_contain_text("of")


async def test_a_scene_folds_behind_its_heading_and_words_are_found_and_replaced(writer):
    await writer.line(1)
    await writer.page.locator(".fold.open").first.click()
    await expect(writer.page.locator(".cm-foldPlaceholder")).to_be_visible()
    await writer.page.locator(".cm-foldPlaceholder").click()
    await expect(writer.page.locator(".cm-foldPlaceholder")).to_have_count(0)
    await writer.page.keyboard.press("Control+f")
    await writer.page.locator(".cm-search input[name=search]").fill("阿宁")
    await writer.page.locator(".cm-search input[name=replace]").fill("阿静")
    await writer.page.get_by_role("button", name="Replace all").click()
    await writer.reads(TWO.replace("阿宁", "阿静"))
    await writer.shows("Saved")


async def test_the_list_of_keys_names_those_of_the_editor(writer):
    await writer.page.locator(".cm-content").focus()
    await writer.page.keyboard.press("F1")
    await expect(writer.page.locator("#keys-dialog")).to_contain_text("Another element")
