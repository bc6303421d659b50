"""Reading a shot: from its facts to what stands in the picture, where, and doing what."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.backends.animatic.art.figures.expression import Expression
from app.backends.animatic.art.looks import Character, character
from app.backends.animatic.art.names import ANCIENT
from app.backends.animatic.art.nouns import EYE_WORDS, is_face, object_of
from app.backends.animatic.art.words import (
    BEATS,
    CROWDS,
    EFFECTS,
    FLAGS,
    MANNERS,
    SIGHTS,
    Table,
    every,
    first,
    hour_of,
    place_of,
    weather_of,
)
from app.backends.base import CharacterLook, ShotFacts

CLOSE = ("CU", "ECU", "INS")
SIZES = ("ELS", "LS", "FS", "MLS", "MS", "MCU", *CLOSE)
OLD_PLACES = frozenset({"village", "palace", "old_street", "giant_palm", "parted_sea", "eye_chamber", "stone_forest"})

OLD_WORDS = re.compile("画室|宫|殿|府$|寨|渔村|客栈|古|庙|山门|青丘|邓林|钟山|昆仑|江湖|朝堂|闺房|绣房|驿站|衙门")
"""Places that only stories of old times have."""

DEEDS: Table = (
    ("bound", "反绑|绑在|捆", r"\bbound\b|tied to|handcuff"),
    ("lie", "躺|倒下|昏|尸|熟睡|睡着|倒在", r"\blies\b|lying|the body|collapses|unconscious|asleep"),
    ("kneel_hold", "跪.{0,10}(?:怀里|抱|捧)", r"kneel.{0,30}(?:hold|cradl)"),
    ("kneel", "跪|蹲", r"kneel|crouch|on (?:his|her) knees"),
    ("row", "划桨|摇橹|独自划", r"\brow(?:s|ing)\b|paddl"),
    ("sit_ground", "坐在(?:礁|石|沙|地)|靠着.{0,4}坐下|盘坐", r"sinks against|sits? on the (?:ground|floor|rock|sand)"),
    ("sit", "坐|feet on", r"\bsits?\b|seated|sitting|feet on|at (?:his|her) desk"),
    ("phone", "接.{0,2}电话|打电话|手机贴|听筒", r"phone to (?:his|her) ear|on the phone|into the phone"),
    (
        "run",
        "狂奔|奔跑|跑|冲|扑|追上|逃",
        r"\bruns?\b(?! (?:a|an|her|his|the|out|into trouble)\b)|running|rush|chas|sprint|flees?",
    ),
    ("throw", "抛向|用力抛|扔下|扔|掷|投", r"\bthrow|hurl|toss"),
    ("raise_both", "双手举|举起双手|张开双臂|hands raised", r"hands (?:raised|up)|arms wide|spreads (?:his|her) arms"),
    (
        "fight",
        "挥刀|拔刀|横刀|劈|砍|横扫|战斧|挥剑|举起盾",
        r"swings|slash|strikes|draws (?:a|his|her) (?:sword|knife|blade)",
    ),
    ("staff", "桃木杖|木杖|权杖", r"(?:his|her|wooden|walking|carved) staff\b"),
    ("cane", "拐杖|手杖|拄", r"\bcane\b|walking stick"),
    (
        "reach",
        "摸到|触到|伸手去|抚过|抚摸|推门",
        r"runs? (?:a|her|his) (?:finger|hand)|touches|reaches (?:for|out|up)|strokes",
    ),
    ("raise", "举起|高举|挥手|抬起那只手|举", r"\braises?\b|holds up|lifts|waves"),
    ("point", "指向|指着|食指", r"\bpoints?\b|points at"),
    ("brace", "抓紧|死死|拽|按住|撑起|紧紧", r"grips|clings|braces|hauls|seizes"),
    (
        "hold",
        "怀里|抱着|抱住|捧|握着|攥|拿着|展开|叼|提着|夹着",
        r"\bholds?\b|holding|carr(?:y|ies)|clutch|under (?:his|her) arm|with a lantern|suitcase|"
        r"opens the (?:ledger|book|letter)|folds",
    ),
    ("offer", "递|伸出手|伸手|摊开手|交给", r"hands? (?:over|him|her|it)|offers?|gives|lays|reaches|holds out|extends"),
    ("chest", "捂|胸口|按着心", r"hand (?:to|on|over) (?:his|her) (?:chest|heart|mouth)|lips"),
    ("crossed", "抱臂|抱着双臂|双手抱胸", r"arms (?:crossed|folded)|folds (?:his|her) arms"),
    (
        "walk",
        "走|迈|赶来|踏|退后|进来|上前|路过",
        r"\bwalks?\b|steps?\b|crosses|strides|enters|climbs|leaves\b|approach|comes in",
    ),
)

HELD: Table = (
    ("ledger", "账本|册子|书卷", r"ledger|\bbook\b|notebook"),
    ("shoe", "红色的鞋|红鞋|鞋", r"\bshoe\b"),
    ("lantern", "灯笼|提灯|一盏灯", r"lantern"),
    ("torch", "火把", r"torch"),
    ("staff", "桃木杖|木杖|权杖", r"(?:his|her|wooden|walking|carved) staff\b"),
    ("cane", "拐杖|手杖|拄", r"\bcane\b|walking stick"),
    ("oar", "桨", r"\boars?\b"),
    ("sword", "刀|剑|斧", r"sword|knife|blade|\baxe\b"),
    ("pen", "钢笔|签字笔", r"\bpen\b"),
    ("brush", "骨笔|毛笔|笔", r"\bbrush\b"),
    ("silk", "黄绢|绢|圣旨|卷轴", r"\bscroll\b"),
    ("paper", "信|文件|合同|纸", r"\bpages?\b|\bpapers?\b|letter|confession|divorce|document"),
    ("phone", "手机|电话", r"\bphone\b"),
    ("suitcase", "行李箱|皮箱", r"suitcase|briefcase|luggage"),
    ("umbrella", "伞", r"umbrella"),
    ("glass", "酒杯|杯", r"\bglass\b|champagne"),
    ("shield", "盾", r"shield"),
    ("stone", "石子", r"pebble"),
)

FACES: dict[str, Expression] = {
    "shout": Expression(brow=-0.5, worry=-0.75, lids=0.3, smile=-0.3, mouth=0.75),
    "afraid": Expression(brow=0.75, worry=0.75, lids=0.5, smile=-0.35, mouth=0.2),
    "cry": Expression(brow=0.1, worry=0.9, lids=-0.2, smile=-0.7, tears=True),
    "cold": Expression(brow=-0.35, worry=-0.45, lids=-0.28, smile=-0.15),
    "smile": Expression(brow=0.25, worry=0.1, lids=-0.1, smile=0.95),
    "weary": Expression(brow=0.05, worry=0.45, lids=-0.42, smile=-0.3),
    "wonder": Expression(brow=0.6, worry=0.25, lids=0.35, smile=0.15, gaze_down=-0.6),
    "": Expression(),
}


@dataclass(frozen=True, slots=True)
class Role:
    """One who is in the picture: who, in what pose, with what face, holding what."""

    who: Character
    pose: str
    face: Expression
    held: str
    speaks: bool
    mood: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A shot as the art understands it."""

    place: str
    hour: str
    interior: bool
    weather: frozenset[str]
    flags: frozenset[str]
    effects: frozenset[str]
    sights: frozenset[str]
    crowd: str
    beat: str
    subject: str
    roles: tuple[Role, ...]
    size: str
    angle: str
    text: str


