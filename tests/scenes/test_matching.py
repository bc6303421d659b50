"""Identity: what moved or was retitled keeps it, and what was inserted takes nobody else's."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.scenes.matching import Item, match

SHORE = "ext 东海之滨 日\n女娃赤脚站在浅水里，红衣被风扯得笔直。"
BOAT = "ext 海面 黄昏\n一叶小舟在金色的海面上摇晃，女娃独自划桨。"
STORM = "ext 风暴中的海 夜\n暴雨。小舟被抛上浪尖，桅杆折断。"


def test_a_scene_inserted_before_the_others_takes_nobodys_identity():
    old = [Item(SHORE), Item(BOAT), Item(STORM)]
    new = [Item("int 旧画室 日\n苏衣用左手摘下一枚耳坠。"), Item(SHORE), Item(BOAT), Item(STORM)]
    assert match(old, new) == {1: 0, 2: 1, 3: 2}


def test_a_moved_scene_keeps_its_identity():
    assert match([Item(SHORE), Item(BOAT), Item(STORM)], [Item(STORM), Item(SHORE), Item(BOAT)]) == {0: 2, 1: 0, 2: 1}


def test_an_edited_scene_is_recognised_by_likeness():
    edited = BOAT.replace("独自划桨", "独自划桨，嘴里哼着歌")
    assert match([Item(SHORE), Item(BOAT)], [Item(SHORE), Item(edited)]) == {0: 0, 1: 1}


def test_a_locked_number_holds_through_a_rewrite():
    old = [Item(SHORE, number="1-1"), Item(BOAT, number="1-2")]
    new = [Item("int 客厅 夜\n完全不同的一场戏。", number="1-1"), Item(BOAT, number="1-2")]
    assert match(old, new) == {0: 0, 1: 1}


def test_equal_scenes_are_told_apart_by_their_order():
    assert match([Item("一样"), Item("一样")], [Item("一样"), Item("一样"), Item("一样")]) == {0: 0, 1: 1}


@given(st.lists(st.text("abc\n", max_size=8), max_size=6), st.lists(st.text("abc\n", max_size=8), max_size=6))
def test_no_old_scene_is_ever_given_twice(old, new):
    found = match([Item(text) for text in old], [Item(text) for text in new])
    assert len(set(found.values())) == len(found)
    assert all(old[index] == new[key] for key, index in found.items() if old[index] in new and old == new)
