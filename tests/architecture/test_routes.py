"""Every route declares its permission, and refuses whoever lacks it: found by walking the app, so none is forgotten."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import uuid4

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

from app.accounts.access import Anyone, Owner, Personal, Public, SignedLink, TeamPermission
from app.accounts.permissions import PERMISSIONS, Role
from app.main import create_app
from app.projects.access import ProjectPermission

# Open by their nature: they tell an operator's machine whether the process lives, and set a reader's own cookies.
OPEN = {"/healthz", "/readyz", "/metrics", "/preferences", "/dev/gallery", "/dev/door"}


@dataclass(frozen=True, slots=True)
class Found:
    """One method of one route, and the guard it declares."""

    method: str
    path: str
    guard: object

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def guards(dependant: Dependant) -> list[object]:
    """Return what declares a permission among the dependencies of a route."""
    own = [dependant.call] if hasattr(dependant.call, "permission") else []
    return own + [guard for each in dependant.dependencies for guard in guards(each)]


def guarded() -> list[Found]:
    """Return every method of every route with its guards."""
    found = []
    for route in iter_route_contexts(create_app().routes):
        if isinstance(route, Mount) or getattr(route, "dependant", None) is None:
            continue
        for method in sorted((route.methods or set()) - {"HEAD"}):
            declared = guards(route.dependant)
            found.append(Found(method, str(route.path), declared[0] if declared else None))
    return found


@pytest.fixture(scope="session")
def found(services) -> list[Found]:
    """All routes of the app."""
    return guarded()


def test_every_route_declares_one_permission(found):
    assert len(found) > 30
    assert [str(each) for each in found if each.guard is None and each.path not in OPEN] == []


def test_a_route_under_a_project_or_team_is_guarded_by_it(found):
    for each in found:
        if each.path.removeprefix("/api/v1").startswith("/projects/{project_id}"):
            assert isinstance(each.guard, ProjectPermission), str(each)
        if each.path.removeprefix("/api/v1").startswith("/teams/{team_id}"):
            assert isinstance(each.guard, TeamPermission), str(each)


def address(each: Found, world) -> str:
    """Return the route's path with this world's project and team, and ids of nothing for the rest."""
    known = {"project_id": str(world.project.id), "team_id": str(world.team_id)}
    return re.sub(r"\{(\w+)(:\w+)?\}", lambda m: known.get(m[1], str(uuid4())), each.path)


async def test_nobody_gets_past_a_guard(found, browsers, world):
    stranger = browsers()
    for each in found:
        if each.path in OPEN or isinstance(each.guard, Public | SignedLink):
            continue
        answer = await stranger.request(each.method, address(each, world))
        away = answer.status_code in (302, 303, 307) and "/sign-in" in answer.headers["location"]
        assert answer.status_code == 401 or away, f"{each}: {answer.status_code}"


async def test_another_teams_projects_and_teams_do_not_exist(found, browsers, world):
    stranger = browsers("stranger")
    for each in found:
        if isinstance(each.guard, ProjectPermission | TeamPermission):
            answer = await stranger.request(each.method, address(each, world), headers={"accept": "application/json"})
            assert answer.status_code == 404, f"{each}: {answer.status_code}"


@pytest.mark.parametrize("role", list(Role))
async def test_a_role_without_the_permission_is_refused(role, found, browsers, world):
    browser = browsers(role.value)
    for each in found:
        if not isinstance(each.guard, ProjectPermission | TeamPermission):
            continue
        if role in PERMISSIONS[each.guard.permission]:
            continue
        answer = await browser.request(each.method, address(each, world), headers={"accept": "application/json"})
        assert answer.status_code == 403, f"{role} {each}: {answer.status_code}"


async def test_only_the_owner_of_the_installation_passes_an_owners_guard(found, browsers, world):
    browser = browsers("admin")
    owners = [each for each in found if isinstance(each.guard, Owner)]
    for each in owners:
        answer = await browser.request(each.method, address(each, world), headers={"accept": "application/json"})
        assert answer.status_code == 403, str(each)


def test_guards_are_of_the_known_kinds(found):
    kinds = (ProjectPermission, TeamPermission, Owner, Personal, Anyone, Public, SignedLink)
    assert all(isinstance(each.guard, kinds) for each in found if each.path not in OPEN)
