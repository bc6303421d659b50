"""Which voice a character speaks with: chosen from what is known of them, and the same in every shot."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
AGE = re.compile(r"(\d{1,3})\s*(?:岁|years|yrs|[,，)）]|$)")
CHINESE_DIGITS = "一二三四五六七八九"
CHINESE_AGE = re.compile(rf"([{CHINESE_DIGITS}]?)十([{CHINESE_DIGITS}]?)[来多余几]?岁")

FEMALE = re.compile(
    r"[女妈娘母姐妹婆姑嫂妃姨婶她]|奶奶|公主|夫人|太太|王后|皇后|"
    r"\b(?:female|wom[ae]n|girl|lady|mother|mum|mom|sister|aunt|queen|princess|wife|daughter|grandm\w+|mrs|miss|ms|she)\b",
    re.IGNORECASE,
)
MALE = re.compile(
    r"[男爸父爹爷哥弟叔伯舅帝王]|公子|先生|老头|少爷|将军|"
    r"\b(?:male|m[ae]n|boy|gentleman|father|dad|brother|uncle|king|prince|husband|son|grandp\w+|mr|sir|he)\b",
    re.IGNORECASE,
)
CHILD = re.compile(r"[童娃]|孩子|小孩|女孩|男孩|少女|\b(?:child|kid|toddler|boy|girl)\b", re.IGNORECASE)
ELDER = re.compile(
    r"[翁叟]|老[人者太头妇汉]|奶奶|爷爷|婆婆|\b(?:old|elder\w*|aged|grandm\w+|grandp\w+)\b", re.IGNORECASE
)
FEMALE_GIVEN = frozenset("婉娜丽芳娟静敏燕霞雪兰莲梅瑶琪婷萍娥玲颖茜蓉薇倩莹妍嫣晚芸卫")
MALE_GIVEN = frozenset("强伟刚军磊勇杰涛超鹏辉龙虎雄武峰沉川铮炎神")
ENGLISH_FEMALE_ENDINGS = ("a", "ie", "elle", "lyn", "beth", "ette", "ine")

FEMALE_VARIANTS: tuple[str, ...] = ("f1", "f2", "f3", "f4", "f5", "linda", "steph")
MALE_VARIANTS: tuple[str, ...] = ("m1", "m2", "m4", "m5", "m6", "m7", "m8")


@dataclass(frozen=True, slots=True)
class Voice:
    """A speaking voice: espeak-ng's ``variant``, ``pitch`` and ``liveliness`` of 0 to 100, and a factor of speed."""

    variant: str = "m1"
    female: bool = False
    pitch: int = 45
    liveliness: int = 55
    tempo: float = 1.0


@dataclass(frozen=True, slots=True)
class Manner:
    """How a line is said: factors of tempo, steps of pitch and liveliness, decibels, and whether it is whispered."""

    tempo: float = 1.0
    pitch: int = 0
    liveliness: int = 0
    gain_db: float = 0.0
    whispered: bool = False


MANNERS: tuple[tuple[re.Pattern[str], Manner], ...] = tuple(
    (re.compile(words, re.IGNORECASE), manner)
    for words, manner in (
        (r"耳语|低语|悄声|轻声|气声|小声|喃喃|whisper|under (?:his|her|their) breath|mutter|murmur|softly|quiet",
         Manner(0.94, 0, -10, -7, True)),
        (r"喊|吼|怒|大叫|尖叫|咆哮|呵斥|厉声|嘶|shout|yell|scream|cry out|roar|furious|angr",
         Manner(1.06, 14, 30, 4)),
        (r"沉声|低沉|压低|缓缓|苍老|grave|low\b|slowly|deep", Manner(0.90, -10, -12, -1)),
        (r"颤|抖|哽咽|哭|泣|含泪|抽泣|trembl|shak|sob|tear|weep|crying", Manner(0.90, 8, 22, -2)),
        (r"笑|高兴|欢|兴奋|得意|laugh|smil|grin|happ|excit|bright", Manner(1.05, 9, 25, 0)),
        (r"急|慌|喘|忙|hurr|rush|panic|breathless|urgent", Manner(1.15, 5, 12, 1)),
        (r"冷|淡|平静|面无表情|cold|flat|calm|deadpan|not looking", Manner(0.97, -4, -30, -1)),
    )
)  # fmt: skip


