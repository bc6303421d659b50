"""Changing the shot list by hand, as a director does on the page of a shot."""

from __future__ import annotations

import io
from uuid import uuid4

import pytest
from PIL import Image
from shoot_support import SCRIPT

from app.shots import service as shots


def filled(shot, **changed):
    """Return what the form of a shot sends when nothing, or only what is given, was changed."""
    names = (("speaker", "speaker"), ("manner", "manner"), ("voice", "voice"), ("line", "text"))
    lines = [*shot.dialogue, {"speaker": "", "manner": "", "voice": "", "text": ""}]
    return {
        "tag": shots.edit_tag(shot),
        "size": shot.size,
        "angle": shot.angle,
        "movement": shot.movement,
        "seconds": f"{shot.duration_frames / 24:.2f}",
        "characters": ", ".join(shot.characters),
        "action": shot.action,
        "card": shot.card,
        "directions": shot.directions,
        **{name: [line[key] for line in lines] for name, key in names},
        **changed,
    }  # fmt: skip


async def test_saving_without_a_change_changes_nothing(browsers, shoot):
    for shot in await shoot.shots():
        before = shots.edit_tag(shot)
        answer = await browsers("director").post(f"{shoot.project}/shots/{shot.id}", data=filled(shot))
        assert answer.status_code == 303, answer.text
    assert before == shots.edit_tag((await shoot.shots())[-1])


async def test_fields_are_changed_and_make_the_take_stale(browsers, shoot):
    shot = await shoot.shot()
    await shoot.arrive(shot)
    given = filled(
        shot,
        size="ECU",
        seconds="5.5",
        action="她笑了。",
        speaker=["女娃"],
        manner=["笑"],
        voice=[""],
        line=["那我去。"],
    )
    assert (await browsers("director").post(f"{shoot.project}/shots/{shot.id}", data=given)).status_code == 303
    shot = await shoot.shot()
    assert (shot.size, shot.duration_frames, shot.action) == ("ECU", 132, "她笑了。")
    assert shot.dialogue == [{"speaker": "女娃", "text": "那我去。", "manner": "笑", "voice": ""}]
    assert shot.status == "stale" and {"text", "settings"} <= set(shot.stale_parts)


async def test_what_somebody_else_saved_meanwhile_is_not_lost(browsers, shoot):
    shot = await shoot.shot()
    path = f"{shoot.project}/shots/{shot.id}"
    assert (await browsers("director").post(path, data=filled(shot, action="一。"))).status_code == 303
    late = await browsers("producer").post(path, data=filled(shot, action="二。"))
    assert late.status_code == 409 and "Somebody changed this shot" in late.text
    assert (await shoot.shot()).action == "一。"


async def test_the_scripts_newer_value_is_offered_and_taken(browsers, shoot):
    shot = await shoot.shot()
    director = browsers("director")
    await director.post(f"{shoot.project}/shots/{shot.id}", data=filled(shot, action="我的动作。"))
    writer = browsers("writer")
    sent = await writer.post(f"{shoot.episode}/import", data={"text": SCRIPT.replace("碎成白沫", "碎成红沫")})
    await writer.post(sent.headers["location"], data={"take": ""})
    page = await director.get(f"{shoot.episode}/shots/{shot.id}")
    assert "The script now says" in page.text and "碎成红沫" in page.text
    await director.post(f"{shoot.project}/shots/{shot.id}/script-value", data={"field": "action"})
    shot = await shoot.shot()
    assert "碎成红沫" in shot.action and shot.conflicts == {}


async def test_shots_are_added_moved_split_and_merged(browsers, shoot):
    director, first = browsers("director"), await shoot.shot()
    await director.post(f"{shoot.project}/shots/{first.id}/add-after")
    names = [shot.name for shot in await shoot.shots()]
    assert names[1] not in ("SH0010", "SH0020")
    await director.post(f"{shoot.project}/shots/{first.id}/move", data={"direction": "down"})
    assert [shot.name for shot in await shoot.shots()][:2] == [names[1], names[0]]
    await director.post(f"{shoot.project}/shots/{first.id}/move", data={"direction": "up"})
    assert [shot.name for shot in await shoot.shots()] == names
    frames = sum(shot.duration_frames for shot in await shoot.shots())
    added = await shoot.shot(1)
    await director.post(f"{shoot.project}/shots/{added.id}/split", data={"at_line": "1"})
    assert sum(shot.duration_frames for shot in await shoot.shots()) == frames
    assert len(await shoot.shots()) == len(names) + 1
    await director.post(f"{shoot.project}/shots/{added.id}/merge")
    assert [shot.status for shot in await shoot.shots()][2] == "dropped"


async def test_a_drop_needs_a_reason_and_can_be_taken_back(browsers, shoot):
    shot = await shoot.shot()
    path, director = f"{shoot.project}/shots/{shot.id}", browsers("director")
    assert (await director.post(f"{path}/drop", data={"reason": " "})).status_code == 422
    await director.post(f"{path}/drop", data={"reason": "Too long"})
    page = await director.get(f"{shoot.episode}/shots/{shot.id}")
    assert "Dropped: Too long" in page.text
    await director.post(f"{path}/restore")
    assert (await shoot.shot()).status == "planned"


async def test_a_locked_shot_is_not_changed(browsers, shoot):
    shot = await shoot.shot()
    path, director = f"{shoot.project}/shots/{shot.id}", browsers("director")
    await director.post(f"{path}/lock")
    assert (await director.post(path, data=filled(shot, action="x"))).status_code == 409
    assert (await browsers("producer").post(f"{path}/unlock")).status_code == 403
    await director.post(f"{path}/unlock")
    assert (await director.post(path, data=filled(shot, action="x"))).status_code == 303


async def test_a_reference_picture_is_kept_and_taken_away(browsers, shoot):
    shot = await shoot.shot()
    path, director = f"{shoot.project}/shots/{shot.id}/reference", browsers("director")
    picture = io.BytesIO()
    Image.new("RGB", (40, 60), "teal").save(picture, "PNG")
    sent = {"picture": ("x.png", picture.getvalue(), "image/png")}
    assert (await director.post(f"{path}/upload", files=sent)).status_code == 303
    assert (await shoot.shot()).reference_key
    bad = await director.post(f"{path}/upload", files={"picture": ("x.png", b"nothing", "image/png")})
    assert bad.status_code == 422
    await director.post(f"{path}/remove")
    assert (await shoot.shot()).reference_key is None


async def test_selected_shots_are_dropped_together(browsers, shoot):
    chosen = [str(shot.id) for shot in (await shoot.shots())[:2]]
    path, director = f"{shoot.episode}/shots/drop", browsers("director")
    assert (await director.post(path, data={"reason": "Cut"})).status_code == 422
    assert (await director.post(path, data={"shots": [str(uuid4())], "reason": "Cut"})).status_code == 404
    assert (await director.post(path, data={"shots": chosen, "reason": "Cut"})).status_code == 303
    assert [shot.status for shot in await shoot.shots()][:2] == ["dropped", "dropped"]


@pytest.mark.parametrize("what", ["", "/move", "/split", "/merge", "/drop", "/lock", "/add-after", "/restore"])
async def test_a_writer_changes_no_shot_and_a_foreign_shot_does_not_exist(browsers, shoot, what):
    shot = await shoot.shot()
    assert (await browsers("writer").post(f"{shoot.project}/shots/{shot.id}{what}")).status_code == 403
    form = {"content-type": "application/x-www-form-urlencoded"}
    foreign = await browsers("director").post(f"{shoot.project}/shots/{uuid4()}{what}", headers=form)
    assert foreign.status_code == 404
