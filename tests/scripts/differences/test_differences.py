"""Differences: nothing is lost, what moved is moved, and words are words in both languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.scripts.differences import changed_lines, compare, line_rows, with_scene, word_pieces
from app.scripts.differences import lines as bounds

ONE = "INT. KITCHEN - DAY\n\nAnn pours the tea.\n\nANN\nSit down.\n"
TWO = "EXT. ROOF - NIGHT\n\nBo counts the stars.\n\nBO\nEleven.\n"
THREE = "INT. LIFT - DAY\n\nThe light flickers twice.\n"
LINES = st.lists(
    st.sampled_from(
        ["INT. A - DAY", "EXT. B - NIGHT", "1-1 日 内 客厅", "△她走了。", "阿宁：你好。", "", "Ann waits.", "Ann"]
    )
    | st.text(st.characters(blacklist_categories=("Cs",)), max_size=12),
    max_size=14,
)


@given(LINES, LINES)
def test_both_texts_are_made_from_the_difference_alone(old, new):
    before, after = ("\n".join(lines).replace("\r", "") for lines in (old, new))
    found = compare(before, after)
    assert found.text_before == before
    assert found.text_after == after


@given(LINES)
def test_a_text_does_not_differ_from_itself(lines):
    text = "\n".join(lines)
    found = compare(text, text)
    assert (found.added, found.removed) == (0, 0)
    assert not any(scene.moved for scene in found.scenes)


@given(st.text(max_size=60), st.text(max_size=60))
def test_the_pieces_of_a_line_are_the_line(before, after):
    pieces = word_pieces(before, after)
    assert "".join(piece.text for piece in pieces if piece.kind != "new") == before
    assert "".join(piece.text for piece in pieces if piece.kind != "gone") == after


def test_a_scene_that_moved_is_moved_and_not_gone_and_new():
    found = compare("\n".join([ONE, TWO, THREE]), "\n".join([THREE, ONE, TWO]))
    assert found.scenes[0].kind == "moved"
    assert not [scene for scene in found.scenes if scene.kind in ("gone", "new")]
    assert [scene.moved for scene in found.scenes] == [True, False, False]


def test_a_scene_that_left_and_one_that_came_are_told():
    found = compare("\n".join([ONE, TWO]), "\n".join([ONE, THREE]))
    assert [scene.kind for scene in found.scenes] == ["same", "new", "gone"]


def test_one_scene_comes_back_and_the_rest_stays():
    before, after = "\n".join([ONE, TWO, THREE]), "\n".join([ONE.replace("tea", "gin"), THREE])
    found = compare(before, after)
    assert with_scene(found, 1) == "\n".join([ONE.replace("tea", "gin"), TWO, THREE])
    assert with_scene(found, 0) == "\n".join([ONE, THREE])
    with pytest.raises(IndexError):
        with_scene(found, 3)


def test_words_are_compared_not_letters():
    assert word_pieces("Ann pours the tea.", "Anna pours the tea.")[:2] == [("gone", "Ann"), ("new", "Anna")]
    assert word_pieces("阿宁走进客厅。", "阿宁冲进客厅。") == [
        ("same", "阿宁"),
        ("gone", "走"),
        ("new", "冲"),
        ("same", "进客厅。"),
    ]


def test_a_changed_line_stands_beside_what_it_was():
    rows = line_rows(["a", "Ann pours the tea.", "c"], ["a", "Ann spills the tea.", "new line here", "c"], before=4)
    assert [(row.kind, row.before, row.after) for row in rows] == [
        ("same", 5, 1),
        ("changed", 6, 2),
        ("new", 0, 3),
        ("same", 7, 4),
    ]


def test_changed_lines_are_those_of_now_and_a_deletion_marks_what_follows():
    assert changed_lines("a\nb\nc", "a\nB\nc\nd") == [2, 4]
    assert changed_lines("a\nb\nc", "a\nc") == [2]
    assert changed_lines("a", "a") == []


def test_large_texts_are_compared_through_their_unique_lines(monkeypatch):
    monkeypatch.setattr(bounds, "LARGEST", 4)
    old = [f"line {n}" for n in range(60)]
    new = [f"line {n}" for n in range(60) if n not in (7, 8, 30)] + ["the end"]
    new[20:20] = ["x"] * 5
    rows = line_rows(old, new)
    assert [row.old for row in rows if row.kind != "new"] == old
    assert [row.new for row in rows if row.kind != "gone"] == new
    assert sum(row.kind == "same" for row in rows) == 57
