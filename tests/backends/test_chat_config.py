"""How text models are configured: order, catalogue, prices; and what is wrong is said without values."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from app.backends.chat import TextModels
from app.backends.chat.catalogue import models, vendors
from app.backends.chat.config import config
from app.backends.errors import ConfigError
from app.core import clock

KEY = "sk-config-0123456789abcdef"
SETTING = f"""
[fast]
vendor = "deepseek"
model = "deepseek-v4-flash"
api_key = "{KEY}"

[good]
vendor = "qwen"
model = "qwen3.8-max"
api_key = "{KEY}"
price = {{ currency = "cny", input = "14", output = "42" }}
"""


def test_the_order_of_the_setting_is_the_order_of_asking():
    found = TextModels.load(SETTING)
    assert [(one.name, one.model) for one in found.usable] == [("fast", "deepseek-v4-flash"), ("good", "qwen3.8-max")]
    assert found.problems == () and found
    fast, good = found.usable
    assert (fast.row.base_url, fast.row.answers.value) == ("https://api.deepseek.com", "json_object")
    assert (fast.price.currency, good.price.currency, str(good.price.input)) == ("USD", "CNY", "14")
    assert good.row.refusal_codes == {"DataInspectionFailed"}


def test_nothing_configured_is_nothing_and_no_problem():
    for text in ("", "  \n"):
        found = TextModels.load(text)
        assert not found and found.usable == () and found.problems == ()


def test_one_that_cannot_be_used_stops_no_other():
    broken = SETTING + '[lost]\nvendor = "stepfun"\nmodel = "step-3.5-flash"\napi_key = "x"\n'
    found = TextModels.load(broken)
    assert len(found.usable) == 2
    (problem,) = found.problems
    assert problem.backend == "lost" and "price" in problem.message


def test_a_setting_that_is_no_table_is_a_problem_and_stops_nothing():
    for text in ("[broken", '{"a": ', '{"a": {}, "a": {}}'):
        found = TextModels.load(text)
        assert not found and found.problems[0].backend == "REELROOM_TEXT_MODELS"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"model": ""}, "needs a model"),
        ({"vendor": "acme"}, "the vendor is one of"),
        ({"api_key": ""}, "needs an api_key"),
        ({"api_key": "bad\nkey"}, "printable ASCII"),
        ({"api_key": 5}, "must be text"),
        ({"speed": 1}, "no setting 'speed'"),
        ({"answers": "xml"}, "one of json_schema"),
        ({"context": 0}, "number of tokens"),
        ({"price": {"currency": "USD", "input": "-1", "output": "1"}}, "price"),
        ({"price": {"currency": "dollars", "input": "1", "output": "1"}}, "price"),
        ({"price": "cheap"}, "price"),
        ({"base_url": "ftp://x"}, "base_url"),
        ({"extra": {"messages": []}}, "extra"),
        ({"read_timeout_s": 0}, "read_timeout_s"),
        ({"retires_on": "soon"}, "retires_on"),
        ({"refusal_codes": [1]}, "refusal_codes"),
        ({"self_hosted": "yes"}, "true or false"),
    ],
)
def test_a_wrong_entry_says_what_is_wrong_and_never_a_key(changed: dict[str, Any], words: str):
    given = {"vendor": "deepseek", "model": "deepseek-v4-flash", "api_key": KEY, **changed}
    with pytest.raises(ConfigError) as caught:
        config("main", given)
    assert words in str(caught.value) and "'main'" in str(caught.value)
    assert KEY not in str(caught.value) and "bad" not in str(caught.value)


def test_a_model_that_its_vendor_withdrew_says_since_when():
    found = TextModels.load(json.dumps({"old": {"vendor": "deepseek", "model": "deepseek-chat", "api_key": KEY}}))
    assert not found and "2026-07-24" in found.problems[0].message


def test_a_model_is_not_asked_from_the_day_it_is_withdrawn():
    given = {"vendor": "qwen", "model": "qwen3.8-max", "api_key": KEY, "retires_on": "2199-01-02"}
    found = TextModels.load(json.dumps({"good": given}))
    assert found.get("good") is not None
    ahead = clock.now().replace(year=2199, month=1, day=3) - clock.now()
    with clock.turned(ahead):
        assert found.get("good") is None and not found


def test_a_server_of_ones_own_needs_a_price_and_perhaps_no_key():
    own = {"model": "qwen3-8b", "base_url": "http://farm.internal:8000/v1", "self_hosted": True}
    assert "price" in TextModels.load(json.dumps({"own": own})).problems[0].message
    free = {**own, "price": {"currency": "USD", "input": "0", "output": "0"}}
    assert TextModels.load(json.dumps({"own": free})).usable[0].row.vendor == "own"


def test_every_shipped_row_can_be_configured():
    price = {"currency": "USD", "input": "1", "output": "1"}
    assert len(vendors()) >= 10
    for vendor in vendors():
        for model in models(vendor):
            made = config("main", {"vendor": vendor, "model": model, "api_key": KEY, "price": price})
            assert made.row.base_url.startswith("https://")
            assert made.row.retires_on is None or isinstance(made.row.retires_on, date)
            assert KEY not in repr(made)
