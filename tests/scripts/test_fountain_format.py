"""Fountain, forced elements and Chinese words in it included."""

from __future__ import annotations

import pytest

from app.scripts.formats import Dialect, parse
from app.scripts.formats.ast import Cast, Element, Interior, Kind, SceneHeading, Script, Speech


def fountain(text: str) -> Script:
    """Return the tree of a Fountain text."""
    return parse(text, Dialect.FOUNTAIN)


def one(text: str) -> Element:
    """Return the only element of a text."""
    (element,) = fountain("\n" + text).elements
    return element


@pytest.mark.parametrize(
    ("line", "number", "interior", "place", "time"),
    [
        ("INT. HARBOR TOWER - LOBBY - DAY #1#", "1", "int", "HARBOR TOWER - LOBBY", "DAY"),
        ("ext. sea - night", "", "ext", "sea", "night"),
        ("INT./EXT. CAR - MOVING - NIGHT #5A#", "5A", "int_ext", "CAR - MOVING", "NIGHT"),
        ("I/E CAR - DAY", "", "int_ext", "CAR", "DAY"),
        ("EST. CITY - DAWN", "", "ext", "CITY", "DAWN"),
        ("INT. KITCHEN", "", "int", "KITCHEN", ""),
        ("INT. HALL - MOMENTS LATER", "", "int", "HALL", "MOMENTS LATER"),
        (".FLASHBACK - THE HOUSE - DAY #7A#", "7A", "", "FLASHBACK - THE HOUSE", "DAY"),
        (".内 客厅 - 日 #1-1#", "1-1", "int", "客厅", "日"),
        ("内景 客厅 - 夜", "", "int", "客厅", "夜"),
        ("外景 海边 - 黄昏 #3#", "3", "ext", "海边", "黄昏"),
    ],
)
def test_a_scene_heading_is_read(line: str, number: str, interior: str, place: str, time: str) -> None:
    heading = one(line)
    assert isinstance(heading, SceneHeading)
    assert (heading.scene_number, heading.place, heading.time) == (number, place, time)
    assert heading.interior is Interior(interior)


@pytest.mark.parametrize(
    "line",
    [
        "...and then",
        "Internal bleeding.",
        "林晓推门进来。",
        "Interior walls crumble.",
        "内心独白 - 日",
        "estimate the cost",
    ],
)
def test_prose_is_no_heading(line: str) -> None:
    assert one(line).kind is Kind.ACTION


@pytest.mark.parametrize(
    ("line", "kind", "text"),
    [
        ("!INT. NOT A HEADING", Kind.ACTION, "INT. NOT A HEADING"),
        ("!NOBODY MOVES.", Kind.ACTION, "NOBODY MOVES."),
        ("> FADE OUT.", Kind.TRANSITION, "FADE OUT."),
        ("SMASH CUT TO:", Kind.TRANSITION, "SMASH CUT TO:"),
        ("FADE IN:", Kind.TRANSITION, "FADE IN:"),
        ("> **THE END** <", Kind.CENTRED, "**THE END**"),
        ("~Fold it in three", Kind.LYRIC, "Fold it in three"),
        ("# Act One", Kind.SECTION, "Act One"),
        ("= She comes back.", Kind.SYNOPSIS, "She comes back."),
        ("===", Kind.PAGE_BREAK, ""),
        ("[[a note]]", Kind.NOTE, "a note"),
        ("[[a note\nof two lines]]", Kind.NOTE, "a note\nof two lines"),
        ("/* cut\n\nout */", Kind.BONEYARD, "cut\n\nout"),
        ("SUPER: SIGNED, TOMORROW", Kind.CARD, "SIGNED, TOMORROW"),
        ("!【字幕：三日后】", Kind.CARD, "三日后"),
        ("!△ 雨声。", Kind.ACTION, "雨声。"),
        ("INSERT - THE THIRD COPY", Kind.ACTION, "INSERT - THE THIRD COPY"),
        ("She walks in.\nShe stops.", Kind.ACTION, "She walks in.\nShe stops."),
        ("He opens /* slowly */ the door.", Kind.ACTION, "He opens /* slowly */ the door."),
    ],
)
def test_an_element_is_read(line: str, kind: Kind, text: str) -> None:
    element = one(line)
    assert (element.kind, element.text) == (kind, text)


