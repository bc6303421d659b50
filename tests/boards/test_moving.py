"""Scenes that change their episode stay themselves: rows, numbers, shots and takes; nothing dies and is reborn."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.scenes.models import Scene
from app.scripts.moving import cut_out, put_in
from app.shots.models import Shot
from app.takes.models import Take

FIRST = (
    "1-1 日 内 客厅\n人物：阿宁\n△阿宁走进客厅。\n\n1-2 夜 外 天台\n人物：老周\n△老周数着星星。\n老周：十一。\n\n"
    "1-3 日 内 电梯\n人物：阿宁\n△灯闪了两下。\n"
)
SECOND = "2-1 日 外 街道\n人物：老周\n△老周在街上奔跑。\n"


@pytest.fixture
async def two(browsers, world) -> tuple[str, str, str]:
    """The project's address, and two episodes that were broken down."""
    api, writer = f"/api/v1/projects/{world.project.id}", browsers("writer")
    other = (await writer.post(f"{api}/episodes", json={})).json()["id"]
    for episode, text in ((world.episode.id, FIRST), (other, SECOND)):
        done = await writer.post(f"{api}/episodes/{episode}/import", json={"text": text})
        assert done.status_code == 200, done.text
    return api, str(world.episode.id), other


async def rows_of(database, episode: str) -> tuple[list[Scene], list[Shot]]:
    """Return an episode's scenes in the script, and its shots, in order."""
    async with database.transaction() as session:
        scenes = select(Scene).where(Scene.episode_id == episode, Scene.omitted_at.is_(None)).order_by(Scene.position)
        shots = select(Shot).where(Shot.episode_id == episode).order_by(Shot.position)
        return list(await session.scalars(scenes)), list(await session.scalars(shots))


async def with_take(database, shot: Shot) -> Take:
    """Return a take of a shot, so that losing the shot would lose something."""
    async with database.transaction() as session:
        take = Take(
            project_id=shot.project_id, episode_id=shot.episode_id, shot_id=shot.id, number=1, source="upload",
            fingerprint=dict(shot.fingerprint), sha256="x", key="x", bytes=1, width=1, height=1, rate_numerator=24,
            rate_denominator=1, frames=24, has_audio=False,
        )  # fmt: skip
        session.add(take)
    return take


async def test_a_scene_moves_with_its_shots_and_takes(browsers, database, two):
    api, first, second = two
    scenes, shots = await rows_of(database, first)
    middle = scenes[1]
    mine = [shot.id for shot in shots if shot.scene_id == middle.id]
    take = await with_take(database, next(shot for shot in shots if shot.id == mine[0]))
    target_scene = (await rows_of(database, second))[0][0]
    sent = {"scenes": [str(middle.id)], "target": second, "place": "start"}
    seen = await browsers("writer").post(f"{api}/episodes/{first}/move-scenes", json={**sent, "dry_run": True})
    assert seen.json()["shots"] == len(mine)
    assert (await browsers("viewer").post(f"{api}/episodes/{first}/move-scenes", json=sent)).status_code == 403
    done = await browsers("writer").post(f"{api}/episodes/{first}/move-scenes", json=sent)
    assert done.status_code == 200, done.text
    there, there_shots = await rows_of(database, second)
    assert [row.id for row in there] == [middle.id, target_scene.id]
    assert set(mine) <= {shot.id for shot in there_shots}
    assert len({shot.name for shot in there_shots}) == len(there_shots)
    assert all(shot.orphaned_at is None and shot.dropped_at is None for shot in there_shots)
    here, here_shots = await rows_of(database, first)
    assert [row.id for row in here] == [scenes[0].id, scenes[2].id]
    assert not set(mine) & {shot.id for shot in here_shots}
    async with database.transaction() as session:
        assert str((await session.get_one(Take, take.id)).episode_id) == second
    for episode, before in ((first, FIRST), (second, SECOND)):
        kept = (await browsers("writer").get(f"{api}/episodes/{episode}/script/revisions?kind=before")).json()["items"]
        one = await browsers("writer").get(f"{api}/episodes/{episode}/script/revisions/{kept[0]['id']}")
        assert one.json()["text"] == before


async def test_an_episode_is_split_and_merged_again_and_keeps_every_row(browsers, database, two):
    api, first, second = two
    scenes, shots = await rows_of(database, first)
    writer = browsers("writer")
    made = await writer.post(f"{api}/episodes/{first}/split", json={"at": str(scenes[1].id), "title": "下半"})
    assert made.status_code == 201, made.text
    assert made.json()["number"] == 2
    assert (await writer.get(f"{api}/episodes/{second}")).json()["number"] == 3
    half = made.json()["episode_id"]
    assert [row.id for row in (await rows_of(database, half))[0]] == [row.id for row in scenes[1:]]
    assert (await writer.post(f"{api}/episodes/{half}/split", json={"at": str(scenes[1].id)})).status_code == 422
    done = await writer.post(f"{api}/episodes/{half}/merge", json={"target": first})
    assert done.status_code == 200, done.text
    again, shots_again = await rows_of(database, first)
    assert [row.id for row in again] == [row.id for row in scenes]
    assert [shot.id for shot in shots_again] == [shot.id for shot in shots]
    assert (await writer.get(f"{api}/episodes/{half}/script")).json()["text"] == ""
    assert (await writer.post(f"{api}/episodes/{first}/merge", json={"target": first})).status_code == 422


async def test_locked_numbers_go_along_and_one_that_is_taken_gets_a_letter(browsers, database, two):
    api, first, second = two
    scenes, _shots = await rows_of(database, first)
    for episode in (first, second):
        await browsers("director").put(f"{api}/episodes/{episode}/scene-numbers", json={"locked": True})
    sent = {"scenes": [str(scenes[1].id)], "target": second}
    assert (await browsers("writer").post(f"{api}/episodes/{first}/move-scenes", json=sent)).status_code == 200
    numbers = [row.number for row in (await rows_of(database, second))[0]]
    assert len(set(numbers)) == 2 and numbers[1] == scenes[1].number


async def test_the_page_asks_shows_and_moves(browsers, world, database, two):
    _api, first, second = two
    scenes, _shots = await rows_of(database, first)
    writer, path = browsers("writer"), f"/projects/{world.project.id}/episodes/{first}/arrange"
    assert "1-2" in (await writer.get(path)).text
    asked = {"scenes": [str(scenes[0].id)], "target": second}
    shown = await writer.post(f"{path}/move", data=asked)
    assert shown.status_code == 200 and 'name="versions"' in shown.text
    late = await writer.post(f"{path}/move", data={**asked, "versions": "99.99"})
    assert late.status_code == 409
    done = await writer.post(f"{path}/move", data={**asked, "versions": "2.2"})
    assert done.status_code == 303, done.text
    assert len((await rows_of(database, second))[0]) == 2
    assert (await browsers("viewer").get(path)).status_code == 403


def test_scenes_are_cut_out_and_put_in_on_lines_of_their_own():
    rest, taken = cut_out("head\nA\na\nB\nb\nC", [5, 9, 13], [9, 13])
    assert (rest, taken) == ("head\nA\na\n", "B\nb\nC\n")
    assert put_in("X\nx\n", taken, 4) == "X\nx\n\nB\nb\nC\n"
    assert put_in("X\nY\n", "B\n", 2) == "X\n\nB\n\nY\n"
    assert put_in("", "B\n", 0) == "B\n"
