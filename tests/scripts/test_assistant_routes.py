"""Help with a script by pages and by the API: who may ask, see, accept and dismiss; and lists in pages."""

from __future__ import annotations

import pytest
from assistant_support import BETTER, PASSAGE, SCRIPT
from backends.chat_clients import KEY
from sqlalchemy import func, select, update

from app.accounts.models import User
from app.backends.chat import TextModels
from app.money.models import LedgerEntry


@pytest.fixture
def places(assisted, assisted_app) -> tuple[str, str]:
    """The addresses of the project and the episode."""
    project = f"/projects/{assisted.world.project.id}"
    return project, f"{project}/episodes/{assisted.world.episode.id}"


HELP = {"passage": PASSAGE, "wish": "hook"}


async def test_a_writer_asks_sees_the_difference_and_takes_it_over(browsers, assisted, places):
    _project, episode = places
    writer = browsers("writer")
    page = await writer.get(f"{episode}/script")
    assert "Ask for help" in page.text and f'action="{episode}/script/help"' in page.text
    assisted.answer({"text": BETTER})
    asked = await writer.post(f"{episode}/script/help", data=HELP)
    assert asked.status_code == 303
    where = asked.headers["location"]
    waiting = await writer.get(where)
    assert 'data-live="scripts.proposal_changed"' in waiting.text and "Being asked" in waiting.text
    await assisted.work(where.rpartition("/")[2])
    shown = (await writer.get(where)).text
    assert "<del>" in shown and "<ins>" in shown and "data-live=" not in shown.partition('id="proposal"')[2][:80]
    assert "$" not in shown.partition('id="proposal"')[2]  # a writer sees no prices
    assert "$" in (await browsers("producer").get(where)).text.partition('id="proposal"')[2]
    assert await assisted.text() == SCRIPT
    assert (await browsers("viewer").post(f"{where}/accept")).status_code == 403
    done = await writer.post(f"{where}/accept")
    assert done.status_code == 303 and done.headers["location"] == f"{episode}/script"
    assert await assisted.text() == SCRIPT.replace(PASSAGE, BETTER)
    again = await writer.post(f"{where}/accept", headers={"accept": "application/json"})
    assert again.status_code == 409 and again.json()["code"] == "assistant.not_proposed"


async def test_a_dismissed_proposal_changes_nothing(browsers, assisted, places):
    project, _episode = places
    row = await assisted.work(await assisted.ask())
    where = f"{project}/proposals/{row.id}"
    assert (await browsers("viewer").post(f"{where}/dismiss")).status_code == 403
    assert (await browsers("writer").post(f"{where}/dismiss")).status_code == 303
    assert (await assisted.proposal(row.id)).state == "dismissed"
    assert await assisted.text() == SCRIPT


async def test_who_may_not_write_may_not_ask_but_may_read(browsers, assisted, places):
    project, episode = places
    viewer = browsers("viewer")
    assert (await viewer.post(f"{episode}/script/help", data=HELP)).status_code == 403
    assert "Ask for help" not in (await viewer.get(f"{episode}/script")).text
    row = await assisted.work(await assisted.ask())
    shown = (await viewer.get(f"{project}/proposals/{row.id}")).text
    assert "<ins>" in shown and "Take it over" not in shown
    assert (await browsers("stranger").get(f"{project}/proposals/{row.id}")).status_code == 404


async def test_without_money_the_page_says_so_and_nothing_is_booked(browsers, assisted, places):
    await assisted.budget("0")
    answer = await browsers("writer").post(
        f"{places[1]}/script/help", data=HELP, headers={"accept": "application/json"}
    )
    assert answer.status_code == 409 and answer.json()["code"].startswith("money.")
    async with assisted.database.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(LedgerEntry)) == 0


