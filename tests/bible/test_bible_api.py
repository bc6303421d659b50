"""The JSON API of the bible."""

from __future__ import annotations

from uuid import uuid4


async def test_characters_are_added_described_and_listed(browsers, world):
    writer, path = browsers("writer"), f"/api/v1/projects/{world.project.id}/characters"
    for name in ("Nüwa", "Anna", "炎帝"):
        assert (await writer.post(path, json={"name": name})).status_code == 201
    assert (await writer.post(path, json={"name": "anna"})).json()["code"] == "bible.name_taken"
    names, cursor = [], ""
    for _page in range(3):
        page = (await writer.get(f"{path}?limit=1{cursor}")).json()
        names += [each["name"] for each in page["items"]]
        cursor = f"&after={page['next']}"
    assert names == ["Anna", "Nüwa", "炎帝"] and page["next"] is None
    one = f"{path}/{page['items'][0]['id']}"
    tag = {"if-match": (await writer.get(one)).headers["etag"]}
    given = {"looks": "An old man", "voice_sex": "male", "voice_pitch": 30, "voice_speed": 90}
    done = (await writer.put(one, json=given, headers=tag)).json()
    assert {name: done[name] for name in given} == given and done["picture"] is None
    assert (await writer.put(one, json=given, headers=tag)).status_code == 409
    assert (await writer.put(one, json={"colour": "red"})).status_code == 422
    assert (await writer.put(one, json={})).json()["looks"] == ""


async def test_who_may_not_is_refused(browsers, world):
    path = f"/api/v1/projects/{world.project.id}/characters"
    made = (await browsers("writer").post(path, json={"name": "Anna"})).json()["id"]
    assert (await browsers("viewer").post(path, json={"name": "x"})).status_code == 403
    assert (await browsers("viewer").put(f"{path}/{made}", json={})).status_code == 403
    assert (await browsers("viewer").get(f"{path}/{made}")).status_code == 200
    assert (await browsers("viewer").get(f"{path}/{uuid4()}")).status_code == 404
    assert (await browsers("stranger").get(f"{path}/{made}")).status_code == 404
    assert (await browsers().get(path)).status_code == 401
