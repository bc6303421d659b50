"""The Chinese micro-drama format, with what its writers really write."""

from __future__ import annotations

import pytest

from app.scripts.formats import Dialect, parse
from app.scripts.formats.ast import Cast, Element, Interior, Kind, SceneHeading, Script, Speech

START = "1-1 日 内 客厅\n"


def chinese(text: str) -> Script:
    """Return the tree of a text in the Chinese format."""
    return parse(text, Dialect.CHINESE)


def body(line: str) -> Element:
    """Return what a line is that stands in a scene."""
    return chinese(START + line).elements[1]


HEADINGS = [
    ("1-1 日 内 客厅", "1-1", "int", "客厅", "日"),
    ("1-1 客厅 日 内", "1-1", "int", "客厅", "日"),
    ("1-1 内 客厅 日", "1-1", "int", "客厅", "日"),
    ("1-1、客厅 日 内", "1-1", "int", "客厅", "日"),
    ("12-1、总裁办公室 内 日", "12-1", "int", "总裁办公室", "日"),
    ("1.1 日 内 客厅", "1-1", "int", "客厅", "日"),
    ("１－１ 日 内 客厅", "1-1", "int", "客厅", "日"),
    ("1—2 夜 外 后巷", "1-2", "ext", "后巷", "夜"),
    ("场1-1 夜 外 后巷", "1-1", "ext", "后巷", "夜"),
    ("第1场 客厅 日 内", "1", "int", "客厅", "日"),
    ("第三场 客厅 日 内", "3", "int", "客厅", "日"),
    ("场次（1）地点：旧宅，夜，内；出场人物：甲、乙", "1", "int", "旧宅", "夜"),
    ("2 场景：【夜 偏殿 外】", "2", "ext", "偏殿", "夜"),
    ("+场 总裁办公室 内 日", "+", "int", "总裁办公室", "日"),
    ("**1-1 日 内 客厅**", "1-1", "int", "客厅", "日"),
    ("### 1-1 日 内 客厅", "1-1", "int", "客厅", "日"),
    ("△1-1 日 内 客厅", "1-1", "int", "客厅", "日"),
    ("内景 客厅 - 夜", "", "int", "客厅", "夜"),
    ("外景·海边·黄昏", "", "ext", "海边", "黄昏"),
    ("12-2 三年前·天台 外 黄昏", "12-2", "ext", "三年前·天台", "黄昏"),
    ("1-1 亥时三刻 外 城楼", "1-1", "ext", "城楼", "亥时三刻"),
    ("1-1 日/内 客厅", "1-1", "int", "客厅", "日"),
    ("1-1 日 内/外 车里", "1-1", "int_ext", "车里", "日"),
    ("1-1 夜 客厅", "1-1", "", "客厅", "夜"),
    ("1-1 客厅（夜 内）", "1-1", "int", "客厅", "夜"),
    ("SCENE 3 日 内 客厅", "3", "int", "客厅", "日"),
    ("日 内 客厅", "", "int", "客厅", "日"),
]


@pytest.mark.parametrize(("line", "number", "interior", "place", "time"), HEADINGS, ids=[h[0] for h in HEADINGS])
def test_a_scene_heading_is_read(line: str, number: str, interior: str, place: str, time: str) -> None:
    heading = chinese(line).elements[0]
    assert isinstance(heading, SceneHeading)
    assert (heading.scene_number, heading.place, heading.time) == (number, place, time)
    assert heading.interior is Interior(interior)


@pytest.mark.parametrize(
    "line",
    [
        "1.2 版本说明",
        "2026",
        "内心独白 - 日",
        "2-1 不要把这句当场景",
        "3 日后他又来了",
        "1 日内完成交付",
        "外面下着雨。",
        "他在内室等了一夜。",
        "10-1 放假",
    ],
)
def test_a_line_that_only_looks_like_a_heading_is_none(line: str) -> None:
    assert [element.kind for element in chinese(START + line).elements].count(Kind.SCENE) == 1


def test_a_heading_may_fill_three_lines() -> None:
    script = chinese(
        "场次：1-1\n地点：旧宅\n时间：夜 内\n人物：甲、乙\n△ 风声。\n\n场景：河边\n人物：丙\n时间：日 外\n△ 水声。\n"
    )
    first, cast, _, second, other, _ = script.elements
    assert isinstance(first, SceneHeading) and isinstance(second, SceneHeading)
    assert (first.scene_number, first.place, first.time) == ("1-1", "旧宅", "夜")
    assert (second.place, second.time, second.interior) == ("河边", "日", Interior.EXTERIOR)
    assert isinstance(cast, Cast) and cast.names == ("甲", "乙")
    assert isinstance(other, Cast) and other.names == ("丙",)


def test_people_in_the_heading_line_are_the_cast() -> None:
    script = chinese("场次（1）地点：旧宅，夜，内；出场人物：甲、乙\n△ 风声。")
    assert script.elements[1] == Cast(text="甲、乙", names=("甲", "乙"))


def test_a_number_with_a_place_is_a_heading_when_people_follow() -> None:
    heading = chinese("1-2 后山\n人物：甲\n△ 风声。").elements[0]
    assert isinstance(heading, SceneHeading) and heading.place == "后山"


