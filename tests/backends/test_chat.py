"""Text models: what is sent, how answers are held to their contract, what passes on, and what everything costs."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from backends.chat_clients import KEY, entry, models, question, running

from app.backends.chat import ChatModel, Outcome
from app.backends.errors import Kind


@pytest.fixture(scope="module")
def fake():
    with running() as started:
        yield started


@pytest.fixture
async def model(fake) -> AsyncIterator[ChatModel]:
    served, url = fake
    served.requests.clear()
    served.answers.clear()
    made = models(main=entry(url))
    yield made.usable[0]
    await made.aclose()


async def _ask(fake, content: str = "A line, please.", *, changes: Any = None, **settings: Any) -> Outcome:
    served, url = fake
    served.requests.clear()
    made = models(main=entry(url, **settings))
    try:
        return await made.usable[0].ask(question(content, **(changes or {})))
    finally:
        await made.aclose()


async def test_an_answer_keeps_its_contract_and_its_tokens_are_paid(fake, model):
    fake[0].answers.append('{"text": "Look there."}')
    told = await model.ask(question())
    assert told.error is None and told.value is not None
    assert told.value.model_dump() == {"text": "Look there."}
    assert told.requests == 1
    exact = told.usage.read * 1 + told.usage.written * 4  # a million tokens cost 1 and 4: a token is 1 and 4 micros
    assert (told.cost.micros, told.cost.currency) == (exact, "USD")
    assert 0 < told.cost.micros <= model.cap(question()).micros


@pytest.mark.parametrize("answers", ["json_schema", "json_object", "prompt"])
async def test_the_shape_is_sent_where_the_model_takes_it_and_told_elsewhere(fake, answers):
    told = await _ask(fake, answers=answers)
    assert told.value is not None
    body = fake[0].requests[0]["body"]
    sent = body.get("response_format", {}).get("type", "prompt")
    assert sent == answers
    in_words = '"properties"' in body["messages"][0]["content"]
    assert in_words is (answers != "json_schema")


async def test_a_fenced_or_thought_about_answer_is_read(fake):
    for scenario in ("fenced", "thought"):
        assert (await _ask(fake, f"[[fake:{scenario}]]")).value is not None, scenario


@pytest.mark.parametrize("spoiled", ["broken_json", "prose", "wrong_schema", "list", "blank"])
async def test_a_useless_answer_is_asked_for_once_more_with_what_is_wrong(fake, spoiled):
    told = await _ask(fake, f"Once {spoiled} [[fake:{spoiled}=once]]")
    assert told.value is not None and told.requests == 2
    first, second = (one["body"]["messages"][-1]["content"] for one in fake[0].requests)
    assert second.startswith(first) and "could not be used" in second
    assert told.cost.micros == told.usage.read + 4 * told.usage.written


@pytest.mark.parametrize("spoiled", ["broken_json", "wrong_schema", "cut"])
async def test_twice_useless_is_given_up_and_still_paid(fake, spoiled):
    told = await _ask(fake, f"Always [[fake:{spoiled}]]")
    assert told.value is None and told.error is not None and not told.refused
    assert told.requests == 2 and told.cost.micros > 0
    assert "twice" in told.error.message


async def test_an_answer_about_something_else_does_not_pass_the_contract(fake, model):
    fake[0].answers.extend(['{"text": "HACKED"}', '{"text": "海 at last"}'])
    told = await model.ask(question(context={"begin": "海"}))
    assert told.requests == 2 and told.value is not None
    assert "must begin with 海" in fake[0].requests[1]["body"]["messages"][-1]["content"]


@pytest.mark.parametrize(
    ("scenario", "kind"),
    [
        ("401", Kind.AUTH),
        ("402", Kind.QUOTA),
        ("429", Kind.RATE_LIMIT),
        ("429_no_money", Kind.QUOTA),
        ("500_before", Kind.TRANSIENT),
        ("invalid", Kind.INVALID),
        ("model_gone", Kind.NOT_FOUND),
    ],
)
async def test_a_failure_passes_on_is_not_tried_again_and_costs_nothing(fake, scenario, kind):
    told = await _ask(fake, f"[[fake:{scenario}]]")
    assert told.error is not None and told.error.kind is kind and not told.refused
    assert told.requests == 1 and len(fake[0].requests) == 1
    assert told.cost.micros == 0


@pytest.mark.parametrize("scenario", ["moderation_input", "refused", "base_resp=1026"])
async def test_a_refusal_is_for_a_person(fake, scenario):
    told = await _ask(fake, f"[[fake:{scenario}]]", refusal_codes=["1026"])
    assert told.refused and told.requests == 1
    assert (told.cost.micros > 0) is (scenario != "moderation_input")  # what was counted is paid


@pytest.mark.parametrize("scenario", ["hang_after", "drop_after", "html_create", "no_usage"])
async def test_what_nobody_counted_costs_the_most_it_can(fake, scenario):
    told = await _ask(fake, f"[[fake:{scenario}]]")
    sent = fake[0].requests[0]["body"]["messages"]
    least = sum(len(one["content"].encode()) for one in sent) + 4 * 500
    assert told.requests == 1 and told.cost.micros >= least
    assert (told.error is None) is (scenario == "no_usage")


async def test_nothing_is_paid_where_nothing_was_sent():
    made = models(main=entry("http://127.0.0.1:1/v1"))
    told = await made.usable[0].ask(question())
    await made.aclose()
    assert told.error is not None and told.error.kind is Kind.TRANSIENT and told.cost.micros == 0


async def test_no_error_shows_the_key(fake):
    for scenario in ("401", "echo_key"):
        told = await _ask(fake, f"[[fake:{scenario}]]")
        assert told.error is not None and KEY not in json.dumps(told.error.facts())
    made = models(main=entry(fake[1], api_key="sk-not-this-one-0123456789"))
    told = await made.usable[0].ask(question())
    await made.aclose()
    assert told.error is not None and told.error.kind is Kind.AUTH
    assert KEY not in repr(made.usable) and "0123456789" not in repr(made.usable) + told.error.message


async def test_what_is_asked_costs_at_most_its_cap_even_in_chinese_and_twice(fake, model):
    asked = question("海的那一边有什么？" * 200 + "[[fake:wrong_schema]]")
    told = await model.ask(asked)
    assert told.requests == 2
    assert told.cost.micros <= model.cap(asked).micros


async def test_a_model_says_what_is_too_long_for_it(fake):
    made = models(small=entry(fake[1], context=2000), large=entry(fake[1], context=200_000))
    assert [one.fits(question("word " * 400)) for one in made.usable] == [False, True]
    await made.aclose()
