"""Help with a passage: asked within the budget, shown, taken over by a person; and what vendors' faults come to."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from assistant_support import BETTER, PASSAGE, SCRIPT
from backends.chat_clients import entry
from sqlalchemy import select

from app.backends.chat import TextModels
from app.core.errors import Conflict, Invalid
from app.episodes.models import Episode
from app.money import rates
from app.money import service as money
from app.projects.models import Project
from app.scripts import assistant, assistant_steps, script_help
from app.scripts.models import Proposal, ProposalTry


async def _tries(assisted) -> list[ProposalTry]:
    async with assisted.database.transaction() as session:
        return list((await session.scalars(select(ProposalTry).order_by(ProposalTry.id))).all())


async def test_a_proposal_is_shown_and_changes_nothing_until_it_is_accepted(assisted):
    assisted.answer({"text": BETTER})
    asked = await assisted.ask()
    assert (await assisted.proposal(asked)).state == "asking"
    row = await assisted.work(asked)
    assert (row.state, row.before, row.text) == ("proposed", PASSAGE, BETTER)
    assert (row.backend, row.model, row.asked_by_name) == ("first", "fake-chat", "Writer")
    assert await assisted.text() == SCRIPT
    async with assisted.database.transaction() as session:
        episode = await session.get_one(Episode, row.episode_id)
        open_one = await assistant.decidable(session, row.project_id, asked, [script_help.KIND])
        await script_help.accept(session, assisted.world.actors["writer"], episode, open_one)
    assert await assisted.text() == SCRIPT.replace(PASSAGE, BETTER)
    assert (await assisted.proposal(asked)).decided_by_name == "Writer"


async def test_its_price_is_reserved_then_settled_in_the_one_ledger(assisted):
    await assisted.budget("1")
    asked = await assisted.ask()
    (one,) = await _tries(assisted)
    held = await assisted.position()
    assert (held.reserved, held.spent) == (one.cap_micros, 0) and held.reserved > 0
    assert await assisted.book_faults() == []
    row = await assisted.work(asked)
    (one,) = await _tries(assisted)
    paid = await assisted.position()
    assert (paid.reserved, paid.spent) == (0, row.cost_micros)
    assert one.actual_micros == row.cost_micros == one.tokens_read + 4 * one.tokens_written > 0
    assert await assisted.book_faults() == []


async def test_a_useless_answer_is_paid_and_the_next_model_asked(assisted):
    assisted.configure(first=entry(assisted.url), second=entry(assisted.url))
    assisted.answer("nonsense", "nonsense again", {"text": BETTER})
    row = await assisted.work(await assisted.ask())
    assert (row.state, row.backend) == ("proposed", "second")
    first, second = await _tries(assisted)
    assert first.actual_micros > 0 and second.actual_micros > 0
    assert row.cost_micros == first.actual_micros + second.actual_micros == (await assisted.position()).spent
    assert await assisted.book_faults() == []


@pytest.mark.parametrize("scenario", ["401", "402", "429", "500_before", "drop_before"])
async def test_every_model_is_asked_once_and_then_it_has_failed(assisted, scenario):
    assisted.configure(first=entry(assisted.url), second=entry(assisted.url))
    assisted.fake.default_scenario = {scenario: ""}
    row = await assisted.work(await assisted.ask())
    assisted.fake.default_scenario = {}
    assert (row.state, row.error_code) == ("failed", "assistant.unanswered")
    assert "first: " in row.error and "second: " in row.error
    assert len(assisted.fake.requests) == 2
    assert (await assisted.position()).reserved == 0
    assert await assisted.book_faults() == []


async def test_a_refusal_goes_to_the_person_and_to_no_other_vendor(assisted):
    assisted.configure(first=entry(assisted.url), second=entry(assisted.url))
    row = await assisted.work(await assisted.ask(wish="own", instruction="darker [[fake:moderation_input]]"))
    assert (row.state, row.error_code, row.backend) == ("refused", "assistant.refused", "first")
    assert len(assisted.fake.requests) == 1
    assert await assisted.book_faults() == []


async def test_without_money_it_says_so_and_nothing_is_asked(assisted):
    await assisted.budget("0.000001")
    with pytest.raises(Conflict) as told:
        await assisted.ask()
    assert told.value.code.startswith("money.") and "budget" in told.value.message.lower()
    async with assisted.database.transaction() as session:
        project = await session.get_one(Project, assisted.world.project.id)
        await money.pause(session, assisted.world.actors["producer"], project, paused=True)
    with pytest.raises(Conflict, match="paused"):
        await assisted.ask()
    assert assisted.fake.requests == []


async def test_above_a_threshold_a_producer_asks_and_a_writer_is_told(assisted):
    async with assisted.database.transaction() as session:
        project = await session.get_one(Project, assisted.world.project.id)
        none = money.Money(0, "USD")
        await money.rules.change(
            session, assisted.world.actors["producer"], project, single=none, batch=None, lines=[80]
        )
    with pytest.raises(Conflict) as told:
        await assisted.ask()
    assert told.value.code == "money.approval" and "producer can ask it" in told.value.message
    row = await assisted.work(await assisted.ask(who="producer"))
    assert row.state == "proposed"


async def test_a_price_in_another_currency_is_booked_at_the_rate_that_was_frozen(assisted):
    price = {"currency": "CNY", "input": "10", "output": "40"}
    assisted.configure(first=entry(assisted.url, price=price))
    with pytest.raises(Conflict, match="exchange rate"):
        await assisted.ask()
    async with assisted.database.transaction() as session:
        today = assistant.clock.now().date()
        await rates.set_rate(
            session,
            assisted.world.actors["producer"],
            assisted.world.team_id,
            base="CNY",
            quote="USD",
            rate=rates.Decimal("0.14"),
            on=today,
        )
    row = await assisted.work(await assisted.ask())
    (one,) = await _tries(assisted)
    assert row.currency == "USD" and row.cost_micros == one.actual_ledger_micros == -(-one.actual_micros * 14 // 100)
    assert await assisted.book_faults() == []


async def test_a_lost_worker_is_noticed_and_what_it_may_have_spent_counts(assisted):
    asked = await assisted.ask()
    async with assisted.database.transaction() as session:
        claim = await assistant_steps._claim(session, assisted.models, asked)
    assert claim is not None
    await assistant_steps.run(assisted.database, assisted.models, asked)  # a message that comes twice finds it taken
    assert assisted.fake.requests == []
    assert await assisted.sweep(timedelta(seconds=1)) == 0
    assert await assisted.sweep(timedelta(minutes=10)) == 1
    row = await assisted.proposal(asked)
    assert (row.state, row.error_code) == ("failed", "assistant.lost") and "Ask again" in row.error
    (one,) = await _tries(assisted)
    assert (await assisted.position()).spent == one.cap_micros
    outcome = await assisted.models.usable[0].ask(claim.question)
    async with assisted.database.transaction() as session:
        await assistant_steps._record(session, assisted.models, claim, outcome)  # the worker comes back after all
    assert (await assisted.proposal(asked)).state == "failed"
    assert await assisted.book_faults() == []


async def test_a_lost_message_is_sent_again(assisted):
    asked = await assisted.ask()
    assert await assisted.sweep(timedelta(seconds=5)) == 0
    assert await assisted.sweep(timedelta(minutes=1)) == 1
    assert (await assisted.work(asked)).state == "proposed"


async def test_two_workers_ask_once(assisted):
    asked = await assisted.ask()
    await asyncio.gather(*(assistant_steps.run(assisted.database, assisted.models, asked) for _each in range(3)))
    assert len(assisted.fake.requests) == 1


async def test_a_double_click_asks_once(assisted):
    first, second = await assisted.ask(), await assisted.ask()
    assert first == second
    assert await assisted.ask(wish="shorten") != first


async def test_a_worker_without_the_model_passes_on(assisted):
    asked = await assisted.ask()
    assisted.configure(second=entry(assisted.url))
    row = await assisted.work(asked)
    assert (row.state, row.backend) == ("proposed", "second")
    assert await assisted.book_faults() == []


async def test_a_passage_must_be_in_the_script_once(assisted):
    for passage, code in (
        ("  ", "assistant.passage"),
        ("不在这里", "assistant.passage_missing"),
        ("父亲", "assistant.passage_often"),
        ("海" * 4001, "assistant.passage_long"),
    ):
        with pytest.raises(Invalid) as told:
            await assisted.ask(passage)
        assert told.value.code == code
    with pytest.raises(Invalid):
        await assisted.ask(wish="own")
    with pytest.raises(Invalid):
        await assisted.ask(wish="rewrite everything")


async def test_a_place_tells_passages_of_the_same_words_apart(assisted):
    second = SCRIPT.index("父亲", SCRIPT.index("父亲") + 1)
    row = await assisted.proposal(await assisted.ask("父亲", offset=second))
    assert row.place == second


async def test_a_passage_that_changed_is_not_replaced(assisted):
    row = await assisted.work(await assisted.ask())
    async with assisted.database.transaction() as session:
        episode = await session.get_one(Episode, row.episode_id)
        writer = assisted.world.actors["writer"]
        script = await script_help.service.of_episode(session, episode)
        text = script.text.replace("白沫", "浪花")
        await script_help.service.save(session, writer, episode, text, version=script.version)
    with pytest.raises(Conflict) as told:
        async with assisted.database.transaction() as session:
            episode = await session.get_one(Episode, row.episode_id)
            again = await session.get_one(Proposal, row.id)
            await script_help.accept(session, assisted.world.actors["writer"], episode, again)
    assert told.value.code == "assistant.passage_changed"
    assert "浪花" in await assisted.text()


async def test_without_a_text_model_asking_says_how_to_get_one(assisted):
    assisted.models = TextModels()
    with pytest.raises(Conflict) as told:
        await assisted.ask()
    assert told.value.code == "assistant.not_configured"
