"""The JSON API of shots, takes, verdicts and comments, as a program uses it."""

from __future__ import annotations

from uuid import uuid4

import pytest
from shoot_support import clip


def api(shoot) -> str:
    """Return the project's address in the API."""
    return f"/api/v1{shoot.project}"


async def test_shots_are_listed_page_by_page(browsers, shoot):
    shots = await shoot.shots()
    await shoot.arrive(shots[0], 2)
    viewer = browsers("viewer")
    found, cursor = [], ""
    for _page in range(len(shots)):
        answer = (await viewer.get(f"{api(shoot)}/shots?limit=2{cursor}")).json()
        found += answer["items"]
        if answer["next"] is None:
            break
        cursor = f"&after={answer['next']}"
    assert [item["name"] for item in found] == [shot.name for shot in shots]
    first = found[0]
    assert (first["status"], first["takes"], first["undecided_takes"]) == ("review", 2, 2)
    assert (await viewer.get(first["poster"])).headers["content-type"] == "image/jpeg"
    assert found[1]["poster"] is None
    some = (await viewer.get(f"{api(shoot)}/shots?status=review&episode={shoot.episode_id}")).json()
    assert [item["name"] for item in some["items"]] == [shots[0].name]
    whole = (await viewer.get(f"/api/v1{shoot.episode}/shots")).json()
    assert len(whole["items"]) == len(shots) and whole["next"] is None


async def test_strange_questions_are_refused(browsers, shoot):
    viewer = browsers("viewer")
    for query, status in (("limit=501", 422), ("after=nonsense", 422), (f"episode={uuid4()}", 404), ("status=x", 422)):
        answer = await viewer.get(f"{api(shoot)}/shots?{query}")
        assert answer.status_code == status and answer.headers["content-type"] == "application/problem+json"


async def test_a_change_is_sent_with_the_tag_it_was_made_from(browsers, shoot):
    shot, director = await shoot.shot(), browsers("director")
    path = f"{api(shoot)}/shots/{shot.id}"
    tag = (await director.get(path)).headers["etag"]
    done = await director.patch(path, json={"size": "ECU"}, headers={"if-match": tag})
    assert done.status_code == 200 and done.json()["size"] == "ECU" and done.headers["etag"] != tag
    late = await director.patch(path, json={"size": "LS"}, headers={"if-match": tag})
    assert late.status_code == 409 and late.json()["code"] == "shots.changed_meanwhile"
    assert (await director.patch(path, json={"colour": "red"})).status_code == 422
    assert (await browsers("writer").patch(path, json={"size": "LS"})).status_code == 403


async def test_the_shot_list_is_changed(browsers, shoot):
    first, second = (await shoot.shots())[:2]
    director, path = browsers("director"), f"{api(shoot)}/shots"
    made = await director.post(
        f"{api(shoot)}/scenes/{first.scene_id}/shots", json={"after": str(first.id), "duration_frames": 48}
    )
    assert made.status_code == 201 and made.json()["position"] == first.position + 1
    new = made.json()["id"]
    assert (await director.post(f"{path}/{new}/order", json={"after": None})).json()["position"] == 0
    half = await director.post(f"{path}/{new}/split", json={})
    assert half.status_code == 201 and half.json()["duration_frames"] == 24
    assert (await director.post(f"{path}/{new}/merge")).json()["duration_frames"] == 48
    assert (await director.post(f"{path}/{second.id}/drop", json={"reason": "Cut"})).json()["status"] == "dropped"
    assert (await director.post(f"{path}/{second.id}/restore")).json()["status"] == "planned"
    locked = await director.put(f"{path}/{second.id}/locked", json={"locked": True})
    assert locked.json()["locked_at"]
    assert (await director.patch(f"{path}/{second.id}", json={"size": "LS"})).status_code == 409
    assert (await director.post(f"{path}/{first.id}/script-value/action")).status_code == 404


