"""Camera cues that a script writes before a picture: 特写：, 俯拍：, CLOSE ON:, INSERT -, WIDE, POV."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.scripts.breakdown.model import Angle, Movement, Size


@dataclass(frozen=True, slots=True)
class Camera:
    """What the script asks of the camera; None where it asks nothing. ``empty`` says that nobody is in the picture."""

    size: Size | None = None
    angle: Angle | None = None
    movement: Movement | None = None
    empty: bool = False
    intercut: bool = False

    def __or__(self, other: Camera) -> Camera:
        """Return both together; the first speaks where both do."""
        return Camera(
            self.size or other.size,
            self.angle or other.angle,
            self.movement or other.movement,
            self.empty or other.empty,
            self.intercut or other.intercut,
        )

    @property
    def asks(self) -> bool:
        """Whether the script asks for anything."""
        return self != Camera()


_ZH = {
    "大特写": Camera(Size.EXTREME_CLOSE),
    "特写": Camera(Size.CLOSE),
    "脸部特写": Camera(Size.CLOSE),
    "面部特写": Camera(Size.CLOSE),
    "手部特写": Camera(Size.CLOSE),
    "近景": Camera(Size.MEDIUM_CLOSE),
    "中近景": Camera(Size.MEDIUM_CLOSE),
    "中景": Camera(Size.MEDIUM),
    "双人": Camera(Size.MEDIUM),
    "中全景": Camera(Size.MEDIUM_LONG),
    "中远景": Camera(Size.MEDIUM_LONG),
    "全景": Camera(Size.FULL),
    "小全景": Camera(Size.FULL),
    "大全景": Camera(Size.LONG),
    "远景": Camera(Size.LONG),
    "大远景": Camera(Size.EXTREME_LONG),
    "空镜": Camera(Size.LONG, empty=True),
    "物件": Camera(Size.INSERT),
    "俯拍": Camera(angle=Angle.HIGH),
    "俯视": Camera(angle=Angle.HIGH),
    "仰拍": Camera(angle=Angle.LOW),
    "仰视": Camera(angle=Angle.LOW),
    "平拍": Camera(angle=Angle.EYE),
    "顶拍": Camera(angle=Angle.OVERHEAD),
    "正俯拍": Camera(angle=Angle.OVERHEAD),
    "鸟瞰": Camera(Size.EXTREME_LONG, Angle.OVERHEAD),
    "航拍": Camera(Size.EXTREME_LONG, Angle.HIGH, Movement.TRACK),
    "主观": Camera(angle=Angle.POV),
    "主观视角": Camera(angle=Angle.POV),
    "斜拍": Camera(angle=Angle.DUTCH),
    "倾斜": Camera(angle=Angle.DUTCH),
    "跟拍": Camera(movement=Movement.TRACK),
    "跟": Camera(movement=Movement.TRACK),
    "移": Camera(movement=Movement.TRACK),
    "横移": Camera(movement=Movement.TRACK),
    "摇": Camera(movement=Movement.PAN_RIGHT),
    "左摇": Camera(movement=Movement.PAN_LEFT),
    "右摇": Camera(movement=Movement.PAN_RIGHT),
    "上摇": Camera(movement=Movement.TILT_UP),
    "下摇": Camera(movement=Movement.TILT_DOWN),
    "推": Camera(movement=Movement.PUSH_IN),
    "推近": Camera(movement=Movement.PUSH_IN),
    "变焦": Camera(movement=Movement.PUSH_IN),
    "拉": Camera(movement=Movement.PULL_OUT),
    "拉远": Camera(movement=Movement.PULL_OUT),
    "拉开": Camera(movement=Movement.PULL_OUT),
    "升": Camera(movement=Movement.CRANE_UP),
    "手持": Camera(movement=Movement.HANDHELD),
    "晃动": Camera(movement=Movement.HANDHELD),
    "固定": Camera(movement=Movement.STATIC),
    "定": Camera(movement=Movement.STATIC),
    "反打": Camera(Size.MEDIUM),
    "正反打": Camera(Size.MEDIUM),
    "过肩": Camera(Size.MEDIUM),
    "交叉剪辑": Camera(intercut=True),
    "平行剪辑": Camera(intercut=True),
    "蒙太奇": Camera(intercut=True),
}
_ZH_WORD = "|".join(sorted(_ZH, key=lambda word: (-len(word), word)))
_ZH_ONE = rf"(?:{_ZH_WORD})(?:镜头|镜|拍摄|角度|视角)?"
_ZH_PREFIX = re.compile(rf"((?:镜头)?{_ZH_ONE}(?:[，,、/＋+·\s]{{0,2}}{_ZH_ONE}){{0,3}})\s{{0,2}}[:：]\s{{0,2}}")
_ZH_INSIDE = re.compile(
    rf"(?<=[。！？!?…；;”])\s{{0,2}}(?={_ZH_ONE}(?:[，,、/＋+·\s]{{0,2}}{_ZH_ONE}){{0,3}}\s{{0,2}}[:：])"
)
_ZH_BARE = re.compile(rf"{_ZH_ONE}(?:[，,、/＋+·\s]{{0,2}}{_ZH_ONE}){{0,3}}")
_ZH_FIND = re.compile(_ZH_WORD)

_EN: tuple[tuple[str, Camera], ...] = (
    (r"EXTREME CLOSE(?:[- ]?UP)?(?: ON| OF)?|ECU", Camera(Size.EXTREME_CLOSE)),
    (r"MEDIUM CLOSE(?:[- ]?UP)?(?: ON| OF)?|MCU", Camera(Size.MEDIUM_CLOSE)),
    (r"CLOSE(?:R)?(?:[- ]?UP)?(?: SHOT)?(?: ON| OF)?|C\.?U\.?|TIGHT ON", Camera(Size.CLOSE)),
    (r"INSERT(?: SHOT)?(?: OF)?", Camera(Size.INSERT)),
    (r"EXTREME (?:WIDE|LONG)(?: SHOT)?(?: ON| OF)?", Camera(Size.EXTREME_LONG)),
    (r"AERIAL(?: SHOT| VIEW)?(?: OF)?|DRONE(?: SHOT)?(?: OF)?", Camera(Size.EXTREME_LONG, Angle.HIGH, Movement.TRACK)),
    (r"(?:WIDE|LONG|ESTABLISHING)(?:R)?(?: SHOT| ANGLE)?(?: ON| OF)?", Camera(Size.LONG)),
    (r"FULL SHOT(?: OF)?", Camera(Size.FULL)),
    (r"MEDIUM SHOT(?: ON| OF)?|TWO[- ]SHOT|MED(?:IUM)?\.?", Camera(Size.MEDIUM)),
    (r"OVERHEAD(?: SHOT| VIEW)?(?: OF)?|TOP SHOT|BIRD'?S[- ]EYE(?: VIEW)?", Camera(angle=Angle.OVERHEAD)),
    (r"HIGH ANGLE(?: ON)?", Camera(angle=Angle.HIGH)),
    (r"LOW ANGLE(?: ON)?", Camera(angle=Angle.LOW)),
    (r"DUTCH(?: ANGLE)?", Camera(angle=Angle.DUTCH)),
    (r"(?:[A-Z][A-Z.'’]{0,20} ){0,2}P\.?O\.?V\.?(?: SHOT)?", Camera(angle=Angle.POV)),
    (r"TRACKING(?: SHOT)?(?: WITH| ON)?|TRACK WITH|FOLLOW(?:ING)?", Camera(movement=Movement.TRACK)),
    (r"PUSH(?:ING)? IN(?: ON)?|DOLLY IN(?: ON)?|ZOOM IN(?: ON)?", Camera(movement=Movement.PUSH_IN)),
    (r"PULL(?:ING)? (?:BACK|OUT)|DOLLY OUT|ZOOM OUT", Camera(movement=Movement.PULL_OUT)),
    (r"PAN LEFT(?: TO)?", Camera(movement=Movement.PAN_LEFT)),
    (r"PAN(?: RIGHT)?(?: TO| ACROSS)?", Camera(movement=Movement.PAN_RIGHT)),
    (r"TILT UP(?: TO)?", Camera(movement=Movement.TILT_UP)),
    (r"TILT DOWN(?: TO)?", Camera(movement=Movement.TILT_DOWN)),
    (r"CRANE(?: UP| SHOT)?", Camera(movement=Movement.CRANE_UP)),
    (r"HAND-?HELD", Camera(movement=Movement.HANDHELD)),
    (r"(?:REVERSE )?ANGLE(?: ON)?|REVERSE", Camera(Size.MEDIUM)),
    (r"INTERCUT(?: WITH)?", Camera(intercut=True)),
)
_EN_PREFIX = tuple(
    (re.compile(rf"(?:{word})(?=\s*[:–—-]|\s*,|\s+[^\sa-z]|\s*$|\s+\S)"), camera) for word, camera in _EN
)
_EN_INSIDE = re.compile(
    r"(?<=[.!?…])\s+(?=(?:EXTREME )?(?:CLOSE|WIDE|INSERT|OVERHEAD|POV|TRACKING|ANGLE)\b[A-Z -]{0,16}[:–—-])"
)
_SEPARATOR = re.compile(r"\s*(?:[:–—,]|-+)\s*")
_MARKER = re.compile(
    r"(?:(?:BEGIN |START )?(?:MONTAGE|SERIES OF SHOTS)(?:\s*[-–—:].{0,80})?"
    r"|END (?:OF )?(?:MONTAGE|SERIES|SERIES OF SHOTS|INSERT|INTERCUT|FLASHBACK)\.?|BACK TO(?: SCENE| PRESENT)?\.?"
    r"|(?:MOMENTS |MINUTES |HOURS |SECONDS |MUCH |A LITTLE )?LATER(?: THAT [A-Z]{3,9})?\.?|SAME TIME\.?)$"
)


def leading(text: str) -> tuple[Camera, str]:
    """Return what the cues at the beginning of an action ask for, and the action without them."""
    if found := _ZH_PREFIX.match(text):
        return of_words(found[1]), text[found.end() :]
    camera, rest = Camera(), text
    for _ in range(3):
        more, shorter = _leading_en(rest)
        if shorter == rest:
            break
        camera, rest = camera | more, shorter
    return camera, rest


def _leading_en(text: str) -> tuple[Camera, str]:
    for pattern, camera in _EN_PREFIX:
        if found := pattern.match(text):
            rest = text[found.end() :]
            separator = _SEPARATOR.match(rest)
            rest = rest[separator.end() :] if separator else rest.lstrip()
            return (
                (camera, rest)
                if separator or found[0].endswith((" ON", " OF", " TO", " WITH")) or not rest
                else (Camera(), text)
            )
    return Camera(), text


def of_words(words: str) -> Camera:
    """Return what Chinese cue words ask for, without the text they stand before."""
    camera = Camera()
    for word in _ZH_FIND.findall(words):
        camera = camera | _ZH[word]
    return camera


def is_cue_only(words: str) -> bool:
    """Tell whether Chinese words are nothing but camera cues (特写镜头)."""
    return bool(_ZH_BARE.fullmatch(words))


def pictures(text: str) -> list[tuple[int, int]]:
    """Return the ranges into which an action falls where a cue stands inside it (…。特写：…)."""
    edges = sorted({found.end() for pattern in (_ZH_INSIDE, _EN_INSIDE) for found in pattern.finditer(text)})
    starts = [0, *edges]
    ends = [*edges, len(text)]
    return list(zip(starts, ends, strict=True))


def is_marker(text: str) -> bool:
    """Tell whether a line only parts stretches of a scene (MONTAGE - …, END MONTAGE, BACK TO SCENE, LATER)."""
    return bool(_MARKER.match(text))
