"""The JSON API of episodes."""

from __future__ import annotations

from uuid import uuid4


async def test_episodes_are_added_listed_and_changed(browsers, world):
    writer, path = browsers("writer"), f"/api/v1/projects/{world.project.id}/episodes"
    added = await writer.post(path, json={"title": "填海", "target_seconds": 60})
    assert added.status_code == 201 and added.json()["number"] == 2
    taken = await writer.post(path, json={"number": 2})
    assert taken.status_code == 409 and taken.json()["code"] == "episodes.number_taken"
    await writer.post(path, json={"number": 30})
    numbers, cursor = [], ""
    for _page in range(3):
        page = (await writer.get(f"{path}?limit=1{cursor}")).json()
        numbers += [each["number"] for each in page["items"]]
        cursor = f"&after={page['next']}"
    assert numbers == [1, 2, 30] and page["next"] is None
    one = f"{path}/{added.json()['id']}"
    tag = {"if-match": (await writer.get(one)).headers["etag"]}
    changed = (await writer.patch(one, json={"title": "誓鸟"}, headers=tag)).json()
    assert (changed["title"], changed["target_seconds"]) == ("誓鸟", 60)
    assert (await writer.patch(one, json={"title": "x"}, headers=tag)).status_code == 409
    assert (await writer.patch(one, json={"number": 9})).status_code == 422


async def test_who_may_not_is_refused(browsers, world):
    path = f"/api/v1/projects/{world.project.id}/episodes"
    assert (await browsers("viewer").post(path, json={})).status_code == 403
    assert (await browsers("viewer").patch(f"{path}/{world.episode.id}", json={})).status_code == 403
    assert (await browsers("viewer").get(f"{path}/{world.episode.id}")).status_code == 200
    assert (await browsers("stranger").get(f"{path}/{world.episode.id}")).status_code == 404
    assert (await browsers("viewer").get(f"{path}/{uuid4()}")).status_code == 404
    assert (await browsers().get(path)).status_code == 401
