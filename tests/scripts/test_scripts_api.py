"""The JSON API of scripts: saved from a version, kept as revisions, imported, broken down."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

SCRIPT = "1-1 日 外 东海之滨\n人物：女娃\n△海浪拍在黑色的礁石上，碎成白沫。\n女娃：爹，海的那一边有什么？\n"


@pytest.fixture
def episode(world) -> str:
    """The episode's address."""
    return f"/api/v1/projects/{world.project.id}/episodes/{world.episode.id}"


async def test_a_text_is_saved_from_the_version_it_was_made_from(browsers, episode):
    writer, path = browsers("writer"), f"{episode}/script"
    first = await writer.get(path)
    assert first.headers["etag"] == '"1"' and first.json()["text"] == ""
    saved = await writer.put(path, json={"text": SCRIPT}, headers={"if-match": '"1"'})
    assert (saved.headers["etag"], saved.json()["saved_by_name"]) == ('"2"', "Writer")
    stale = await browsers("director").put(path, json={"text": "mine"}, headers={"if-match": '"1"'})
    assert stale.status_code == 409 and stale.json()["code"] == "scripts.saved_meanwhile"
    assert stale.json()["details"] == {"version": 2, "text": SCRIPT}
    assert (await writer.get(path)).json()["text"] == SCRIPT


async def test_a_text_without_a_version_is_refused(browsers, episode):
    writer, path = browsers("writer"), f"{episode}/script"
    blind = await writer.put(path, json={"text": SCRIPT})
    assert blind.status_code == 428 and blind.json()["code"] == "web.if_match_needed"
    for wrong in ("*", '"x"', '"99999999999"'):
        assert (await writer.put(path, json={"text": SCRIPT}, headers={"if-match": wrong})).status_code == 422
    denied = await browsers("viewer").put(path, json={"text": SCRIPT}, headers={"if-match": '"1"'})
    assert denied.status_code == 403


async def test_revisions_are_kept_and_brought_back(browsers, episode):
    writer, path = browsers("writer"), f"{episode}/script"
    await writer.put(path, json={"text": "one"}, headers={"if-match": '"1"'})
    kept = await writer.post(f"{path}/revisions", json={"name": "First"})
    assert kept.status_code == 201 and kept.json()["text"] == "one"
    await writer.put(path, json={"text": "two"}, headers={"if-match": '"2"'})
    one = f"{path}/revisions/{kept.json()['id']}"
    assert (await browsers("viewer").post(f"{one}/restore")).status_code == 403
    back = await writer.post(f"{one}/restore")
    assert (back.json()["text"], back.headers["etag"]) == ("one", '"4"')
    names, cursor = [], ""
    for _page in range(2):
        page = (await browsers("viewer").get(f"{path}/revisions?limit=1{cursor}")).json()
        names += [each["name"] for each in page["items"]]
        cursor = f"&after={page['next']}"
    assert names == ["Before First", "First"] and page["next"] is None
    assert "text" not in page["items"][0]
    assert (await writer.get(one)).json()["text"] == "one"
    assert (await writer.get(f"{path}/revisions/{uuid4()}")).status_code == 404


async def test_a_revision_is_looked_up_through_its_episode(browsers, world, episode):
    writer = browsers("writer")
    kept = (await writer.post(f"{episode}/script/revisions", json={"name": "First"})).json()["id"]
    other = (await writer.post(f"/api/v1/projects/{world.project.id}/episodes", json={})).json()["id"]
    path = f"/api/v1/projects/{world.project.id}/episodes/{other}/script/revisions/{kept}"
    assert (await writer.get(path)).status_code == 404
    assert (await writer.post(f"{path}/restore")).status_code == 404


async def test_a_script_is_imported_as_text_and_as_a_file(browsers, episode):
    writer = browsers("writer")
    done = await writer.post(f"{episode}/import", json={"text": SCRIPT})
    assert done.status_code == 200
    summary = done.json()["summary"]
    assert summary["scenes"] == 1 and len(summary["added"]) == summary["shots"] > 0
    again = await writer.post(
        f"{episode}/import", files={"script": ("e1.txt", (SCRIPT + "△她走了。\n").encode("gb18030"))}
    )
    assert again.json()["summary"]["shots"] >= summary["shots"]
    assert "她走了" in (await writer.get(f"{episode}/script")).json()["text"]
    assert [each["name"] for each in (await writer.get(f"{episode}/script/revisions")).json()["items"]] == [
        "Before e1.txt"
    ]


async def test_a_whole_project_is_imported(browsers, world):
    path = f"/api/v1/projects/{world.project.id}/import"
    two = f"第1集\n{SCRIPT}\n第2集\n{SCRIPT.replace('1-1', '2-1')}"
    done = (await browsers("writer").post(path, json={"text": two, "name": "season"})).json()
    assert [each["number"] for each in done["episodes"]] == [1, 2]
    assert (await browsers("viewer").post(path, json={"text": two})).status_code == 403
    assert (await browsers("stranger").post(path, json={"text": two})).status_code == 404


async def test_what_cannot_be_imported_is_said(browsers, episode):
    writer = browsers("writer")
    cases = [
        ({"json": {"text": ""}}, "web.invalid_input"),
        ({"json": {"text": SCRIPT, "colour": "red"}}, "web.invalid_input"),
        ({"content": b"not json", "headers": {"content-type": "application/json"}}, "web.invalid_input"),
        ({"files": {"other": ("a.txt", b"x")}}, "scripts.nothing_sent"),
        ({"files": {"script": ("a.pdf", b"%PDF-1.7 x")}}, "script.binary"),
        ({"json": {"text": "No scene here."}}, "script.no_scene"),
    ]
    for sent, code in cases:
        answer = await writer.post(f"{episode}/import", **sent)
        assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_a_saved_script_is_broken_down(browsers, episode):
    writer = browsers("writer")
    empty = await writer.post(f"{episode}/break-down")
    assert empty.status_code == 422 and empty.json()["code"] == "script.no_scene"
    await writer.put(f"{episode}/script", json={"text": SCRIPT + "?!\n"}, headers={"if-match": '"1"'})
    done = (await writer.post(f"{episode}/break-down")).json()
    assert done["summary"]["scenes"] == 1
    assert all(set(each) == {"line", "code", "message"} for each in done["warnings"])
    told = (await writer.get(episode)).json()
    assert told["broken_down_version"] == 2 and told["broken_down_at"]
    assert (await browsers("viewer").post(f"{episode}/break-down")).status_code == 403


async def test_scene_numbers_are_locked_by_a_director_alone(browsers, episode):
    path = f"{episode}/scene-numbers"
    assert (await browsers("writer").put(path, json={"locked": True})).status_code == 403
    done = await browsers("director").put(path, json={"locked": True})
    assert (done.status_code, done.json()) == (200, {"locked": True, "reason": ""})
    assert (await browsers("director").put(path, json={})).status_code == 422


async def test_many_may_open_a_fresh_script_at_once(browsers, episode):
    readers = [browsers(who) for who in ("writer", "director", "producer", "viewer") for _tab in range(2)]
    answers = await asyncio.gather(*(reader.get(f"{episode}/script") for reader in readers))
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.headers["etag"] for answer in answers} == {'"1"'}
