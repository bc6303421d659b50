"""Writes a tree in the plain Chinese format; a Chinese script reads the same again, a Fountain one keeps its words.

Each line is tried in the form writers use, and read back; only where that says something else does a plainer form
stand in ([[…]], 第3场).
"""

from __future__ import annotations

from collections.abc import Iterator

from app.scripts.formats import marks
from app.scripts.formats.ast import Cast, Dialect, Element, Field, Kind, SceneHeading, Script, Speech, SpeechPart
from app.scripts.formats.chinese import Standing, parse_chinese, parse_part
from app.scripts.formats.headings import Heading, heading_line
from app.scripts.formats.vocabulary import is_continued
from app.scripts.formats.write_fountain import note_words

_KEYS = {
    "title": "剧名",
    "author": "作者",
    "authors": "作者",
    "written by": "作者",
    "draft date": "日期",
    "date": "日期",
    "genre": "类型",
    "style": "风格",
    "logline": "一句话梗概",
    "language": "语言",
    "version": "版本",
    "revision": "版本",
    "episodes": "集数",
}
_TIGHT = frozenset({Kind.ACTION, Kind.SPEECH, Kind.CARD, Kind.SOUND, Kind.CAST, Kind.INSERT, Kind.NOTE})
_BRACKETED = frozenset({Kind.CARD, Kind.SOUND, Kind.FLASHBACK_START, Kind.FLASHBACK_END, Kind.INSERT})


def write_chinese(script: Script) -> str:
    """Return the script as text in the Chinese format."""
    return _Writer(script).run()


class _Writer:
    def __init__(self, script: Script) -> None:
        self.script = script
        self.foreign = script.dialect is Dialect.FOUNTAIN
        self.standing = Standing()
        self.blocks: list[tuple[Kind | None, str]] = []

    def run(self) -> str:
        for field in self.script.fields:
            self._field(field)
        elements = self.script.elements
        index = 0
        while index < len(elements):
            element, following = elements[index], elements[index + 1] if index + 1 < len(elements) else None
            if isinstance(element, SceneHeading) and isinstance(following, Cast):
                self._best((element, following))
                index += 1
            else:
                self._best((element,))
            index += 1
        return _joined(self.blocks)

    def _field(self, field: Field) -> None:
        key = _KEYS.get(field.key.casefold(), field.key)
        line = f"{key}：{field.value}" if "\n" not in field.value else f"{key}：\n{field.value}"
        plain = Field(key=key, value=field.value)
        if parse_chinese(line).fields == (plain,):
            self.blocks.append((None, line))
        elif field.value:
            one = " ".join(field.value.split())
            self.blocks.append((Kind.NOTE, f"[[{key}：{one}]]"))

    def _best(self, elements: tuple[Element, ...]) -> None:
        """Write in the first form that reads back as the same, else in the last."""
        last = ""
        after = self.standing
        for form in _forms(elements, foreign=self.foreign):
            read, after = parse_part(form, self.standing)
            last = form
            if read == elements:
                break
        self.standing = after
        if last:
            loose = elements[-1].kind is Kind.ACTION and last[0] != "△"
            self.blocks.append((None if loose else elements[-1].kind, last))


def _joined(blocks: list[tuple[Kind | None, str]]) -> str:
    parts: list[str] = []
    before: Kind | None = Kind.EPISODE
    for kind, text in blocks:
        tight = kind in _TIGHT and (before in _TIGHT or (before is Kind.SCENE and text[0] == "△"))
        parts.append(("\n" if tight else "\n\n") + text if parts else text)
        before = kind
    return "".join(parts) + "\n"


def _forms(elements: tuple[Element, ...], *, foreign: bool) -> Iterator[str]:
    element = elements[0]
    if isinstance(element, SceneHeading):
        people = "".join(f"\n人物：{each.text}" for each in elements[1:])
        for line in _headings(element):
            yield line + people
        for line in _headings(element):
            yield f"{line}\n{people}" if people else line
    elif isinstance(element, Speech):
        yield from _speeches(element, foreign=foreign)
    elif element.kind is Kind.ACTION:
        yield from _actions(element, foreign=foreign)
    else:
        yield from _others(element, foreign=foreign)