def read_shot(facts: ShotFacts) -> Reading:
    """Understand a shot's facts; everything follows from them alone."""
    text = f"{facts.action} {facts.sound}".strip()
    sights = every(SIGHTS, text)
    place, interior = _where(facts, sights)
    ancient = (
        place in OLD_PLACES
        or bool(OLD_WORDS.search(facts.place))
        or any(ANCIENT.search(f"{c.name} {c.looks} {c.wardrobe}") for c in facts.characters)
        or bool(ANCIENT.search(facts.project))
    )
    return Reading(
        place,
        hour_of(facts.time_of_day, text),
        interior,
        weather_of(f"{facts.place} {text}"),
        every(FLAGS, f"{facts.place} {text}"),
        every(EFFECTS, text),
        sights,
        first(CROWDS, f"{text} {' '.join(c.name for c in facts.characters)}"),
        _beat(facts, text),
        _subject(facts),
        tuple(_role(facts, look, text, ancient) for look in facts.characters),
        _size(facts, place),
        facts.angle,
        text,
    )


def _size(facts: ShotFacts, place: str) -> str:
    """The size of shot to draw: people in a car sit too close for anything wider than a waist shot."""
    size = facts.size if facts.size in SIZES else "MS"
    return "MS" if place == "car" and facts.characters and size in ("ELS", "LS", "FS", "MLS") else size


