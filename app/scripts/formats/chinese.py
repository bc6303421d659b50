"""The Chinese micro-drama format: 集-场 headings, 人物, △ action, 角色（情绪）：台词, 【…】."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.core.i18n import _
from app.scripts.formats import marks
from app.scripts.formats.ast import Dialect, Element, Field, Kind, ParseWarning, Script, SpeechPart
from app.scripts.formats.headings import Heading, chinese_heading, merged
from app.scripts.formats.lines import Line, lines, normalised
from app.scripts.formats.marks import Span, span
from app.scripts.formats.vocabulary import (
    CARDS,
    FLASHBACKS,
    NOTES,
    PEOPLE,
    PROFILES,
    SOUNDS,
    is_voice,
    stripped,
    trim,
    word_set,
)

_LABELLED = re.compile(r"([^\s:：（(【]{1,10})\s{0,2}[:：](.*)$")
_PLACE_LABELS = word_set("地点 场景 时间 内外景 内外 场地 景别")
_FIELDS = word_set(
    "剧名 片名 剧本名 集数 集名 类型 题材 风格 画风 时长 一句话梗概 一句话简介 梗概 故事梗概 剧情梗概",
    "剧情简介 简介 大纲 故事大纲 作者 编剧 导演 版本 日期 语言 主题 背景 故事背景 世界观 亮点 制作 出品",
    "Title Author Logline",
)
_TITLE_ALONE = re.compile(r"《([^《》]{1,40})》$")
_HASHES = re.compile(r"(#{1,6})\s*(.*)$")
_RULE = re.compile(r"[-=*_—]{3,}$")
_VOICES = r"内心独白|内心OS|画外音|旁白|独白|心声|OS|VO|O\.S\.?|V\.O\.?"
_CUE = re.compile(
    rf"(?P<name>[^\s（(【\[\]:：^△][^（(【\[\]:：^]{{0,23}}?)\s{{0,3}}(?P<bare>{_VOICES})?\s{{0,3}}"
    r"(?P<tags>(?:(?:[（(][^（）()]{0,60}[）)]|【[^】]{0,24}】|\[[^\]]{0,24}\])\s{0,2})*)"
    rf"(?P<bare2>{_VOICES})?\s{{0,3}}[:：](?P<text>.*)$",
    re.I,
)
_MARKUP_CUE = re.compile(r"(?P<name><[^:：]{1,58}>)\s{0,3}[:：](?P<text>.*)$")
_TAG = re.compile(r"[（(【\[]([^（）()【】\[\]]*)[）)】\]]")
_NO_NAME = re.compile(r"[，。！？；!?;“”\"…]|^[\d\s.\-]+$|^https?$|第[\d一二三四五六七八九十百]+[集场]")
_PROFILE = re.compile(
    r"(?:[-•*·]|\d{1,3}[.、）)])?\s{0,3}(?P<name>[^\s：:，,。（(【—-][^：:，,。（(【—]{0,15}?)\s{0,2}"
    r"(?:[（(](?P<who>[^（）()]{0,80})[）)])?\s{0,2}(?:[:：，,]|——|—)\s{0,2}(?P<text>.*)$"
)


def parse_chinese(text: str) -> Script:
    """Parse a Chinese script; any text yields a tree, and what is doubtful yields a warning."""
    return _Parser(normalised(text)).run()


@dataclass(frozen=True, slots=True)
class Standing:
    """What the lines before a line make of it: a scene or an episode has begun, profiles are being listed."""

    begun: bool = False
    in_scene: bool = False
    in_profiles: bool = False


def parse_part(text: str, standing: Standing) -> tuple[tuple[Element, ...], Standing]:
    """Parse lines that stand in the middle of a script; return their elements and how matters stand behind them."""
    parser = _Parser(text)
    parser.in_scene, parser.in_profiles = standing.in_scene, standing.in_profiles
    if standing.begun:
        parser.elements.append(Element(kind=Kind.BONEYARD))
    elements = parser.run().elements
    after = Standing(bool(elements), parser.in_scene, parser.in_profiles)
    return elements[1:] if standing.begun else elements, after


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.items: list[Line | Element] = list(lines(text))
        self.position = 0
        self.fields: list[Field] = []
        self.elements: list[Element] = []
        self.warnings: list[ParseWarning] = []
        self.in_scene = self.in_profiles = False

    def run(self) -> Script:
        while self.position < len(self.items):
            item = self.items[self.position]
            self.position += 1
            if isinstance(item, Element):
                self.elements.append(item)
            elif item.text:
                self._take(item)
        return Script(
            dialect=Dialect.CHINESE,
            fields=tuple(self.fields),
            elements=tuple(self.elements),
            warnings=tuple(self.warnings),
        )

    def _next(self, skip: int = 0) -> Line | None:
        """Return the ``skip``-th line with words that follows directly, None at a blank one or the end."""
        index = self.position + skip
        item = self.items[index] if index < len(self.items) else None
        return item if isinstance(item, Line) and item.text else None

    def _take(self, line: Line) -> None:
        words, level = unwrapped(line.text)
        where = span(line)
        if element := marks.note(line.text, where):
            self.elements.append(element)
        elif _RULE.match(line.text):
            self.elements.append(Element(kind=Kind.PAGE_BREAK, **where))
        elif element := marks.episode(words, where, level or 1):
            self.in_scene = self.in_profiles = False
            self.elements.append(element)
        elif not (self._heading(line, words) or self._marked(words, where) or self._labelled(words, where)):
            self._unmarked(line, words, level)

    def _heading(self, line: Line, words: str) -> bool:
        bare = trim(words[1:]) if words[:1] in (*marks.TRIANGLES, ".", "．") else words
        following = self._next()
        label = label_of(following.text) if following else ""
        heading = chinese_heading(bare, sure=label in PEOPLE or label in _PLACE_LABELS)
        if heading is None and bare == words and label_of(words) in _PLACE_LABELS:
            heading = self._labelled_heading(words, label)
        if heading is None:
            return False
        if bare != words and not heading.number and words[0] in marks.TRIANGLES:
            return False
        heading, cast, last = self._absorb(heading, line)
        raw = self.text[line.first : last.end]
        where: Span = {"line": line.number, "start": line.first, "end": last.end, "raw": raw}
        self.elements.append(marks.scene_heading(heading, where))
        if cast is not None:
            self.elements.append(cast)
        elif heading.people:
            self.elements.append(marks.cast(heading.people, where))
        self.in_scene, self.in_profiles = True, False
        return True

    def _labelled_heading(self, words: str, following: str) -> Heading | None:
        """Return the heading that 场景：… or 地点：… begins when it stands alone above its fellows."""
        heading = merged(Heading(), words)
        told = (heading.prefix or heading.time) and heading.place
        return heading if told or following in _PLACE_LABELS or following in PEOPLE else None

    def _absorb(self, heading: Heading, line: Line) -> tuple[Heading, Element | None, Line]:
        """Take the lines of a heading that spells its parts out below: 地点, 时间, 人物."""
        cast: Element | None = None
        last, skip = line, 0
        while following := self._next(skip):
            words, _level = unwrapped(following.text)
            label = label_of(words)
            if label in _PLACE_LABELS:
                heading = merged(heading, words)
                last = following
                self.position += skip + 1
                skip = 0
            elif label in PEOPLE and cast is None:
                after = self._next(skip + 1)
                if after is None or label_of(unwrapped(after.text)[0]) not in _PLACE_LABELS:
                    break
                cast = marks.cast(after_colon(words), span(following))
                skip += 1
            else:
                break
        return heading, cast, last

    def _marked(self, words: str, where: Span) -> bool:
        element = (
            marks.bracket(words, where, half_width=True) or marks.triangle(words, where) or marks.card(words, where)
        )
        if element is not None:
            self.elements.append(element)
        return element is not None

    def _labelled(self, words: str, where: Span) -> bool:
        """Take a line that begins with a known word and a colon, and a title in 《》."""
        label, value = label_of(words), after_colon(words)
        bare = stripped(words, ":：")
        if bare in PROFILES or label in PROFILES:
            self.in_profiles = not self.in_scene
            self.elements.append(Element(kind=Kind.PROFILE, **where))
            if label in PROFILES and value:
                self.elements[-1] = self._profile(value, where)
        elif label in PEOPLE:
            self.elements.append(marks.cast(value, where))
        elif label in CARDS or label in SOUNDS or (label in FLASHBACKS and self.in_scene):
            self.elements.append(marks.labelled(label, value, where))
        elif not self.in_scene and (label in _FIELDS or (_TITLE_ALONE.match(words) and not self.elements)):
            self._field(words, where)
        elif label in NOTES:
            self.elements.append(Element(kind=Kind.NOTE, label=label, text=value, **where))
        else:
            return False
        return True

    def _field(self, words: str, where: Span) -> None:
        self.in_profiles = False
        alone = _TITLE_ALONE.match(words)
        key, value = ("剧名", alone[1]) if alone else (label_of(words), after_colon(words))
        if self.elements:
            self.elements.append(Element(kind=Kind.TEXT, text=words, **where))
        else:
            self.fields.append(Field(key=key, value=value, **where))
            if not value:
                self._longer()

    def _longer(self) -> None:
        """Take the lines below a field without a value as its value."""
        taken: list[Line] = []
        while (line := self._next()) and not label_of(line.text) and not begins_something(line.text):
            taken.append(line)
            self.position += 1
        if taken:
            last, end = self.fields[-1], taken[-1].end
            value = "\n".join(line.text for line in taken)
            self.fields[-1] = replace(last, value=value, end=end, raw=self.text[last.start : end])

    def _profile(self, words: str, where: Span) -> Element:
        found = _PROFILE.match(words)
        if found is None:
            return Element(kind=Kind.PROFILE, text=words, **where)
        text = "，".join(part for part in (trim(found["who"] or ""), trim(found["text"])) if part)
        return Element(kind=Kind.PROFILE, label=stripped(found["name"], "*《》"), text=text, **where)

    def _unmarked(self, line: Line, words: str, level: int) -> None:
        where = span(line)
        if self.in_profiles:
            self.elements.append(self._profile(words, where))
        elif level:
            self.elements.append(Element(kind=Kind.SECTION, text=trim(line.text[level:]), level=level, **where))
        elif not self.in_scene:
            self.elements.append(Element(kind=Kind.TEXT, text=words, **where))
        elif not self._speech(line, words):
            self.elements.append(Element(kind=Kind.ACTION, text=words, **where))
            message = _("This line has no mark (△, a name and a colon, 【…】): it was taken as action.")
            self.warnings.append(ParseWarning(line.number, "script.unmarked_line", message))

    def _speech(self, line: Line, words: str) -> bool:
        cue = read_cue(words)
        if cue is None:
            return False
        name, tags, text = cue
        end = line.end
        if not trim(text):
            following = self._next()
            if following is None or begins_something(following.text) or read_cue(following.text):
                return False
            text, end = following.text, following.end
        parts = marks.chinese_parts(text)
        if not parts:
            return False
        if end != line.end:
            self.position += 1
        extensions, manner = sorted_tags(tags)
        if parts[0].manner and is_voice(parts[0].manner) and not extensions:
            extensions, parts = (parts[0].manner,), (replace(parts[0], manner=""), *parts[1:])
        if manner and not parts[0].manner:
            parts = (replace(parts[0], manner=manner), *parts[1:])
        elif manner:
            parts = (SpeechPart(manner, ""), *parts)
        where: Span = {"line": line.number, "start": line.first, "end": end, "raw": self.text[line.first : end]}
        self.elements.append(marks.speech(name, extensions, marks.joined(list(parts)), where))
        return True


def unwrapped(text: str) -> tuple[str, int]:
    """Return a line without Markdown around it, and the number of its hashes."""
    level = 0
    if found := _HASHES.match(text):
        level, text = len(found[1]), trim(found[2])
    while len(text) > 4 and text.startswith(("**", "__")) and text.endswith(text[:2]):
        text = trim(text[2:-2])
    return text, level


def label_of(words: str) -> str:
    """Return the word before the colon, "" if there is none."""
    found = _LABELLED.match(words)
    return found[1] if found else ""


def after_colon(words: str) -> str:
    """Return what stands behind the first colon."""
    found = _LABELLED.match(words)
    return trim(found[2]) if found else ""


def begins_something(text: str) -> bool:
    """Tell whether a line has a form of its own, so that it cannot continue another."""
    words, level = unwrapped(text)
    where: Span = {"line": 0, "start": 0, "end": 0, "raw": ""}
    own = words[:1] in (*marks.TRIANGLES, "【", "[", "《") or level or _RULE.match(words)
    return bool(own or marks.episode(words, where) or chinese_heading(words) or stripped(words, ":：") in PROFILES)


def read_cue(words: str) -> tuple[str, Sequence[str], str] | None:
    """Return name, tags and words of a line such as 阿宁（笑）：…, None if it is none."""
    if found := _MARKUP_CUE.match(words):
        return trim(found["name"]), (), found["text"]
    found = _CUE.match(words.replace("**", "", 2) if words.startswith("**") else words)
    if found is None:
        return None
    name = stripped(found["name"], "*-• ")
    if not name or _NO_NAME.search(name) or name in _PLACE_LABELS or name in NOTES:
        return None
    tags = [found["bare"] or "", *_TAG.findall(found["tags"]), found["bare2"] or ""]
    return name, [trim(tag) for tag in tags if trim(tag)], found["text"]


def sorted_tags(tags: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """Return voices and manner of the tags behind a name: （OS，哽咽） is both."""
    voices: list[str] = []
    manners: list[str] = []
    for tag in tags:
        first, comma, rest = re.match(r"([^，,、\s]*)([，,、\s]*)(.*)$", tag, re.S).groups()  # type: ignore[union-attr]
        if is_voice(tag):
            voices.append(tag)
        elif comma and is_voice(first):
            voices.append(first)
            manners.append(trim(rest))
        else:
            manners.append(tag)
    return tuple(voices), "，".join(manner for manner in manners if manner)
