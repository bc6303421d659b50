"""Who may see and do what."""

from __future__ import annotations

from app.core.errors import NotFound
from app.projects import service as projects


async def test_a_project_of_another_team_does_not_exist(session, world):
    assert (await projects.get(session, world.actors["viewer"], world.project.id)).title == "精卫"
    try:
        await projects.get(session, world.actors["stranger"], world.project.id)
    except NotFound as error:
        assert error.code == "projects.unknown"
    else:
        raise AssertionError("a stranger saw the project")


async def test_health_answers_without_a_session(client):
    assert (await client.get("/healthz")).text == "ok"
    assert (await client.get("/readyz")).json() == {"ready": True, "failed": []}
