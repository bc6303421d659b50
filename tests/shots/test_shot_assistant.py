"""Suggested shots and polished directions: asked, taken over one by one or all, taken back; who may do so."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from assistant_support import SCRIPT
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.shots import service
from app.shots.models import Shot

ALL = {"which": "all"}  # a browser sends a form even when it has no fields


@pytest.fixture
def project(assisted, assisted_app) -> str:
    """The project's address."""
    return f"/projects/{assisted.world.project.id}"


def _suggestion(shot: Shot, **changes: Any) -> dict[str, Any]:
    values = {"size": "ECU", "angle": "low", "movement": "push_in", "seconds": 5, "reason": "看她的眼睛。"}
    return {"shot": shot.name, **values, **changes}


async def _suggested(browsers, assisted, project) -> tuple[str, list[Shot]]:
    """Have the shots of the first scene suggested for, and return where it stands, and the shots."""
    scene = await assisted.scene()
    mine = [one for one in await assisted.shots() if one.scene_id == scene.id]
    assisted.answer({"shots": [_suggestion(one) for one in mine]})
    asked = await browsers("director").post(f"{project}/scenes/{scene.id}/suggest")
    assert asked.status_code == 303
    row = await assisted.work(asked.headers["location"].rpartition("/")[2])
    assert row.state == "proposed", row.error
    return str(row.id), mine


async def test_suggestions_are_taken_over_one_by_one_then_all_and_taken_back(browsers, assisted, project):
    proposal, mine = await _suggested(browsers, assisted, project)
    where, director = f"{project}/shot-proposals/{proposal}", browsers("director")
    page = (await director.get(f"{project}/proposals/{proposal}")).text
    assert "<ins>" in page and "看她的眼睛" in page and "Take all over" in page
    before = {one.id: (one.size, one.angle, one.movement, one.duration_frames) for one in mine}
    assert (await director.post(f"{where}/accept", data={"shots": str(mine[0].id)})).status_code == 303
    first, second, *_rest = await assisted.shots()
    assert (first.size, first.angle, first.movement) == ("ECU", "low", "push_in")
    assert first.duration_frames == 5 * 24 and second.size == before[second.id][0]
    assert (await assisted.proposal(proposal)).state == "proposed"
    assert (await director.post(f"{where}/accept", data=ALL)).status_code == 303
    assert (await assisted.proposal(proposal)).state == "accepted"
    assert all(one.size == "ECU" for one in await assisted.shots() if one.id in before)
    assert (await director.post(f"{where}/undo", data=ALL)).status_code == 303
    after = {one.id: (one.size, one.angle, one.movement, one.duration_frames) for one in await assisted.shots()}
    assert {key: after[key] for key in before} == before
    assert (await assisted.proposal(proposal)).state == "proposed"


async def test_a_suggestion_taken_over_is_a_human_edit_that_a_new_breakdown_keeps(browsers, assisted, project):
    proposal, mine = await _suggested(browsers, assisted, project)
    await browsers("director").post(f"{project}/shot-proposals/{proposal}/accept", data=ALL)
    episode = f"{project}/episodes/{assisted.world.episode.id}"
    assert (await browsers("director").post(f"{episode}/break-down")).status_code == 303
    kept = {one.id: one.size for one in await assisted.shots()}
    assert all(kept[one.id] == "ECU" for one in mine)
    async with assisted.database.transaction() as session:
        mine = (AuditEntry.subject_kind == "proposal", AuditEntry.team_id == assisted.world.team_id)
        actions = (await session.scalars(select(AuditEntry.action).where(*mine))).all()
    assert set(actions) == {"assistant.asked", "assistant.accepted"}


async def test_what_somebody_changed_since_is_not_taken_back(browsers, assisted, project):
    proposal, mine = await _suggested(browsers, assisted, project)
    director, where = browsers("director"), f"/api/v1{project}/shot-proposals/{proposal}"
    await director.post(f"{where}/accept", json={})
    changed = await director.patch(f"/api/v1{project}/shots/{mine[0].id}", json={"size": "LS"})
    assert changed.status_code == 200
    await director.post(f"{where}/undo", json={})
    assert (await assisted.shots())[0].size == "LS"
    alone = await director.post(f"{where}/undo", json={"shots": [str(mine[0].id)]})
    assert alone.status_code == 409 and alone.json()["code"] == "assistant.nothing_to_take_back"


async def test_a_locked_shot_is_left_as_it_is(browsers, assisted, project):
    proposal, mine = await _suggested(browsers, assisted, project)
    director, where = browsers("director"), f"/api/v1{project}/shot-proposals/{proposal}"
    async with assisted.database.transaction() as session:
        shot = await session.get_one(Shot, mine[0].id)
        await service.lock(session, assisted.world.actors["director"], shot, locked=True)
    one = await director.post(f"{where}/accept", json={"shots": [str(mine[0].id)]})
    assert one.status_code == 409 and one.json()["code"] == "assistant.shot_closed"
    none = await director.post(f"{where}/accept", json={"shots": [str(uuid4())]})
    assert none.status_code == 404
    await director.post(f"{where}/accept", json={})
    first, *others = await assisted.shots()
    assert first.size == mine[0].size and any(other.size == "ECU" for other in others)


