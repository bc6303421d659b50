"""A character looks the same in every shot, and as the description says."""

from __future__ import annotations

import pytest

from app.backends.animatic.art.looks import character


def test_a_name_alone_has_one_look_for_ever():
    first = character("LEONORA WEST")
    character.cache_clear()
    assert character("LEONORA WEST") == first
    assert character("OLIVER WEST").figure != first.figure


def test_what_is_said_of_the_clothes_is_worn():
    mara = character("MARA", "30, grey coat, one suitcase").figure.wear
    assert mara.cut == "coat"
    assert max(mara.main) - min(mara.main) < 0.1
    celeste = character("CELESTE", "27, silver gown").figure.wear
    assert celeste.cut == "gown"
    julian = character("JULIAN", "33, white dinner jacket, a smile made for cameras").figure.wear
    assert julian.cut == "suit"
    assert min(julian.main) > 0.75
    yan = character("阿砚", "女，十七岁，画师之女。瘦高，粗布白衣，左颊一点洗不掉的墨痕，右耳戴一枚白石耳坠。")
    assert yan.figure.wear.cut == "robe"
    assert min(yan.figure.wear.main) > 0.75
    assert yan.figure.head.face.marks == ("ink@left_cheek",)
    assert "earring" in yan.figure.wear.extras


def test_colours_belong_to_the_cloth_that_follows_them():
    xuan = character("姬玄", "男，看不出年纪，国师。紫袍银冠，皮肤白得像纸，怕水。").figure
    red, green, blue = xuan.wear.main
    assert blue > green
    assert red > green
    assert xuan.wear.headwear == "crown"
    du = character("季渡", "男，二十出头，收钱送人的脚客。黑衣，斗笠，右眼角一道朱砂色的疤。").figure
    assert max(du.wear.main) < 0.25
    assert du.wear.headwear == "cone"
    assert du.head.face.marks == ("cinnabar@right_eye",)


@pytest.mark.parametrize(
    ("name", "words", "female", "age"),
    [
        ("女娃", "十二岁", True, 12),
        ("ADRIAN", "35, her brother", False, 35),
        ("LIN", "60, the archivist", True, 60),
        ("EDMUND", "70, cane, black gloves", False, 70),
        ("季渡", "男，二十出头", False, 20),
        ("IRIS", "29, leather gloves, scar through the left eyebrow", True, 29),
    ],
)
def test_sex_and_age_are_read(name: str, words: str, female: bool, age: int):
    who = character(name, words)
    assert (who.female, who.age) == (female, age)


def test_children_are_smaller_and_the_old_are_grey():
    child, adult, old = character("幼年阿砚", "七岁"), character("苏衣", "三十八岁"), character("LIN", "72, grey coat")
    assert child.figure.build.reach < 0.75 < adult.figure.build.reach
    assert sum(old.figure.head.face.hair) > sum(character("LIN", "30, grey coat").figure.head.face.hair)


@pytest.mark.parametrize(
    ("name", "words", "being"),
    [
        ("精卫", "小鸟，花脑袋、白嘴、红足", "bird"),
        ("夸父", "巨人", "giant"),
        ("九尾狐", "青丘之主", "fox"),
        ("刑天", "无头的战神", "headless"),
        ("烛龙", "人面蛇身", "dragon"),
        ("海神", "", "sea_eye"),
        ("THE RAVEN", "", "bird"),
        ("MARA", "grey coat", ""),
    ],
)
def test_beings_that_are_not_people_are_known(name: str, words: str, being: str):
    assert character(name, words).being == being


def test_someone_of_whom_nothing_is_said_dresses_like_those_around():
    assert character("无名客", ancient_hint=True).figure.wear.cut in ("robe", "tunic")
    assert character("陈默").figure.wear.cut not in ("robe", "tunic", "armour")
