"""From a name and a description to a look that never changes: face, hair, build, clothes."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from app.backends.animatic.art.colour import Rgb, dice, hexa, hsv, mix, number_of, times
from app.backends.animatic.art.figures.clothes import Wardrobe
from app.backends.animatic.art.figures.face import FaceLook
from app.backends.animatic.art.figures.figure import FigureLook
from app.backends.animatic.art.figures.hair import HairStyle
from app.backends.animatic.art.figures.head import HeadLook
from app.backends.animatic.art.figures.rig import Build
from app.backends.animatic.art.figures.skull import Skull
from app.backends.animatic.art.names import ANCIENT, MYTH, being_of, is_female

COLOURS: tuple[tuple[str, str, str], ...] = (
    ("a92b24", "红|赤|朱|绯", "red|scarlet|crimson"),
    ("e6e0d4", "白|素", "white|ivory|cream"),
    ("23242a", "黑|玄|乌", "black"),
    ("3f6b6b", "青", "teal|cyan"),
    ("34507c", "蓝|靛", "blue|navy|indigo"),
    ("5a3a78", "紫", "purple|violet|plum"),
    ("7b7f85", "灰", "gr[ae]y|charcoal"),
    ("8c6a38", "赭黄|土黄", "ochre|mustard"),
    ("b08f3c", "黄|金", "yellow|gold(?:en)?"),
    ("b9bec9", "银", "silver"),
    ("4c6e48", "绿|翠|碧", "green|olive|emerald"),
    ("d58a9a", "粉|桃红", "pink|rose"),
    ("6b4a33", "褐|棕|赭", "brown|tan|beige|khaki|camel"),
    ("b8622e", "橙", "orange"),
    ("5c1f2c", "绛", "burgundy|maroon|wine"),
)
GARMENTS: tuple[tuple[str, str, str], ...] = (
    ("raincoat", "雨衣", "rain-?coat|slicker"),
    ("armour", "铠甲|盔甲|甲胄|甲", "armou?r"),
    ("gown", "礼服裙|婚纱|晚礼服|长裙", "gown|evening dress|wedding dress|dress(?!ed)"),
    ("suit", "西装|西服|礼服|燕尾", "suit\\b|tuxedo|dinner jacket|blazer|jacket|loosened tie|\\btie\\b"),
    ("coat", "大衣|风衣|外套", "over-?coat|trench|coat"),
    ("uniform", "制服|工装|校服|警服", "uniform|scrubs|overalls"),
    ("tunic", "短打|短褐|粗布衣|皮袄", "tunic|jerkin"),
    ("shirt", "衬衫|毛衣|T恤|睡衣|上衣|卫衣|皮衣|病号服", "shirt|sweater|blouse|hoodie|cardigan|pyjamas|pajamas"),
    ("robe", "袍|衣|裙|衫|裳|氅|斗篷", "robe|hanfu|cloak|kimono|cassock|habit"),
)
SUITINGS = ("2b3546", "3a3c42", "4c4238", "33403c", "4a3036", "5a5348", "45505e", "22242a", "6a6258", "3c4a5e")
SHIRTINGS = ("7d8a96", "958a7c", "6b786d", "8a6a62", "b0a798", "5a6673", "94808a", "a3906c", "4f5b58")
TIES = ("6a2430", "27364f", "3a3d42", "2f4a3c", "7a6232", "4a3050")
EXTRAS = (
    ("tie", r"\btie\b|领带|lawyer|律师"),
    ("badge", "guard|保安|警"),
    ("earring", "耳坠|earring"),
    ("cane", r"\bcane\b|拐杖"),
)
AGE = re.compile(r"(\d{1,2})\s*(?:岁|years?|\)|）|,|$)|\((\d{1,2})\)|\b(\d{1,2})\b")
NUMERALS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}


@dataclass(frozen=True, slots=True)
class Character:
    """A character as the art sees it: its look, and what kind of being it is ("" for a human)."""

    name: str
    being: str
    figure: FigureLook
    female: bool
    age: int
    ancient: bool


@lru_cache(maxsize=64)
def character(name: str, looks: str = "", wardrobe: str = "", ancient_hint: bool = False) -> Character:
    """The stable look of a character: the description decides, the name's own chance fills in the rest.

    ``ancient_hint`` dresses someone of whom nothing is said like the people around them.
    """
    base = re.sub("^(?:幼年|少年|老年|YOUNG |OLD )", "", name.split("(")[0].split("（")[0].strip()) or name
    text = f"{looks} {wardrobe}".strip()
    known = MYTH.get(base, "")
    words = f"{text} {known}" if not _garment(text)[0] or not text else text
    rng = dice("look", base)
    age = age_of(name, words, rng)
    ancient = bool(ANCIENT.search(f"{base} {words}")) or (ancient_hint and not _garment(text)[0])
    eastern = bool(re.search("[一-鿿]", name))
    female = is_female(base, words, number_of("sex", base))
    chance = _Chance(rng, female, age, ancient, eastern, words)
    wear = wardrobe_of(base, words, wardrobe or words, chance)
    hair = replace(_hair(chance), beard=_beard(chance))
    head = HeadLook(_skull(chance), _face(chance), hair, number_of("hair", base) % 997)
    figure = FigureLook(name, head, _build(chance), wear, number_of("cloth", base) % 997)
    return Character(name, being_of(base, words), figure, female, age, ancient)


@dataclass(slots=True)
class _Chance:
    """A character's fixed dice with what is known already."""

    rng: np.random.Generator
    female: bool
    age: int
    ancient: bool
    eastern: bool
    words: str

    @property
    def child(self) -> float:
        """How much of a child: 1 at eight years, 0 from seventeen."""
        return float(np.clip((17 - self.age) / 9, 0, 1))

    @property
    def old(self) -> float:
        """How much age shows: 0 until forty, 1 at seventy-five."""
        return float(np.clip((self.age - 40) / 35, 0, 1))

    def says(self, pattern: str) -> bool:
        """Whether the description has these words."""
        return bool(re.search(pattern, self.words, re.IGNORECASE))


