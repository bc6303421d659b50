"""A script becomes scenes and shots that a first assistant director would accept."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from app.core.frames import FrameRate
from app.scripts.breakdown import break_down
from app.scripts.breakdown.model import Angle, CharacterFound, EpisodePlan, Interior, Movement, ShotPlan, Size

RATE = FrameRate(24)
ZH = "1-1 日 外 海边\n人物：阿宁、周姐\n△ 海浪拍在黑色的礁石上，碎成白沫，远处没有船。\n"
EN = "INT. HOUSE - DAY\n\nDust turns in the light of a long empty hall.\n\n"


def plan(text: str, known: Sequence[CharacterFound] = ()) -> EpisodePlan:
    """Return the breakdown of a text at 24 frames a second."""
    return break_down(text, rate=RATE, known=known)


def shots(text: str, known: Sequence[CharacterFound] = ()) -> list[ShotPlan]:
    """Return all shots of a text."""
    return [shot for scene in plan(text, known).scenes for shot in scene.shots]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("△特写：她的手。", (Size.CLOSE, None, None)),
        ("△大特写：刀尖抖了一下。", (Size.EXTREME_CLOSE, None, None)),
        ("△近景：阿宁回头。", (Size.MEDIUM_CLOSE, None, None)),
        ("△中景：阿宁回头。", (Size.MEDIUM, None, None)),
        ("△全景：阿宁回头。", (Size.FULL, None, None)),
        ("△远景：一条船。", (Size.LONG, None, None)),
        ("△大远景：一条船。", (Size.EXTREME_LONG, None, None)),
        ("△俯拍：一条船。", (None, Angle.HIGH, None)),
        ("△仰拍：一只鸟。", (None, Angle.LOW, None)),
        ("△主观：门开了。", (None, Angle.POV, None)),
        ("△跟拍：阿宁狂奔。", (None, None, Movement.TRACK)),
        ("△摇镜：群山。", (None, None, Movement.PAN_RIGHT)),
        ("△推镜：门。", (None, None, Movement.PUSH_IN)),
        ("△拉镜：门。", (None, None, Movement.PULL_OUT)),
        ("△俯拍特写：一只手。", (Size.CLOSE, Angle.HIGH, None)),
        ("【空镜：海面】", (Size.LONG, None, None)),
        ("【特写】\n△她的手。", (Size.CLOSE, None, None)),
    ],
)
def test_chinese_camera_cues_are_honoured_and_not_shown(
    line: str, expected: tuple[Size | None, Angle | None, Movement | None]
) -> None:
    shot = shots(ZH + line)[-1]
    size, angle, movement = expected
    assert shot.size is (size or shot.size)
    assert shot.angle is (angle or shot.angle)
    assert shot.movement is (movement or shot.movement)
    assert "：" not in shot.action and shot.action


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("CLOSE ON: her badge.", (Size.CLOSE, None, None)),
        ("CLOSE UP - THE RING", (Size.CLOSE, None, None)),
        ("EXTREME CLOSE UP: an eye.", (Size.EXTREME_CLOSE, None, None)),
        ("INSERT: the ink is wet.", (Size.INSERT, None, None)),
        ("WIDE: the harbour.", (Size.LONG, None, None)),
        ("OVERHEAD: a boat.", (None, Angle.OVERHEAD, None)),
        ("POV: the door opens.", (None, Angle.POV, None)),
        ("TRACKING SHOT - a car.", (None, None, Movement.TRACK)),
    ],
)
def test_english_camera_cues_are_honoured_and_not_shown(
    line: str, expected: tuple[Size | None, Angle | None, Movement | None]
) -> None:
    shot = shots(EN + line)[-1]
    size, angle, movement = expected
    assert shot.size is (size or shot.size)
    assert shot.angle is (angle or shot.angle)
    assert shot.movement is (movement or shot.movement)
    assert shot.action == line.split(": ")[-1].split(" - ")[-1]


def test_a_cue_inside_an_action_begins_another_shot() -> None:
    first, second = shots(ZH + "△阿宁盯着周姐。特写：她的斧子每挥一下，都停在半空。")[1:]
    assert (first.action, second.action) == ("阿宁盯着周姐。", "她的斧子每挥一下，都停在半空。")
    assert second.size is Size.CLOSE


def test_an_insert_on_its_own_line_takes_the_action_below_it() -> None:
    text = EN + "INSERT - THE PAPER\n\n*Petition to withdraw.* A line.\n"
    (scene,) = plan(text).scenes
    assert scene.shots[-1].size is Size.INSERT
    assert scene.shots[-1].action == "THE PAPER: Petition to withdraw. A line."
    assert text[scene.shots[-1].source.start :].startswith("INSERT - THE PAPER")


def test_the_first_shot_of_a_scene_establishes_it() -> None:
    assert shots(ZH)[0].size is Size.LONG
    assert shots(EN)[0].size is Size.FULL


def test_each_of_two_speakers_has_shots_of_their_own() -> None:
    found = shots(ZH + "阿宁：谁？\n周姐：我。\n阿宁：你？\n周姐：嗯，是我。")[1:]
    assert [shot.characters for shot in found] == [("阿宁",), ("周姐",), ("阿宁",), ("周姐",)]
    assert all(shot.size in (Size.MEDIUM, Size.MEDIUM_CLOSE, Size.CLOSE) for shot in found)


def test_a_voice_runs_over_the_picture_before_it_and_its_speaker_is_not_seen() -> None:
    shot = shots(ZH + "△一只石子沉入海底。\n周姐（VO）：它不会回来了。")[-1]
    assert (shot.action, shot.characters) == ("一只石子沉入海底。", ())
    assert [(line.speaker, line.voice, line.text) for line in shot.dialogue] == [("周姐", "VO", "它不会回来了。")]


def test_a_thought_after_words_shows_the_face_that_thinks() -> None:
    shot = shots(ZH + "阿宁：你走吧。\n阿宁OS：别走。")[-1]
    assert (shot.size, shot.characters, shot.action) == (Size.CLOSE, ("阿宁",), "")


def test_a_short_action_and_the_words_of_its_actor_are_one_shot() -> None:
    shot = shots(ZH + "周姐：你来了。\n△阿宁抬起头。\n阿宁（笑）：我来了。")[-1]
    assert (shot.action, [line.text for line in shot.dialogue]) == ("阿宁抬起头。", ["我来了。"])


def test_dual_dialogue_is_one_shot_of_both() -> None:
    shot = shots(EN + "NORA\nWhy should I?\n\nTHEO ^\nYou shouldn't.\n")[-1]
    assert shot.characters == ("NORA", "THEO")
    assert [line.speaker for line in shot.dialogue] == ["NORA", "THEO"]


def test_a_long_speech_is_split_at_its_sentences() -> None:
    words = "我等了你整整三年，每一天都在想你会不会回来。" * 4
    found = shots(ZH + f"阿宁：{words}")[1:]
    assert len(found) > 1
    assert "".join(line.text for shot in found for line in shot.dialogue) == words
    assert all(shot.dialogue[-1].text.endswith("。") for shot in found)
    assert len({shot.size for shot in found}) > 1


def test_a_card_is_shown_by_the_shot_it_follows_or_opens() -> None:
    opening = shots("1-1 日 外 海边\n【字幕：七年后】\n△海浪。\n△阿宁回头。\n【字幕：未完待续】")
    assert [shot.card for shot in opening] == ["七年后", "未完待续"]
    assert [shot.card for shot in shots("1-1 日 外 海边\n【字幕：七年后】")] == ["七年后"]
    assert shots(EN + "Black.\n\nSUPER: SIGNED, TOMORROW\n")[-1].card == "SIGNED, TOMORROW"


def test_sounds_and_songs_are_heard_in_a_shot() -> None:
    assert shots(ZH + "【音效：心跳】\n△阿宁睁眼。")[-1].sound == "心跳"
    assert shots(EN + "~Fold it in three\n")[-1].sound == "♪ Fold it in three"


@pytest.mark.parametrize(
    ("line", "expected"),
    [("> CUT TO:", "cut"), ("> FADE OUT.", "fade_out"), ("DISSOLVE TO:", "dissolve"), ("> FADE IN:", "")],
)
def test_a_transition_ends_the_shot_before_it(line: str, expected: str) -> None:
    assert shots(f"{EN}{line}\n")[-1].transition_out == expected


def test_a_flashback_lasts_from_its_mark_to_its_end() -> None:
    text = f"{ZH}【闪回】\n1-2 日 内 旧画室\n△雪。\n【闪回结束】\n1-3 夜 外 海边\n△雨。"
    assert [shot.flashback for shot in shots(text)] == [False, True, False]


def test_back_to_scene_returns_to_where_the_story_was() -> None:
    before = "INT. SHOP - NIGHT\n\nDust.\n\n.FLASHBACK - THE HARBOUR - DAY\n\nSun.\n\n"
    shop, harbour, workshop = plan(before + ".BACK TO SCENE - THE WORKSHOP\n\nRain.\n").scenes
    assert (harbour.place, harbour.time_of_day) == ("THE HARBOUR", "DAY")
    assert (workshop.place, workshop.time_of_day, workshop.interior) == ("THE WORKSHOP", "NIGHT", Interior.INTERIOR)
    assert [scene.shots[0].flashback for scene in (shop, harbour, workshop)] == [False, True, False]


def test_scenes_without_a_number_are_counted_and_an_inserted_one_gets_a_letter() -> None:
    assert [scene.number for scene in plan("内景 甲 - 夜\n△风。\n内景 乙 - 夜\n△雨。").scenes] == ["1", "2"]
    text = "12-2 夜 内 甲\n△风。\n+场 夜 内 乙\n△雨。\n+场 夜 内 丙\n△雪。\n12-3 夜 内 丁\n△雷。"
    assert [scene.number for scene in plan(text).scenes] == ["12-2", "12-2A", "12-2B", "12-3"]


def test_a_scene_with_nothing_to_show_is_warned_of() -> None:
    found = plan(ZH + "\n1-2 夜 内 客厅\n\n1-3 夜 内 后院\n△风。")
    assert [(warning.line, warning.code) for warning in found.warnings] == [(5, "script.empty_scene")]


def test_an_intercut_gives_each_side_its_shot() -> None:
    found = shots(ZH + "△交叉剪辑：阿宁跪在地上运笔，周姐在箭雨里挥刀。")[1:]
    assert [(shot.characters, shot.action) for shot in found] == [
        (("阿宁",), "阿宁跪在地上运笔"),
        (("周姐",), "周姐在箭雨里挥刀。"),
    ]


def test_a_view_in_capitals_takes_the_action_below_it_and_a_lapse_of_time_is_no_picture() -> None:
    found = shots(EN + "POV - THROUGH THE WINDOW\n\nThe driver raises a hand.\n\nMOMENTS LATER\n\nRain.\n")[1:]
    assert [(shot.angle, shot.action) for shot in found] == [
        (Angle.POV, "THROUGH THE WINDOW: The driver raises a hand."),
        (Angle.EYE, "Rain."),
    ]


def test_a_view_that_no_action_follows_is_a_shot_of_its_own() -> None:
    found = shots(EN + "CLOSE ON: THE GUN\n\nINSERT - THE SAFE\n\nNORA\nRun.\n")[1:]
    assert [(shot.size, shot.action) for shot in found[:2]] == [(Size.CLOSE, "THE GUN"), (Size.INSERT, "THE SAFE")]
    assert [line.text for line in found[2].dialogue] == ["Run."]
