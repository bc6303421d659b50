"""Breaking down again: identities, human edits and takes stay where they are."""

from __future__ import annotations

from dataclasses import replace

from app.scenes import service as scenes
from app.scripts.breakdown.model import (
    Angle,
    CharacterFound,
    EpisodePlan,
    Interior,
    Movement,
    ScenePlan,
    ShotPlan,
    Size,
    SourceRange,
)
from app.shots import derivation, facts, service
from app.shots.schemas import ShotInput


def shot(action, frames=72):
    return ShotPlan(
        size=Size.MEDIUM,
        angle=Angle.EYE,
        movement=Movement.STATIC,
        duration_frames=frames,
        characters=("女娃",),
        action=action,
        dialogue=(),
        source=SourceRange(0, 4),
    )


def scene(number, place, *actions):
    return ScenePlan(
        number=number,
        numbered=True,
        interior=Interior.EXTERIOR,
        place=place,
        time_of_day="日",
        characters=("女娃",),
        heading=f"{number} 日 外 {place}",
        text=f"{number} 日 外 {place}\n" + "\n".join(actions),
        source=SourceRange(0, 10),
        shots=tuple(shot(action) for action in actions),
    )


def plan(*scenes):
    return EpisodePlan(1, "", tuple(scenes), (CharacterFound("女娃", "十二岁，红衣"),))


SHORE = scene("1-1", "东海之滨", "海浪拍在黑色的礁石上，碎成白沫。", "她摊开手掌，掌心是一枚圆润的白石子。")
BOAT = scene("1-2", "海面", "一叶小舟在金色的海面上摇晃。", "小舟下方，一道巨大的黑影缓缓掠过。")


async def names(session, world):
    rows = await service.of_episode(session, world.episode.id)
    return {row.name: row.action for row in rows if row.dropped_at is None}


async def test_an_inserted_scene_takes_nobodys_takes(session, world):
    await derivation.apply(session, world.episode, plan(SHORE, BOAT), "text")
    before = {row.action: row.id for row in await service.of_episode(session, world.episode.id)}
    extra = scene("1-1", "旧画室", "苏衣用左手摘下一枚耳坠，戴在七岁阿砚的右耳上。")
    moved = replace(SHORE, number="1-2"), replace(BOAT, number="1-3")
    summary = await derivation.apply(session, world.episode, plan(extra, *moved), "text")
    after = {row.action: row.id for row in await service.of_episode(session, world.episode.id)}
    assert {action: after[action] for action in before} == before
    assert len(summary.added) == 1
    assert summary.changed == []


async def test_a_rewritten_scene_with_a_locked_number_keeps_its_takes(session, world):
    await derivation.apply(session, world.episode, plan(SHORE, BOAT), "text")
    shore = (await scenes.of_episode(session, world.episode.id))[0]
    rewritten = scene("1-1", "客厅", "电话响了很久，没有人接。")
    await scenes.set_numbers_locked(session, world.actors["director"], world.episode, True)
    await derivation.apply(session, world.episode, plan(rewritten, BOAT), "text")
    rows = await scenes.of_episode(session, world.episode.id)
    assert [(row.id == shore.id, row.number) for row in rows] == [(True, "1-1"), (False, "1-2")]


async def test_a_scene_inserted_among_locked_numbers_gets_a_letter(session, world):
    await derivation.apply(session, world.episode, plan(SHORE, BOAT), "text")
    await scenes.set_numbers_locked(session, world.actors["director"], world.episode, True)
    extra = replace(scene("2", "旧画室", "苏衣用左手摘下一枚耳坠。"), numbered=False)
    await derivation.apply(session, world.episode, plan(SHORE, extra, BOAT), "text")
    assert [row.number for row in await scenes.of_episode(session, world.episode.id)] == ["1-1", "1-1A", "1-2"]