def age_of(name: str, words: str, rng: np.random.Generator) -> int:
    """The age a description gives in figures, in Chinese numerals or in words; else an adult's."""
    adult = int(rng.integers(22, 40))
    if re.search("幼年|小女孩|小男孩|幼童|toddler|young child", name + words):
        return 7
    if hit := re.search("([一二三四五六七八九])?十([一二三四五六七八九])?(?:岁|出头|多岁|来岁)", words):
        return NUMERALS.get(hit[1] or "一", 1) * 10 + NUMERALS.get(hit[2] or "", 0)
    if hit := re.search("([三四五六七八九])岁", words):
        return NUMERALS[hit[1]]
    if hit := AGE.search(words):
        value = int(next(group for group in hit.groups() if group))
        if 3 <= value <= 99:
            return value
    for pattern, years in (
        (r"老|爷|婆|奶|(?<!year )(?<!years )(?<!year-)(?<!years-)old|elder|aged", 70),
        ("女童|男童|孩|child|kid|little (?:girl|boy)", 8),
        ("少年|少女|丫头|teen|girl|boy", 15),
        ("中年|middle-aged", 48),
    ):
        if re.search(pattern, f"{name} {words}", re.IGNORECASE):
            return years
    return adult


def _skull(c: _Chance) -> Skull:
    lean = 0.55 if not c.female else -0.9
    r = c.rng
    return Skull(
        jaw=lean * 0.9 + float(r.uniform(-0.4, 0.4)) - 0.4 * c.child,
        cheek=float(r.uniform(-0.5, 0.7)),
        brow=lean + float(r.uniform(-0.3, 0.3)) - 0.3 * c.child,
        nose=0.45 * lean + float(r.uniform(-0.35, 0.35)) + (0.0 if c.eastern else 0.35),
        lips=(0.5 if c.female else -0.1) + float(r.uniform(-0.3, 0.3)),
        child=c.child,
        age=c.old,
    )


SKINS_EAST = ("efcdb0", "e8c09f", "dfb08c", "d3a07c")
SKINS_WEST = ("f0d0ba", "e6bd9f", "d6a482", "b57f5c", "8c5d42", "6b4633")
HAIRS_WEST = ("17120f", "2c211b", "4a3323", "6d4a2c", "8f6438", "a8844f", "3a2018")


