"""Where a name is said: as a word of its own, never inside another, and told apart from what only looks like it."""

from __future__ import annotations

import pytest

from app.scripts.renames import mentions, replaced

CHINESE = "1-1 日 内 阿宁家\n人物：阿宁、阿宁宁\n△阿宁看着阿宁宁。\n阿宁：我是阿宁。\n阿宁宁：阿宁宁在这。\n"
ENGLISH = (
    "INT. KITCHEN - DAY\n\nAnn waits for Anna. Ann's tea is cold; she has ann iversary plans.\n\n"
    "ANN\nI am Ann, not Anna.\n"
)


def test_a_chinese_name_is_not_found_in_a_longer_one():
    found = mentions(CHINESE, "阿宁", {"阿宁宁"})
    assert [(place.line, place.kind) for place in found] == [
        (1, "heading"),
        (2, "cast"),
        (3, "action"),
        (4, "cue"),
        (4, "dialogue"),
    ]
    assert all(place.certain for place in found)
    assert replaced(CHINESE, found, "小月") == (
        "1-1 日 内 小月家\n人物：小月、阿宁宁\n△小月看着阿宁宁。\n小月：我是小月。\n阿宁宁：阿宁宁在这。\n"
    )


def test_what_may_be_a_longer_name_nobody_knows_is_not_certain():
    found = mentions(CHINESE, "阿宁")
    assert [place.line for place in found if not place.certain] == [2, 3, 5, 5]


def test_an_english_name_is_a_word_and_keeps_its_case():
    found = mentions(ENGLISH, "Ann", {"Anna"})
    assert [(place.words, place.certain) for place in found] == [
        ("Ann", True),
        ("Ann", True),
        ("ann", False),
        ("ANN", True),
        ("Ann", True),
    ]
    text = replaced(ENGLISH, [place for place in found if place.certain], "Bea")
    assert "Bea waits for Anna. Bea's tea" in text and "ann iversary" in text and "\nBEA\nI am Bea, not Anna." in text


@pytest.mark.parametrize("name", ["", "  "])
def test_no_name_is_nowhere(name):
    assert mentions(ENGLISH, name) == []
