"""Words that both dialects know: times of day, inside and outside, voices, labels."""

from __future__ import annotations

import re
import unicodedata


def word_set(*given: str) -> frozenset[str]:
    """Return the set of words that stand in lines, parted by blanks."""
    return frozenset(word for line in given for word in line.split())


_TIMES_ZH = word_set(
    "日 夜 晨 昏 暮 晚 清晨 早晨 早上 凌晨 黎明 拂晓 破晓 上午 中午 正午 午后 下午 傍晚 黄昏 晚上 夜晚 深夜 午夜",
    "半夜 子夜 白天 白日 入夜 次日 翌日 日夜 日景 夜景 清早 大清早 雨夜 雪夜 月夜 日出 日落",
)
_TIMES = word_set(
    "DAY NIGHT MORNING AFTERNOON EVENING DAWN DUSK NOON MIDNIGHT SUNRISE SUNSET TWILIGHT CONTINUOUS LATER SAME",
    "DAYBREAK NIGHTFALL DAYTIME NIGHTTIME",
)
_WATCH = "[子丑寅卯辰巳午未申酉戌亥]时(?:[初正末]|[一二三四]刻)?"
_ZH = "|".join(sorted(_TIMES_ZH, key=lambda word: (-len(word), word)))
TIME_ZH = rf"(?:{_ZH}|{_WATCH}|[零〇]?\d{{1,2}}[:：]\d{{2}}|{'|'.join(sorted(_TIMES))})"
TIMES_ZH = re.compile(rf"{TIME_ZH}(?:[/、·]{TIME_ZH})*", re.I)

INTERIOR_ZH = "(?:内/外景|外/内景|内外景|内/外|外/内|内外|内景|外景|内|外)"
INTERIOR_EN = r"(?:INT\.?\s?/\s?EXT\.?|EXT\.?\s?/\s?INT\.?|I\.?/E\.?|INT\.?|EXT\.?|EST\.?)"

_VOICES = word_set(
    "OS VO OC O.S O.S. V.O V.O. O.C O.C. OFF 画外音 画外 旁白 独白 内心独白 内心 内心OS 心声 心里话",
    "心理活动 话外音 电话音 广播音",
)
_HEARD = re.compile(
    r"(?:on|over|through|from)\s+(?:an?\s+|the\s+|her\s+|his\s+|their\s+)?(?:\w+\s+)?"
    r"(?:radio|phone|telephone|speaker|speakerphone|loudspeaker|intercom|tv|television|screen|video|recording|voicemail)"
    r"|filtered|pre-?lap|voice\s?over|off[- ]?screen|off[- ]?camera",
    re.I,
)
_NARRATORS = word_set("旁白 画外音 解说 独白 NARRATOR NARRATION VOICEOVER")
_CONTINUED = re.compile(r"CONT(?:[’'.]?D|INUED|INUING)?\.?|续", re.I)

CARDS = word_set("字幕 字幕卡 字卡 标题 标题卡 片名 屏幕文字 画面文字 字幕条 人物字幕 花字 弹幕 手机屏幕文字")
SOUNDS = word_set("音效 音乐 BGM 配乐 声音 音响 环境音 声效 背景音乐 主题曲 SFX")
FLASHBACKS = word_set("闪回 闪回开始 回忆 回忆开始 插入闪回 快速闪回 回闪 闪回画面 回忆画面")
FLASHBACK_ENDS = word_set(
    "闪回结束 闪回完 闪回止 闪回毕 回忆结束 回忆完 闪回画面结束 回闪结束 回忆画面结束 回到现实 回现实"
)
TRANSITIONS = word_set("切 切至 切到 淡出 淡入 叠化 黑场 渐黑 转场 闪白 切黑 化出 化入 硬切 黑屏")
NOTES = word_set("道具 服装 服化道 备注 注 特效 卡点 付费点 付费卡点 钩子 爽点 看点 时长 本集看点 编剧注 导演注 说明")
PEOPLE = word_set("人物 出场人物 角色 登场人物 出场角色 场景人物")
PROFILES = word_set("人物小传 人物介绍 角色介绍 人物设定 角色设定 主要人物 人物表 角色小传 人物简介 主要角色")


_BLANKS = (
    " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
)


def trim(value: str) -> str:
    """Return ``value`` without blanks of any kind around it, zero-width ones and byte-order marks too."""
    return value.strip(_BLANKS)


def stripped(value: str, signs: str) -> str:
    """Return ``value`` without blanks and without any of ``signs`` around it, in whatever order they stand."""
    return value.strip(_BLANKS + signs)


def after_colons(value: str) -> str:
    """Return ``value`` without blanks around it and without colons before it."""
    return trim(value).lstrip(_BLANKS + ":：")


def folded(value: str) -> str:
    """Return a tag as it is compared: half-width, upper case, without blanks around it."""
    return unicodedata.normalize("NFKC", value).strip().upper()


def is_voice(tag: str) -> bool:
    """Tell whether a tag behind a name says that the speaker is heard but not seen speaking."""
    return folded(tag) in _VOICES or bool(_HEARD.match(tag.strip()))


def is_narrator(name: str) -> bool:
    """Tell whether a cue names a voice that belongs to nobody in the picture."""
    return folded(name) in _NARRATORS


def is_continued(tag: str) -> bool:
    """Tell whether a tag only says that a speech goes on (CONT'D)."""
    return bool(_CONTINUED.fullmatch(tag.strip()))


def is_time(value: str) -> bool:
    """Tell whether the last part of a heading is a time of day."""
    words = re.findall(r"[A-Za-z]+", value.upper())
    return bool(TIMES_ZH.fullmatch(value.strip())) or any(word in _TIMES for word in words)


def number_zh(value: str) -> int:
    """Return a number written in digits of any width or in Chinese (十二, 一百零三); 0 when it is none."""
    plain = trim(unicodedata.normalize("NFKC", value))
    if plain.isdecimal():
        return int(plain[:9])
    digits = {char: index for index, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
    total = current = 0
    for char in plain:
        if char in "十百":
            total += (current or 1) * (10 if char == "十" else 100)
            current = 0
        elif char in digits:
            current = digits[char]
        else:
            return 0
    return total + current


def split_names(value: str) -> tuple[str, ...]:
    """Return the names of a list such as 甲、乙，丙 / 丁, each once, in order."""
    parts = re.split(r"[、，,／；;\t]|(?<!<)/|\s{2,}|(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])", value)
    names = (stripped(part, "。.*") for part in parts)
    return tuple(dict.fromkeys(name for name in names if name))