SPEECHES = [
    ("阿宁（笑）：好。", "阿宁", (), "笑", "好。"),
    ("阿宁：（笑）好。", "阿宁", (), "笑", "好。"),
    ("阿宁(笑):好。", "阿宁", (), "笑", "好。"),
    ("阿宁OS：好。", "阿宁", ("OS",), "", "好。"),
    ("阿宁 OS：好。", "阿宁", ("OS",), "", "好。"),
    ("阿宁（VO）：好。", "阿宁", ("VO",), "", "好。"),
    ("阿宁【VO】：好。", "阿宁", ("VO",), "", "好。"),
    ("阿宁（OS，哽咽）：好。", "阿宁", ("OS",), "哽咽", "好。"),
    ("阿宁（内心独白）：好。", "阿宁", ("内心独白",), "", "好。"),
    ("阿宁：（OS）好。", "阿宁", ("OS",), "", "好。"),
    ("**阿宁**：好。", "阿宁", (), "", "好。"),
    ("沈屿（对电话，平静）：通知董事会。", "沈屿", (), "对电话，平静", "通知董事会。"),
    ("<script>alert(1)</script>：好。", "<script>alert(1)</script>", (), "", "好。"),
]


@pytest.mark.parametrize(("line", "speaker", "tags", "manner", "words"), SPEECHES, ids=[s[0] for s in SPEECHES])
def test_a_speech_is_read(line: str, speaker: str, tags: tuple[str, ...], manner: str, words: str) -> None:
    speech = body(line)
    assert isinstance(speech, Speech)
    assert (speech.speaker, speech.extensions, speech.manner, speech.text) == (speaker, tags, manner, words)


def test_the_raw_tag_of_a_voice_is_kept_and_a_narrator_is_a_voice() -> None:
    thought, narrated, seen = body("阿宁OS：好。"), body("旁白：夜深了。"), body("阿宁（笑）：好。")
    assert isinstance(thought, Speech) and isinstance(narrated, Speech) and isinstance(seen, Speech)
    assert (thought.voice, narrated.voice, seen.voice) == ("OS", "旁白", "")


def test_directions_inside_a_speech_are_not_said() -> None:
    speech = body("阿宁：我来取（停顿）我爸的琴。")
    assert isinstance(speech, Speech)
    assert [(part.manner, part.text) for part in speech.parts] == [("", "我来取"), ("停顿", "我爸的琴。")]


def test_words_may_stand_below_their_cue() -> None:
    speech = body("阿宁（笑）：\n我来取我爸的琴。")
    assert isinstance(speech, Speech) and speech.text == "我来取我爸的琴。"


@pytest.mark.parametrize(
    ("line", "kind", "label", "text"),
    [
        ("【字幕：七年后】", Kind.CARD, "字幕", "七年后"),
        ("【字幕】七年后", Kind.CARD, "字幕", "七年后"),
        ("[字幕：七年后]", Kind.CARD, "字幕", "七年后"),
        ("字幕：七年后", Kind.CARD, "字幕", "七年后"),
        ("SUPER: LATER", Kind.CARD, "SUPER", "LATER"),
        ("【音效：心跳】", Kind.SOUND, "音效", "心跳"),
        ("【闪回】", Kind.FLASHBACK_START, "闪回", ""),
        ("【闪回结束】", Kind.FLASHBACK_END, "闪回结束", ""),
        ("【空镜：海】", Kind.INSERT, "空镜", "海"),
        ("【特写】", Kind.INSERT, "特写", ""),
        ("【本集完】", Kind.INSERT, "本集完", ""),
        ("【淡出】", Kind.TRANSITION, "", "淡出"),
        ("【卡点】", Kind.NOTE, "卡点", ""),
        ("备注：换机位", Kind.NOTE, "备注", "换机位"),
        ("▲ 风声。", Kind.ACTION, "△", "风声。"),
        ("△特写：她摊开手掌", Kind.ACTION, "△", "特写：她摊开手掌"),
    ],
)
def test_marked_lines_are_read(line: str, kind: Kind, label: str, text: str) -> None:
    element = body(line)
    assert (element.kind, element.label, element.text) == (kind, label, text)


def test_an_unmarked_line_is_action_and_warned_of() -> None:
    script = chinese(START + "他推门进来。")
    assert script.elements[1].kind is Kind.ACTION
    assert [(warning.line, warning.code) for warning in script.warnings] == [(2, "script.unmarked_line")]


def test_the_front_of_a_file_is_read() -> None:
    front = "《点睛》\n类型：奇幻\n故事梗概：\n一个人\n走过山海\n\n"
    people = "人物小传：\n1. 阿砚（女，17岁）：画师之女\n季渡：脚客\n\n"
    script = chinese(front + people + "第十二集：青丘\n" + START)
    assert script.value("剧名") == "点睛"
    assert script.value("故事梗概") == "一个人\n走过山海"
    profiles = [(item.label, item.text) for item in script.elements if item.kind is Kind.PROFILE and item.label]
    assert profiles == [("阿砚", "女，17岁，画师之女"), ("季渡", "脚客")]
    episode = next(item for item in script.elements if item.kind is Kind.EPISODE)
    assert (episode.number, episode.text) == (12, "青丘")


@pytest.mark.parametrize("line", ["第3集里他说过，不要回头。", "第1集完", "第二集到此结束"])
def test_prose_that_mentions_an_episode_is_no_heading(line: str) -> None:
    assert all(element.kind is not Kind.EPISODE for element in chinese(START + line).elements)
