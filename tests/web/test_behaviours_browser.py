"""What the behaviours do in a real browser, under the real Content-Security-Policy."""

from __future__ import annotations

import json

import pytest
from playwright.async_api import Browser, Dialog, FilePayload, Page, expect
from redis.asyncio import Redis
from web_site import PROJECT

from app.core.ids import new_id
from app.web.sse import channel, published

pytestmark = pytest.mark.browser


async def _open(page: Page, path: str) -> None:
    await page.goto(path)
    await page.wait_for_selector("html[data-ready]")


async def test_a_key_presses_its_button_but_not_while_one_types(page: Page) -> None:
    await _open(page, "/page/actions")
    await page.locator("#field").press("c")
    await expect(page.locator("#field")).to_have_value("c")
    await expect(page.locator("#answer")).to_have_text("nothing yet")
    await page.locator("h1, main").first.click()
    await page.keyboard.press("c")
    await expect(page.locator("#answer")).to_have_text("pressed circle")
    await expect(page.locator(".toast")).to_have_text("Pressed <b>")


async def test_two_keys_go_to_a_room_and_the_question_mark_lists_them(page: Page) -> None:
    await _open(page, "/page/actions")
    await page.keyboard.press("?")
    await expect(page.locator("#keys-dialog")).to_be_visible()
    await expect(page.locator("#keys-dialog")).to_contain_text("Circle")
    await page.keyboard.press("Escape")
    await page.keyboard.press("g")
    await page.keyboard.press("s")
    await page.wait_for_url("**/page/board")


async def test_a_question_names_the_deed_and_no_leaves_everything(page: Page) -> None:
    await _open(page, "/page/actions")
    drop = page.get_by_role("button", name="Drop", exact=True)
    await drop.click()
    await expect(page.locator("#confirm-dialog h2")).to_have_text("Drop SH0010?")
    await page.get_by_role("button", name="Keep it as it is").click()
    await expect(page.locator("#confirm-dialog")).to_be_hidden()
    await expect(page.locator("#answer")).to_have_text("nothing yet")
    await drop.click()
    await page.get_by_role("button", name="Drop it").click()
    await expect(page.locator("#answer")).to_have_text("pressed drop")


async def test_a_question_inside_a_button_is_asked_by_mouse_and_by_key(page: Page) -> None:
    await _open(page, "/page/actions")
    await page.get_by_role("button", name="Batch").click()
    await expect(page.locator("#confirm-dialog h2")).to_have_text("Generate for ¥5?")
    await expect(page.locator("#confirm-dialog")).to_contain_text("It would cross 80 %.")
    await page.get_by_role("button", name="Keep it as it is").click()
    await expect(page.locator("#confirm-dialog")).to_be_hidden()
    await expect(page.locator("#answer")).to_have_text("nothing yet")
    await page.keyboard.press("b")
    await page.get_by_role("button", name="Generate", exact=True).click()
    await expect(page.locator("#answer")).to_have_text("pressed batch")


async def test_a_question_asked_at_once_after_another_waits_for_its_own_answer(page: Page) -> None:
    await _open(page, "/page/actions")
    await page.get_by_role("button", name="Batch").click()
    # both in one turn of the page: the first dialog has not told yet that it was closed
    await page.evaluate(
        "() => { document.getElementById('confirm-dialog').close();"
        " document.dispatchEvent(new KeyboardEvent('keydown', {key: 'b'})); }"
    )
    await page.evaluate("() => new Promise((done) => setTimeout(done))")
    await page.get_by_role("button", name="Generate", exact=True).click()
    await expect(page.locator("#answer")).to_have_text("pressed batch")


async def test_a_form_that_asks_is_sent_after_the_answer(page: Page) -> None:
    await _open(page, "/page/actions")
    await page.get_by_role("button", name="Remove").click()
    async with page.expect_response("**/press/remove") as sent:
        await page.get_by_role("button", name="Remove her").click()
    assert (await sent.value).status == 303


async def test_an_error_is_told_and_the_target_stays(page: Page) -> None:
    await _open(page, "/page/actions")
    await page.get_by_role("button", name="Refused").click()
    notice = page.locator("#notices .notice")
    await expect(notice).to_contain_text("It changed meanwhile: reload.")
    await expect(page.locator("#answer")).to_have_text("nothing yet")
    await notice.get_by_role("button", name="Close").click()
    await expect(notice).to_have_count(0)
    await page.get_by_role("button", name="Broken").click()
    await expect(notice).to_contain_text("our fault")


async def test_a_stranger_is_led_to_the_door(page: Page) -> None:
    await _open(page, "/page/actions")
    await page.get_by_role("button", name="Stranger").click()
    await page.wait_for_url("**/sign-in?next=/page/actions")


