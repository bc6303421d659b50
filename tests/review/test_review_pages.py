"""Verdicts, the queue of undecided takes, and verdicts on several shots at once."""

from __future__ import annotations

from uuid import uuid4

import pytest


async def test_circle_undo_reject_reconsider(browsers, shoot):
    shot = await shoot.shot()
    first, second = await shoot.arrive(shot, 2)
    director, path = browsers("director"), f"{shoot.project}/takes"
    await director.post(f"{path}/{second.id}/circle", data={"next": ""})
    assert (await shoot.shot()).circled_take_number == 2
    await director.post(f"{path}/{first.id}/circle", data={"next": ""})
    assert (await shoot.shot()).circled_take_number == 1
    await director.post(f"{path}/{first.id}/uncircle", data={"next": ""})
    assert (await shoot.shot()).circled_take_number is None
    await director.post(f"{path}/{first.id}/reject", data={"note": "Melting hand", "reasons": "hands"})
    assert [take.verdict for take in await shoot.takes(shot)] == ["", "rejected"]
    assert (await director.post(f"{path}/{first.id}/reject", data={"reasons": "nonsense"})).status_code == 422
    await director.post(f"{path}/{first.id}/reconsider", data={"next": ""})
    assert [take.verdict for take in await shoot.takes(shot)] == ["", ""]


async def test_a_retake_needs_a_note_and_goes_where_it_was_told(browsers, shoot):
    (take,) = await shoot.arrive(await shoot.shot())
    director, path = browsers("director"), f"{shoot.project}/takes/{take.id}/retake"
    assert (await director.post(path, data={"note": "", "next": "/x"})).status_code == 422
    answer = await director.post(path, data={"note": "Slower", "next": f"{shoot.episode}/review"})
    assert answer.headers["location"] == f"{shoot.episode}/review"
    away = await director.post(path, data={"note": "Slower", "next": "https://elsewhere.example/"})
    assert away.headers["location"].startswith(shoot.episode)
    assert (await shoot.shot()).retake_note == "Slower"


async def test_a_retake_can_be_wished_for_at_once(browsers, shoot):
    (take,) = await shoot.arrive(await shoot.shot())
    path = f"{shoot.project}/takes/{take.id}/retake"
    assert (await browsers("director").post(path, data={"note": "Slower", "generate": "true"})).status_code == 303
    shot = await shoot.shot()
    assert (shot.retake_note, shot.status) == ("Slower", "waiting")


async def test_the_queue_goes_round_until_every_take_is_decided(browsers, shoot):
    first, second = (await shoot.shots())[:2]
    director = browsers("director")
    assert "Nothing" not in (await director.get(f"{shoot.episode}/review")).text
    (one,) = await shoot.arrive(first)
    (two,) = await shoot.arrive(second)
    there = await director.get(f"{shoot.episode}/review")
    assert there.headers["location"] == f"{shoot.episode}/shots/{first.id}?queue=1&take=1"
    page = await director.get(there.headers["location"])
    assert f"/review?after={first.position}" in page.text
    following = await director.get(f"{shoot.episode}/review?after={first.position}")
    assert str(second.id) in following.headers["location"]
    round_again = await director.get(f"{shoot.episode}/review?after={second.position}")
    assert str(first.id) in round_again.headers["location"]
    for take in (one, two):
        await director.post(f"{shoot.project}/takes/{take.id}/circle", data={"next": ""})
    page = await director.get(f"{shoot.episode}/review")
    assert "Every take is decided" in page.text
    (newer,) = await shoot.arrive(first)
    assert f"take={newer.number}" in (await director.get(f"{shoot.episode}/review")).headers["location"]


async def test_the_newest_takes_of_selected_shots_are_circled_or_asked_again(browsers, shoot):
    first, second, third = (await shoot.shots())[:3]
    await shoot.arrive(first, 2)
    await shoot.arrive(second)
    director, chosen = browsers("director"), [str(first.id), str(second.id), str(third.id)]
    assert (await director.post(f"{shoot.episode}/shots/circle-newest", data={"shots": chosen})).status_code == 303
    assert [shot.circled_take_number for shot in await shoot.shots()][:3] == [2, 1, None]
    note = {"shots": chosen, "note": "Colder light"}
    assert (await director.post(f"{shoot.episode}/shots/retake", data=note)).status_code == 303
    assert [shot.retake_note for shot in await shoot.shots()][:3] == ["Colder light", "Colder light", ""]
    none = await director.post(f"{shoot.episode}/shots/circle-newest", data={"shots": [str(third.id)]})
    assert none.status_code == 422


@pytest.mark.parametrize("verdict", ["circle", "uncircle", "retake", "reject", "reconsider"])
async def test_only_a_director_decides_and_only_about_takes_of_the_project(browsers, shoot, verdict):
    (take,) = await shoot.arrive(await shoot.shot())
    form = {"content-type": "application/x-www-form-urlencoded"}
    path = f"{shoot.project}/takes/{take.id}/{verdict}"
    assert (await browsers("writer").post(path)).status_code == 403
    assert (await browsers("stranger").post(path)).status_code == 404
    assert (
        await browsers("director").post(f"{shoot.project}/takes/{uuid4()}/{verdict}", headers=form)
    ).status_code == 404
