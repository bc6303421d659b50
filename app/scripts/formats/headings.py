"""Scene headings of both dialects: number, inside or outside, place and time, in any order."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from app.scripts.formats.vocabulary import (
    INTERIOR_EN,
    INTERIOR_ZH,
    TIME_ZH,
    TIMES_ZH,
    is_time,
    number_zh,
    stripped,
    trim,
)

_PREFIX = re.compile(rf"({INTERIOR_EN}|{INTERIOR_ZH})(?=[\s.。·:：,，、]|$)[\s.。·:：,，、]*", re.I)
_NUMBER_MARK = re.compile(r"#([^#\n]{1,24})#$")
_DASH = re.compile(r"(?:^|\s+)[-–—]+\s+")
_INTERIOR = re.compile(rf"{INTERIOR_EN}|{INTERIOR_ZH}", re.I)
_GLUED = re.compile(rf"({TIME_ZH})[/·、]?({INTERIOR_ZH})|({INTERIOR_ZH})[/·、]?({TIME_ZH})", re.I)
_PARENTHESIS = re.compile(r"[（(]([^（）()]{1,16})[）)]")
_FOUNTAIN = re.compile(r"(INT|EXT|EST|I\.?/E)(\.|\s|\s?/|$)", re.I)
_ZH_BARE = re.compile(r"(?:内/外景|外/内景|内外景|内景|外景)[\s.。·:：,，]|(?:内/外|外/内|内|外)[\s·]")

_NUM = r"\d{1,4}[A-Za-z]?(?:\s{0,2}[-－—–.·]\s{0,2}\d{1,4}[A-Za-z]?)?"
_NUM_ZH = r"[零〇一二两三四五六七八九十百]{1,5}"
_NUMBERED = re.compile(
    rf"(?P<no>{_NUM})\s{{0,4}}(?P<mark>[、.:：,，]|场(?!景)|(?=\s|$|[【\u4e00-\u9fff]))(?P<rest>.*)$"
)
_NAMED = re.compile(
    rf"(?:场次?|场景|SCENE)\s{{0,2}}[:：]?\s{{0,2}}[（(]?(?P<no>{_NUM}|{_NUM_ZH})[）)]?\s{{0,2}}(?:场(?!景))?"
    r"(?:[、.:：,，]|(?=[\s（(【]|$)|(?<=[）)]))(?P<rest>.*)$",
    re.I,
)
_INSERTED = re.compile(r"(?P<no>[+＋])\s{0,2}场[:：、]?(?P<rest>.*)$")
_ORDINAL = re.compile(rf"第\s{{0,2}}(?P<no>{_NUM}|{_NUM_ZH})\s{{0,2}}场(?!景)[、.:：,，]?(?P<rest>.*)$")
_LABEL = re.compile(r"(?:场景|地点|时间|内外景|内外)\s{0,2}[:：]")
_PEOPLE = re.compile(r"[;；,，\s]*(?:出场|登场)?(?:人物|角色)\s{0,2}[:：]\s*(.*)$")
_SENTENCE = re.compile(r"[。！？!?…；;“”]")
_STRAY = " .。·:：,，、;；-–—【】[]|"
LONGEST = 120


@dataclass(frozen=True, slots=True)
class Heading:
    """The parts of a heading; ``people`` is a list of names that stood in the same line."""

    number: str = ""
    prefix: str = ""
    place: str = ""
    time: str = ""
    people: str = ""


def heading_line(heading: Heading) -> str:
    """Return a heading as Fountain writes it: ``PREFIX PLACE - TIME #number#``, without a forcing dot."""
    front = " ".join(part for part in (heading.prefix, heading.place) if part)
    timed = " - ".join(part for part in (front, heading.time) if part)
    return " ".join(part for part in (timed, f"#{heading.number}#" if heading.number else "") if part)


def canonical(heading: Heading) -> Heading:
    """Return the heading as it reads once it was written as Fountain and read again."""
    for _ in range(8):
        again = _read(heading_line(heading))
        if again == Heading(heading.number, heading.prefix, heading.place, heading.time):
            break
        heading = Heading(again.number, again.prefix, again.place, again.time, heading.people)
    return heading


def fountain_heading(text: str) -> Heading:
    """Return the parts of a heading known to be one: prefix, place, `` - TIME`` and ``#number#``."""
    return canonical(_read(text))


def _read(text: str) -> Heading:
    number = ""
    if marked := _NUMBER_MARK.search(text):
        number, text = trim(marked[1]), trim(text[: marked.start()])
    prefix = ""
    if found := _PREFIX.match(text):
        prefix, text = found[1], text[found.end() :]
    place, time = split_time(text)
    return Heading(number, prefix, stripped(place, _STRAY), time)