def test_a_speech_has_speaker_tags_parentheticals_and_words() -> None:
    speech = one("LIN (O.S.) (CONT'D)\n(whisper)\nPage two.\n  \n(beat)\nAnd three.")
    assert isinstance(speech, Speech)
    assert (speech.speaker, speech.voice, speech.manner) == ("LIN", "O.S.", "whisper")
    assert [(part.manner, part.text) for part in speech.parts] == [("whisper", "Page two."), ("beat", "And three.")]


def test_a_forced_cue_keeps_its_case_and_a_radio_is_a_voice() -> None:
    speech = one("@McKay (on a radio)\nTwo women inside.")
    assert isinstance(speech, Speech)
    assert (speech.speaker, speech.voice) == ("McKay", "on a radio")


def test_dual_dialogue_is_marked_on_the_second_cue() -> None:
    first, second = fountain("\nNORA\nWhy?\n\nTHEO ^\nBecause.").elements
    assert isinstance(first, Speech) and isinstance(second, Speech)
    assert (first.dual, second.dual, second.speaker) == (False, True, "THEO")


def test_a_name_with_markup_is_only_text() -> None:
    speech = one("@<script>alert(1)</script>\nHello.")
    assert isinstance(speech, Speech) and speech.speaker == "<script>alert(1)</script>"


def test_capitals_without_words_below_are_action() -> None:
    assert [element.kind for element in fountain("\nBANG\n\nShe falls.").elements] == [Kind.ACTION, Kind.ACTION]


def test_a_slug_above_action_is_no_cue() -> None:
    assert one("CLOSE ON: THE DOOR\nIt opens.").kind is Kind.ACTION


def test_notes_carry_what_fountain_has_no_mark_for() -> None:
    script = fountain("\n[[人物：甲、乙]]\n\n[[人物小传：甲：女，十七岁]]\n\n[[正文：不知是什么]]")
    cast, profile, text = script.elements
    assert isinstance(cast, Cast) and cast.names == ("甲", "乙")
    assert (profile.kind, profile.label, profile.text) == (Kind.PROFILE, "甲", "女，十七岁")
    assert (text.kind, text.text) == (Kind.TEXT, "不知是什么")


def test_the_title_page_is_read_with_values_of_several_lines() -> None:
    script = fountain("Title:\n    _**SALT**_\n    Part one\nAuthor: A. Writer\n\nINT. HOUSE - DAY\n")
    assert script.value("title") == "_**SALT**_\nPart one"
    assert script.value("AUTHOR") == "A. Writer"
    assert [element.kind for element in script.elements] == [Kind.SCENE]


def test_a_script_that_begins_with_a_transition_has_no_title_page() -> None:
    script = fountain("FADE IN:\n\nINT. HOUSE - DAY\n")
    assert script.fields == ()
    assert script.elements[0].kind is Kind.TRANSITION


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("/* never closed", "script.open_boneyard"),
        ("[[never closed", "script.open_note"),
        ("@MARA", "script.cue_without_words"),
    ],
)
def test_what_is_doubtful_is_warned_of_with_its_line(text: str, code: str) -> None:
    script = fountain(f"INT. HOUSE - DAY\n\n{text}\n")
    assert [(warning.line, warning.code) for warning in script.warnings] == [(3, code)]
    assert script.elements[1].text == text.removeprefix("!")


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        ("INT. HOUSE - DAY\n\nMARA\nHello.\n", Dialect.FOUNTAIN),
        ("1-1 日 内 客厅\n△ 风声。\n阿宁：好。\n", Dialect.CHINESE),
        ("内景 客厅 - 夜\n\n△ 风声。\n阿宁：好。\n", Dialect.CHINESE),
        (".内 客厅 - 夜\n\n@阿宁\n好。\n", Dialect.FOUNTAIN),
        ("Title: 盐\n\nINT. 客厅 - 夜\n\n林晓推门进来。\n\n@林晓\n好。\n", Dialect.FOUNTAIN),
        ("第1集 旧钥匙\n\n1-1 夜 内 琴行\n周姐（没有抬头）：打烊了。", Dialect.CHINESE),
        ("", Dialect.FOUNTAIN),
    ],
)
def test_the_dialect_is_recognised(text: str, dialect: Dialect) -> None:
    assert parse(text).dialect is dialect
