"""Every node says where it stands, and every line with words is covered by one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.scripts.formats import Dialect, Script, parse
from app.scripts.formats.lines import normalised
from app.scripts.formats.vocabulary import trim

SAMPLES = sorted((Path(__file__).parents[2] / "samples").glob("*"))
DATA = Path(__file__).parent / "data"
LINES = [
    line for name in ("fountain_lines.txt", "chinese_lines.txt") for line in (DATA / name).read_text().splitlines()
]
TEXTS = st.lists(st.one_of(st.sampled_from(LINES), st.just(""), st.text(max_size=12)), max_size=14).map("\n".join)


def uncovered(text: str, script: Script) -> list[str]:
    """Return the lines with words that no node covers."""
    text = normalised(text)
    nodes = [*script.fields, *script.elements]
    covered = bytearray(len(text) + 1)
    for node in nodes:
        assert text[node.start : node.end] == node.raw
        assert text.count("\n", 0, node.start) + 1 == node.line
        covered[node.start : node.end] = b"\x01" * (node.end - node.start)
    missed: list[str] = []
    start = 0
    for line in text.split("\n"):
        if any(trim(char) and not covered[start + offset] for offset, char in enumerate(line)):
            missed.append(line)
        start += len(line) + 1
    return missed


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_no_line_of_a_sample_is_dropped(path: Path) -> None:
    text = path.read_text()
    script = parse(text)
    assert uncovered(text, script) == []
    assert script.warnings == ()


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.sampled_from(Dialect))
def test_no_line_of_any_text_is_dropped(text: str, dialect: Dialect) -> None:
    assert uncovered(text, parse(text, dialect)) == []


def test_line_ends_of_every_system_are_the_same() -> None:
    text = "INT. HOUSE - DAY\n\nMARA\nHello.\n"
    assert parse(text.replace("\n", "\r\n")) == parse(text.replace("\n", "\r")) == parse(text)