def _face(c: _Chance) -> FaceLook:
    r = c.rng
    shades = SKINS_EAST if c.eastern else SKINS_WEST
    weights = np.array([4, 3, 2, 1]) if c.eastern else np.array([4, 5, 4, 2, 2, 1])
    skin = hexa(shades[int(r.choice(len(shades), p=weights / weights.sum()))])
    if c.female or c.child > 0.2:
        skin = mix(skin, (0.96, 0.84, 0.76), 0.3 if c.eastern else 0.1)
    if c.says("白得像纸|苍白|pale|ashen"):
        skin = mix(skin, (0.95, 0.93, 0.92), 0.65)
    if c.says("黝黑|古铜|dark skin|tanned|sunburn"):
        skin = times(skin, (0.74, 0.66, 0.6))
    if c.says("龟裂|cracked skin"):
        skin = hexa("8a6c55")
    lips = mix(times(skin, (0.86, 0.55, 0.52)), hexa("b23b40"), 0.6 if c.female and c.child < 0.3 else 0.08)
    iris = hexa("3d2818") if c.eastern else hexa(("3d2818", "54402a", "4b6068", "5b6b4a", "6a7f8a")[int(r.integers(5))])
    hair = _hair_colour(c)
    return FaceLook(
        skin,
        lips,
        iris,
        hair,
        brow_weight=(0.74 if c.female else 1.22) * (1 - 0.1 * c.child),
        lashes=1.25 if c.female else 0.35,
        eye_size=(1.15 if c.female else 0.98) + 0.16 * c.child - 0.08 * c.old,
        lip_width=(0.95 if c.female else 1.05) - 0.1 * c.child,
        age=c.old,
        child=c.child,
        stubble=0.0 if c.female or c.child > 0 else (1.0 if _beard(c) else float(r.uniform(0.1, 0.6))),
        marks=marks_of(c.words),
    )


def _hair_colour(c: _Chance) -> Rgb:
    white = hexa("d8d5d0")
    if c.says("白发|头发全白|白发苍|white hair|white-haired|silver hair"):
        return white
    dark = hexa("17130f") if c.eastern else hexa(HAIRS_WEST[int(c.rng.integers(len(HAIRS_WEST)))])
    for pattern, code in (
        ("blond|金发", "c2a05c"),
        ("red hair|ginger|红发", "8a3d20"),
        ("black hair|黑发|黑衣女", "14110f"),
        ("brown hair|棕发", "4f3522"),
    ):
        if c.says(pattern):
            dark = hexa(code)
    return mix(dark, white, float(np.clip((c.age - 46) / 26, 0, 0.95)))


def marks_of(words: str) -> tuple[str, ...]:
    """Scars and spots a description names, as ``kind@place`` (the wearer's left and right)."""
    found = []
    side = {"左": "left", "右": "right"}
    if hit := re.search("([左右])颊.{0,8}墨", words):
        found.append(f"ink@{side[hit[1]]}_cheek")
    if hit := re.search("([左右])眼角.{0,10}疤", words):
        found.append(f"{'cinnabar' if re.search('朱砂', words) else 'scar'}@{side[hit[1]]}_eye")
    if hit := re.search(r"scar .{0,20}\b(left|right) (?:eye)?brow", words, re.IGNORECASE):
        found.append(f"scar@{'left_brow' if hit[1].lower() == 'left' else 'right_eye'}")
    elif hit := re.search(r"scar .{0,20}\b(left|right) (eye|cheek)", words, re.IGNORECASE):
        found.append(f"scar@{hit[1].lower()}_{hit[2].lower()}")
    if re.search("眉心.{0,4}(?:痣|印|朱砂)|额.{0,4}朱砂", words):
        found.append("cinnabar@forehead")
    return tuple(found)


def _hair(c: _Chance) -> HairStyle:
    if c.says("光头|秃|bald|shaved head"):
        return HairStyle("bald", 0.02, 0.1)
    return _old_hair(c) if c.ancient else _new_hair(c)