async def test_a_changed_line_touches_its_shot_and_no_other(session, world):
    await derivation.apply(session, world.episode, plan(SHORE, BOAT), "text")
    rows = await service.of_episode(session, world.episode.id)
    for row in rows:
        await facts.note(session, row.id, take_count=1, undecided_takes=1, made_from=dict(row.fingerprint))
    edited = scene("1-1", "东海之滨", "海浪拍在黑色的礁石上，碎成白沫。", "她摊开手掌，掌心是一枚圆润的黑石子。")
    await derivation.apply(session, world.episode, plan(edited, BOAT), "text")
    rows = await service.of_episode(session, world.episode.id)
    assert [(row.status, list(row.stale_parts)) for row in rows] == [
        ("review", []),
        ("stale", ["text"]),
        ("review", []),
        ("review", []),
    ]


async def test_a_persons_edit_survives_a_new_breakdown(session, world):
    await derivation.apply(session, world.episode, plan(SHORE), "text")
    row = (await service.of_episode(session, world.episode.id))[1]
    await service.edit(session, row, ShotInput(size=Size.EXTREME_CLOSE, action="手掌，石子，水珠。"))
    edited = scene("1-1", "东海之滨", "海浪拍在黑色的礁石上，碎成白沫。", "她摊开手掌，掌心是一枚圆润的白色小石子。")
    summary = await derivation.apply(session, world.episode, plan(edited), "text")
    await session.refresh(row)
    assert (row.size, row.action) == ("ECU", "手掌，石子，水珠。")
    assert row.conflicts == {"action": "她摊开手掌，掌心是一枚圆润的白色小石子。"}
    assert summary.conflicts == [row.name]
    await service.take_script_value(session, row, "action")
    assert row.action == "她摊开手掌，掌心是一枚圆润的白色小石子。"
    assert row.conflicts == {}


async def test_shots_that_left_the_script_go_unless_something_was_made_of_them(session, world):
    await derivation.apply(session, world.episode, plan(SHORE, BOAT), "text")
    rows = await service.of_episode(session, world.episode.id)
    await facts.note(session, rows[2].id, take_count=1)
    await derivation.apply(session, world.episode, plan(SHORE), "text")
    left = await service.of_episode(session, world.episode.id)
    assert [row.name for row in left] == ["SH0010", "SH0020", "SH0030"]
    assert (left[2].status, left[2].dropped_reason) == ("dropped", derivation.LEFT_SCRIPT)
    await derivation.apply(session, world.episode, plan(SHORE, BOAT), "text")
    again = {row.name: row for row in await service.of_episode(session, world.episode.id)}
    assert again["SH0030"].id == rows[2].id
    assert again["SH0030"].dropped_at is None


async def test_a_shot_somebody_added_keeps_its_place(session, world):
    await derivation.apply(session, world.episode, plan(SHORE, BOAT), "text")
    rows = await service.of_episode(session, world.episode.id)
    scenes = await session.get_one(type((await _scenes(session, world))[0]), rows[0].scene_id)
    mine = await service.add(session, scenes, after=rows[0], duration_frames=48)
    assert mine.name == "SH0015"
    await derivation.apply(session, world.episode, plan(SHORE, BOAT), "text")
    assert [row.name for row in await service.of_episode(session, world.episode.id)] == [
        "SH0010",
        "SH0015",
        "SH0020",
        "SH0030",
        "SH0040",
    ]


async def test_a_reordered_scene_keeps_the_persons_order(session, world):
    await derivation.apply(session, world.episode, plan(BOAT), "text")
    rows = await service.of_episode(session, world.episode.id)
    await service.reorder(session, rows[1], after=None)
    await derivation.apply(session, world.episode, plan(BOAT), "text")
    assert [row.name for row in await service.of_episode(session, world.episode.id)] == ["SH0020", "SH0010"]


async def test_split_and_merge_lose_no_words(session, world):
    await derivation.apply(session, world.episode, plan(SHORE), "text")
    first, second = await service.of_episode(session, world.episode.id)
    total = first.duration_frames + second.duration_frames
    await service.merge(session, world.actors["director"], first)
    assert first.action == "海浪拍在黑色的礁石上，碎成白沫。她摊开手掌，掌心是一枚圆润的白石子。"
    assert first.duration_frames == total
    assert second.status == "dropped"
    new = await service.split(session, first, at_line=1)
    assert new.duration_frames + first.duration_frames == total


async def _scenes(session, world):
    from app.scenes import service as scenes

    return await scenes.of_episode(session, world.episode.id)
