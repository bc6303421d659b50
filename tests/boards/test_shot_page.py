"""The page of a shot: its takes, what it is made from, what people may do there."""

from __future__ import annotations

from uuid import uuid4

import pytest

from app.boards.difference import word_difference
from app.jobs import wishing


async def test_a_shot_without_a_take_says_what_next(browsers, shoot):
    shot = await shoot.shot()
    page = await browsers("director").get(f"{shoot.episode}/shots/{shot.id}")
    assert page.status_code == 200
    assert "No take yet" in page.text and "Generate a take" in page.text and "Upload a take" in page.text


async def test_the_newest_undecided_take_is_shown_with_its_verdict_bar(browsers, shoot):
    shot = await shoot.shot()
    await shoot.arrive(shot, 2)
    page = await browsers("director").get(f"{shoot.episode}/shots/{shot.id}")
    assert "Circle take 2" in page.text and "data-player" in page.text and "Reject" in page.text
    older = await browsers("director").get(f"{shoot.episode}/shots/{shot.id}?take=1")
    assert "Circle take 1" in older.text
    viewer = await browsers("viewer").get(f"{shoot.episode}/shots/{shot.id}")
    assert "Circle take" not in viewer.text and "/download" not in viewer.text and "Add note" not in viewer.text
    notes = await browsers("viewer").get(f"{shoot.episode}/shots/{shot.id}?tab=notes")
    assert "Add note" in notes.text


@pytest.mark.parametrize(
    ("tab", "said"),
    [
        ("shot", "Save the shot"),
        ("prompt", "What will be asked"),
        ("script", "海浪拍在黑色的礁石上"),
        ("notes", "No note yet"),
        ("history", "Nothing has happened"),
    ],
)
async def test_every_tab_comes_alone_too(browsers, shoot, tab, said):
    shot = await shoot.shot()
    address = f"{shoot.episode}/shots/{shot.id}?tab={tab}"
    assert said in (await browsers("director").get(address)).text
    part = await browsers("director").get(f"{address}&fragment=inspector")
    assert said in part.text and "<html" not in part.text


async def test_the_first_take_loads_the_page_anew_and_the_next_only_joins_the_strip(browsers, shoot):
    shot, director = await shoot.shot(), browsers("director")
    path = f"{shoot.episode}/shots/{shot.id}"
    assert "No take yet" in (await director.get(f"{path}?fragment=takes")).text
    await shoot.arrive(shot)
    assert (await director.get(f"{path}?fragment=takes")).headers["hx-refresh"] == "true"
    await shoot.arrive(shot)
    strip = await director.get(f"{path}?take=1&fragment=takes")
    assert "hx-refresh" not in strip.headers and "T2" in strip.text and "data-player" not in strip.text
    notes = await director.get(f"{path}?take=1&fragment=notes")
    assert "No note yet" in notes.text and "Add note" not in notes.text


async def test_history_tells_verdicts_and_jobs(browsers, shoot, app, world):
    shot = await shoot.shot()
    (take,) = await shoot.arrive(shot)
    director = browsers("director")
    note = {"note": "看她，不看船。", "reasons": "motion"}
    await director.post(f"{shoot.project}/takes/{take.id}/retake", data=note)
    async with shoot.database.transaction() as session:
        project = await session.merge(world.project)
        episode = await session.merge(world.episode)
        fresh = await session.merge(shot)
        await wishing.wish(session, app.state.registry, world.actors["director"], project, episode, [fresh])
    page = await director.get(f"{shoot.episode}/shots/{shot.id}?tab=history")
    assert (
        "Retake asked by Director" in page.text and "看她，不看船。" in page.text and "Wished by Director" in page.text
    )


async def test_a_line_that_changed_is_shown_word_by_word(browsers, shoot):
    shot = await shoot.shot()
    await shoot.arrive(shot)
    writer = browsers("writer")
    from shoot_support import SCRIPT

    changed = SCRIPT.replace("黑色的礁石", "青色的礁石")
    sent = await writer.post(f"{shoot.episode}/import", data={"text": changed})
    await writer.post(sent.headers["location"], data={"take": ""})
    page = await writer.get(f"{shoot.episode}/shots/{shot.id}?tab=script")
    assert "<del>黑</del>" in page.text and "<ins>青</ins>" in page.text
    assert "Made before a change" in page.text


async def test_a_shot_is_found_only_in_its_own_episode(browsers, shoot, world):
    shot = await shoot.shot()
    director = browsers("director")
    made = await director.post(f"{shoot.project}/episodes", data={"title": "二"})
    other = made.headers["location"].removesuffix("/script")
    assert (await director.get(f"{other}/shots/{shot.id}")).status_code == 404
    assert (await director.get(f"{shoot.episode}/shots/{uuid4()}")).status_code == 404
    assert (await browsers("stranger").get(f"{shoot.episode}/shots/{shot.id}")).status_code == 404


def test_words_are_compared_in_both_languages():
    assert word_difference("一只碧绿的巨眼", "一只青色的巨眼") == [
        ("same", "一只"), ("gone", "碧绿"), ("new", "青色"), ("same", "的巨眼"),
    ]  # fmt: skip
    assert ("gone", " slowly") in word_difference("She turns slowly.", "She turns.")
    assert word_difference("", "new") == [("new", "new")]