def split_time(text: str) -> tuple[str, str]:
    """Return place and time of day: what follows the last dash, or a Chinese word of time at either end."""
    dashes = list(_DASH.finditer(text[-200:]))
    if dashes:
        offset = max(len(text) - 200, 0)
        last = trim(text[offset + dashes[-1].end() :])
        if is_time(last):
            return text[: offset + dashes[-1].start()], last
    front, dot, last = text.rpartition("·")
    if dot and TIMES_ZH.fullmatch(trim(last)):
        return front, trim(last)
    words = text.split()
    for index in (-1, 0) if words else ():
        if TIMES_ZH.fullmatch(words[index]):
            return " ".join(words[:index] if index else words[1:]), words[index]
    return text, ""


def is_fountain_heading(text: str) -> bool:
    """Tell whether a line is a heading without a forcing dot: INT./EXT. or 内景/外景."""
    if len(text) > LONGEST:
        return False
    if found := _FOUNTAIN.match(text):
        return found[1].isupper() or found[2] == "."
    return (
        bool(_ZH_BARE.match(text)) and (text[1] in "景/外" or bool(split_time(text)[1])) and not _SENTENCE.search(text)
    )


def chinese_heading(text: str, *, sure: bool = False) -> Heading | None:
    """Return the parts of a Chinese heading line, None if it is none.

    A number alone is no proof ("1.2 版本说明", "2026"): time of day or inside/outside must stand there too, both of
    them behind a plain number. 第3场 and 场次 are proof. ``sure`` says that the next line names people or a place.
    """
    if len(text) > LONGEST:
        return None
    for pattern in (_ORDINAL, _NAMED, _INSERTED):
        if (found := pattern.match(text)) and (heading := _named(found)):
            return heading
    if found := _NUMBERED.match(text):
        number = clean_number(found["no"])
        heading = _parts(number, found["rest"])
        proofs = bool(heading.prefix) + bool(heading.time)
        needed = 1 if "-" in number or "." in number else 2
        short = len(found["rest"]) <= 30 and not _SENTENCE.search(found["rest"])
        return heading if proofs >= needed or (sure and needed == 1 and short) else None
    if is_fountain_heading(text):
        return canonical(_with_words(fountain_heading(text)))
    if len(text) > 30 or len(text.split()) < 3 or _SENTENCE.search(text):
        return None
    heading = _parts("", text)
    complete = bool(heading.prefix and heading.time and heading.place)
    return heading if complete else None


def _named(found: re.Match[str]) -> Heading | None:
    heading = _parts(clean_number(found["no"]), found["rest"])
    prose = _SENTENCE.search(heading.place) or len(heading.place) > 30
    return None if prose and not (heading.prefix or heading.time) else heading


def clean_number(value: str) -> str:
    """Return a scene number in plain digits with a plain hyphen (1—2 and １-２ are 1-2; 三 is 3)."""
    plain = trim(unicodedata.normalize("NFKC", value))
    if re.fullmatch(_NUM_ZH, plain):
        return str(number_zh(plain))
    return re.sub(r"\s*[-－—–.·]\s*", "-", plain)


def _parts(number: str, rest: str) -> Heading:
    people = ""
    if found := _PEOPLE.search(rest):
        people, rest = trim(found[1]), rest[: found.start()]
    rest = _LABEL.sub(" ", rest)
    rest = _PARENTHESIS.sub(_opened_when_known, rest)
    prefix = time = ""
    place: list[str] = []
    for word in re.split(r"[\s,，;；【】]+", rest):
        bare = word.strip("。.!！?？、:：")
        glued = _GLUED.fullmatch(bare)
        if glued and not prefix and not time:
            time, prefix = glued[1] or glued[4], glued[2] or glued[3]
        elif not time and TIMES_ZH.fullmatch(bare):
            time = bare
        elif not prefix and _INTERIOR.fullmatch(bare):
            prefix = bare
        elif word and not re.fullmatch(r"[-–—/|]+", word):
            place.append(word)
    return canonical(Heading(number, prefix, " ".join(place), time, people))


def _opened_when_known(found: re.Match[str]) -> str:
    words = re.split(r"[\s,，/、·]+", trim(found[1]))
    known = all(TIMES_ZH.fullmatch(word) or _INTERIOR.fullmatch(word) or _GLUED.fullmatch(word) for word in words)
    return f" {' '.join(words)} " if known else found[0]


def _with_words(heading: Heading) -> Heading:
    """Find a time that stands elsewhere than last (内景 夜 客厅)."""
    if heading.time:
        return heading
    more = _parts("", heading.place)
    return Heading(heading.number, heading.prefix or more.prefix, more.place, more.time, more.people)


def merged(heading: Heading, words: str) -> Heading:
    """Return the heading with the parts that a line such as 地点：客厅 or 时间：日 内 adds."""
    more = _parts("", words)
    place = " ".join(part for part in dict.fromkeys((heading.place, more.place)) if part)
    return canonical(
        Heading(
            heading.number,
            heading.prefix or more.prefix,
            place,
            heading.time or more.time,
            heading.people or more.people,
        )
    )