async def test_suggestions_for_other_shots_or_of_other_words_are_not_kept(browsers, assisted, project):
    scene, every = await assisted.scene(), await assisted.shots()
    foreign = next(one for one in every if one.scene_id != scene.id)
    mine = next(one for one in every if one.scene_id == scene.id)
    assisted.answer({"shots": [_suggestion(foreign)]}, {"shots": [_suggestion(mine, movement="fly")]})
    asked = await browsers("director").post(f"/api/v1{project}/scenes/{scene.id}/suggest")
    assert asked.status_code == 202
    row = await assisted.work(asked.json()["id"])
    assert (row.state, row.error_code) == ("failed", "assistant.unanswered")
    sent = assisted.fake.requests[0]["body"]["messages"]
    assert mine.name in sent[1]["content"] and foreign.name not in sent[1]["content"]


async def test_a_scene_whose_shots_are_all_locked_has_nothing_to_suggest(browsers, assisted, project):
    scene = await assisted.scene()
    async with assisted.database.transaction() as session:
        for shot in await service.of_episode(session, assisted.world.episode.id):
            found = await session.get_one(Shot, shot.id)
            await service.lock(session, assisted.world.actors["director"], found, locked=True)
    answer = await browsers("director").post(f"/api/v1{project}/scenes/{scene.id}/suggest")
    assert answer.status_code == 409 and answer.json()["code"] == "assistant.no_shots"


async def test_polished_directions_are_the_shots_once_accepted(browsers, assisted, project):
    director, (shot, *_rest) = browsers("director"), await assisted.shots()
    episode = f"{project}/episodes/{assisted.world.episode.id}"
    tab = f"{episode}/shots/{shot.id}?tab=prompt"
    assert f"{shot.id}/polish" in (await director.get(tab)).text
    assisted.answer({"directions": "清晨逆光，浪花在睫毛上。"})
    asked = await director.post(f"{project}/shots/{shot.id}/polish")
    where = asked.headers["location"]
    row = await assisted.work(where.rpartition("/")[2])
    assert "A proposal waits" in (await director.get(tab)).text
    assert "清晨逆光" in (await director.get(where)).text
    assert (await assisted.shots())[0].directions == ""
    done = await director.post(f"{project}/shot-proposals/{row.id}/accept", data=ALL)
    assert done.status_code == 303 and "tab=prompt" in done.headers["location"]
    polished = (await assisted.shots())[0]
    assert polished.directions == "清晨逆光，浪花在睫毛上。" and "清晨逆光" in polished.prompt


async def test_directions_that_somebody_changed_are_not_replaced(browsers, assisted, project):
    director, (shot, *_rest) = browsers("director"), await assisted.shots()
    assisted.answer({"directions": "Backlit."})
    asked = (await director.post(f"/api/v1{project}/shots/{shot.id}/polish")).json()
    await assisted.work(asked["id"])
    await director.patch(f"/api/v1{project}/shots/{shot.id}", json={"directions": "No, in the dark."})
    answer = await director.post(f"/api/v1{project}/shot-proposals/{asked['id']}/accept", json={})
    assert answer.status_code == 409 and answer.json()["code"] == "assistant.directions_changed"
    gone = await director.post(f"/api/v1{project}/shot-proposals/{asked['id']}/dismiss")
    assert gone.json()["state"] == "dismissed"
    assert (await assisted.shots())[0].directions == "No, in the dark."


async def test_who_may_not_edit_shots_may_neither_ask_nor_decide(browsers, assisted, project):
    proposal, mine = await _suggested(browsers, assisted, project)
    scene, writer = await assisted.scene(), browsers("writer")
    for path in (
        f"{project}/scenes/{scene.id}/suggest",
        f"{project}/shots/{mine[0].id}/polish",
        f"{project}/shot-proposals/{proposal}/accept",
        f"{project}/shot-proposals/{proposal}/undo",
        f"{project}/shot-proposals/{proposal}/dismiss",
    ):
        assert (await writer.post(path)).status_code == 403, path
        assert (await writer.post(f"/api/v1{path}", json={})).status_code == 403, path
    page = await writer.get(f"{project}/proposals/{proposal}")
    assert page.status_code == 200 and "Take all over" not in page.text
    assert (await browsers("director").post(f"{project}/proposals/{proposal}/accept")).status_code == 404
    assert (await browsers("director").post(f"{project}/shot-proposals/{proposal}/dismiss")).status_code == 303
    assert await assisted.text() == SCRIPT
