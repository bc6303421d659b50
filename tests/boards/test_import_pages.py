"""An import is looked at before it replaces anything, and nothing is half done."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from shoot_support import SCRIPT

from app.core import clock
from app.core.errors import NotFound
from app.scripts import service as scripts
from app.scripts import uploads
from app.scripts.formats import parse
from app.scripts.formats.docx_write import write_docx
from app.scripts.formats.fdx_write import write_fdx
from app.scripts.formats.files import FileText
from app.scripts.models import Upload

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
SEASON = (SAMPLES / "mountains-and-seas-e01-05.zh.txt").read_text()


async def text_of(database, episode) -> tuple[str, list[str]]:
    async with database.transaction() as session:
        row = await scripts.of_episode(session, episode)
        return row.text, [each.name for each in await scripts.revisions(session, row)]


async def test_what_would_change_is_shown_and_nothing_changed_until_it_is_confirmed(browsers, shoot, world, database):
    writer = browsers("writer")
    before, _none = await text_of(database, world.episode)
    changed = SCRIPT.replace("黑色的礁石", "青色的礁石")
    sent = await writer.post(f"{shoot.episode}/import", data={"text": changed})
    page = await writer.get(sent.headers["location"])
    assert page.status_code == 200
    assert "<del>黑</del>" in page.text and "<ins>青</ins>" in page.text
    assert "came from words that change" in page.text and "SH0010" in page.text
    assert await text_of(database, world.episode) == (before, _none)
    done = await writer.post(sent.headers["location"], data={"take": ""})
    assert done.status_code == 303
    after, revisions = await text_of(database, world.episode)
    assert after == changed and len(revisions) == len(_none) + 1
    assert (await writer.get(sent.headers["location"])).status_code == 404


async def test_left_alone_nothing_changes(browsers, shoot, world, database):
    writer = browsers("writer")
    before = await text_of(database, world.episode)
    sent = await writer.post(f"{shoot.episode}/import", data={"text": SCRIPT + "△ 尾声。\n"})
    left = await writer.post(sent.headers["location"] + "/forget")
    assert left.status_code == 303
    assert await text_of(database, world.episode) == before
    assert (await writer.get(sent.headers["location"])).status_code == 404


async def test_episodes_of_a_season_are_chosen(browsers, shoot, world):
    writer = browsers("writer")
    sent = await writer.post(f"{shoot.project}/import", data={"text": SEASON})
    page = await writer.get(sent.headers["location"])
    assert page.text.count('name="take"') == 5
    assert "replaces what is written" in page.text and page.text.count("new episode") >= 4
    nothing = await writer.post(sent.headers["location"], data={"take": ""})
    assert nothing.status_code == 422
    done = await writer.post(sent.headers["location"], data={"take": ["2", "4"]})
    assert done.status_code == 303
    season = await writer.get(shoot.project)
    assert season.text.count('class="title"') == 3


async def test_a_season_does_not_go_into_one_episode(browsers, shoot):
    writer = browsers("writer")
    sent = await writer.post(f"{shoot.episode}/import", data={"text": SEASON})
    page = await writer.get(sent.headers["location"])
    assert "Import it on the project" in page.text
    refused = await writer.post(sent.headers["location"], data={"take": ""})
    assert refused.status_code == 422 and "holds 5 episodes" in refused.text


@pytest.mark.parametrize("ending", ["fdx", "docx", "txt"])
async def test_files_of_other_programs_become_episodes(browsers, world, database, ending):
    script = parse((SAMPLES / "salt-ledger-e01.fountain").read_text())
    data = {
        "fdx": write_fdx(script),
        "docx": write_docx(script),
        "txt": (SAMPLES / "jingwei-e01.zh.txt").read_text().encode("utf-16"),
    }[ending]
    writer = browsers("writer")
    path = f"/projects/{world.project.id}/episodes/{world.episode.id}"
    done = await writer.post(f"{path}/import", files={"script": (f"x.{ending}", data)})
    assert done.status_code == 303 and done.headers["location"].endswith("/script")
    text, _revisions = await text_of(database, world.episode)
    assert list(parse(text).scenes)


async def test_looking_first_is_possible_where_nothing_is_lost(browsers, world):
    writer = browsers("writer")
    path = f"/projects/{world.project.id}"
    sent = await writer.post(f"{path}/import", data={"text": SEASON, "look": "true"})
    assert "/imports/" in sent.headers["location"]
    assert (await writer.get(f"{path}/scripts/import")).status_code == 200
    assert (await writer.get(f"{path}/episodes/{world.episode.id}/script/import")).status_code == 200


async def test_only_the_sender_sees_what_was_sent_and_only_for_a_day(browsers, world, database, monkeypatch):
    writer = browsers("writer")
    path = f"/projects/{world.project.id}"
    sent = await writer.post(f"{path}/import", data={"text": SEASON, "look": "true"})
    address = sent.headers["location"]
    assert (await browsers("director").get(address)).status_code == 404
    actor = world.actors["writer"]
    async with database.transaction() as session:
        for _each in range(uploads.MOST_A_PERSON):
            await uploads.keep(session, actor, world.project.id, FileText("INT. A - DAY\n", "text"), name="n")
    assert (await writer.get(address)).status_code == 404
    sent = await writer.post(f"{path}/import", data={"text": SEASON, "look": "true"})
    later = clock.now() + uploads.KEPT_FOR + timedelta(minutes=1)
    upload_id = UUID(sent.headers["location"].rpartition("/")[2])
    monkeypatch.setattr(clock, "now", lambda: later)
    async with database.transaction() as session:
        with pytest.raises(NotFound):
            await uploads.get(session, actor, world.project.id, upload_id)
        await uploads.forget_old(session)
        assert await session.get(Upload, upload_id) is None


async def test_a_program_asks_what_would_change(browsers, shoot):
    changed = {"text": SCRIPT.replace("黑色的礁石", "青色的礁石")}
    answer = await browsers("writer").post(f"/api/v1{shoot.episode}/import/preview", json=changed)
    (one,) = answer.json()["episodes"]
    assert one["replaces"] and one["touched"] and one["words_new"] == 1
    season = await browsers("writer").post(f"/api/v1{shoot.project}/import/preview", json={"text": SEASON})
    assert [each["replaces"] for each in season.json()["episodes"]] == [True, False, False, False, False]
