"""The JSON API of exports: asked for once, watched, taken away by whoever may."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from shoot_support import shoot

from app.exports import runner

__all__ = ["shoot"]


@pytest.fixture
async def project(browsers, world, shoot) -> str:
    """The address of a small project whose first shot has a take."""
    path = f"/api/v1/projects/{world.project.id}"
    small = await browsers("producer").patch(path, json={"width": 180, "height": 320})
    assert small.status_code == 200
    await shoot.arrive(await shoot.shot())
    return path


@pytest.fixture
def exports(project, shoot) -> str:
    """Where exports of the episode are asked for."""
    return f"{project}/episodes/{shoot.episode_id}/exports"


async def test_a_final_export_names_what_is_missing(browsers, exports, shoot):
    answer = await browsers("producer").post(exports, json={"kind": "final"})
    assert (answer.status_code, answer.json()["code"]) == (409, "exports.undecided")
    assert answer.json()["details"]["shots"] == [shot.name for shot in await shoot.shots()]


async def test_a_key_makes_an_export_happen_once(browsers, exports, project):
    director, key = browsers("director"), {"idempotency-key": "e1"}
    first = await director.post(exports, json={"kind": "draft"}, headers=key)
    assert first.status_code == 202 and first.json()["state"] == "waiting"
    path = f"{project}/exports/{first.json()['id']}"
    assert (await director.post(f"{path}/cancel")).json()["state"] == "cancelled"
    again = await director.post(exports, json={"kind": "draft"}, headers=key)
    assert again.json() == first.json() and again.headers["idempotent-replayed"] == "true"
    late = await director.post(f"{path}/cancel")
    assert late.json()["code"] == "exports.ended"
    new = await director.post(exports, json={"kind": "draft"})
    assert new.json()["id"] != first.json()["id"]
    same = await director.post(exports, json={"kind": "draft"})
    assert same.json()["id"] == new.json()["id"]
    mismatch = await browsers("producer").post(exports, json={"kind": "draft"}, headers=key)
    assert mismatch.status_code == 202
    wrong = await browsers("producer").post(exports, json={"kind": "final"}, headers=key)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "exports.idempotency_mismatch")


@pytest.mark.slow
async def test_a_finished_export_is_read_and_taken_away(browsers, exports, project, engine):
    director, viewer = browsers("director"), browsers("viewer")
    asked = (await director.post(exports, json={"kind": "draft"})).json()
    await runner.run(engine, UUID(asked["id"]))
    done = (await viewer.get(f"{project}/exports/{asked['id']}")).json()
    assert (done["state"], done["progress"]) == ("done", 1.0), done["error"]
    assert done["report"]
    video = next(file for file in done["files"] if file["kind"] == "video")
    path = f"{project}/exports/{asked['id']}/files/{video['name']}"
    assert (await viewer.get(path)).status_code == 403
    taken = await browsers("writer").get(path)
    assert taken.headers["content-type"] == "video/mp4" and len(taken.content) == video["bytes"]
    assert "attachment" in taken.headers["content-disposition"]
    assert (await director.get(f"{project}/exports/{asked['id']}/files/nothing.mp4")).status_code == 404
    (listed,) = (await viewer.get(f"{project}/exports?limit=1")).json()["items"]
    assert listed == done


async def test_who_may_not_is_refused(browsers, exports, project):
    assert (await browsers("writer").post(exports, json={"kind": "draft"})).status_code == 403
    assert (await browsers("director").post(exports, json={"kind": "final"})).status_code == 403
    assert (await browsers("director").post(exports, json={"kind": "huge"})).status_code == 422
    assert (await browsers("viewer").get(f"{project}/exports/{uuid4()}")).status_code == 404
    assert (await browsers("viewer").get(f"{project}/exports?episode={uuid4()}")).status_code == 404
    assert (await browsers("stranger").get(f"{project}/exports")).status_code == 404
    assert (await browsers().get(f"{project}/exports")).status_code == 401
