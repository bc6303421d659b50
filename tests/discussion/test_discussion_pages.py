"""Notes on shots: a viewer may speak, nobody reaches another project's conversation."""

from __future__ import annotations

import re
from uuid import uuid4

from app.discussion import service as discussion


async def conversations(shoot, shot):
    async with shoot.database.transaction() as session:
        return await discussion.on(session, shoot.project_id, "shot", shot.id)


async def test_a_note_on_a_frame_is_answered_settled_and_taken_back(browsers, shoot):
    shot = await shoot.shot()
    await shoot.arrive(shot)
    viewer, director = browsers("viewer"), browsers("director")
    back = f"{shoot.episode}/shots/{shot.id}?tab=notes"
    note = {
        "kind": "shot",
        "subject_id": str(shot.id),
        "body": "眼睛再睁大一点",
        "take": "1",
        "frame": "7",
        "next": back,
    }
    answer = await viewer.post(f"{shoot.project}/threads", data=note)
    assert answer.headers["location"] == back
    page = await director.get(back)
    assert "眼睛再睁大一点" in page.text and "T1 f 7" in page.text and 'class="pin' in page.text
    thread = re.search(r'id="thread-([^"]+)"', page.text)[1]
    await director.post(f"{shoot.project}/threads/{thread}/comments", data={"body": "对。", "next": back})
    await director.post(f"{shoot.project}/threads/{thread}/resolve", data={"next": back})
    (found,) = await conversations(shoot, shot)
    assert [one.body for one in found.comments] == ["眼睛再睁大一点", "对。"] and found.thread.resolved_at
    await director.post(f"{shoot.project}/threads/{thread}/reopen", data={"next": back})
    mine = found.comments[0].id
    assert (await director.post(f"{shoot.project}/comments/{mine}/delete", data={"next": back})).status_code == 403
    await viewer.post(f"{shoot.project}/comments/{mine}/delete", data={"next": back})
    page = await director.get(back)
    assert "眼睛再睁大一点" not in page.text and "Taken back." in page.text


async def test_one_talks_only_about_what_the_project_has(browsers, shoot):
    director = browsers("director")
    for kind, subject in (("shot", uuid4()), ("payroll", shoot.episode_id)):
        note = {"kind": kind, "subject_id": str(subject), "body": "x"}
        assert (await director.post(f"{shoot.project}/threads", data=note)).status_code == 404
    shot = await shoot.shot()
    empty = {"kind": "shot", "subject_id": str(shot.id), "body": ""}
    assert (await director.post(f"{shoot.project}/threads", data=empty)).status_code == 422
    for action in ("comments", "resolve", "reopen"):
        foreign = await director.post(f"{shoot.project}/threads/{uuid4()}/{action}", data={"body": "x"})
        assert foreign.status_code == 404
    assert (await browsers("stranger").post(f"{shoot.project}/threads", data=empty)).status_code == 404