def language_of(text: str) -> str:
    """Return "zh" when any of ``text`` is Chinese, else "en"."""
    return "zh" if HAN.search(text) else "en"


def manner_of(words: str) -> Manner:
    """Return the way of speaking that ``words`` (a parenthetical, in either language) asks for."""
    return next((manner for pattern, manner in MANNERS if pattern.search(words)), Manner())


def voice_for(name: str, description: str = "", settings: Mapping[str, Any] | None = None) -> Voice:
    """Return the voice of the character ``name``: the same at every call, near to what their description says.

    ``settings`` may hold "gender", "age", "pitch" (0 to 100), "tempo" (0.5 to 2), "variant" and any words; they win.
    """
    chosen = dict(settings or {})
    words = " ".join(str(value) for value in chosen.values() if isinstance(value, str))
    digest = hashlib.sha256(name.strip().casefold().encode()).digest()
    age = _age(chosen, words, description, name)
    female = _female((words, description, name), name, digest)
    variants = FEMALE_VARIANTS if female else MALE_VARIANTS
    pitch = (52 if female else 36) + digest[1] % 17 - 8
    tempo = 0.96 + digest[2] % 9 / 100
    if age == "child":
        pitch, tempo = 78 + digest[1] % 9, tempo * 1.02
        variants = FEMALE_VARIANTS
    elif age == "elder":
        pitch, tempo = pitch - 12, tempo * 0.90
    return Voice(
        variant=str(chosen.get("variant") or variants[digest[0] % len(variants)]),
        female=female,
        pitch=int(_number(chosen.get("pitch"), pitch, 0, 100)),
        liveliness=45 + digest[3] % 21,
        tempo=_number(chosen.get("tempo"), tempo, 0.5, 2.0),
    )


def _number(value: Any, otherwise: float, low: float, high: float) -> float:
    """Return ``value`` within its bounds when it is a number, else ``otherwise``."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return otherwise
    return min(high, max(low, float(value)))


def _female(sources: Iterable[str], name: str, digest: bytes) -> bool:
    """Return whether the first source that tells says a woman; a name's look, then its hash, decide otherwise."""
    for source in sources:
        women, men = len(FEMALE.findall(source)), len(MALE.findall(source))
        if women != men:
            return women > men
    given = name.strip()[1:] if HAN.search(name) else ""
    if FEMALE_GIVEN & set(given):
        return True
    if MALE_GIVEN & set(given):
        return False
    first = name.split()[0].casefold() if name.split() else ""
    if first.isascii() and first.isalpha():
        return first.endswith(ENGLISH_FEMALE_ENDINGS)
    return digest[4] % 2 == 0


def _age(settings: Mapping[str, Any], words: str, description: str, name: str) -> str:
    """Return "child", "adult" or "elder"."""
    told = settings.get("age")
    if isinstance(told, int | float) and not isinstance(told, bool):
        return _bracket(int(told))
    for source in (words, description, name):
        if (years := _years(source)) is not None:
            return _bracket(years)
        if CHILD.search(source):
            return "child"
        if ELDER.search(source):
            return "elder"
    return "adult"


def _years(text: str) -> int | None:
    """Return the age ``text`` states, in figures or in Chinese."""
    if found := AGE.search(text):
        return int(found[1])
    if found := CHINESE_AGE.search(text):
        tens = CHINESE_DIGITS.find(found[1]) + 1 if found[1] else 1
        return tens * 10 + (CHINESE_DIGITS.find(found[2]) + 1 if found[2] else 0)
    return None


def _bracket(years: int) -> str:
    return "child" if years < 14 else "elder" if years >= 62 else "adult"
