"""The plain Chinese format goes out as its writers write it, and comes back the same."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from test_write_fountain import CHINESE_LINES, FOUNTAIN_LINES, SAMPLES, scripts

from app.scripts.formats import Dialect, parse
from app.scripts.formats.ast import Speech
from app.scripts.formats.write_chinese import write_chinese
from app.scripts.formats.write_fountain import write_fountain


@settings(max_examples=400, deadline=None)
@given(scripts(CHINESE_LINES))
def test_any_chinese_script_comes_back(text):
    script = parse(text, Dialect.CHINESE)
    assert parse(write_chinese(script), Dialect.CHINESE) == script


@settings(max_examples=200, deadline=None)
@given(scripts(FOUNTAIN_LINES))
def test_any_fountain_can_be_written_and_read(text):
    script = parse(text, Dialect.FOUNTAIN)
    again = parse(write_chinese(script), Dialect.CHINESE)
    assert parse(write_chinese(again), Dialect.CHINESE) == again


def test_the_form_is_the_one_writers_use():
    text = (
        "第1集 旧钥匙\n\n1-1 夜 内 琴行\n人物：阿宁、周姐\n△ 雨声。\n【字幕：七年后】\n"
        "周姐（没有抬头）：打烊了。\n周姐OS：像。\n"
    )
    written = write_chinese(parse(text))
    assert written.replace("周姐（OS）", "周姐OS") == text


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_every_spoken_word_of_a_sample_survives_either_way(path):
    script = parse(path.read_text())
    written = parse(write_chinese(script), Dialect.CHINESE)
    said = [element.text.replace("\n", " ") for element in script.elements if isinstance(element, Speech)]
    kept = [element.text.replace("\n", " ") for element in written.elements if isinstance(element, Speech)]
    assert kept == said
    assert len(list(written.scenes)) == len(list(script.scenes))
    assert write_fountain(written)
