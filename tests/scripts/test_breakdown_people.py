"""Who is in a shot: names, roles, pronouns, introductions."""

from __future__ import annotations

from app.core.frames import FrameRate
from app.scripts.breakdown import break_down
from app.scripts.breakdown.model import CharacterFound, EpisodePlan, ShotPlan

EN = "INT. HOUSE - DAY\n\nDust turns in the light of a long empty hall.\n\n"


def plan(text: str, *known: CharacterFound) -> EpisodePlan:
    """Return the breakdown of a text."""
    return break_down(text, rate=FrameRate(24), known=known)


def last(text: str, *known: CharacterFound) -> ShotPlan:
    """Return the last shot of a text."""
    return plan(text, *known).scenes[-1].shots[-1]


def test_a_cue_and_the_full_name_of_an_introduction_are_one_character() -> None:
    text = f"{EN}MARA VOSS (30), grey coat, one suitcase, walks in. She stops.\n\nMARA\nHello.\n"
    (character,) = plan(text).characters
    assert (character.name, character.lines) == ("MARA", 1)
    assert character.description == "30, grey coat, one suitcase"


def test_a_silent_character_goes_under_the_full_name() -> None:
    names = [
        character.name
        for character in plan(f"{EN}EDMUND ASH (70), cane, black gloves, waits. A GLOVED WOMAN lifts him.\n").characters
    ]
    assert names == ["EDMUND ASH", "GLOVED WOMAN"]


def test_pronouns_mean_the_one_they_can_mean() -> None:
    text = f"{EN}NORA\nSo?\n\nJULIAN\nSign.\n\n"
    assert last(text + "She bends to sign.\n").characters == ("NORA",)
    assert last(text + "He lowers his glass.\n").characters == ("JULIAN",)


def test_chinese_pronouns_follow_the_profiles() -> None:
    front = (
        "人物小传：\n阿砚：女，十七岁\n季渡：男，二十岁\n\n1-1 夜 外 断崖\n人物：阿砚、季渡\n△风声不停，乱石满地。\n"
    )
    text = front + "季渡：走。\n阿砚：不走。\n"
    assert last(text + "△他把绢书撕成两半。").characters == ("季渡",)
    assert last(text + "△她转过身。").characters == ("阿砚",)


def test_a_paragraph_that_turns_to_somebody_else_is_two_shots() -> None:
    talk = f"{EN}MARA\nNo.\n\nGUARD\nYes.\n\nMARA\nNo.\n\n"
    *_, first, second = (
        plan(talk + "She lays a pen on the desk. The guard looks up. His face drains.\n").scenes[0].shots
    )
    assert (first.characters, first.action) == (("MARA",), "She lays a pen on the desk.")
    assert (second.characters, second.action) == (("GUARD",), "The guard looks up. His face drains.")


def test_a_name_that_is_only_read_is_nobody_in_the_picture() -> None:
    scene = "1-1 夜 外 山道\n人物：阿砚\n△风声不停，乱石满地。\n"
    known = CharacterFound("苏衣")
    assert last(scene + "△一方小小的朱砂印，印着两个字：苏衣。", known).characters == ()
    assert last(scene + "△“苏衣”的脸一寸一寸剥落。", known).characters == ()
    assert last(f"{EN}A banner in gold: JULIAN & CELESTE.\n\nJULIAN\nHi.\n").characters == ("JULIAN",)
    assert plan(f"{EN}A banner in gold: JULIAN & CELESTE.\n\nJULIAN\nHi.\n").scenes[0].shots[1].characters == ()


def test_a_younger_self_is_a_character_of_its_own() -> None:
    now = "1-1 日 内 画室\n人物：苏衣、阿砚\n△雪。\n"
    found = plan(now + "1-2 日 内 旧画室\n人物：苏衣、幼年阿砚\n△苏衣给七岁阿砚戴上耳坠。\n幼年阿砚：娘！")
    assert found.scenes[1].shots[0].characters == ("苏衣", "幼年阿砚")
    younger = next(character for character in found.characters if character.name == "幼年阿砚")
    assert (younger.lines, younger.scenes) == (1, ("1-2",))


def test_a_role_means_its_character_where_that_one_is_around() -> None:
    front = "人物小传：\n精卫：小鸟，花脑袋\n\n"
    scene = "1-1 夜 外 海上\n人物：{}\n△浪一层一层打来，天黑得像墨。\n△小鸟俯冲下来。"
    assert last(front + scene.format("阿砚、精卫")).characters == ("精卫",)
    assert last(front + scene.format("阿砚")).characters == ()


def test_a_group_and_several_speakers_of_one_cue_are_found() -> None:
    found = plan("1-1 夜 外 渔村\n人物：甲娘、渔民们\n△火。\n渔民们（齐声）：换天明！\n甲娘、乙叔：好！")
    assert [character.name for character in found.characters] == ["甲娘", "渔民们", "乙叔"]
    assert found.scenes[0].shots[-1].characters == ("甲娘", "乙叔")


def test_a_narrator_is_no_character() -> None:
    assert plan("1-1 夜 外 渔村\n△火。\n旁白：夜深了。").characters == ()


def test_the_cast_of_a_scene_comes_first_and_a_voice_is_not_in_it() -> None:
    (scene,) = plan("1-1 夜 外 渔村\n人物：阿砚\n△火。\n姬玄：谁？\n九尾（VO）：我。").scenes
    assert scene.characters == ("阿砚", "姬玄")


def test_markup_in_a_name_stays_text() -> None:
    name = "<script>alert(1)</script>"
    found = plan(f"1-1 夜 外 渔村\n人物：{name}\n△火。\n{name}：你好。")
    assert [character.name for character in found.characters] == [name]
    assert found.scenes[0].shots[-1].characters == (name,)


def test_characters_of_the_project_are_found_without_a_line() -> None:
    assert last(f"{EN}Edmund lies under the tower.\n", CharacterFound("EDMUND", "70")).characters == ("EDMUND",)
    assert last(f"{EN}They will go.\n", CharacterFound("WILL")).characters == ()


def test_a_title_before_a_name_in_the_cast_is_no_other_character() -> None:
    scene = "12-1 日 内 办公室\n人物：沈屿，财务小何，幼年沈屿\n△财务小何把U盘推过桌面。\n小何：密码？\n沈屿：生日。"
    found = plan(scene)
    assert [character.name for character in found.characters] == ["沈屿", "小何", "幼年沈屿"]
    assert found.scenes[0].shots[0].characters == ("小何",)