async def test_proposals_are_listed_newest_first_in_pages(browsers, assisted, places):
    project, episode = places
    empty = await browsers("writer").get(f"{episode}/proposals")
    assert "Nothing was proposed yet" in empty.text
    for number in range(3):
        await assisted.ask(wish="own", instruction=f"wish {number}")
    listed = await browsers("writer").get(f"{episode}/proposals")
    assert listed.text.index("wish 2") < listed.text.index("wish 0")
    assert 'data-live="scripts.proposal_changed"' in listed.text
    wishes, after = [], ""
    for _page in range(3):
        page = (await browsers("viewer").get(f"/api/v1{project}/proposals?limit=1{after}")).json()
        wishes += [one["instruction"] for one in page["items"]]
        after = f"&after={page['next']}"
    assert wishes == ["wish 2", "wish 1", "wish 0"] and page["next"] is None
    assert (await browsers("viewer").get(f"/api/v1{project}/proposals?state=accepted")).json()["items"] == []


async def test_a_program_asks_once_for_a_key_reads_and_accepts(browsers, assisted, places):
    project, episode = places
    writer, key = browsers("writer"), {"idempotency-key": "night-1"}
    assisted.answer({"text": BETTER})
    asked = await writer.post(f"/api/v1{episode}/script/help", json=HELP, headers=key)
    assert asked.status_code == 202 and asked.json()["state"] == "asking" and asked.json()["cost"] is None
    again = await writer.post(f"/api/v1{episode}/script/help", json=HELP, headers=key)
    assert again.json() == asked.json() and again.headers["idempotent-replayed"] == "true"
    where = f"/api/v1{project}/proposals/{asked.json()['id']}"
    await assisted.work(asked.json()["id"])
    read = (await browsers("producer").get(where)).json()
    assert (read["state"], read["text"], read["backend"]) == ("proposed", BETTER, "first")
    assert read["cost"]["micros"] > 0 and read["cost"]["currency"] == "USD"
    assert KEY not in str(read)
    for deed in ("accept", "dismiss"):
        assert (await browsers("viewer").post(f"{where}/{deed}")).status_code == 403
    assert (await writer.post(f"{where}/accept")).json()["state"] == "accepted"
    assert (await writer.post(f"{where}/dismiss")).status_code == 409
    refused = await browsers("viewer").post(f"/api/v1{episode}/script/help", json=HELP)
    assert refused.status_code == 403
    wrong = await writer.post(f"/api/v1{episode}/script/help", json={**HELP, "wish": "sing"})
    assert wrong.status_code == 422


async def test_the_pages_speak_chinese(browsers, assisted, places):
    project, episode = places
    async with assisted.database.transaction() as session:
        writer = assisted.world.actors["writer"]
        await session.execute(update(User).where(User.id == writer.id).values(locale="zh"))
    row = await assisted.work(await assisted.ask())
    for path, words in (
        (f"{episode}/proposals", "强化钩子"),
        (f"{project}/proposals/{row.id}", "采用"),
        (f"{episode}/script", "请求协助"),
    ):
        page = (await browsers("writer").get(path)).text
        assert words in page and "Sharpen the hook" not in page, path


async def test_without_a_text_model_every_button_is_absent_and_every_page_works(browsers, assisted, places, app):
    project, episode = places
    row = await assisted.work(await assisted.ask())
    scene, (shot, *_rest) = await assisted.scene(), await assisted.shots()
    app.state.text_models = TextModels()
    director = browsers("director")
    for path in (
        f"{episode}/script",
        f"{episode}/board",
        f"{episode}/shots/{shot.id}?tab=prompt",
        f"{episode}/proposals",
        f"{project}/proposals/{row.id}",
    ):
        page = await director.get(path)
        assert page.status_code == 200, path
        for words in ("Ask for help", "Suggest shots</button>", "Polish the directions</", "Ask again"):
            assert words not in page.text, (path, words)
    for path in (f"{episode}/script/help", f"{project}/scenes/{scene.id}/suggest", f"{project}/shots/{shot.id}/polish"):
        answer = await director.post(path, data=HELP, headers={"accept": "application/json"})
        assert answer.status_code == 409 and answer.json()["code"] == "assistant.not_configured"
