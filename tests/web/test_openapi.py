"""The OpenAPI document is complete, and every list is paged, bounded and open to whoever may read it."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest

from app.accounts.permissions import PERMISSIONS, Role
from app.main import create_app

Operation = tuple[str, str, dict[str, Any]]


@pytest.fixture(scope="module")
def document(services) -> dict[str, Any]:
    """The document of the app."""
    return create_app().openapi()


def operations(document: dict[str, Any]) -> list[Operation]:
    """Return every operation of the API: method, path, what is said of it."""
    return [
        (method, path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if path.startswith("/api/v1/")
    ]


def schema_of(document: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    """Return the schema an operation answers with; {} when it answers with no JSON."""
    answered = next(
        operation["responses"][code] for code in ("200", "201", "202", "204") if code in operation["responses"]
    )
    schema = answered.get("content", {}).get("application/json", {}).get("schema", {})
    return document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema


def lists(document: dict[str, Any]) -> list[Operation]:
    """Return the operations that answer with items."""
    found = [one for one in operations(document) if one[0] == "get"]
    return [one for one in found if "items" in schema_of(document, one[2]).get("properties", {})]


def test_every_operation_says_what_it_does_and_how_it_refuses(document):
    found = operations(document)
    assert len(found) > 80
    for method, path, operation in found:
        where = f"{method} {path}"
        assert operation["tags"], where
        assert len(operation["summary"].split()) > 1 and len(operation["summary"]) < 140, where
        assert operation["security"] == [{"token": []}], where
        (kind,) = operation["responses"]["4XX"]["content"]
        assert kind == "application/problem+json", where
        assert "422" not in operation["responses"], where
    assert len({operation["operationId"] for _method, _path, operation in found}) == len(found)


def test_every_reference_of_the_document_leads_somewhere(document):
    for name in re.findall(r"#/components/schemas/([^'\"]+)", str(document)):
        assert name in document["components"]["schemas"], name


def test_every_answer_is_described(document):
    for method, path, operation in operations(document):
        if "204" not in operation["responses"] and not re.search(r"/(files|download)|/scripts?/export$", path):
            assert schema_of(document, operation), f"{method} {path}"


def test_a_list_that_goes_on_is_paged(document):
    paged = 0
    for _method, path, operation in lists(document):
        going_on = schema_of(document, operation)["properties"]["next"].get("type") != "null"
        names = {parameter["name"] for parameter in operation.get("parameters", ())}
        assert going_on == ({"limit", "after"} <= names), path
        paged += going_on
    assert paged >= 8


def address(path: str, world, **more: str) -> str:
    """Return a path with this world's ids."""
    known = {"project_id": world.project.id, "team_id": world.team_id, "episode_id": world.episode.id, **more}
    return re.sub(r"\{(\w+)\}", lambda found: str(known.get(found[1], uuid4())), path)


async def test_no_page_is_larger_than_allowed(document, browsers, world):
    browser = browsers("admin")
    for _method, path, operation in lists(document):
        names = {parameter["name"] for parameter in operation.get("parameters", ())}
        if "limit" not in names:
            continue
        for query in ("limit=0", "limit=501", "limit=x", "after=nonsense", "after=WyJ4IiwxLDIsM10"):
            answer = await browser.get(f"{address(path, world)}?{query}")
            assert answer.status_code == 422, f"{path}?{query}"
            assert answer.headers["content-type"] == "application/problem+json"


# Lists that not everybody of a team may read.
NARROW = {
    "/invitations": "team.manage",
    "/money/rates": "money.read",
    "/approvals": "money.approve",
    "/invoices": "money.read",
}


@pytest.mark.parametrize("role", list(Role))
async def test_every_list_is_open_to_whoever_may_read_it(role, document, browsers, world):
    browser, opened = browsers(role.value), 0
    own = {"/api/v1/me/tokens", "/api/v1/teams", "/api/v1/projects", "/api/v1/backends"}
    for _method, path, _operation in lists(document):
        if re.search(r"\{(?!project_id|team_id|episode_id)", path) or path.endswith("/threads"):
            continue
        answer = await browser.get(address(path, world))
        needed = next((permission for end, permission in NARROW.items() if path.endswith(end)), None)
        barred = needed is not None and role not in PERMISSIONS[needed]
        if barred or path.startswith("/api/v1/installation/"):
            assert answer.status_code == 403, path
            continue
        assert answer.status_code == 200, f"{path}: {answer.text}"
        body = answer.json()
        assert set(body) == {"items", "next"} and body["next"] is None, path
        opened += 1
    assert opened > len(own)


async def test_the_document_is_served(browsers):
    answer = await browsers().get("/api/openapi.json")
    assert answer.status_code == 200 and answer.json()["info"]["title"] == "Reelroom"
