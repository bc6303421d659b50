"""Lines that both dialects share: 【…】, [[notes]], cards, episodes, △ actions; and the inside of a speech."""

from __future__ import annotations

import re
from typing import TypedDict

from app.scripts.formats.ast import Cast, Element, Kind, SceneHeading, Speech, SpeechPart
from app.scripts.formats.headings import Heading
from app.scripts.formats.lines import Line
from app.scripts.formats.vocabulary import (
    CARDS,
    FLASHBACK_ENDS,
    FLASHBACKS,
    NOTES,
    PEOPLE,
    PROFILES,
    SOUNDS,
    TRANSITIONS,
    after_colons,
    number_zh,
    split_names,
    stripped,
    trim,
)

TRIANGLES = "△▲Δ∆▵▽▼"
UNPLACED = "正文"
_BRACKET = re.compile(r"【([^】:：]{1,60})(?:[:：]([^】]*))?】(.*)$", re.S)
_HALF_BRACKET = re.compile(r"\[([^\]\[】:：]{1,60})(?:[:：]([^\]]*))?\](.*)$", re.S)
_LABELLED = re.compile(r"([^\s:：]{1,8})[:：](.*)$", re.S)
_CARD = re.compile(r"(SUPER|SUPERIMPOSE|TITLE CARD|CHYRON|CARD|TITLE OVER|INTERTITLE)\s?:\s*(\S.*)$", re.I)
_EPISODE_ZH = re.compile(r"第\s{0,2}([零〇一二两三四五六七八九十百\d]{1,6})\s{0,2}集(.*)$")
_EPISODE_EN = re.compile(r"(EPISODE|EP\.?)\s{0,3}(\d{1,5})(?:\s*[:.\-–—]\s*|\s+|$)(.*)$", re.I)
_MANNER = re.compile(r"[（(]([^（）()]*)[）)]")
_SEPARATORS = " :：、.．-—–·|"


class Span(TypedDict):
    """Where an element stands."""

    line: int
    start: int
    end: int
    raw: str


def span(line: Line) -> Span:
    """Return the place of a whole line."""
    return {"line": line.number, "start": line.first, "end": line.end, "raw": line.text}


def bracket(text: str, where: Span, *, half_width: bool = False) -> Element | None:
    """Return what a line in 【…】 is (card, sound, flashback, transition, note, insert), None if it is no such line."""
    found = _BRACKET.match(text) or (_HALF_BRACKET.match(text) if half_width else None)
    if found is None or (found[2] and trim(found[3])):
        return None
    label, words = trim(found[1]), after_colons(found[2] or found[3] or "")
    return labelled(label, words, where) if label else None


def labelled(label: str, words: str, where: Span) -> Element:
    """Return the element that a label and its words make."""
    if label in CARDS:
        return Element(kind=Kind.CARD, label=label, text=words, **where)
    if label in SOUNDS:
        return Element(kind=Kind.SOUND, label=label, text=words, **where)
    if label in FLASHBACK_ENDS:
        return Element(kind=Kind.FLASHBACK_END, label=label, text=words, **where)
    if label in FLASHBACKS:
        return Element(kind=Kind.FLASHBACK_START, label=label, text=words, **where)
    if label in TRANSITIONS and not words:
        return Element(kind=Kind.TRANSITION, text=label, **where)
    if label in NOTES:
        return Element(kind=Kind.NOTE, label=label, text=words, **where)
    return Element(kind=Kind.INSERT, label=label, text=words, **where)


def bracketed(element: Element) -> str:
    """Return the line of a card, sound, flashback or insert: 【…】, or ``SUPER: …``."""
    if element.kind is Kind.CARD and element.label.isascii() and element.text:
        return f"{element.label}: {element.text}"
    if "】" in element.text:
        return f"【{element.label}】{element.text}"
    return f"【{element.label}{'：' if element.text else ''}{element.text}】"


