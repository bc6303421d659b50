"""History: what is kept by itself and how it grows thin, two states compared, who wrote what, one scene back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.core import clock
from app.scripts import authorship, history, service
from app.scripts.colours import COLOURS, following

ONE = "1-1 日 内 客厅\n人物：阿宁\n△阿宁走进来。\n阿宁：有人吗？\n"
TWO = "1-2 夜 外 天台\n人物：老周\n△老周数着星星。\n"


@pytest.fixture
def script(world) -> str:
    """The script's address as a page."""
    return f"/projects/{world.project.id}/episodes/{world.episode.id}/script"


async def save(session, world, who: str, text: str) -> None:
    row = await service.of_episode(session, world.episode)
    await service.save(session, world.actors[who], world.episode, text, version=row.version)


def test_colours_follow_one_another_and_begin_again():
    assert following([]) == ("white", 1)
    assert following(["white", "blue"]) == ("pink", 1)
    assert following(COLOURS) == ("white", 2)
    assert following([*COLOURS, "white", "mauve"]) == ("blue", 2)


def test_checkpoints_grow_thin_with_age():
    now = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
    times = [now - timedelta(minutes=10 * step) for step in range(6 * 24 * 60)]  # sixty days, every ten minutes
    gone = set(history.superfluous(times, now))
    kept = [time for index, time in enumerate(times) if index not in gone]
    ages = [now - time for time in kept]
    assert sum(age <= timedelta(hours=1) for age in ages) == 7
    assert 23 <= sum(timedelta(hours=1) < age <= timedelta(days=1) for age in ages) <= 25
    assert 29 <= sum(timedelta(days=1) < age <= timedelta(days=30) for age in ages) <= 31
    assert 4 <= sum(age > timedelta(days=30) for age in ages) <= 6
    assert history.superfluous(kept, now) == []


async def test_a_checkpoint_is_kept_when_writing_goes_on_after_a_while(session, world, monkeypatch):
    start = clock.now()
    await save(session, world, "writer", ONE)
    await save(session, world, "director", ONE + TWO)
    row = await service.of_episode(session, world.episode)
    assert await service.revisions(session, row) == []
    monkeypatch.setattr(clock, "now", lambda: start + timedelta(minutes=11))
    await save(session, world, "writer", ONE + TWO + "△天亮了。\n")
    (kept,) = await service.revisions(session, row)
    assert (kept.kind, kept.text, kept.written_by_name, kept.lines_added) == ("checkpoint", ONE + TWO, "Director", 8)
    await save(session, world, "writer", ONE)
    assert len(await service.revisions(session, row)) == 1
    monkeypatch.setattr(clock, "now", lambda: start + timedelta(minutes=13))
    named = await service.make_revision(session, world.actors["writer"], row, name="Blue", colour="blue")
    monkeypatch.setattr(clock, "now", lambda: start + timedelta(days=90))
    assert await history.thin(session, row) == 0
    assert {each.id for each in await service.revisions(session, row)} == {named.id, kept.id}


async def test_each_line_belongs_to_whoever_saved_it_first(session, world):
    await save(session, world, "writer", ONE)
    row = await service.of_episode(session, world.episode)
    await service.make_revision(session, world.actors["director"], row, name="White")
    await save(session, world, "director", ONE.replace("有人吗？", "谁？") + TWO)
    owners = [name for _id, name in await authorship.authors(session, row)]
    assert owners == ["Writer", "Writer", "Writer", "Director", "Director", "Director", "Director", "Writer"]
    assert [(run.first_line, run.lines) for run in authorship.runs(await authorship.authors(session, row))] == [
        (1, 3),
        (4, 4),
        (8, 1),
    ]


async def test_pages_of_a_history(browsers, world, script):
    writer, viewer = browsers("writer"), browsers("viewer")
    await writer.put(f"/api/v1{script}", json={"text": ONE}, headers={"if-match": '"1"'})
    await writer.post(f"{script}/revisions", data={"name": "White", "colour": "white", "note": "围读之后"})
    page = await viewer.get(f"{script}/history")
    assert "围读之后" in page.text and "rev-white" in page.text and "revision-name" not in page.text
    fragment = await writer.get(f"{script}/history?show=named", headers={"hx-request": "true"})
    assert "data-marks-since" in fragment.text and "data-marks-since" not in page.text
    assert "<html" not in fragment.text and 'value="Blue"' in fragment.text
    wrong = await writer.post(f"{script}/revisions", data={"name": "X", "colour": "mauve"})
    assert wrong.status_code == 422
    assert (await viewer.get(f"{script}/authors")).status_code == 200
    assert (await viewer.get(f"{script}/compare")).status_code == 200


async def test_two_states_are_compared_and_one_scene_comes_back(browsers, world, script):
    writer = browsers("writer")
    api = f"/api/v1{script}"
    await writer.put(api, json={"text": f"{ONE}\n{TWO}"}, headers={"if-match": '"1"'})
    kept = (await writer.post(f"{api}/revisions", json={"name": "White", "colour": "white"})).json()
    assert (kept["kind"], kept["colour"], kept["lines_added"]) == ("named", "white", 9)
    await writer.put(api, json={"text": f"{TWO}\n{ONE}".replace("走进来", "冲进来")}, headers={"if-match": '"2"'})
    found = (await browsers("viewer").get(f"{api}/compare?from={kept['id']}")).json()
    assert (found["added"], found["removed"]) == (1, 1)
    (changed,) = [scene for scene in found["scenes"] if scene["kind"] == "changed"]
    assert {"kind": "new", "text": "冲"} in changed["lines"][0]["pieces"]
    for view in ("side", "inline"):
        page = await writer.get(f"{script}/compare?from={kept['id']}&view={view}")
        assert "<del>走</del>" in page.text and "<ins>冲</ins>" in page.text and "moved" in page.text
    marks = (await writer.get(f"{script}/revision-marks?since={kept['id']}")).json()
    assert marks["colour"] == "white" and marks["lines"]
    denied = await browsers("viewer").post(f"{script}/revisions/{kept['id']}/restore-scene", data={"scene": "0"})
    assert denied.status_code == 403
    back = await writer.post(f"{script}/revisions/{kept['id']}/restore-scene", data={"scene": "0"})
    assert back.status_code == 303
    assert "走进来" in (await writer.get(api)).json()["text"]
    gone = await writer.post(f"{script}/revisions/{kept['id']}/restore-scene", data={"scene": "9"})
    assert gone.status_code == 404
    listed = (await writer.get(f"{api}/revisions?kind=before")).json()["items"]
    assert [each["kind"] for each in listed] == ["before"]
    assert (await writer.get(f"{api}/compare?from=yesterday")).status_code == 422
