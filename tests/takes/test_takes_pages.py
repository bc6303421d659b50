"""Takes that people bring, take away and delete."""

from __future__ import annotations

from uuid import uuid4

from shoot_support import clip


async def test_an_uploaded_video_becomes_the_next_take(browsers, shoot):
    shot = await shoot.shot()
    await shoot.arrive(shot)
    path = f"{shoot.episode}/shots/{shot.id}/takes/upload"
    sent = {"take": ("../my take.mp4", clip("maroon").read_bytes(), "video/mp4")}
    answer = await browsers("producer").post(path, files=sent)
    assert answer.status_code == 303, answer.text
    newest, _first = await shoot.takes(shot)
    assert (newest.number, newest.source, newest.made_by_name) == (2, "uploaded", "Producer")
    assert newest.file_name == "my take.mp4" and newest.frames == 24
    page = await browsers("director").get(answer.headers["location"])
    assert "Circle take 2" in page.text


async def test_what_is_no_video_is_refused_with_a_reason(browsers, shoot):
    shot = await shoot.shot()
    path, director = f"{shoot.episode}/shots/{shot.id}/takes/upload", browsers("director")
    refused = await director.post(path, files={"take": ("x.mp4", b"%PDF-1.4 nothing", "video/mp4")})
    assert refused.status_code == 422 and "not a video: it is a PDF document" in refused.text
    assert (await director.post(path, files={"other": ("x.mp4", b"x", "video/mp4")})).status_code == 422
    assert await shoot.takes(shot) == []


async def test_a_dropped_or_locked_shot_takes_no_take(browsers, shoot):
    first, second = (await shoot.shots())[:2]
    director = browsers("director")
    await director.post(f"{shoot.project}/shots/{first.id}/drop", data={"reason": "Cut"})
    await director.post(f"{shoot.project}/shots/{second.id}/lock")
    for shot in (first, second):
        sent = {"take": ("a.mp4", clip().read_bytes(), "video/mp4")}
        assert (await director.post(f"{shoot.episode}/shots/{shot.id}/takes/upload", files=sent)).status_code == 409


async def test_the_original_is_taken_away_by_the_crew_only(browsers, shoot):
    (take,) = await shoot.arrive(await shoot.shot())
    path = f"{shoot.project}/takes/{take.id}/download"
    answer = await browsers("writer").get(path)
    assert answer.content == clip().read_bytes()
    assert "sh0010-take-1.mp4" in answer.headers["content-disposition"]
    assert (await browsers("viewer").get(path)).status_code == 403
    assert (await browsers("director").get(f"{shoot.project}/takes/{uuid4()}/download")).status_code == 404


async def test_a_take_is_deleted_unless_it_is_circled(browsers, shoot):
    shot = await shoot.shot()
    first, second = await shoot.arrive(shot, 2)
    director = browsers("director")
    await director.post(f"{shoot.project}/takes/{second.id}/circle", data={"next": ""})
    assert (await director.post(f"{shoot.project}/takes/{second.id}/delete")).status_code == 409
    assert (await browsers("producer").post(f"{shoot.project}/takes/{first.id}/delete")).status_code == 403
    assert (await director.post(f"{shoot.project}/takes/{first.id}/delete")).status_code == 303
    assert [take.number for take in await shoot.takes(shot)] == [2]