def note(text: str, where: Span) -> Element | None:
    """Return what a line in [[…]] is: a note, or what Fountain has no mark for (人物, 人物小传, 正文)."""
    if not (text.startswith("[[") and text.endswith("]]") and len(text) >= 4):
        return None
    inner = trim(text[2:-2])
    if inner in PROFILES:
        return Element(kind=Kind.PROFILE, **where)
    if found := _LABELLED.match(inner):
        label, words = found[1], trim(found[2])
        if label in PROFILES:
            name, _, words = words.partition("：")
            return Element(kind=Kind.PROFILE, label=trim(name), text=trim(words), **where)
        if label in PEOPLE:
            return cast(words, where)
        if label == UNPLACED:
            return Element(kind=Kind.TEXT, text=words, **where)
        if label in NOTES:
            return Element(kind=Kind.NOTE, label=label, text=words, **where)
    if "]]" in text[2:-2]:
        return None
    return Element(kind=Kind.NOTE, text=inner, **where)


def cast(value: str, where: Span) -> Cast:
    """Return the list of the characters of a scene."""
    names = split_names(value)
    return Cast(text="、".join(names), names=names, **where)


def scene_heading(heading: Heading, where: Span) -> SceneHeading:
    """Return the element of a heading."""
    front = " ".join(part for part in (heading.prefix, heading.place) if part)
    return SceneHeading(
        text=" - ".join(part for part in (front, heading.time) if part),
        scene_number=heading.number,
        prefix=heading.prefix,
        place=heading.place,
        time=heading.time,
        **where,
    )


def card(text: str, where: Span) -> Element | None:
    """Return the card that a line such as ``SUPER: …`` shows, None if it is none."""
    if found := _CARD.match(text):
        return Element(kind=Kind.CARD, label=found[1].upper(), text=trim(found[2]), **where)
    return None


def triangle(text: str, where: Span) -> Element | None:
    """Return the action of a line marked with △ (or one of its look-alikes), None if it is not marked."""
    if text and text[0] in TRIANGLES:
        return Element(kind=Kind.ACTION, label="△", text=trim(text[1:]), **where)
    return None


def episode(text: str, where: Span, level: int = 1) -> Element | None:
    """Return the heading of an episode (第3集：标题, Episode 3: Title), None for prose that only mentions one."""
    if found := _EPISODE_EN.match(text):
        title = stripped(found[3], _SEPARATORS)
        return Element(kind=Kind.EPISODE, label="Episode", number=int(found[2]), text=title, level=level, **where)
    found = _EPISODE_ZH.match(text)
    if found is None:
        return None
    rest = found[2]
    title = stripped(rest, _SEPARATORS)
    attached = bool(rest) and rest[0] not in " \t\u3000《" + _SEPARATORS
    prose = any(sign in title for sign in "。，！？；") or title.startswith(("完", "结束", "终", "到此"))
    if len(title) > (12 if attached else 40) or (prose and (attached or len(title) > 20)):
        return None
    return Element(kind=Kind.EPISODE, label="集", number=number_zh(found[1]), text=title, level=level, **where)


def speech(
    speaker: str, extensions: tuple[str, ...], parts: tuple[SpeechPart, ...], where: Span, *, dual: bool = False
) -> Speech:
    """Return the element of a speech; its text is what is said, without parentheticals."""
    text = "\n".join(part.text for part in parts if part.text)
    return Speech(text=text, speaker=speaker, extensions=extensions, parts=parts, dual=dual, **where)


def spoken_line(text: str) -> SpeechPart:
    """Return the parenthetical that fills a line as manner, else the line as words."""
    found = _MANNER.fullmatch(text)
    return SpeechPart(trim(found[1]), "") if found and trim(found[1]) else SpeechPart("", text)


def chinese_parts(text: str) -> tuple[SpeechPart, ...]:
    """Split a Chinese speech at its parentheses: each opens words said in another manner."""
    parts: list[SpeechPart] = []
    manner, position = "", 0
    for found in _MANNER.finditer(text):
        words = trim(text[position : found.start()])
        if words or manner:
            parts.append(SpeechPart(manner, words))
        manner, position = trim(found[1]), found.end()
    words = trim(text[position:])
    if words or manner:
        parts.append(SpeechPart(manner, words))
    return joined(parts)


def joined(parts: list[SpeechPart]) -> tuple[SpeechPart, ...]:
    """Join lines said in one manner; blank lines at the ends of words are left out."""
    groups: list[tuple[str, list[str]]] = []
    for part in parts:
        if groups and not part.manner:
            groups[-1][1].append(part.text)
        else:
            groups.append((part.manner, [part.text]))
    cleaned = [SpeechPart(manner, "\n".join(texts).strip("\n")) for manner, texts in groups]
    return tuple(part for part in cleaned if part.manner or part.text)
