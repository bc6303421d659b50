"""The examples writers really write keep everything on every way out and back."""

from __future__ import annotations

import pytest

from app.scripts.formats import Dialect, parse
from app.scripts.formats.ast import Cast, Kind, SceneHeading, Speech
from app.scripts.formats.fdx_read import read_fdx
from app.scripts.formats.fdx_write import write_fdx
from app.scripts.formats.write_chinese import write_chinese
from app.scripts.formats.write_fountain import write_fountain

NEAT = """第1集 旧钥匙

1-1 夜 内 老城琴行
人物：阿宁、周姐
△ 雨声。阿宁收伞，伞尖的水在木地板上拖出一道线。
【字幕：七年后】
周姐（没有抬头）：打烊了。
阿宁：我来取我爸的琴。
周姐OS：他女儿……怎么长这么像。
周姐（笑，岔开）：哪一把？我这儿死人的琴多了。

1-2 夜 外 琴行后巷
人物：阿宁、陌生男人
△ 阿宁抱着琴盒出来，琴盒里有东西滚动。
陌生男人（VO）：别打开。打开了，你就得替他还。
【空镜：雨巷】
【特写】
【音效：心跳】
【付费点】
【本集完】
"""
LOOSE = """第12集：对赌

12-1、总裁办公室 内 日
出场人物：沈屿，财务小何
▲ 小何把U盘推过桌面，手在抖。
沈屿：（不看她）密码？
小何：您生日。
【闪回】
12-2 三年前·天台 外 黄昏
人物：沈屿、林母
△ 风很大。林母把一张对折的收据塞进沈屿口袋。
林母【VO】：以后你会用得上。
沈屿 OS：会吗。
旁白：他没有问。
【闪回结束】
+场 总裁办公室 内 日
△ 沈屿合上电脑，拨通电话。
沈屿（对电话，平静）：通知董事会，今晚见。

场次：3
地点：天台
时间：亥时三刻 外
人物：沈屿/林母
Δ 灯灭。

2 场景：【夜 偏殿 外】
∆ 无人。
"""


@pytest.mark.parametrize("text", [NEAT, LOOSE], ids=["neat", "loose"])
def test_an_example_keeps_everything_on_every_way(text):
    script = parse(text)
    assert script.dialect is Dialect.CHINESE and not script.warnings
    assert parse(write_fountain(script)) == script
    assert parse(write_chinese(script)) == script
    assert read_fdx(write_fdx(script)).script.elements == script.elements


def test_voices_keep_their_own_words():
    speeches = [each for each in parse(LOOSE).elements if isinstance(each, Speech)]
    told = {each.speaker: each.voice for each in speeches if each.voice}
    assert told == {"林母": "VO", "沈屿": "OS", "旁白": "旁白"}


def test_headings_in_any_order_and_over_three_lines_are_scenes_with_their_people():
    scenes = [each for each in parse(LOOSE).elements if isinstance(each, SceneHeading)]
    assert [(each.scene_number, each.place, each.time) for each in scenes] == [
        ("12-1", "总裁办公室", "日"),
        ("12-2", "三年前·天台", "黄昏"),
        ("+", "总裁办公室", "日"),
        ("3", "天台", "亥时三刻"),
        ("2", "偏殿", "夜"),
    ]
    casts = [each.names for each in parse(LOOSE).elements if isinstance(each, Cast)]
    assert casts == [("沈屿", "财务小何"), ("沈屿", "林母"), ("沈屿", "林母")]


def test_a_pay_point_is_a_note_and_not_shown():
    kinds = {each.label: each.kind for each in parse(NEAT).elements if each.label}
    assert kinds["付费点"] is Kind.NOTE and kinds["音效"] is Kind.SOUND and kinds["空镜"] is Kind.INSERT