def _headings(element: SceneHeading) -> Iterator[str]:
    number, prefix, place, time = element.scene_number, element.prefix, element.place, element.time
    front = f"{number}场" if number == "+" else number
    yield " ".join(part for part in (front, time, prefix, place) if part)
    if number != "+":
        yield " ".join(part for part in (front, prefix, place, f"- {time}" if time else "") if part)
        yield heading_line(Heading(number, prefix, place, time))
        told = " ".join(part for part in (time, prefix) if part)
        lines = (
            f"场次：{number}" if number else "",
            f"地点：{place}" if place else "",
            f"时间：{told}" if told else "",
        )
        yield "\n".join(line for line in lines if line)
    if not number and place:
        where = f"地点：{place}"
        yield f"{where}\n时间：{told}" if (told := " ".join(part for part in (time, prefix) if part)) else where
        yield f"{where}\n{where}"
    yield " ".join(part for part in (f"场次（{number}）" if number else "场景：", time, prefix, place) if part)
    yield " ".join(part for part in (f"第{number}场" if number else "场景：", time, prefix, place) if part)


def _speeches(element: Speech, *, foreign: bool) -> Iterator[str]:
    tags = "".join(f"（{tag}）" for tag in element.extensions if not is_continued(tag))
    plain = _said(element, " ")
    yield f"{element.speaker}{tags}{plain}"
    manner, colon, words = plain.partition("：")
    yield f"{element.speaker}{tags}{colon}{manner}{words}"
    yield f"{element.speaker}{''.join(element.extensions)}：{manner}{words}"
    if not foreign and "\n" in element.text:
        yield f"{element.speaker}{tags}{_said(element, '（）')}"
    yield f"{element.speaker}{tags}{plain}"


def _said(element: Speech, joint: str) -> str:
    """Return what is said behind a name, from its manner on; ``joint`` stands for a new line."""
    said = [SpeechPart(_one_line(part.manner), joint.join(part.text.split("\n"))) for part in element.parts]
    first = said[0] if said else SpeechPart("", "")
    return f"{_manner(first)}：{first.text}" + "".join(f"{_manner(part)}{part.text}" for part in said[1:])


def _one_line(text: str) -> str:
    return " ".join(line.strip() for line in text.split("\n")) if "\n" in text else text


def _manner(part: SpeechPart) -> str:
    return f"（{part.manner}）" if part.manner else ""


def _actions(element: Element, *, foreign: bool) -> Iterator[str]:
    lines = [line for line in element.text.split("\n") if line.strip()] or [""]
    if not foreign and not element.label:
        yield element.text
    yield "\n".join(f"△ {line}".rstrip() for line in lines)


def _others(element: Element, *, foreign: bool) -> Iterator[str]:
    text = _one_line(element.text)
    if element.kind is Kind.EPISODE:
        name = f"第{element.number}集" if element.label == "集" else f"Episode {element.number}{':' if text else ''}"
        yield from (f"{name} {text}".rstrip(), f"{'#' * element.level} {name} {text}".rstrip())
    elif element.kind is Kind.SECTION:
        yield f"{'#' * element.level} {text}".rstrip()
    elif element.kind in _BRACKETED:
        yield from (marks.bracketed(element), f"{element.label}：{text}", f"[{element.label}：{text}]")
        yield f"【{element.label}】{text}" if "】" in text else marks.bracketed(element)
    elif element.kind is Kind.TRANSITION:
        yield from (f"【{text}】", f"【转场：{text}】")
    elif element.kind is Kind.CAST:
        yield from (f"人物：{element.text}", f"[[人物：{element.text}]]")
    elif element.kind is Kind.PROFILE:
        name = f"{element.label}：{text}" if element.label else text
        yield from (name or "人物小传：", f"人物小传：{name}", f"[[{note_words(element)}]]")
    elif element.kind is Kind.TEXT:
        yield from (element.text, f"[[{note_words(element)}]]")
    elif element.kind is Kind.NOTE:
        yield from _notes(element, text)
    else:
        yield from _rare(element, text, foreign=foreign)


def _notes(element: Element, text: str) -> Iterator[str]:
    if element.label:
        yield from (f"{element.label}：{text}", f"【{element.label}：{text}】")
    yield f"[[{note_words(element)}]]"


def _rare(element: Element, text: str, *, foreign: bool) -> Iterator[str]:
    """Yield what only Fountain has, and the two marks that both have."""
    if element.kind is Kind.BONEYARD:
        yield f"/* {element.text} */" if element.text else "/**/"
    elif element.kind is Kind.PAGE_BREAK:
        yield "---"
    elif element.kind is Kind.SYNOPSIS:
        yield f"[[梗概：{text}]]"
    elif element.kind is Kind.LYRIC:
        yield f"【歌词：{text}】"
    elif text or not foreign:
        yield f"【字幕：{text}】"
