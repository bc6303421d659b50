"""A character is renamed everywhere at once, nothing is made again for it, and renaming back undoes it."""

from __future__ import annotations

from sqlalchemy import select

from app.bible.models import Character
from app.shots import facts
from app.shots.models import Shot
from app.takes.models import Take

TEXT = "1-1 日 内 客厅\n人物：阿宁、阿宁宁\n△阿宁走进客厅，看着阿宁宁。\n阿宁：你终于来了。\n阿宁宁：我等了你一夜。\n"


async def prepared(browsers, world, database) -> str:
    """Return the project's address after an import, with a take that stands for each shot."""
    api = f"/api/v1/projects/{world.project.id}"
    done = await browsers("writer").post(f"{api}/episodes/{world.episode.id}/import", json={"text": TEXT})
    assert done.status_code == 200, done.text
    async with database.transaction() as session:
        for shot in await session.scalars(select(Shot)):
            shot.made_from = dict(shot.fingerprint)
    return api


async def test_a_rename_reaches_script_bible_and_shots_and_makes_nothing_stale(browsers, world, database):
    api = await prepared(browsers, world, database)
    writer = browsers("writer")
    seen = (await writer.get(f"{api}/rename-character?old=阿宁&new=小月")).json()
    assert seen["in_bible"] and seen["shots"] and len(seen["places"]) == 3
    assert all(place["certain"] for place in seen["places"])
    done = await writer.post(f"{api}/rename-character", json={"old": "阿宁", "new": "小月", "keep_alias": True})
    assert done.status_code == 200, done.text
    script = f"{api}/episodes/{world.episode.id}/script"
    text = (await writer.get(script)).json()["text"]
    assert text == TEXT.replace("阿宁宁", "##").replace("阿宁", "小月").replace("##", "阿宁宁")
    async with database.transaction() as session:
        names = {row.name: row.aliases for row in await session.scalars(select(Character))}
        shots = list(await session.scalars(select(Shot)))
    assert names == {"小月": ["阿宁"], "阿宁宁": []}
    assert shots and all(shot.stale_parts == [] and "阿宁" not in shot.characters for shot in shots)
    assert any("小月" in shot.characters for shot in shots)
    assert all(shot.made_from == shot.fingerprint for shot in shots)
    kept = (await writer.get(f"{script}/revisions?kind=before")).json()["items"]
    assert kept[0]["name"] == "Before renaming 阿宁 to 小月"
    back = await writer.post(f"{api}/rename-character", json={"old": "小月", "new": "阿宁"})
    assert back.status_code == 200
    assert (await writer.get(script)).json()["text"] == TEXT
    async with database.transaction() as session:
        assert all(shot.stale_parts == [] for shot in await session.scalars(select(Shot)))


async def test_only_the_chosen_places_change_and_an_old_list_is_refused(browsers, world, database):
    api = await prepared(browsers, world, database)
    writer = browsers("writer")
    seen = (await writer.get(f"{api}/rename-character?old=阿宁&new=小月")).json()
    cue = next(place["key"] for place in seen["places"] if place["kind"] == "cue")
    sent = {"old": "阿宁", "new": "小月", "places": [cue]}
    assert (await browsers("viewer").post(f"{api}/rename-character", json=sent)).status_code == 403
    assert (await writer.post(f"{api}/rename-character", json=sent)).status_code == 200
    text = (await writer.get(f"{api}/episodes/{world.episode.id}/script")).json()["text"]
    assert "小月：你终于来了" in text and "△阿宁走进" in text
    outdated = await writer.post(f"{api}/rename-character", json={**sent, "old": "阿宁", "new": "阿青"})
    assert outdated.status_code == 409 and outdated.json()["code"] == "scripts.rename_outdated"
    taken = await writer.post(f"{api}/rename-character", json={"old": "小月", "new": "阿宁宁"})
    assert taken.status_code == 409 and taken.json()["code"] == "bible.name_taken"


async def test_takes_keep_their_fingerprint_through_a_rename(browsers, world, database):
    api = await prepared(browsers, world, database)
    async with database.transaction() as session:
        shot = (await session.scalars(select(Shot).order_by(Shot.position))).first()
        take = Take(
            project_id=world.project.id, episode_id=world.episode.id, shot_id=shot.id, number=1, source="upload",
            fingerprint=dict(shot.fingerprint), sha256="x", key="x", bytes=1, width=1, height=1, rate_numerator=24,
            rate_denominator=1, frames=24, has_audio=False,
        )  # fmt: skip
        session.add(take)
    await browsers("writer").post(f"{api}/rename-character", json={"old": "阿宁", "new": "小月"})
    async with database.transaction() as session:
        after = await session.get_one(Shot, shot.id)
        assert (await session.get_one(Take, take.id)).fingerprint == after.fingerprint != shot.fingerprint


async def test_the_page_shows_every_place_and_renames(browsers, world, database):
    await prepared(browsers, world, database)
    writer, path = browsers("writer"), f"/projects/{world.project.id}/rename-character"
    page = await writer.get(f"{path}?old=阿宁&new=小月")
    assert page.text.count('name="places"') == 3 and "<mark>阿宁</mark>" in page.text
    assert (await browsers("viewer").get(path)).status_code == 403


async def test_scripts_are_searched_by_kind_and_speaker(browsers, world, database):
    api = await prepared(browsers, world, database)
    viewer = browsers("viewer")
    found = (await viewer.get(f"{api}/search?q=阿宁宁")).json()["items"]
    assert [hit["kind"] for hit in found] == ["character", "action", "character"]
    assert (await viewer.get(f"{api}/search?q=了&kind=dialogue&speaker=阿宁宁")).json()["items"][0]["scene"]
    first = (await viewer.get(f"{api}/search?q=阿宁&limit=2")).json()
    rest = (await viewer.get(f"{api}/search?q=阿宁&after={first['next']}")).json()
    assert len(first["items"]) == 2 and len(rest["items"]) == 4 and rest["next"] is None
    page = await viewer.get(f"/projects/{world.project.id}/search?q=一夜")
    assert "<mark>一夜</mark>" in page.text and "script?from=" in page.text
    assert (await browsers("stranger").get(f"{api}/search?q=x")).status_code == 404


async def test_an_english_script_follows_and_what_was_stale_stays_stale(browsers, world, database):
    api, writer = f"/api/v1/projects/{world.project.id}", browsers("writer")
    text = "INT. KITCHEN - DAY\n\nAnn waits for Anna.\n\nANN\nSit down, Anna.\n\n"
    text += "EXT. ROOF - NIGHT\n\nAnn counts the stars.\n"
    done = await writer.post(f"{api}/episodes/{world.episode.id}/import", json={"text": text})
    assert done.status_code == 200, done.text
    async with database.transaction() as session:
        shots = list(await session.scalars(select(Shot).order_by(Shot.position)))
        for shot in shots:
            shot.made_from = dict(shot.fingerprint)
        shots[-1].made_from = {**shots[-1].made_from, "style": "another"}
        facts.settle(shots[-1])
    renamed = await writer.post(f"{api}/rename-character", json={"old": "Ann", "new": "Beatrice"})
    assert renamed.status_code == 200, renamed.text
    told = (await writer.get(f"{api}/episodes/{world.episode.id}/script")).json()["text"]
    assert told == text.replace("Ann ", "Beatrice ").replace("ANN\n", "BEATRICE\n")
    async with database.transaction() as session:
        stale = [list(shot.stale_parts) for shot in await session.scalars(select(Shot).order_by(Shot.position))]
    assert stale == [[]] * (len(shots) - 1) + [["style"]]
