"""Two people write one script in two browsers: what each sees, undoes, follows and composes."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]
HEAD = "1-1 日 内 客厅\n人物：阿宁\n△ 雨声。\n"


async def compose(ime, letters: str) -> None:
    """Show these letters of a word that is being composed."""
    await ime.send(
        "Input.imeSetComposition", {"text": letters, "selectionStart": len(letters), "selectionEnd": len(letters)}
    )


async def test_both_see_what_the_other_writes_and_where(desks):
    writer, director = await desks("writer"), await desks("admin")
    await writer.end()
    await writer.paste(HEAD)
    await director.reads(HEAD)
    await director.end()
    await director.type("阿宁：打烊了。")
    await writer.reads(HEAD + "阿宁：打烊了。")
    caret = writer.page.locator(".remote-caret b")
    await expect(caret).to_have_text("Admin")
    await expect(writer.page.get_by_role("button", name="Follow Admin")).to_be_visible()
    await writer.shows("Saved")
    await director.shows("Saved")


async def test_undo_takes_back_ones_own_words_only(desks):
    writer, other = await desks("writer"), await desks("admin")
    await writer.end()
    await writer.type("one ")
    await other.reads("one ")
    await other.end()
    await other.type("two ")
    await writer.reads("one two ")
    await writer.page.keyboard.press("Control+z")
    await writer.reads("two ")
    await other.reads("two ")
    await writer.page.keyboard.press("Control+y")
    await writer.reads("one two ")
    await writer.page.get_by_role("button", name="Undo what you wrote").click()
    await other.reads("two ")
    await writer.page.locator(".cm-content").focus()
    await writer.page.keyboard.press("Control+Shift+Z")
    await other.reads("one two ")


@pytest.mark.parametrize("place", ["above", "before", "behind", "new line above"])
async def test_pinyin_is_composed_while_a_colleague_writes(desks, place):
    writer, other = await desks("writer"), await desks("admin")
    await writer.end()
    await writer.paste("△ 雨声。\n周姐：打烊了。\n△ 灯灭。")
    await other.reads("△ 雨声。\n周姐：打烊了。\n△ 灯灭。")
    await writer.line(2)
    for _one in range(4):
        await writer.page.keyboard.press("ArrowRight")
    ime = await writer.ime()
    for part in ("n", "ni", "nih"):
        await ime.send(
            "Input.imeSetComposition", {"text": part, "selectionStart": len(part), "selectionEnd": len(part)}
        )
    await other.line(1 if "above" in place else 2, end=place in ("behind", "above", "new line above"))
    theirs = "\n" if place == "new line above" else "嘿"
    await other.type(theirs)
    seen = await other.text()
    for part in ("niha", "nihao"):
        await ime.send(
            "Input.imeSetComposition", {"text": part, "selectionStart": len(part), "selectionEnd": len(part)}
        )
    await ime.send("Input.insertText", {"text": "你好"})
    wanted = {
        "above": "△ 雨声。嘿\n周姐：打你好烊了。\n△ 灯灭。",
        "before": "△ 雨声。\n嘿周姐：打你好烊了。\n△ 灯灭。",
        "behind": "△ 雨声。\n周姐：打你好烊了。嘿\n△ 灯灭。",
        "new line above": "△ 雨声。\n△ \n周姐：打你好烊了。\n△ 灯灭。",  # Enter goes on with the action
    }[place]
    assert "nih" in seen  # the other sees the letters while they are composed, and they go
    await writer.reads(wanted)
    await other.reads(wanted)


async def test_following_a_colleague_scrolls_along_until_one_moves(desks):
    writer, other = await desks("writer"), await desks("admin")
    await writer.end()
    await writer.paste("\n".join(f"Line {number}." for number in range(300)))
    await other.page.get_by_role("button", name="Follow Writer").click()
    await expect(other.page.locator("[data-following]")).to_contain_text("Following Writer")
    await writer.end()
    await writer.type(" The end.")
    await expect(other.page.locator(".cm-line", has_text="Line 299. The end.")).to_be_in_viewport(timeout=20_000)
    await writer.page.keyboard.press("Control+Home")
    await expect(other.page.locator(".cm-line").first).to_be_in_viewport(timeout=20_000)
    await other.page.keyboard.press("Escape")
    await expect(other.page.locator("[data-following]")).to_be_hidden()


async def test_four_people_type_at_once_and_all_read_the_same(desks):
    people = [await desks(person) for person in ("writer", "admin", "writer", "admin")]
    for desk in people:
        await desk.end()
    await asyncio.gather(*(desk.type(f"{name} " * 5) for name, desk in zip("甲乙丙丁", people, strict=True)))
    for desk in people:
        await desk.shows("Saved")
    wanted = await people[0].text()
    assert sorted(wanted.replace(" ", "")) == sorted("甲乙丙丁" * 5)
    for desk in people[1:]:
        await desk.reads(wanted)