def _old_hair(c: _Chance) -> HairStyle:
    """Hair of robes and swords: worn long, knotted up."""
    r = c.rng
    if c.female and c.child > 0.35:
        fringe = "straight" if r.random() < 0.6 else "loose"
        return HairStyle("centre", 0.1, 0.55, 1.3, 0.9, 0.0, fringe, 0.7, "twin")
    if c.female:
        bun = "high" if c.says("妃|后$|公主|夫人|宫") else ("", "topknot", "high")[int(r.integers(3))]
        long, wave = float(r.uniform(3.0, 4.4)), float(r.uniform(0, 0.5))
        return HairStyle("centre", 0.1, 0.6, long, 1.0, wave, "loose", 1.1, bun)
    if c.child > 0.35:
        return HairStyle("high", 0.09, 0.3, 0.8, 0.85, 0.0, "short", 0.0, "topknot")
    long = float(r.uniform(2.2, 3.4)) if r.random() < 0.75 else 0.0
    locks = 0.5 if r.random() < 0.4 else 0.0
    return HairStyle("high", 0.09, 0.32, long, 0.88, 0.15, "swept", locks, "topknot")


def _new_hair(c: _Chance) -> HairStyle:
    """Hair of today."""
    r = c.rng
    if c.female and c.old > 0.55:
        return HairStyle("high", 0.12, 0.5, 0.0, 1.0, 0.3, "swept", 0.0, "low")
    if c.female:
        kinds = (
            HairStyle("side", 0.11, 0.7, float(r.uniform(1.6, 2.8)), 1.02, 0.6, "side", 0.6),
            HairStyle("centre", 0.1, 0.7, float(r.uniform(1.8, 2.8)), 1.0, 0.15, "loose", 0.9),
            HairStyle("side", 0.13, 0.95, 0.28, 1.06, 0.2, "side", 0.0),
            HairStyle("high", 0.09, 0.42, 0.0, 1.0, 0.0, "loose", 0.0, "low"),
            HairStyle("centre", 0.11, 0.95, 0.4, 1.04, 0.0, "straight", 0.3),
        )
        return kinds[int(r.integers(len(kinds)))]
    if c.old > 0.6:
        return HairStyle("high", 0.07, 0.38, 0.0, 1.0, 0.0, "swept", 0.0)
    fringe = ("short", "side", "swept")[int(r.integers(3))]
    return HairStyle("side", float(r.uniform(0.09, 0.15)), 0.42, 0.0, 1.0, 0.0, fringe)


def _beard(c: _Chance) -> float:
    """How long the beard is: what is said, or an old man's of old times."""
    if c.female or c.child > 0:
        return 0.0
    if c.says("胡|须|beard"):
        return 0.75 if c.ancient else 0.25
    return 0.7 if c.ancient and c.age >= 55 else 0.0


def _build(c: _Chance) -> Build:
    r = c.rng
    reach = 1.0 - 0.4 * c.child**0.85
    if c.says("瘦高|tall|lanky"):
        reach *= 1.05
    stout = float(r.uniform(0, 0.35)) if c.age > 38 else float(r.uniform(0, 0.12))
    if c.says("胖|stout|heavy|burly|fat"):
        stout = 0.8
    broad = 1.45 if c.female else 1.78
    return Build(
        reach,
        (broad + float(r.uniform(-0.06, 0.1))) * (1 - 0.3 * c.child),
        (0.86 if c.female else 1.08) * (1 - 0.1 * c.child),
        (1.14 if c.female else 1.12) * (1 - 0.15 * c.child),
        stout,
    )


def colour_in(text: str) -> Rgb | None:
    """The first colour a text names."""
    best: tuple[int, str] | None = None
    for code, chinese, english in COLOURS:
        hit = re.search(rf"(?:{chinese})(?!发|纸|石|子|嘴|足)|\b(?:{english})\b", text, re.IGNORECASE)
        if hit and (best is None or hit.start() < best[0]):
            best = (hit.start(), code)
    return hexa(best[1]) if best else None


def _garment(text: str) -> tuple[str, Rgb | None]:
    """The outermost garment a text names and the colour that stands before it."""
    for cut, chinese, english in GARMENTS:
        hit = re.search(rf"(?:{chinese})|\b(?:{english})", text, re.IGNORECASE)
        if hit:
            start = max(0, hit.start() - 26)
            before = re.split(r"[,，。;；、.]", text[start : hit.start()])[-1]
            return cut, colour_in(before)
    return "", None


