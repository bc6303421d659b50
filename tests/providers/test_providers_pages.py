"""The owner adds a backend on a page, tests it, changes its models; no page ever shows a key."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from app.accounts.schemas import SYSTEM
from app.audit.models import AuditEntry
from app.core import clock
from app.jobs.models import Attempt, Job
from app.providers import catalogue, service
from app.providers.models import CatalogueRow, ProviderAccount
from app.scenes.models import Scene
from app.shots.models import Shot

HOME = "/installation/backends"
KEY = "sk-very-secret-key-0001"
MODEL = {
    "model": "video-1", "tasks": ["t2v"], "durations": "4, 8", "frames": "720x1280", "prompt_max": "3000",
    "charges_refusals": "no", "currency": "usd", "per_second": "0.12",
}  # fmt: skip


def account_form(url: str, **more: str) -> dict[str, str]:
    """Return what an owner types for the server at ``url``."""
    return {
        "name": "studio", "kind": "openai_videos", "profile": "cloud", "base_url": f"{url}/v1", "self_hosted": "true",
        "api_key": KEY, **more,
    }  # fmt: skip


async def test_from_nothing_to_a_tested_backend_with_a_model(owner, videos):
    fake, url = videos
    assert "Add a backend" in (await owner.get(HOME)).text
    assert "openai_videos" in (await owner.get(f"{HOME}/new")).text
    made = await owner.post(HOME, data=account_form(url))
    assert made.status_code == 303 and made.headers["location"] == f"{HOME}/studio"
    page = (await owner.get(f"{HOME}/studio")).text
    assert "needs a model" in page and KEY not in page
    added = await owner.post(f"{HOME}/studio/models/new", data=MODEL)
    assert added.status_code == 303
    page = (await owner.get(f"{HOME}/studio")).text
    assert "video-1" in page and "$0.12 a second" in page and "Cannot be used" not in page
    assert (await owner.post(f"{HOME}/studio/test")).headers["location"] == f"{HOME}/studio"
    page = (await owner.get(f"{HOME}/studio")).text
    assert "The server answered" in page and KEY not in page
    assert fake.requests[-1]["headers"]["authorization"] == f"Bearer {KEY}"
    offered = (await owner.get("/api/v1/backends")).json()["items"]
    assert [one["name"] for one in offered] == ["animatic", "studio"]


async def test_an_empty_key_keeps_the_stored_one_and_a_tick_forgets_it(owner, studio, videos, database):
    _fake, url = videos
    fields = account_form(url, api_key="", region="cn", options=json.dumps({"read_timeout_s": 9}))
    assert (await owner.post(f"{HOME}/studio", data=fields)).status_code == 303
    async with database.transaction() as session:
        row = await service.account(session, "studio")
        assert row.sealed_api_key and KEY not in row.sealed_api_key and row.region == "cn"
    assert (await owner.post(f"{HOME}/studio", data={**fields, "forget_api_key": "true"})).status_code == 303
    async with database.transaction() as session:
        assert (await service.account(session, "studio")).sealed_api_key is None
        entries = (await session.scalars(select(AuditEntry).where(AuditEntry.action.like("providers.%")))).all()
    assert [entry.facts["changed"] for entry in entries[1:]] == [["options", "region"], ["api_key"]]
    assert KEY not in json.dumps([entry.facts for entry in entries])


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "Studio One!", "small letters"),
        ("name", "animatic", "REELROOM_BACKENDS already"),
        ("base_url", "https://user:pass@api.example.com", "without user"),
        ("base_url", "ftp://api.example.com", "begins with https://"),
        ("api_key", "sk-first-line\nsk-second-line", "one line of plain letters"),
        ("api_key", "ключ-от-студии", "one line of plain letters"),
        ("concurrency", "0", "whole number from 1"),
        ("spend_per_day", "a lot", "whole number from 1"),
        ("options", "{not json", "a table in JSON"),
        ("options", '{"secret_key": "x"}', "looks like a secret"),
    ],
)
async def test_bad_input_is_told_at_its_field_and_changes_nothing(owner, videos, database, field, value, said):
    _fake, url = videos
    answer = await owner.post(HOME, data=account_form(url, **{field: value}))
    assert answer.status_code in (409, 422)
    assert said in answer.text and f'id="field-{field}-problem"' in answer.text
    assert KEY not in answer.text and "ключ" not in answer.text and "second-line" not in answer.text
    async with database.transaction() as session:
        assert (await session.scalars(select(ProviderAccount))).all() == []


@pytest.mark.parametrize(
    "url", ["http://api.example.com", "https://10.0.0.5/v1", "https://localhost", "https://[::1]/"]
)
async def test_a_private_address_needs_to_be_called_self_hosted(owner, url):
    fields = {**account_form("https://x.example"), "base_url": url, "self_hosted": ""}
    answer = await owner.post(HOME, data=fields)
    assert answer.status_code == 422 and "say that it is self-hosted" in answer.text


async def test_an_unknown_kind_is_refused_with_those_there_are(owner, videos):
    answer = await owner.post(HOME, data=account_form(videos[1], kind="conjuror"))
    assert answer.status_code == 422 and "There is no kind of backend conjuror" in answer.text


async def test_a_change_that_is_wrong_changes_nothing_at_all(owner, studio, videos, database):
    answer = await owner.post(f"{HOME}/studio", data=account_form(videos[1], region="mars", api_key="two\nlines"))
    assert answer.status_code == 422
    async with database.transaction() as session:
        assert (await service.account(session, "studio")).region == ""


async def test_a_nonsense_model_is_told_at_its_fields(owner, studio, database):
    wrong = {**MODEL, "durations": "-4", "frames": "huge", "per_second": "cheap", "prompt_max": "0"}
    answer = await owner.post(f"{HOME}/studio/models/edit", data=wrong)
    assert answer.status_code == 422
    for field in ("frames", "per_second"):
        assert f'id="field-{field}-problem"' in answer.text
    answer = await owner.post(f"{HOME}/studio/models/edit", data={**MODEL, "durations": "4", "range_low": "2"})
    assert 'id="field-durations-problem"' in answer.text
    async with database.transaction() as session:
        assert (await session.scalars(select(CatalogueRow))).all() == []


async def test_a_model_is_changed_shown_as_changed_and_taken_back(owner, studio, database):
    assert (await owner.post(f"{HOME}/studio/models/edit", data=MODEL)).status_code == 303
    page = (await owner.get(f"{HOME}/studio")).text
    assert "$0.12 a second" in page and "4, 8 s" in page and "changed" in page
    shown = (await owner.get(f"{HOME}/studio/models/edit?model=video-1")).text
    assert 'value="0.12"' in shown and "720x1280" in shown
    async with database.transaction() as session:
        row = (await session.scalars(select(CatalogueRow))).one()
    assert "tasks" in row.values and "max_images" not in row.values
    assert (await owner.post(f"{HOME}/studio/models/reset", data={"model": "video-1"})).status_code == 303
    assert "$0.10 a second" in (await owner.get(f"{HOME}/studio")).text


async def test_an_unknown_model_is_not_found(owner, studio):
    assert (await owner.get(f"{HOME}/studio/models/edit?model=nothing")).status_code == 404
    for deed in ("disable", "enable", "reset"):
        answer = await owner.post(f"{HOME}/studio/models/{deed}", data={"model": "nothing"})
        assert answer.status_code == 404, deed


async def test_a_disabled_model_is_offered_nowhere_until_it_is_enabled(owner, studio):
    await owner.post(f"{HOME}/studio/models/disable", data={"model": "video-1"})
    await owner.get(HOME)
    assert [one["name"] for one in (await owner.get("/api/v1/backends")).json()["items"]] == ["animatic"]
    await owner.post(f"{HOME}/studio/models/enable", data={"model": "video-1"})
    await owner.get(HOME)
    assert [one["name"] for one in (await owner.get("/api/v1/backends")).json()["items"]] == ["animatic", "studio"]


async def test_a_failed_test_says_why(owner, studio, database, settings):
    async with database.transaction() as session:
        await service.set_secret(session, settings, SYSTEM, "studio", "api_key", SecretStr("sk-wrong-key-777777"))
    await owner.post(f"{HOME}/studio/test")
    page = (await owner.get(f"{HOME}/studio")).text
    assert "Incorrect API key" in page and "wrong-key" not in page


async def test_the_animatic_has_nothing_to_connect_to(owner):
    await owner.post(f"{HOME}/animatic/test")
    assert "there is nothing to connect to" in (await owner.get(f"{HOME}/animatic")).text


async def test_deleting_needs_a_disabled_backend_with_nothing_open(owner, studio, database, world):
    answer = await owner.post(f"{HOME}/studio/delete")
    assert answer.status_code == 409 and "Disable this backend first" in answer.text
    await owner.post(f"{HOME}/studio/disable")
    assert "try again in ten seconds" in (await owner.post(f"{HOME}/studio/delete")).text
    with clock.turned(timedelta(minutes=1)):
        async with database.transaction() as session:
            attempt = await open_attempt(session, world)
        assert "1 attempt of this backend is not finished" in (await owner.post(f"{HOME}/studio/delete")).text
        async with database.transaction() as session:
            (await session.get_one(Attempt, attempt)).state = "succeeded"
        assert (await owner.post(f"{HOME}/studio/delete")).status_code == 303
    assert (await owner.get(f"{HOME}/studio")).status_code == 404


async def open_attempt(session, world):
    """Return an attempt of the studio that runs."""
    project, episode = world.project, world.episode
    scene = Scene(project_id=project.id, episode_id=episode.id, position=0, number="1", heading="INT. ROOM")
    session.add(scene)
    await session.flush()
    shot = Shot(
        project_id=project.id, episode_id=episode.id, scene_id=scene.id, name="SH0010", position=0,
        duration_frames=48, characters=[], dialogue=[], derived={}, made_from={}, stale_parts=[], conflicts={},
        take_count=0, undecided_takes=0, job_state="", retake_note="", size="MS", angle="eye", movement="static",
        action="", card="", sound="", transition_out="", flashback=False, directions="",
    )  # fmt: skip
    session.add(shot)
    await session.flush()
    job = Job(
        project_id=project.id, episode_id=episode.id, shot_id=shot.id, state="active", request_key="k", request={},
        backend="studio", model="video-1", currency="USD",
    )  # fmt: skip
    session.add(job)
    await session.flush()
    attempt = Attempt(
        job_id=job.id, number=1, backend="studio", model="video-1", state="running", request_hash="h", cap_micros=1,
        currency="USD",
    )  # fmt: skip
    session.add(attempt)
    await session.flush()
    return attempt.id


async def test_only_owners_see_the_door(browsers, owner):
    assert HOME in (await owner.get("/installation")).text
    assert HOME not in (await browsers("producer").get("/account")).text
    assert (await browsers("producer").get(HOME)).status_code == 403


async def test_the_pages_speak_chinese(owner, studio):
    owner.cookies.set("reelroom_locale", "zh")
    for path in (HOME, f"{HOME}/studio", f"{HOME}/new", f"{HOME}/studio/models/edit?model=video-1"):
        page = await owner.get(path)
        assert page.status_code == 200 and 'lang="zh' in page.text


async def test_withdrawn_models_are_told_of(owner, studio, database, settings):
    day = (clock.now() + timedelta(days=10)).date().isoformat()
    async with database.transaction() as session:
        await catalogue.change_model(session, settings, SYSTEM, "studio", "video-1", {"retires_on": day})
    assert f"withdraws video-1 on {day}" in (await owner.get(HOME)).text
    with clock.turned(timedelta(days=11)):
        assert f"withdrew video-1 on {day}" in (await owner.get(HOME)).text
