"""Taking scripts away, as people and programs do."""

from __future__ import annotations

import io
import zipfile
from urllib.parse import unquote

import pytest
from docx import Document

from app.scripts.exporting import FORMATS, ToExport, file_name, season
from app.scripts.formats import Dialect, parse
from app.scripts.formats.fdx_read import read_fdx
from app.scripts.formats.options import ExportOptions

TEXT = "1-1 日 内 客厅\n人物：甲、乙\n△ 甲推门。\n甲（低声）：谁？\n备注：换机位\n"


@pytest.fixture
async def path(browsers, world) -> str:
    path = f"/projects/{world.project.id}/episodes/{world.episode.id}/script"
    saved = await browsers("writer").put(f"/api/v1{path}", json={"text": TEXT}, headers={"if-match": '"1"'})
    assert saved.status_code == 200
    return path


@pytest.mark.slow
async def test_a_script_is_taken_away_in_every_format(browsers, path):
    writer = browsers("writer")
    made = {form: await writer.get(f"{path}/export?format={form}&notes=true") for form in FORMATS}
    assert {answer.status_code for answer in made.values()} == {200}
    assert made["txt"].text == TEXT
    assert parse(made["fountain"].text, Dialect.FOUNTAIN) == parse(TEXT)
    assert parse(made["chinese"].text) == parse(TEXT)
    assert read_fdx(made["fdx"].content).script.elements == parse(TEXT).elements
    assert "△ 甲推门。" in [each.text for each in Document(io.BytesIO(made["docx"].content)).paragraphs]
    assert made["pdf"].content.startswith(b"%PDF-")
    disposition = made["pdf"].headers["content-disposition"]
    assert "精卫" in unquote(disposition.partition("filename*=UTF-8''")[2]) and disposition.endswith(".pdf")


async def test_what_is_shown_can_be_chosen(browsers, path):
    bare = (await browsers("writer").get(f"{path}/export?format=fountain&notes=false&numbers=false")).text
    assert "换机位" not in bare and "#1-1#" not in bare


async def test_what_changed_since_a_revision_is_marked(browsers, path, world, database):
    from app.scripts import service as scripts

    writer = browsers("writer")
    await writer.post(f"{path}/revisions", data={"name": "白稿"})
    await writer.put(f"/api/v1{path}", json={"text": TEXT.replace("甲推门。", "甲踢门。")}, headers={"if-match": '"2"'})
    async with database.transaction() as session:
        (white,) = await scripts.revisions(session, await scripts.of_episode(session, world.episode))
    read = read_fdx((await writer.get(f"{path}/export?format=fdx&since={white.id}")).content)
    assert [each.name for each in read.revisions] == ["白稿"]
    assert len(read.revisions[0].lines) == 1
    unknown = await writer.get(f"{path}/export?format=fdx&since={world.project.id}")
    assert unknown.status_code == 404


async def test_a_season_comes_as_one_archive(browsers, path, world):
    writer = browsers("writer")
    page = await writer.get(f"/projects/{world.project.id}/scripts/export")
    assert page.status_code == 200 and 'name="formats"' in page.text
    for prefix in ("/projects", "/api/v1/projects"):
        address = f"{prefix}/{world.project.id}/scripts/export{'' if 'api' in prefix else '/archive'}"
        answer = await writer.get(f"{address}?formats=fdx&formats=chinese&notes=true")
        archive = zipfile.ZipFile(io.BytesIO(answer.content))
        assert archive.testzip() is None
        (chinese,) = [name for name in archive.namelist() if name.startswith("chinese/")]
        assert len(archive.namelist()) == 2
        assert parse(archive.read(chinese).decode()) == parse(TEXT)
    assert (await writer.get(f"/projects/{world.project.id}/scripts/export/archive")).status_code == 422
    assert (await browsers("viewer").get(f"/projects/{world.project.id}/scripts/export")).status_code == 403


async def test_a_project_without_words_says_so(browsers, world):
    answer = await browsers("writer").get(f"/projects/{world.project.id}/scripts/export/archive?formats=txt")
    assert answer.status_code == 422 and "No episode has a script yet" in answer.text


async def test_an_archive_begins_before_it_ends():
    scripts = [ToExport(TEXT, f"E{number:02d}", ExportOptions()) for number in range(25)]
    parts = [part async for part in season(scripts, ["txt"])]
    assert len(parts) == 4 and all(parts)
    assert len(zipfile.ZipFile(io.BytesIO(b"".join(parts))).namelist()) == 25


@pytest.mark.parametrize(
    ("project", "title", "name"),
    [
        ("精卫", "石子/海", "精卫 E01 石子-海"),
        ("CON", "", "CON E01"),
        ("con.", "a:b?", "_con. E01 a-b-"),
        ("..", "", "E01"),
        ("长" * 200, "", None),
    ],
)
def test_names_are_safe_on_every_system(project, title, name):
    made = file_name(project, 1, title)
    assert len(made.encode()) <= 150
    assert not set(made) & set('\\/:*?"<>|') and made == made.strip(" .")
    if name is not None:
        assert made == name
