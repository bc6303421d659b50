"""The JSON API of projects."""

from __future__ import annotations

import pytest

from app.projects import service
from app.projects.models import Project


@pytest.fixture
def path(world) -> str:
    """The project's address."""
    return f"/api/v1/projects/{world.project.id}"


async def test_projects_are_created_listed_and_found(browsers, world):
    producer = browsers("producer")
    for title in ("Sea", "Stone", "Bird"):
        made = await producer.post(f"/api/v1/teams/{world.team_id}/projects", json={"title": title, "rate": "25/1"})
        assert made.status_code == 201 and made.json()["rate"] == "25/1" and made.headers["etag"]
    found, cursor = [], ""
    for _page in range(4):
        page = (await producer.get(f"/api/v1/projects?limit=1{cursor}")).json()
        found += [each["title"] for each in page["items"]]
        cursor = f"&after={page['next']}"
    assert found == ["Bird", "Stone", "Sea", "精卫"] and page["next"] is None
    one = (await producer.get("/api/v1/projects?search=sto")).json()["items"]
    assert [each["title"] for each in one] == ["Stone"]
    assert (await browsers("stranger").get("/api/v1/projects")).json()["items"] == []
    assert (
        await browsers("writer").post(f"/api/v1/teams/{world.team_id}/projects", json={"title": "x"})
    ).status_code == 403


async def test_a_cursor_of_another_list_is_refused(browsers, world):
    director = browsers("director")
    for number in range(2):
        await director.post(f"/api/v1/projects/{world.project.id}/episodes", json={"title": str(number)})
    cursor = (await director.get(f"/api/v1/projects/{world.project.id}/episodes?limit=1")).json()["next"]
    answer = await director.get(f"/api/v1/projects?after={cursor}")
    assert answer.status_code == 422 and answer.json()["code"] == "web.bad_cursor"


async def test_a_change_is_made_from_a_known_version(browsers, path):
    director = browsers("director")
    first = await director.get(path)
    assert first.json()["title"] == "精卫" and first.json()["updated_at"].endswith("Z")
    tag = {"if-match": first.headers["etag"]}
    done = await director.patch(path, json={"style": "油画"}, headers=tag)
    assert (done.json()["style"], done.json()["title"]) == ("油画", "精卫")
    assert done.headers["etag"] != first.headers["etag"]
    late = await director.patch(path, json={"style": "水彩"}, headers=tag)
    assert late.status_code == 409 and late.json()["code"] == "web.changed_meanwhile"
    assert (await director.get(path)).json()["style"] == "油画"
    assert (await director.patch(path, json={"style": "水彩"})).status_code == 200
    assert (await browsers("writer").patch(path, json={"style": "x"})).status_code == 403


async def test_what_does_not_fit_is_refused(browsers, path):
    director = browsers("director")
    for wrong in ({"colour": "red"}, {"width": 181}, {"rate": "7/1"}, {"title": " "}, {"backend": "animatic"}):
        assert (await director.patch(path, json=wrong)).status_code == 422, wrong
    unknown = await director.patch(path, json={"backend": "nobody", "model": "m"})
    assert unknown.status_code == 404 and unknown.json()["code"] == "backend_not_found"
    chosen = await director.patch(path, json={"backend": "animatic", "model": "animatic-1"})
    assert chosen.json()["backend"] == "animatic"


async def test_the_format_is_fixed_by_the_first_take(browsers, database, world, path):
    async with database.transaction() as session:
        await service.fix_format(session, await session.get_one(Project, world.project.id))
    answer = await browsers("director").patch(path, json={"width": 720, "height": 1280})
    assert answer.status_code == 409 and answer.json()["code"] == "projects.format_fixed"


async def test_a_project_is_put_away_and_brought_back(browsers, path):
    producer = browsers("producer")
    assert (await producer.post(f"{path}/archive")).json()["archived_at"]
    assert (await producer.get("/api/v1/projects")).json()["items"] == []
    assert len((await producer.get("/api/v1/projects?archived=true")).json()["items"]) == 1
    assert (await producer.post(f"{path}/restore")).json()["archived_at"] is None
    assert (await browsers("director").post(f"{path}/archive")).status_code == 403