def _where(facts: ShotFacts, sights: frozenset[str]) -> tuple[str, bool]:
    """The kind of place, and whether it is roofed."""
    place = place_of(facts.place)
    if not place and facts.action:
        place = place_of("", facts.action)
        if (facts.interior == "ext" and place in INDOORS) or (facts.interior == "int" and place not in INDOORS):
            place = ""
    interior = facts.interior == "int" or (facts.interior != "ext" and place in INDOORS)
    on_water = bool(sights & {"ripple", "shadow_below", "giant_eye"})
    if on_water and place in ("shore", "rocks", "village") and not facts.characters:
        place = "sea"
    return place or ("plain" if interior else "open"), interior


INDOORS = frozenset(
    {
        "boardroom",
        "lobby",
        "archive",
        "ballroom",
        "workshop",
        "studio",
        "ward",
        "office",
        "bedroom",
        "stairs",
        "corridor",
        "prison",
        "study",
        "car",
        "palace",
        "cave",
        "home",
        "eye_chamber",
        "plain",
    }
)


def _beat(facts: ShotFacts, text: str) -> str:
    """A whole-picture event: "black", "white", "card" for a title alone, or ""."""
    if not facts.action.strip() and not facts.characters and facts.card:
        return "card"
    spoken = bool(facts.dialogue)
    if hit := first(BEATS, text):
        only = len(re.sub(r"\W", "", facts.action)) <= 14
        if only and not spoken:
            return hit
        return "darkens" if hit == "black" else ""
    return ""


def _subject(facts: ShotFacts) -> str:
    """The object an insert shows, or "" when the picture is of people or of a place."""
    if facts.size not in CLOSE or not facts.action.strip():
        return ""
    found = object_of(facts.action)
    if found in ("stone_eye", "stone_water", "hand_ink"):
        return found
    seen = {look.name for look in facts.characters}
    spoken = any(not line.voice and line.speaker in seen for line in facts.dialogue)
    if facts.size != "INS" and (spoken or not found or is_face(facts.action)):
        return ""
    if EYE_WORDS.search(facts.action):
        return "great_eye"
    return found or "still"


def _role(facts: ShotFacts, look: CharacterLook, text: str, ancient: bool) -> Role:
    who = character(look.name, look.looks, look.wardrobe, ancient)
    about = _about(look.name, text, len(facts.characters))
    lines = [line for line in facts.dialogue if line.speaker == look.name]
    manner = " ".join(line.manner for line in lines)
    mood = first(MANNERS, manner) or first(MANNERS, about)
    if re.search("背光|看不清脸|backlit|silhouette", about, re.IGNORECASE):
        mood = mood or "cold"
    face = FACES[mood]
    if lines and mood == "" and lines[0].text.rstrip('"”').endswith(("!", "！")):
        face = FACES["shout"]
    pose = first(DEEDS, about)
    held = (
        first(HELD, about)
        if pose
        in ("hold", "kneel_hold", "offer", "raise", "staff", "cane", "fight", "brace", "row", "phone", "walk", "")
        else ""
    )
    return Role(who, pose or "", face, held, any(not line.voice for line in lines), mood)


def _about(name: str, text: str, count: int) -> str:
    """The sentences that speak of a character; all of them when nobody else is there."""
    if count <= 1:
        return text
    short = (name.split() or [name])[0]
    parts = re.split(r"(?<=[。！？!?])|(?<=[.])\s", text)
    mine = [part for part in parts if short and (name in part or short.lower() in part.lower())]
    return " ".join(mine)
