"""The words on a slate, in the language of the script: what a crew would chalk, not what an interface would say."""

from __future__ import annotations

from types import MappingProxyType

from app.backends.animatic.text import clean
from app.backends.base import ShotFacts

Names = MappingProxyType[str, str]

SIZES: MappingProxyType[str, Names] = MappingProxyType(
    {
        "zh": MappingProxyType(
            {
                "ELS": "大远景",
                "LS": "远景",
                "FS": "全景",
                "MLS": "中远景",
                "MS": "中景",
                "MCU": "近景",
                "CU": "特写",
                "ECU": "大特写",
                "INS": "插入",
            }
        ),
        "en": MappingProxyType({"INS": "INSERT"}),
    }
)
ANGLES: MappingProxyType[str, Names] = MappingProxyType(
    {
        "zh": MappingProxyType(
            {"eye": "平视", "low": "仰拍", "high": "俯拍", "overhead": "顶拍", "dutch": "倾斜", "pov": "主观"}
        ),
        "en": MappingProxyType(
            {
                "eye": "EYE LEVEL",
                "low": "LOW ANGLE",
                "high": "HIGH ANGLE",
                "overhead": "OVERHEAD",
                "dutch": "DUTCH",
                "pov": "POV",
            }
        ),
    }
)
MOVES: MappingProxyType[str, Names] = MappingProxyType(
    {
        "zh": MappingProxyType(
            {
                "static": "固定",
                "push_in": "推",
                "pull_out": "拉",
                "pan_left": "左摇 ←",
                "pan_right": "右摇 →",
                "tilt_up": "上摇 ↑",
                "tilt_down": "下摇 ↓",
                "track": "跟 →",
                "handheld": "手持",
                "crane_up": "升 ↑",
            }
        ),
        "en": MappingProxyType(
            {
                "static": "STATIC",
                "push_in": "PUSH IN",
                "pull_out": "PULL OUT",
                "pan_left": "PAN ←",
                "pan_right": "PAN →",
                "tilt_up": "TILT ↑",
                "tilt_down": "TILT ↓",
                "track": "TRACK →",
                "handheld": "HANDHELD",
                "crane_up": "CRANE ↑",
            }
        ),
    }
)
INTERIORS: MappingProxyType[str, Names] = MappingProxyType(
    {
        "zh": MappingProxyType({"int": "内", "ext": "外", "int_ext": "内外"}),
        "en": MappingProxyType({"int": "INT", "ext": "EXT", "int_ext": "INT/EXT"}),
    }
)
FLASHBACK: Names = MappingProxyType({"zh": "闪回", "en": "FLASHBACK"})


def tongue(facts: ShotFacts) -> str:
    """Return "zh" or "en", the language the slate of ``facts`` is written in."""
    return "zh" if facts.language.casefold().startswith("zh") else "en"


def numbers(facts: ShotFacts) -> str:
    """Return the slate's first line: episode, scene, shot and take."""
    if tongue(facts) == "zh":
        parts = (
            _numbered("第", facts.episode, "集"),
            _numbered("", facts.scene, "场"),
            _numbered("镜", facts.shot, ""),
            f"第{facts.take}条",
        )
    else:
        parts = (
            _numbered("EP ", facts.episode, ""),
            _numbered("SC ", facts.scene, ""),
            _numbered("SH ", facts.shot, ""),
            f"TK {facts.take}",
        )
    return "  ·  ".join(part for part in parts if part)


def _numbered(before: str, number: str, after: str) -> str:
    """Return a number with its word, unless it brings a word of its own ("SH0010", "第3集")."""
    number = clean(number)
    if not number:
        return ""
    return f"{before}{number}{after}" if number[0].isdigit() else number


def setup(facts: ShotFacts) -> str:
    """Return the camera's line: size, angle and movement."""
    language = tongue(facts)
    parts = (
        SIZES[language].get(facts.size, facts.size),
        ANGLES[language].get(facts.angle, facts.angle),
        MOVES[language].get(facts.movement, facts.movement),
    )
    return " · ".join(clean(part) for part in parts if part)


def where(facts: ShotFacts) -> str:
    """Return the scene's line: inside or outside, place and time of day."""
    language = tongue(facts)
    inside = INTERIORS[language].get(facts.interior, "")
    parts = [inside, clean(facts.place), clean(facts.time_of_day)]
    if facts.flashback:
        parts.append(FLASHBACK[language])
    line = " · ".join(part for part in parts if part)
    return line if language == "zh" else line.upper()