async def test_a_menu_opens_under_its_button_and_is_walked_with_arrows(page: Page) -> None:
    await _open(page, "/page/actions")
    opener = page.get_by_role("button", name="More")
    await opener.click()
    menu = page.locator("#more")
    await expect(menu).to_be_visible()
    at, below = await opener.bounding_box(), await menu.bounding_box()
    assert at is not None and below is not None
    assert below["y"] >= at["y"] + at["height"]
    await page.keyboard.press("ArrowDown")
    await expect(menu.get_by_role("menuitem", name="Second")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#answer")).to_have_text("pressed second")
    await expect(menu).to_be_hidden()


async def test_copying_says_so(page: Page) -> None:
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await _open(page, "/page/actions")
    await page.get_by_role("button", name="Copy").click()
    await expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert await page.evaluate("navigator.clipboard.readText()") == "copied words"


async def test_cards_are_selected_with_keys_and_mouse(page: Page) -> None:
    await _open(page, "/page/board")
    bar = page.locator("[data-selection-bar]")
    await expect(bar).to_be_hidden()
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("Space")
    await page.keyboard.press("Shift+ArrowRight")
    await page.keyboard.press("Shift+ArrowRight")
    await expect(bar).to_contain_text("3 selected")
    await page.locator("#shot-6 label.tick").click()
    await expect(bar).to_contain_text("4 selected")
    await page.locator("#shot-6 label.tick").click()
    await expect(bar).to_contain_text("3 selected")
    chosen = "[...new FormData(document.querySelector('form')).getAll('shots')].join()"
    assert await page.evaluate(chosen) == "1,2,3"
    await page.keyboard.press("Escape")
    await expect(bar).to_be_hidden()
    assert await page.evaluate(chosen) == ""


async def test_a_list_is_reordered_with_alt_and_arrows_and_a_refusal_puts_it_back(page: Page) -> None:
    await _open(page, "/page/board")
    order = "[...document.querySelectorAll('#order > li')].map((item) => item.dataset.sortItem).join('')"
    await page.locator("#item-a").focus()
    async with page.expect_request("**/order") as told:
        await page.keyboard.press("Alt+ArrowDown")
    assert (await told.value).post_data == "moved=a&after=b"
    assert await page.evaluate(order) == "bac"
    await page.locator("#item-c").focus()
    await page.keyboard.press("Alt+ArrowUp")
    await page.keyboard.press("Alt+ArrowUp")
    await expect(page.locator("#notices")).to_contain_text("SH0030 is locked")
    assert await page.evaluate(order) == "bca"


async def test_a_list_is_reordered_by_dragging(page: Page) -> None:
    await _open(page, "/page/board")
    await page.locator("#item-a").scroll_into_view_if_needed()
    async with page.expect_request("**/order") as told:
        await page.locator("#item-a").drag_to(page.locator("#item-b"), target_position={"x": 10, "y": 14})
    assert (await told.value).post_data == "moved=a&after=b"


async def test_the_theme_changes_at_once_and_stays(page: Page) -> None:
    await _open(page, "/page/actions")
    async with page.expect_response("**/preferences"):
        await page.get_by_role("button", name="Light theme").click()
    await expect(page.locator("html")).to_have_attribute("data-theme", "light")
    await expect(page.get_by_role("button", name="Dark theme")).to_be_visible()
    await _open(page, "/dev/gallery")
    await expect(page.locator("html")).to_have_attribute("data-theme", "light")


async def test_the_language_changes_with_its_words(page: Page) -> None:
    await _open(page, "/dev/gallery")
    await page.get_by_role("button", name="You: 周牧").click()
    await page.get_by_role("menuitem", name="中文").click()
    await expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.wait_for_load_state("networkidle")
    await page.get_by_role("button", name="复制").first.click()
    await expect(page.get_by_role("button", name="已复制")).to_be_visible()


async def test_what_was_typed_is_not_lost_without_a_question(page: Page) -> None:
    await _open(page, "/page/actions")
    await page.locator("#draft").press_sequentially("words")
    asked: list[str] = []

    async def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.dismiss()

    page.on("dialog", stay)
    await page.evaluate("location.assign('/page/board'), 1")
    await expect(page.locator("#draft")).to_have_value("words")
    assert asked == ["beforeunload"]
    await page.locator("#draft").press("Enter")
    await page.wait_for_url("**/page/actions")


async def test_an_upload_shows_its_file_and_leads_on(page: Page) -> None:
    await _open(page, "/page/upload")
    film = FilePayload(name="take 3.mp4", mimeType="video/mp4", buffer=b"x" * 3_000_000)
    await page.locator("input[type=file]").set_input_files(film)
    await expect(page.locator("[data-drop-names]")).to_have_text("take 3.mp4, 3 MB")
    await page.get_by_role("button", name="Send").click()
    await page.wait_for_url("**/page/actions")


async def test_a_refused_upload_says_why_and_can_be_tried_again(page: Page) -> None:
    await _open(page, "/page/upload")
    await page.locator("input[type=file]").set_input_files(
        FilePayload(name="take.exe", mimeType="application/x-msdownload", buffer=b"MZ")
    )
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator("#notices")).to_contain_text("That is not a film: send MP4, MOV or WebM.")
    await expect(page.get_by_role("button", name="Send")).to_be_enabled()


async def test_an_event_refreshes_the_fragment_it_concerns(page: Page, valkey_url: str) -> None:
    redis = Redis.from_url(valkey_url)
    async with page.expect_response("**/live/events"):
        await _open(page, "/page/live")
    before = await page.locator("#card").text_content()
    await _heard(redis, "takes.arrived", {"shot_id": "8"})
    await _heard(redis, "money.spent", {"shot_id": "7"})
    async with page.expect_response("**/live/card"):
        await _heard(redis, "takes.arrived", {"shot_id": "7"})
    await expect(page.locator("#card")).not_to_have_text(str(before))
    times = "performance.getEntriesByName(location.origin + '/live/card').length"
    assert await page.evaluate(times) == 1
    await redis.aclose()


async def _heard(redis: Redis, name: str, payload: dict[str, str]) -> None:
    """Publish until somebody listens: the page subscribes a moment after its stream is answered."""
    text = published(name, new_id(), payload)
    assert json.loads(text)["name"] == name
    while not await redis.publish(channel(PROJECT), text):
        continue


async def test_moments_are_in_the_zone_of_the_reader(browser: Browser, site_url: str) -> None:
    context = await browser.new_context(timezone_id="Asia/Shanghai", base_url=site_url)
    page = await context.new_page()
    await _open(page, "/page/live")
    await expect(page.locator("time")).to_have_text("Jan 2, 2020, 11:04")
    await context.close()
