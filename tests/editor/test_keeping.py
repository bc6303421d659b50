"""Nothing written is lost: offline, over a reload, when signed out, and when the role changes."""

from __future__ import annotations

import pytest
from playwright.async_api import expect
from sqlalchemy import update

from app.accounts.models import Membership
from app.scripts import service as scripts

pytestmark = [pytest.mark.browser, pytest.mark.slow]


async def stored(database, world) -> str:
    """The text that the server holds."""
    async with database.transaction() as session:
        return (await scripts.present(session, world.episode)).text


async def test_what_is_saved_is_in_the_database(desks, database, world):
    writer = await desks("writer")
    await writer.end()
    await writer.type("INT. KITCHEN - DAY")
    await writer.shows("Saved")
    assert await stored(database, world) == "INT. KITCHEN - DAY"


async def test_offline_is_told_kept_over_a_reload_and_sent_on_return(desks, database, world):
    writer, other = await desks("writer", quiet=True), await desks("admin")
    await writer.end()
    await writer.type("Before. ")
    await other.reads("Before. ")
    await writer.shows("Saved")
    await writer.page.route_web_socket("**/ws/rooms/**", lambda socket: socket.close(code=1012))
    await writer.page.reload()  # the page comes, the room does not
    await writer.shows("Offline")
    await writer.reads("Before. ")
    await writer.end()
    await writer.type("Offline. ")
    await writer.shows("changes kept here")
    await other.end()
    await other.type("Meanwhile. ")
    await other.shows("Saved")
    await writer.page.close()
    page = await writer.context.new_page()  # the laptop comes back another day
    writer.page = page
    await writer.open()
    await writer.shows("Saved")
    text = await writer.text()
    assert sorted(text.split()) == ["Before.", "Meanwhile.", "Offline."]
    await other.reads(text)
    assert await stored(database, world) == text


async def test_whoever_may_only_read_sees_it_live_and_cannot_write(desks, database, world):
    viewer, writer = await desks("viewer"), await desks("writer")
    await viewer.shows("Read only")
    await writer.end()
    await writer.type("A line.")
    await viewer.reads("A line.")
    await viewer.page.locator(".cm-content").focus()
    await viewer.page.keyboard.type("No.")
    await writer.type(" More.")
    await viewer.reads("A line. More.")
    await writer.shows("Saved")
    assert await stored(database, world) == "A line. More."


async def test_a_role_that_changes_changes_the_page_at_once(desks, database, world):
    writer = await desks("writer")
    await writer.end()
    await writer.type("Mine.")
    await writer.shows("Saved")
    async with database.transaction() as session:
        person = world.actors["writer"].id
        await session.execute(update(Membership).where(Membership.user_id == person).values(role="viewer"))
    # the room asks again when it is told, and every minute; here it is told by another sign of the same
    await writer.page.reload()
    await writer.shows("Read only")
    await writer.reads("Mine.")


async def test_whoever_is_signed_out_keeps_what_they_wrote(desks):
    writer = await desks("writer", quiet=True)
    await writer.end()
    await writer.type("Mine. ")
    await writer.shows("Saved")
    other_tab = await writer.context.new_page()
    await other_tab.goto("/")
    await other_tab.evaluate("""() => fetch("/sign-out", { method: "POST" })""")
    await writer.shows("Signed out")
    await expect(writer.page.get_by_role("link", name="Sign in again")).to_be_visible()
    await writer.end()
    await writer.type("Kept. ")
    await writer.shows("kept here")


async def test_what_cannot_stand_in_a_script_is_cleaned_as_it_is_pasted(desks, database, world):
    writer = await desks("writer")
    await writer.end()
    await writer.paste("A\r\nB\rC\u0000\u0007D\ud800E\u2028F 👩‍🚀 עברית")
    await writer.shows("Saved")
    wanted = "A\nB\nCDE\nF 👩‍🚀 עברית"
    await writer.reads(wanted)
    assert await stored(database, world) == wanted


async def test_ten_megabytes_are_refused_with_a_reason_and_the_text_stays(desks, database, world):
    writer = await desks("writer")
    await writer.end()
    await writer.type("Stays.")
    await writer.page.locator(".cm-content").evaluate(
        """(place) => {
            const data = new DataTransfer();
            data.setData("text/plain", "字".repeat(3500000));
            place.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }"""
    )
    await expect(writer.page.locator("#notices")).to_contain_text("at most 2048 KiB")
    await writer.reads("Stays.")
    await writer.shows("Saved")
    assert await stored(database, world) == "Stays."


async def test_a_revision_waits_for_the_last_words(desks, database, world):
    writer = await desks("writer")
    await writer.end()
    await writer.type("INT. A - DAY\nIt rains.")  # Enter leaves a blank line behind a heading
    await writer.shows("Saved")
    await writer.open(query="?tab=history")
    panel = writer.page.locator("#inspector-panel")
    await panel.get_by_text("Name a revision").first.click()
    await panel.get_by_label("Name").fill("First")
    await writer.end()
    await writer.type(" Hard.")
    await panel.get_by_role("button", name="Keep it").click()
    await expect(writer.page.locator("#inspector-panel .kept-one b").first).to_have_text("First")
    async with database.transaction() as session:
        row = (await scripts.revisions(session, await scripts.present(session, world.episode)))[0]
    assert row.text == "INT. A - DAY\n\nIt rains. Hard."
