"""Signing in and out, joining, one's own account, and a team, as people do it."""

from __future__ import annotations

import re

import pytest
from tests_support import PASSWORD

from app.accounts import service

SET_UP = {"name": "Ada", "email": "ada@reelroom.example", "password": PASSWORD, "team": "Night Shift"}


async def test_the_first_page_of_a_fresh_installation_makes_the_administrator(client):
    assert (await client.get("/sign-in")).headers["location"] == "/set-up"
    page = await client.post("/set-up", data=SET_UP)
    assert page.status_code == 303
    assert (await client.get("/account")).status_code == 200
    again = await client.post("/set-up", data={**SET_UP, "email": "eve@reelroom.example"})
    assert again.status_code == 409
    assert "set up already" in again.text


@pytest.mark.parametrize("field", ["name", "email", "password", "team"])
async def test_set_up_says_which_field_is_missing(client, field):
    page = await client.post("/set-up", data={**SET_UP, field: ""})
    assert page.status_code == 422
    assert f'id="field-{field}-problem"' in page.text


async def test_a_short_password_is_refused_where_it_stands(client):
    page = await client.post("/set-up", data={**SET_UP, "password": "short"})
    assert page.status_code == 422
    assert "at least 10 characters" in page.text


async def test_sign_in_out_and_a_wrong_password(client):
    await client.post("/set-up", data=SET_UP)
    await client.post("/sign-out")
    assert (await client.get("/account")).status_code == 303
    wrong = await client.post("/sign-in", data={"email": SET_UP["email"], "password": "not the password"})
    assert (wrong.status_code, "wrong" in wrong.text) == (422, True)
    right = await client.post("/sign-in", data={**SET_UP, "email": "ADA@reelroom.example", "next": "/account"})
    assert (right.status_code, right.headers["location"]) == (303, "/account")
    cookie = right.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie


async def test_next_never_leads_to_another_site(client):
    await client.post("/set-up", data=SET_UP)
    await client.post("/sign-out")
    for next_page in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        page = await client.post("/sign-in", data={**SET_UP, "next": next_page})
        assert page.headers["location"] == "/"


async def test_tries_are_limited(client):
    await client.post("/set-up", data=SET_UP)
    await client.post("/sign-out")
    wrong = {"email": SET_UP["email"], "password": "not the password"}
    statuses = [(await client.post("/sign-in", data=wrong)).status_code for _ in range(12)]
    assert statuses[:10] == [422] * 10
    assert statuses[10:] == [429, 429]


async def invite(browsers, world, role="director"):
    page = await browsers("admin").post(
        f"/teams/{world.team_id}/invitations", data={"role": role, "note": "<b>Lin</b>"}
    )
    assert "&lt;b&gt;Lin&lt;/b&gt;" in page.text
    return re.search(r"/invitations/([\w-]{20,})", page.text)[1]


async def test_an_invitation_lets_one_person_in_once(browsers, world):
    secret = await invite(browsers, world)
    new = browsers()
    assert "Night Shift" in (await new.get(f"/invitations/{secret}")).text
    joined = await new.post(
        f"/invitations/{secret}", data={"name": "林之遥", "email": "lin@reelroom.example", "password": PASSWORD}
    )
    assert joined.status_code == 303
    assert "林之遥" in (await new.get(f"/teams/{world.team_id}")).text
    again = await browsers().post(
        f"/invitations/{secret}", data={"name": "Eve", "email": "eve@reelroom.example", "password": PASSWORD}
    )
    assert again.status_code == 404


async def test_a_withdrawn_invitation_lets_nobody_in(browsers, world, database):
    secret = await invite(browsers, world)
    async with database.transaction() as session:
        (row,) = await service.invitations(session, world.team_id)
    await browsers("admin").post(f"/teams/{world.team_id}/invitations/{row.id}/revoke")
    assert (await browsers().get(f"/invitations/{secret}")).status_code == 404


async def test_the_last_administrator_stays(browsers, world, database):
    async with database.transaction() as session:
        rows = await service.members(session, world.team_id)
        membership = next(m for m, user in rows if user.name == "Admin")
    page = await browsers("admin").post(f"/teams/{world.team_id}/members/{membership.id}/remove")
    assert page.status_code == 409
    assert "last administrator" in page.text


async def test_a_removed_member_sees_nothing_of_the_team(browsers, world, database):
    async with database.transaction() as session:
        rows = await service.members(session, world.team_id)
        membership = next(m for m, user in rows if user.name == "Writer")
    writer = browsers("writer")
    assert (await writer.get(f"/teams/{world.team_id}")).status_code == 200
    await browsers("admin").post(f"/teams/{world.team_id}/members/{membership.id}/remove")
    assert (await writer.get(f"/teams/{world.team_id}")).status_code == 404


async def test_a_password_link_works_once_and_ends_every_session(browsers, world):
    writer = browsers("writer")
    page = await browsers("admin").post(f"/teams/{world.team_id}/people/{world.actors['writer'].id}/password-link")
    secret = re.search(r"/password/([\w-]{20,})", page.text)[1]
    fresh = browsers()
    assert (await fresh.post(f"/password/{secret}", data={"password": "another long one"})).status_code == 303
    assert (await writer.get("/account")).status_code == 303
    assert (await browsers().post(f"/password/{secret}", data={"password": "a third long one"})).status_code == 404


async def test_an_administrator_cannot_take_over_somebody_of_another_team(browsers, world):
    page = await browsers("admin").post(f"/teams/{world.team_id}/people/{world.actors['stranger'].id}/password-link")
    assert page.status_code == 404


async def test_a_token_works_within_its_scopes_and_is_shown_once(browsers, world):
    director = browsers("director")
    page = await director.post("/account/tokens", data={"name": "Board", "days": "30", "scopes": ["shots.read"]})
    secret = re.search(r"reel_[\w-]{20,}", page.text)[0]
    assert secret not in (await director.get("/account")).text
    program = browsers()
    headers = {"authorization": f"Bearer {secret}", "accept": "application/json"}
    assert (await program.get("/account", headers=headers)).status_code == 403
    assert (await program.get(f"/teams/{world.team_id}", headers=headers)).status_code == 403


async def test_preferences_change_language_and_refuse_a_strange_zone(browsers):
    viewer = browsers("viewer")
    given = {"name": "Viewer", "locale": "zh", "time_zone": "Asia/Shanghai", "theme": "light"}
    assert (await viewer.post("/account", data=given)).status_code == 303
    assert 'lang="zh' in (await viewer.get("/account")).text
    assert (await viewer.post("/account", data={**given, "time_zone": "Mars/Base"})).status_code == 422


async def test_the_menu_changes_the_language_of_somebody_signed_in(browsers):
    viewer = browsers("viewer")
    assert 'lang="en' in (await viewer.get("/")).text
    assert (await viewer.post("/preferences", data={"locale": "zh"})).status_code == 303
    assert 'lang="zh' in (await viewer.get("/")).text
    assert (await viewer.post("/preferences", data={"locale": "en"})).status_code == 303
    assert 'lang="en' in (await viewer.get("/")).text


async def test_sessions_are_listed_and_ended(browsers, world, database):
    director = browsers("director")
    page = await director.get("/account")
    assert "this one" in page.text
    await director.post("/account/sessions/end-others")
    assert (await director.get("/account")).status_code == 200


async def test_the_audit_trail_shows_who_invited(browsers, world):
    await invite(browsers, world)
    page = await browsers("admin").get(f"/teams/{world.team_id}/audit")
    assert "accounts.invited" in page.text and "Admin" in page.text
