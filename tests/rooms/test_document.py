"""Places are code points, marks stay where text stays, and nothing else touches pycrdt."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rooms.document import Document

ROOT = Path(__file__).resolve().parents[2]
TEXTS = st.text(alphabet=st.sampled_from("ab\n海😀é"), max_size=40)


@given(TEXTS, TEXTS)
def test_replacing_makes_the_text_that_was_wanted_everywhere(old: str, new: str) -> None:
    here = Document()
    here.replace(old)
    there = Document([here.doc.get_update()])
    here.replace(new)
    if update := here.changes():
        there.apply(update)
    assert here.text == there.text == new


@given(TEXTS, st.integers(0, 40), st.integers(0, 40), TEXTS)
def test_splicing_counts_code_points(text: str, one: int, other: int, new: str) -> None:
    start, end = sorted((one, other))
    document = Document()
    document.replace(text)
    if end > len(text):
        with pytest.raises(IndexError):
            document.splice(start, end, new)
    else:
        document.splice(start, end, new)
        assert document.text == text[:start] + new + text[end:]


def test_a_mark_stays_on_its_words_when_others_change() -> None:
    document = Document()
    document.replace("内景 客厅\n她笑了😀。\n")
    document.mark(6, 10, "c-1")
    document.replace("外景 街道 夜\n她笑了😀。\n完\n")
    found = document.marked("c-1")
    assert found is not None
    assert document.text[found[0] : found[1]] == "她笑了😀"
    assert document.unmark("c-1")
    assert document.marked("c-1") is None


def test_one_mark_beside_another() -> None:
    document = Document()
    document.replace("abcdef")
    document.mark(0, 4, "c-1")
    document.mark(2, 6, "s-2")
    assert [(run.text, sorted(run.marks)) for run in document.runs()] == [
        ("ab", ["c-1"]), ("cd", ["c-1", "s-2"]), ("ef", ["s-2"]),
    ]  # fmt: skip


def test_only_rooms_touch_pycrdt_whose_places_are_bytes() -> None:
    using = [
        str(path.relative_to(ROOT))
        for folder in ("app", "worker")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"^\s*(from|import) pycrdt", path.read_text(), re.MULTILINE)
    ]
    assert [path for path in using if not path.startswith("app/rooms/")] == []
