"""What is written as Fountain reads as the same tree, whatever the script holds."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.scripts.formats import Dialect, parse
from app.scripts.formats.write_fountain import write_fountain

SAMPLES = sorted((Path(__file__).parents[2] / "samples").glob("*"))
DATA = Path(__file__).parent / "data"
FOUNTAIN_LINES = ("  ", *(DATA / "fountain_lines.txt").read_text().splitlines())
CHINESE_LINES = tuple((DATA / "chinese_lines.txt").read_text().splitlines())
NOISE = st.text(alphabet=" \t\u3000-—#*_()（）[]【】：:，。.!@>~=△/+ab AZ内外日夜第集场1２二\u200b", max_size=14)


def scripts(lines: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Return scripts made of known lines, noise, and blank lines between them."""
    line = st.one_of(st.sampled_from(lines), st.just(""), NOISE, st.tuples(st.sampled_from(lines), NOISE).map("".join))
    return st.lists(line, max_size=14).map("\n".join)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_a_sample_reads_the_same_after_it_was_written(path: Path) -> None:
    script = parse(path.read_text())
    written = write_fountain(script)
    assert parse(written) == script
    assert parse(written).dialect is Dialect.FOUNTAIN


@settings(max_examples=400, deadline=None)
@given(scripts(FOUNTAIN_LINES))
def test_any_fountain_survives_writing(text: str) -> None:
    script = parse(text, Dialect.FOUNTAIN)
    assert parse(write_fountain(script), Dialect.FOUNTAIN) == script


@settings(max_examples=400, deadline=None)
@given(scripts(CHINESE_LINES))
def test_any_chinese_script_survives_writing(text: str) -> None:
    script = parse(text, Dialect.CHINESE)
    assert parse(write_fountain(script), Dialect.FOUNTAIN) == script


def test_the_marks_of_the_chinese_format_are_kept() -> None:
    text = "1-1 日 内 客厅\n人物：甲、乙\n△ 甲推门。\n【字幕：七年后】\n乙OS（冷）：谁？\n"
    written = write_fountain(parse(text))
    assert ".内 客厅 - 日 #1-1#" in written
    assert "[[人物：甲、乙]]" in written
    assert "!△ 甲推门。" in written
    assert "!【字幕：七年后】" in written
    assert "@乙 (OS)\n(冷)\n谁？" in written
