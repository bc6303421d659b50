"""Fountain, with Chinese headings, cues and inserts allowed in it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from app.core.i18n import _
from app.scripts.formats import marks
from app.scripts.formats.ast import (
    Dialect,
    Element,
    Field,
    Kind,
    ParseWarning,
    SceneHeading,
    Script,
    Speech,
    SpeechPart,
)
from app.scripts.formats.headings import fountain_heading, is_fountain_heading
from app.scripts.formats.lines import Line, lines, normalised
from app.scripts.formats.marks import Span, span
from app.scripts.formats.vocabulary import trim, word_set

_KEY = re.compile(r"([^\s:：\[\]#.!@>~=△【][^:：\n]{0,38})[:：](.*)$", re.S)
_CUE = re.compile(r"([^^]{1,60}?)((?:\s*[（(][^()（）]*[）)])*)\s*(\^?)$")
_TAG = re.compile(r"[（(]([^()（）]*)[）)]")
_SECTION = re.compile(r"(#{1,6})(.*)$")
_PAGE_BREAK = re.compile(r"={3,}$")
_UNFORCED_TRANSITION = re.compile(
    r"(?:[A-Z0-9 .'’-]{1,40} TO:|FADE (?:IN|OUT|UP|TO (?:BLACK|WHITE))[.:]?|(?:SMASH |HARD |QUICK )?CUT TO BLACK\.?)$"
)
_SLUG = re.compile(
    r"(?:INSERT|CLOSE|CLOSER|ANGLE|SUPER|MONTAGE|END|BACK TO|INTERCUT|SERIES OF|WIDE|POV|FADE|CUT|LATER|MOMENTS LATER|"
    r"FLASHBACK|THE END|TITLE|TRACKING|OVERHEAD|ON SCREEN|EXTREME)\b"
)
_HAN_CUE = re.compile(r"[\u3400-\u9fff·]{1,4}$")
_STRUCTURAL = "#=>~.@△▲Δ∆▵▽▼【"
_TITLE_KEYS = word_set(
    "title credit author authors source date contact copyright notes revision episode episodes format",
    "language genre style logline series draft version 剧名 片名 集数 类型 作者 编剧 一句话梗概",
) | {"draft date", "written by"}


def parse_fountain(text: str) -> Script:
    """Parse a Fountain script; any text yields a tree, and what is doubtful yields a warning."""
    return _Parser(normalised(text)).run()


def read_cue(text: str) -> tuple[str, tuple[str, ...], bool] | None:
    """Return name, tags and the mark of dual dialogue of a cue line, None if it cannot be one."""
    found = _CUE.match(text)
    if found is None or not trim(found[1]):
        return None
    tags = tuple(trim(tag) for tag in _TAG.findall(found[2]) if trim(tag))
    return trim(found[1]), tags, bool(found[3])


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.items: list[Line | Element] = list(lines(text))
        self.position = 0
        self._unclosed = 0
        self.fields: list[Field] = []
        self.elements: list[Element] = []
        self.warnings: list[ParseWarning] = []

    def run(self) -> Script:
        self._title_page()
        while self.position < len(self.items):
            item = self.items[self.position]
            if isinstance(item, Element):
                self.elements.append(item)
                self.position += 1
            elif not item.text:
                self.position += 1
            else:
                self._block(item)
        return Script(
            dialect=Dialect.FOUNTAIN,
            fields=tuple(self.fields),
            elements=tuple(self.elements),
            warnings=tuple(self.warnings),
        )

    def _warn(self, line: int, code: str, message: str) -> None:
        self.warnings.append(ParseWarning(line, code, message))

    def _line(self, offset: int = 0) -> Line | None:
        """Return the line ``offset`` items on if it has words."""
        index = self.position + offset
        item = self.items[index] if index < len(self.items) else None
        return item if isinstance(item, Line) and item.text else None

    # Title page

    def _title_page(self) -> None:
        while self.position < len(self.items):
            item = self.items[self.position]
            if isinstance(item, Element) or item.text:
                break
            self.position += 1
        page = self._paragraph_ahead()
        if not page or not self._is_title_page(page):
            return
        keyed: list[tuple[str, list[Line], list[str]]] = []
        for line in page:
            found = None if line.raw[:1] in (" ", "\t") and keyed else _KEY.match(line.text)
            if found:
                keyed.append((trim(found[1]), [line], [trim(found[2])]))
            else:
                keyed[-1][1].append(line)
                keyed[-1][2].append(line.text)
        self.fields = [self._field(*each) for each in keyed]
        self.position += len(page)

    def _field(self, key: str, taken: list[Line], values: list[str]) -> Field:
        start, end = taken[0].first, taken[-1].end
        value = "\n".join(value for value in values if value)
        return Field(key=key, value=value, line=taken[0].number, start=start, end=end, raw=self.text[start:end])

    def _paragraph_ahead(self) -> list[Line]:
        page: list[Line] = []
        while line := self._line(len(page)):
            page.append(line)
        return page

    def _is_title_page(self, page: list[Line]) -> bool:
        first = _KEY.match(page[0].text)
        if first is None or is_fountain_heading(page[0].text) or _UNFORCED_TRANSITION.match(page[0].text):
            return False
        if trim(first[1]).casefold() in _TITLE_KEYS:
            return True
        if marks.card(page[0].text, span(page[0])) or _SLUG.match(page[0].text):
            return False
        return all(_KEY.match(line.text) or line.raw[:1] in (" ", "\t") for line in page)

    # Body

    def _block(self, line: Line) -> None:
        """Take what begins at ``line``, which has words and follows a blank or a finished element."""
        if self._note(line):
            return
        element = structural(line)
        if element is None and not is_forced_action(line.text):
            element = self._cue(line) or self._transition(line)
        if element is None:
            self._action()
            return
        self.elements.append(element)
        if not isinstance(element, Speech):
            self.position += 1

    def _note(self, line: Line) -> bool:
        """Take a note that fills its lines."""
        if not line.text.startswith("[[") or self.position < self._unclosed:
            return False
        count = 1
        last: Line | None = line
        while last and "]]" not in last.text:
            last = self._line(count)
            count += 1
        if last is None:
            self._unclosed = self.position + count - 1
            return False
        start = line.first
        where: Span = {"line": line.number, "start": start, "end": last.end, "raw": self.text[start : last.end]}
        element = marks.note(trim("\n".join(part.text for part in self._taken(count))), where)
        if element is None:
            return False
        self.elements.append(element)
        self.position += count
        return True

    def _taken(self, count: int) -> Iterable[Line]:
        return (item for item in self.items[self.position : self.position + count] if isinstance(item, Line))

    def _transition(self, line: Line) -> Element | None:
        alone = self._line(1) is None
        if alone and _UNFORCED_TRANSITION.match(line.text):
            return Element(kind=Kind.TRANSITION, text=line.text, **span(line))
        return None

    def _cue(self, line: Line) -> Speech | None:
        """Return the speech whose cue ``line`` is, and move behind it."""
        forced = line.text.startswith("@")
        if self._line(1) is None or not (forced or is_cue(line.text)):
            return None
        cue = read_cue(trim(line.text[1:]) if forced else line.text)
        if cue is None:
            return None
        self.position += 1
        parts: list[SpeechPart] = []
        end = line.end
        while self.position < len(self.items):
            item = self.items[self.position]
            if isinstance(item, Element) or (not item.text and item.raw != "  "):
                break
            if item.text:
                end = item.end
            parts.append(marks.spoken_line(item.text))
            self.position += 1
        where: Span = {"line": line.number, "start": line.first, "end": end, "raw": self.text[line.first : end]}
        name, tags, dual = cue
        return marks.speech(name, tags, marks.joined(parts), where, dual=dual)

    def _action(self) -> None:
        """Take a paragraph of action: lines until a blank one, or one that is something else by its form."""
        first = last = self._line()
        assert first is not None
        words: list[str] = []
        while last_line := self._line():
            forced = is_forced_action(last_line.text)
            if words and not forced and (is_structural(last_line) or last_line.text.startswith("[[")):
                break
            if words and forced and structural(last_line) is not None:
                break
            words.append(trim(last_line.text[1:]) if forced else last_line.text)
            last = last_line
            self.position += 1
        assert last is not None
        self._check(first, words)
        raw = self.text[first.first : last.end]
        self.elements.append(
            Element(
                kind=Kind.ACTION, text="\n".join(words), line=first.number, start=first.first, end=last.end, raw=raw
            )
        )

    def _check(self, line: Line, words: list[str]) -> None:
        if line.text.startswith("/*") or ("/*" in line.text and "*/" not in line.text):
            self._warn(line.number, "script.open_boneyard", _("A cut that opens with /* is never closed."))
        elif line.text.startswith("[[") and "]]" not in "".join(words):
            self._warn(
                line.number, "script.open_note", _("A note that opens with [[ is not closed before a blank line.")
            )
        elif line.text.startswith("@"):
            self._warn(line.number, "script.cue_without_words", _("A character is named, but nothing is said below."))


def is_forced_action(text: str) -> bool:
    """Tell whether a line is action by its mark ``!``."""
    return text.startswith("!") and bool(trim(text[1:]))


def is_cue(text: str) -> bool:
    """Tell whether a line without mark reads as a cue, if words follow: capitals, or a short Chinese name."""
    cue = read_cue(text)
    if cue is None or _SLUG.match(text) or is_fountain_heading(text):
        return False
    name = cue[0]
    if _HAN_CUE.fullmatch(name):
        return True
    capitals = any("A" <= char <= "Z" or (char.isupper() and char > "\x7f") for char in name)
    return capitals and name == name.upper() and not name.endswith((":", "：", "!", "?", "。")) and len(name) <= 40


def is_plain_action(text: str) -> bool:
    """Tell whether a line is action wherever it stands, so that it needs no ``!``."""
    line = Line(0, 0, text, text)
    marked = text[0] in "!@" or text.startswith(("[[", "/*")) or is_structural(line) or structural(line) is not None
    return not (marked or is_cue(text) or _UNFORCED_TRANSITION.match(text))


def is_free_cue(text: str) -> bool:
    """Tell whether a cue is read as one without ``@``, if words follow."""
    marked = text[0] in "!@/" or text.startswith("[[") or structural(Line(0, 0, text, text)) is not None
    return is_cue(text) and not marked


def is_structural(line: Line) -> bool:
    """Tell whether a line inside a paragraph ends it by its form."""
    marked = line.text[0] in _STRUCTURAL and (line.text[0] == "@" or structural(line) is not None)
    return marked or is_fountain_heading(line.text)


def structural(line: Line) -> Element | None:
    """Return the element of a line whose form alone says what it is; None for cues, transitions and plain action."""
    text, where = line.text, span(line)
    if is_forced_action(text):
        inner = trim(text[1:])
        return marks.bracket(inner, where) or marks.triangle(inner, where)
    if text[0] == "." and len(text) > 1 and text[1] != "." and not text[1].isspace():
        return _heading(trim(text[1:]), where)
    if is_fountain_heading(text):
        return _heading(text, where)
    if found := _SECTION.match(text):
        level, title = len(found[1]), trim(found[2])
        return marks.episode(title, where, level) or Element(kind=Kind.SECTION, text=title, level=level, **where)
    if text[0] == "=":
        if _PAGE_BREAK.match(text):
            return Element(kind=Kind.PAGE_BREAK, **where)
        return Element(kind=Kind.SYNOPSIS, text=trim(text[1:]), **where)
    if text[0] == ">":
        return _pointed(text, where)
    if text[0] == "~":
        return Element(kind=Kind.LYRIC, text=trim(text[1:]), **where)
    return marks.bracket(text, where) or marks.triangle(text, where) or marks.card(text, where)


def _heading(text: str, where: Span) -> SceneHeading | None:
    element = marks.scene_heading(fountain_heading(text), where)
    return element if element.text or element.scene_number else None


def _pointed(text: str, where: Span) -> Element | None:
    if text.endswith("<"):
        inner = trim(text[1:-1])
        return Element(kind=Kind.CENTRED, text=inner, **where) if inner else None
    words = trim(text[1:])
    return Element(kind=Kind.TRANSITION, text=words, **where) if words else None
