"""Models whose inputs are data: what a row says is what is sent."""

from __future__ import annotations

from typing import Any

import pytest

from app.backends.described import filled, input_values

VALUES: dict[str, Any] = {"prompt": "A lighthouse.", "seconds": 5, "seed": None, "first": None, "sound": False}


@pytest.mark.parametrize(
    ("inputs", "written"),
    [
        ({"text": "$prompt", "length": "$seconds"}, {"text": "A lighthouse.", "length": 5}),
        ({"seed": "$seed", "image": "$first"}, {}),
        ({"audio": "$sound"}, {"audio": False}),
        (
            {"mode": "std", "steps": 30, "safe": True, "tags": ["a"]},
            {"mode": "std", "steps": 30, "safe": True, "tags": ["a"]},
        ),
        ({"image": {"type": "image", "uri": "$first"}}, {}),
        ({"a": {"text": "$prompt", "seed": "$seed", "kind": "x"}}, {"a": {"text": "A lighthouse.", "kind": "x"}}),
        ({"options": {"quality": "high"}}, {"options": {"quality": "high"}}),
        ({"size": {"by_size": {"720x1280": "768P", "1280x720": "768L"}}}, {"size": "768P"}),
        ({"size": {"by_size": {"480x854": "480P"}}}, {}),
        ({"cfg": "$setting"}, {}),
    ],
)
def test_fields_are_written_as_the_row_says(inputs: dict[str, Any], written: dict[str, Any]) -> None:
    assert filled(inputs, VALUES, "720x1280", {}) == written


def test_a_request_sets_what_is_open_and_nothing_that_may_decide_the_price() -> None:
    inputs = {"cfg": "$setting", "mode": "std", "text": "$prompt"}
    extra = {"cfg": 0.5, "mode": "pro", "text": "Another."}
    assert filled(inputs, VALUES, "720x1280", extra) == {"cfg": 0.5, "mode": "std", "text": "A lighthouse."}


def test_input_files_are_told_by_role_in_their_order() -> None:
    values = input_values([("reference", "one"), ("voice", "spoken"), ("reference", "two")])
    assert values["references"] == ["one", "two"]
    assert (values["reference"], values["voice"], values["voices"]) == ("one", "spoken", ["spoken"])
    assert (values["first"], values["motion"]) == (None, None)