def wardrobe_of(name: str, words: str, clothes: str, c: _Chance) -> Wardrobe:
    """The clothes a description names, or clothes that suit age, sex and times."""
    r, said = c.rng, f"{name} {words}"
    cut, main = _garment(clothes)
    guard = bool(re.search("guard|保安|警|officer|soldier|弩手|士兵|侍卫", said, re.IGNORECASE))
    cut = cut or _usual(c, guard)
    if c.ancient and c.eastern and cut in ("coat", "shirt", "gown"):
        cut = "robe"
    if cut == "robe" and not c.ancient and re.search("裙", clothes):
        cut = "gown"
    if main is None and cut in ("robe", "tunic"):
        main = colour_in(clothes)
    if main is None:
        main = _own_colour(c, cut, guard)
    extras = tuple(extra for extra, pattern in EXTRAS if re.search(pattern, said, re.IGNORECASE))
    if cut == "suit" and "tie" not in extras and r.random() < 0.5:
        extras = (*extras, "tie")
    inner = hexa("ece5d8") if cut != "coat" or r.random() < 0.5 else hsv(float(r.random()), 0.25, 0.4)
    gloves = hexa("1d1c1f") if c.says("black gloves|黑手套") else hexa("4a3020") if c.says("gloves|手套") else None
    shine = 0.3 if c.says("silk|绸|丝|satin|银冠") or cut == "raincoat" else 0.1 if cut == "gown" else 0.03
    barefoot = c.says("赤脚|barefoot") or (c.ancient and c.child > 0.3)
    return Wardrobe(cut, main, inner, _trim(c, cut, main), shine, barefoot, headwear_of(said, guard), extras, gloves)


def _trim(c: _Chance, cut: str, main: Rgb) -> Rgb:
    """Collars and sashes, ties, or trousers: whatever is not the main cloth."""
    r = c.rng
    if cut in ("shirt", "uniform"):
        return hsv(float(r.random()), 0.22, float(r.uniform(0.12, 0.26)))
    if cut not in ("robe", "tunic", "armour"):
        return hexa(TIES[int(r.integers(len(TIES)))])
    if max(main) > 0.8:
        return hexa("7f8a94") if r.random() < 0.5 else hexa("9a6a52")
    return mix(hsv(float(r.random()), 0.5, 0.55), times(main, 0.6), 0.4)


def _usual(c: _Chance, guard: bool) -> str:
    if c.ancient:
        return "tunic" if guard or c.says("渔|脚客|农|兵") else "robe"
    if guard:
        return "uniform"
    if c.age > 58 and not c.female:
        return "suit"
    if c.female:
        return ("coat", "shirt", "suit")[int(c.rng.integers(3))]
    return ("suit", "suit", "coat", "suit", "shirt")[int(c.rng.integers(5))]


def _own_colour(c: _Chance, cut: str, guard: bool) -> Rgb:
    """A colour of one's own, muted as cloth is."""
    hue = float(c.rng.random())
    if guard and not c.ancient:
        return hexa("2f3b4e")
    if cut in ("suit", "coat", "uniform", "raincoat"):
        return times(hexa(SUITINGS[int(c.rng.integers(len(SUITINGS)))]), float(c.rng.uniform(0.85, 1.15)))
    if cut == "shirt":
        return times(hexa(SHIRTINGS[int(c.rng.integers(len(SHIRTINGS)))]), float(c.rng.uniform(0.85, 1.1)))
    return hsv(hue, float(c.rng.uniform(0.3, 0.52)), float(c.rng.uniform(0.36, 0.6)))


def headwear_of(words: str, guard: bool) -> str:
    """What is worn on the head: "hat" (woven cone), "crown", "cap", "hood" or ""."""
    for kind, pattern in (
        ("cone", "斗笠|conical hat|straw hat"),
        ("crown", "银冠|金冠|王冠|凤冠|玉冠|crown|tiara"),
        ("hood", r"\bhood|兜帽|斗篷"),
        ("cap", "警帽|军帽|peaked cap"),
    ):
        if re.search(pattern, words, re.IGNORECASE):
            return kind
    return "cap" if guard and not ANCIENT.search(words) else ""
