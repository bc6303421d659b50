"""Home, project, script and cast pages, and importing, as people use them."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.scripts.formats import Dialect, parse

SAMPLES = Path(__file__).resolve().parents[2] / "samples"


async def test_a_fresh_team_is_told_what_to_do_next(browsers, world):
    page = await browsers("director").get("/")
    assert page.status_code == 200
    assert "精卫" in page.text
    project = await browsers("writer").get(f"/projects/{world.project.id}")
    assert "那枚石子" in project.text


async def test_a_producer_makes_a_project(browsers, world):
    producer = browsers("producer")
    made = await producer.post(
        f"/teams/{world.team_id}/projects", data={"title": "盐账", "language": "zh", "format": "9:16", "rate": "25/1"}
    )
    assert made.status_code == 303
    page = await producer.get(made.headers["location"])
    assert "盐账" in page.text and "1080×1920, 25 fps" in page.text
    bad = await producer.post(f"/teams/{world.team_id}/projects", data={"title": "", "rate": "24/1"})
    assert bad.status_code == 422


@pytest.mark.parametrize(
    ("name", "episodes"), [("mountains-and-seas-e01-05.zh.txt", 5), ("second-signature-e01-03.fountain", 3)]
)
async def test_a_series_in_one_file_becomes_episodes_with_shots(browsers, world, name, episodes):
    writer = browsers("writer")
    path = f"/projects/{world.project.id}"
    done = await writer.post(f"{path}/import", files={"script": (name, (SAMPLES / name).read_bytes())})
    assert done.status_code == 303, done.text
    page = await writer.get(path)
    assert page.text.count('class="title"') == episodes


async def test_gb18030_is_read_and_a_binary_is_refused_without_a_trace(browsers, world):
    writer = browsers("writer")
    path = f"/projects/{world.project.id}"
    text = (SAMPLES / "jingwei-e01.zh.txt").read_text()
    done = await writer.post(f"{path}/import", files={"script": ("精卫.txt", text.encode("gb18030"))})
    assert done.status_code == 303
    script = await writer.get(done.headers["location"])
    assert "炎帝跪在沙滩上" in script.text
    bad = await writer.post(f"{path}/import", files={"script": ("x.txt", b"\x7fELF\x02\x01\x01" + bytes(100))})
    assert bad.status_code == 422
    assert (await writer.post(f"{path}/import", data={"text": "no scene here"})).status_code == 422


async def test_a_revision_brings_a_text_back(browsers, world, database):
    from app.scripts import service as scripts

    path = f"/projects/{world.project.id}/episodes/{world.episode.id}/script"
    writer = browsers("writer")
    api = f"/api/v1{path}"
    await writer.put(api, json={"text": "INT. ROOM - DAY"}, headers={"if-match": '"1"'})
    await writer.post(f"{path}/revisions", data={"name": "White"})
    await writer.put(api, json={"text": "EXT. SEA - NIGHT"}, headers={"if-match": '"2"'})
    async with database.transaction() as session:
        row = await scripts.of_episode(session, world.episode)
        (white,) = await scripts.revisions(session, row)
    await writer.post(f"{path}/revisions/{white.id}/restore")
    assert "INT. ROOM - DAY" in (await writer.get(path)).text
    assert "Before White" in (await writer.get(f"{path}/history")).text


async def test_a_script_without_a_scene_cannot_be_broken_down(browsers, world):
    path = f"/projects/{world.project.id}/episodes/{world.episode.id}"
    writer = browsers("writer")
    await writer.put(f"/api/v1{path}/script", json={"text": "Just an idea."}, headers={"if-match": '"1"'})
    refused = await writer.post(f"{path}/break-down")
    assert refused.status_code == 422
    assert "no scene" in refused.text


async def test_a_name_made_of_markup_is_only_a_name(browsers, world):
    path = f"/projects/{world.project.id}/episodes/{world.episode.id}"
    writer = browsers("writer")
    text = (
        "1-1 日 内 <script>alert(1)</script>\n人物：<script>alert(1)</script>\n"
        "△<script>alert(1)</script>\n<script>alert(1)</script>：<script>alert(1)</script>"
    )
    await writer.put(f"/api/v1{path}/script", json={"text": text}, headers={"if-match": '"1"'})
    assert (await writer.post(f"{path}/break-down")).status_code == 303
    for page in ("/script", "/board", "/board?view=list", "/board?fragment=more", "/exports"):
        shown = await writer.get(path + page)
        assert shown.status_code == 200
        assert "<script>alert(1)</script>" not in shown.text, page
    assert "<script>alert(1)</script>" not in (await writer.get(f"/projects/{world.project.id}/cast")).text


async def test_describing_a_character_reaches_the_prompts_of_their_shots(browsers, world, database):
    from app.bible import service as bible
    from app.core.redis import open_redis
    from app.events import service as events
    from app.shots import service as shots

    writer = browsers("writer")
    path = f"/projects/{world.project.id}"
    await writer.post(f"{path}/import", data={"text": (SAMPLES / "jingwei-e01.zh.txt").read_text()})
    async with database.transaction() as session:
        girl = (await bible.by_name(session, world.project.id))["女娃"]
    done = await writer.post(f"{path}/cast/{girl.id}", data={"looks": "十二岁，赤脚", "wardrobe": "红衣"})
    assert done.status_code == 303
    redis = open_redis()
    while await events.deliver(database, redis):
        pass
    await redis.aclose()
    async with database.transaction() as session:
        rows = [row for row in await shots.of_episode(session, world.episode.id) if "女娃" in row.characters]
    assert rows
    assert all("十二岁，赤脚" in row.prompt for row in rows)


async def test_a_reference_picture_is_checked(browsers, world, database):
    import io

    from PIL import Image

    from app.bible import service as bible

    async with database.transaction() as session:
        row = await bible.add(session, world.project.id, "女娃")
    path = f"/projects/{world.project.id}/cast/{row.id}/picture"
    writer = browsers("writer")
    assert (await writer.post(path, files={"picture": ("x.png", b"not a picture")})).status_code == 422
    picture = io.BytesIO()
    Image.new("RGB", (64, 96), "teal").save(picture, "PNG")
    assert (await writer.post(path, files={"picture": ("../../x.png", picture.getvalue())})).status_code == 303
    page = await writer.get(f"/projects/{world.project.id}/cast/{row.id}")
    address = page.text.split('<img src="/media/')[1].split('"')[0].replace("&amp;", "&")
    served = await writer.get(f"/media/{address}")
    assert (served.status_code, served.content[:3]) == (200, b"\xff\xd8\xff")
    assert (await browsers("viewer").get(f"/media/{address}")).status_code == 403


async def test_settings_change_the_format_until_there_are_takes(browsers, world):
    producer = browsers("producer")
    path = f"/projects/{world.project.id}/settings"
    page = await producer.get(path)
    assert page.status_code == 200
    given = {"title": "精卫", "language": "zh", "format": "other", "width": "270", "height": "480", "rate": "25/1"}
    assert (await producer.post(path, data=given)).status_code == 303
    assert "270×480, 25 fps" in (await producer.get(f"/projects/{world.project.id}")).text
    assert (await producer.post(path, data={**given, "rate": "500/1"})).status_code == 422
    assert (await browsers("viewer").get(path)).status_code == 200


async def test_a_director_locks_the_scene_numbers_and_a_writer_sees_it(browsers, world):
    writer, director = browsers("writer"), browsers("director")
    path = f"/projects/{world.project.id}/episodes/{world.episode.id}"
    text = "INT. ROOM - DAY\n\nRain on glass.\n\nEXT. SEA - DAY\n\nA boat drifts.\n"
    assert (await writer.post(f"{path}/import", data={"text": text})).status_code == 303
    assert (await writer.post(f"{path}/scene-numbers/lock")).status_code == 403
    assert "Lock numbers" in (await director.get(f"{path}/board")).text
    assert (await director.post(f"{path}/scene-numbers/lock")).status_code == 303
    assert "Numbers locked" in (await writer.get(f"{path}/board")).text
    grown = text.replace("EXT. SEA", "INT. CAVE - NIGHT\n\nSomething breathes.\n\nEXT. SEA")
    sent = await writer.post(f"{path}/import", data={"text": grown})
    assert (await writer.post(sent.headers["location"], data={"take": ""})).status_code == 303
    assert ">1A</span>" in (await writer.get(f"{path}/board")).text
    assert (await director.post(f"{path}/scene-numbers/unlock", data={"reason": ""})).status_code == 422
    assert (await director.post(f"{path}/scene-numbers/unlock", data={"reason": "new order"})).status_code == 303
    assert (await director.post(f"{path}/scene-numbers/shred")).status_code == 422
    assert "Lock numbers" in (await director.get(f"{path}/board")).text


async def test_a_script_is_taken_away_as_it_is_or_as_fountain(browsers, world):
    writer = browsers("writer")
    path = f"/projects/{world.project.id}/episodes/{world.episode.id}"
    text = "1-1 日 内 客厅\n人物：甲\n△ 甲推门。\n甲（冷）：谁？\n"
    assert (await writer.post(f"{path}/import", data={"text": text})).status_code == 303
    assert "As Fountain" in (await writer.get(f"{path}/script")).text
    assert (await writer.get(f"{path}/script/export?format=txt")).text == text
    fountain = await writer.get(f"{path}/script/export?format=fountain")
    assert ".fountain" in fountain.headers["content-disposition"]
    assert parse(fountain.text, Dialect.FOUNTAIN) == parse(text)
    assert (await browsers("viewer").get(f"{path}/script/export?format=fountain")).status_code == 403