async def test_takes_are_brought_read_and_deleted(browsers, shoot):
    shot, director = await shoot.shot(), browsers("director")
    path = f"{api(shoot)}/shots/{shot.id}/takes"
    sent = await director.post(f"{path}/upload?file_name=a.mp4", content=clip("navy").read_bytes())
    assert sent.status_code == 201, sent.text
    take = sent.json()
    assert (take["number"], take["source"], take["frames"], take["rate"]) == (1, "uploaded", 24, "24/1")
    assert (await director.post(f"{path}/upload", content=b"nothing")).status_code == 422
    (listed,) = (await director.get(path)).json()["items"]
    assert listed["id"] == take["id"]
    one = f"{api(shoot)}/takes/{take['id']}"
    assert (await director.get(one)).json()["sha256"] == take["sha256"]
    assert (await director.get(f"{one}/download")).content == clip("navy").read_bytes()
    assert (await browsers("viewer").get(f"{one}/download")).status_code == 403
    assert (await director.delete(one)).status_code == 204
    assert (await director.get(one)).status_code == 404


async def test_verdicts_are_given_and_listed(browsers, shoot):
    shot, director = await shoot.shot(), browsers("director")
    first, _second = await shoot.arrive(shot, 2)
    path = f"{api(shoot)}/takes/{first.id}/verdicts"
    for kind, more in (("circle", {}), ("uncircle", {}), ("reject", {"reasons": ["face"]}), ("reconsider", {})):
        answer = await director.post(path, json={"kind": kind, **more})
        assert answer.status_code == 201 and answer.json()["kind"] == kind
    assert (await director.post(path, json={"kind": "retake"})).status_code == 422
    asked = await director.post(path, json={"kind": "retake", "note": "Slower"})
    assert asked.json()["reviewer_name"] == "Director"
    kinds = [each["kind"] for each in (await director.get(f"{api(shoot)}/shots/{shot.id}/verdicts")).json()["items"]]
    assert kinds == ["retake", "reconsider", "reject", "uncircle", "circle"]
    assert (await browsers("producer").post(path, json={"kind": "circle"})).status_code == 403


async def test_comments_are_made_read_and_settled(browsers, shoot):
    shot, viewer = await shoot.shot(), browsers("viewer")
    made = await viewer.post(
        f"{api(shoot)}/threads",
        json={"kind": "shot", "subject_id": str(shot.id), "body": "Look", "take": 1, "frame": 3},
    )
    assert made.status_code == 201 and made.json()["anchor"] == {"take": 1, "frame": 3}
    thread = f"{api(shoot)}/threads/{made.json()['id']}"
    answer = await browsers("director").post(f"{thread}/comments", json={"body": "Yes"})
    assert answer.json()["author_name"] == "Director"
    await viewer.put(f"{thread}/resolved", json={"resolved": True})
    mine = made.json()["comments"][0]["id"]
    assert (await viewer.delete(f"{api(shoot)}/comments/{mine}")).status_code == 204
    (found,) = (await viewer.get(f"{api(shoot)}/threads?kind=shot&subject_id={shot.id}")).json()["items"]
    assert found["resolved_at"] and [each["body"] for each in found["comments"]] == [None, "Yes"]
    assert (await viewer.get(f"{api(shoot)}/threads?kind=shot&subject_id={uuid4()}")).status_code == 404


@pytest.mark.parametrize("path", ["shots/{}", "shots/{}/takes", "shots/{}/verdicts", "takes/{}"])
async def test_a_child_is_looked_up_through_its_project(browsers, shoot, path):
    assert (await browsers("director").get(f"{api(shoot)}/{path.format(uuid4())}")).status_code == 404
    assert (await browsers("stranger").get(f"{api(shoot)}/{path.format(uuid4())}")).status_code == 404
    assert (await browsers().get(f"{api(shoot)}/{path.format(uuid4())}")).status_code == 401


async def test_the_api_describes_itself(browsers, shoot):
    paths = (await browsers("director").get("/api/openapi.json")).json()["paths"]
    assert "ShotPage" in str(paths["/api/v1/projects/{project_id}/shots"])
    assert "video/*" in str(paths["/api/v1/projects/{project_id}/shots/{shot_id}/takes/upload"])
