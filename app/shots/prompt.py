"""The prompt of a shot, and its fingerprint in named parts. Pure: text + bible + style + directions + settings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.core.text import is_chinese

PARTS = ("text", "bible", "style", "directions", "settings", "source")

_ZH = {
    "ELS": "大远景", "LS": "远景", "FS": "全景", "MLS": "中远景", "MS": "中景", "MCU": "中近景", "CU": "特写",
    "ECU": "大特写", "INS": "物件特写", "low": "仰拍", "high": "俯拍", "overhead": "顶拍", "dutch": "倾斜构图",
    "pov": "主观镜头", "push_in": "缓慢推近", "pull_out": "缓慢拉远", "pan_left": "向左摇", "pan_right": "向右摇",
    "tilt_up": "向上摇", "tilt_down": "向下摇", "track": "跟拍", "handheld": "手持", "crane_up": "升镜",
    "static": "固定机位", "eye": "平视",
}  # fmt: skip
_EN = {
    "ELS": "extreme long shot", "LS": "long shot", "FS": "full shot", "MLS": "medium long shot", "MS": "medium shot",
    "MCU": "medium close-up", "CU": "close-up", "ECU": "extreme close-up", "INS": "insert of an object",
    "low": "low angle", "high": "high angle", "overhead": "overhead view", "dutch": "dutch angle",
    "pov": "point of view", "push_in": "slow push in", "pull_out": "slow pull out", "pan_left": "pan left",
    "pan_right": "pan right", "tilt_up": "tilt up", "tilt_down": "tilt down", "track": "tracking",
    "handheld": "handheld", "crane_up": "crane up", "static": "static camera", "eye": "eye level",
}  # fmt: skip
_INTERIOR = {"int": ("interior", "内景"), "ext": ("exterior", "外景"), "int_ext": ("interior and exterior", "内外景")}


@dataclass(frozen=True, slots=True)
class Look:
    """How a character is described in the bible."""

    name: str
    looks: str = ""
    wardrobe: str = ""


@dataclass(frozen=True, slots=True)
class Ingredients:
    """Everything a prompt is made of."""

    shot: Mapping[str, Any]
    interior: str
    place: str
    time_of_day: str
    looks: Sequence[Look]
    style: str
    directions: str
    width: int
    height: int
    rate: str
    language: str
    source: str = ""


def compose(given: Ingredients) -> str:
    """Return the prompt in the language of the project, one sentence a part."""
    chinese = given.language == "zh" or is_chinese(str(given.shot["action"]))
    words, stop = (_ZH, "。") if chinese else (_EN, ". ")
    shot = given.shot
    setting = [_INTERIOR.get(given.interior, ("", ""))[int(chinese)], given.place, given.time_of_day]
    comma = "，" if chinese else ", "
    camera = [words[str(shot[key])] for key in ("size", "angle", "movement") if str(shot[key]) in words]
    sentences = [comma.join(part for part in setting if part), comma.join(camera), str(shot["action"])]
    sentences += [_look(look, comma) for look in given.looks if look.looks or look.wardrobe]
    sentences += [_speech(line, chinese) for line in shot["dialogue"] if not line["voice"]]
    if shot["flashback"]:
        sentences.append("闪回，柔和旧照片色调" if chinese else "A flashback, in soft faded tones")
    sentences += [given.directions, given.style]
    return (
        stop.join(sentence.strip().rstrip("。.") for sentence in sentences if sentence.strip()).strip() + stop.strip()
    )


def fingerprint(given: Ingredients) -> dict[str, str]:
    """Return a hash for each named part, so that staleness can say which part changed."""
    shot = given.shot
    text = {key: shot[key] for key in ("action", "dialogue", "card", "sound", "characters", "flashback")}
    return {
        "text": _hash([text, given.interior, given.place, given.time_of_day]),
        "bible": _hash([[look.name, look.looks, look.wardrobe] for look in given.looks]),
        "style": _hash(given.style),
        "directions": _hash(given.directions),
        "settings": _hash(
            [
                shot["size"],
                shot["angle"],
                shot["movement"],
                shot["duration_frames"],
                given.width,
                given.height,
                given.rate,
            ]
        ),
        "source": _hash(given.source),
    }


def stale_parts(made_from: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return the named parts in which a take's fingerprint differs from the shot's of now."""
    return [part for part in PARTS if made_from and made_from.get(part) != now.get(part)]


def plain_text(shot: Mapping[str, Any]) -> str:
    """Return the words of a shot as people read them, for showing what changed."""
    lines = [str(shot["action"])] if shot["action"] else []
    for line in shot["dialogue"]:
        tags = " ".join(part for part in (line["voice"], f"({line['manner']})" if line["manner"] else "") if part)
        lines.append(f"{line['speaker']}{' ' + tags if tags else ''}: {line['text']}")
    if shot["card"]:
        lines.append(f"[{shot['card']}]")
    return "\n".join(lines)


def _look(look: Look, comma: str) -> str:
    return f"{look.name}{comma}" + comma.join(part for part in (look.looks, look.wardrobe) if part)


def _speech(line: Mapping[str, Any], chinese: bool) -> str:
    manner = line["manner"]
    if chinese:
        return f"{line['speaker']}{f'（{manner}）' if manner else ''}说：“{line['text']}”"
    return f"{line['speaker']}{f' ({manner})' if manner else ''} says: “{line['text']}”"


def _hash(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:32]
