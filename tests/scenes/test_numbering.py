"""Locked scene numbers stay, and what is inserted is called after its neighbour."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.scenes.numbering import Numbered, renumbered

ONE, TWO = Numbered("1", False, "1"), Numbered("2", False, "2")


@pytest.mark.parametrize(
    ("scenes", "expected"),
    [
        ([ONE, Numbered("2", False), TWO], ["1", "1A", "2"]),
        ([ONE, Numbered("2", False), Numbered("3", False), TWO], ["1", "1A", "1B", "2"]),
        ([Numbered("1", False), ONE, TWO], ["A1", "1", "2"]),
        ([ONE, TWO, Numbered("3", True)], ["1", "2", "3"]),
        ([ONE, Numbered("2", True), TWO], ["1", "1A", "2"]),
        ([ONE, Numbered("2", False), Numbered("1A", True), TWO], ["1", "1B", "1A", "2"]),
    ],
)
def test_inserted_scenes_get_letters(scenes, expected):
    assert renumbered(scenes, {"1", "2"}) == expected


@pytest.mark.parametrize(
    ("locked", "at", "many", "expected"),
    [
        (["1", "1A", "1B", "2"], 2, 2, ["1", "1A", "1AA", "1AB", "1B", "2"]),
        (["1", "1A", "2"], 1, 2, ["1", "A1A", "B1A", "1A", "2"]),
        (["1", "1A", "2"], 2, 1, ["1", "1A", "1B", "2"]),
        (["1", "2"], 0, 2, ["A1", "B1", "1", "2"]),
        (["1", "2"], 2, 2, ["1", "2", "2A", "2B"]),
        (["1-1", "1-2"], 1, 1, ["1-1", "1-1A", "1-2"]),
    ],
)
def test_insertions_between_locked_insertions_read_upwards(locked, at, many, expected):
    scenes = [Numbered(number, False, number) for number in locked]
    scenes[at:at] = [Numbered("9", False)] * many
    assert renumbered(scenes, set(locked)) == expected


def test_an_omitted_number_is_never_given_again():
    scenes = [ONE, Numbered("2", False), Numbered("3", False, "3")]
    assert renumbered(scenes, {"1", "1A", "2", "3"}) == ["1", "1B", "3"]


def test_without_locks_the_script_numbers_its_scenes():
    assert renumbered([Numbered("1", True), Numbered("1", True)], set()) == ["1", "1"]


@given(st.lists(st.tuples(st.sampled_from(["1", "2", "3", "1A"]), st.booleans(), st.booleans()), max_size=40))
def test_no_number_is_given_twice(drawn):
    locked: set[str] = set()
    scenes = []
    for wanted, written, lock in drawn:
        scenes.append(Numbered(wanted, written, wanted if lock and wanted not in locked else ""))
        locked |= {scenes[-1].locked} - {""}
    numbers = renumbered(scenes, {*locked, "9"})
    assert len(set(numbers)) == len(numbers)
    assert all(number == scene.locked for number, scene in zip(numbers, scenes, strict=True) if scene.locked)
