"""The JSON API of people: tokens, teams, members and invitations."""

from __future__ import annotations

from uuid import uuid4

import pytest


@pytest.fixture
def team(world) -> str:
    """The team's address."""
    return f"/api/v1/teams/{world.team_id}"


async def test_one_reads_who_one_is(browsers, world):
    me = (await browsers("director").get("/api/v1/me")).json()
    assert (me["name"], me["scopes"]) == ("Director", None)
    assert me["grants"] == [{"team_id": str(world.team_id), "project_id": None, "role": "director"}]
    nobody = await browsers().get("/api/v1/me")
    assert nobody.status_code == 401 and nobody.headers["www-authenticate"] == "Bearer"


async def test_a_token_is_made_used_and_revoked(browsers, client, world):
    person = browsers("director")
    scopes = ["projects.read", "shots.read"]
    made = await person.post("/api/v1/me/tokens", json={"name": "nightly", "scopes": scopes, "days": 7})
    assert made.status_code == 201
    token = made.json()
    (listed,) = (await person.get("/api/v1/me/tokens")).json()["items"]
    assert listed["id"] == token["id"] and "secret" not in listed
    program = {"authorization": f"Bearer {token['secret']}", "sec-fetch-site": "cross-site"}
    assert (await client.get("/api/v1/me", headers=program)).json()["scopes"] == scopes
    path = f"/api/v1/projects/{world.project.id}"
    assert (await client.get(path, headers=program)).status_code == 200
    refused = await client.patch(path, json={"title": "x"}, headers=program)
    assert refused.status_code == 403 and refused.json()["code"] == "accounts.not_allowed"
    assert (await client.get("/api/v1/me/tokens", headers=program)).json()["code"] == "accounts.token_not_enough"
    assert (await person.delete(f"/api/v1/me/tokens/{token['id']}")).status_code == 204
    assert (await client.get("/api/v1/me", headers=program)).status_code == 401


async def test_a_token_for_nothing_known_is_refused(browsers):
    answer = await browsers("writer").post("/api/v1/me/tokens", json={"name": "x", "scopes": ["fly.away"]})
    assert answer.status_code == 422 and answer.json()["details"]["unknown"] == ["fly.away"]
    assert (await browsers("writer").delete(f"/api/v1/me/tokens/{uuid4()}")).status_code == 404


async def test_members_are_listed_and_managed(browsers, team):
    admin = browsers("admin")
    members = {each["name"]: each for each in (await admin.get(f"{team}/members")).json()["items"]}
    assert len(members) == 5 and members["Writer"]["email"] == "writer@reelroom.example"
    seen = (await browsers("viewer").get(f"{team}/members")).json()["items"]
    assert {each["email"] for each in seen} == {None}
    writer = f"{team}/members/{members['Writer']['id']}"
    assert (await admin.patch(writer, json={"role": "director"})).status_code == 204
    assert (await admin.patch(writer, json={"role": "king"})).status_code == 422
    assert (await browsers("producer").patch(writer, json={"role": "admin"})).status_code == 403
    assert (await admin.delete(writer)).status_code == 204
    assert "Writer" not in {each["name"] for each in (await admin.get(f"{team}/members")).json()["items"]}
    last = await admin.delete(f"{team}/members/{members['Admin']['id']}")
    assert last.status_code == 409 and last.json()["code"] == "accounts.last_admin"


async def test_an_invitation_shows_its_link_once(browsers, team):
    admin = browsers("admin")
    made = (await admin.post(f"{team}/invitations", json={"role": "writer", "note": "Lin"})).json()
    page = await browsers().get(made["link"])
    assert page.status_code == 200
    (listed,) = (await admin.get(f"{team}/invitations")).json()["items"]
    assert (listed["id"], listed["note"]) == (made["id"], "Lin") and "link" not in listed
    assert (await admin.delete(f"{team}/invitations/{made['id']}")).status_code == 204
    assert (await browsers().get(made["link"])).status_code == 404
    assert (await admin.get(f"{team}/invitations")).json()["items"] == []
    assert (await browsers("director").post(f"{team}/invitations", json={"role": "admin"})).status_code == 403


async def test_only_ones_own_teams_are_there(browsers, world, team):
    (only,) = (await browsers("viewer").get("/api/v1/teams")).json()["items"]
    assert only["id"] == str(world.team_id) and only["name"] == "Night Shift"
    assert (await browsers("viewer").get(team)).json()["name"] == "Night Shift"
    assert (await browsers("stranger").get(team)).status_code == 404
    assert (await browsers("stranger").get(f"{team}/members")).status_code == 404
