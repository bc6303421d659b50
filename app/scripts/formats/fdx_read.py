"""Reads Final Draft (FDX): numbers, dual dialogue, emphasis, notes, revisions, title page; what is odd is warned of."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import replace

from defusedxml import ElementTree as SafeET
from defusedxml.common import DefusedXmlException

from app.core.errors import Invalid
from app.core.i18n import _
from app.scripts.formats import marks
from app.scripts.formats.ast import Dialect, Element, Field, Kind, ParseWarning, Script, SpeechPart
from app.scripts.formats.fountain import parse_fountain, read_cue
from app.scripts.formats.headings import fountain_heading
from app.scripts.formats.inline import Aside, Run, rejoined
from app.scripts.formats.marks import Span
from app.scripts.formats.reading import Document
from app.scripts.formats.revision_marks import RevisionMarks, lines_of
from app.scripts.formats.vocabulary import PEOPLE, PROFILES, trim
from app.scripts.formats.write_fountain import write_fountain

_NOWHERE: Span = {"line": 0, "start": 0, "end": 0, "raw": ""}
_KEYED = re.compile(r"([^:：\n]{1,40})[:：][ \t]*(.*)$", re.S)
_CREDIT = re.compile(r"(?:(?:screen|tele)?play|story|written|created|adapted)?\s*(?:&\s*\w+\s*)?by|编剧|作者", re.I)
_MOST_ELEMENTS = 400_000
_ACTIONS = frozenset({"Action", "General", "Shot", "Cast List", "New Act", "End of Act", "Singing", "Lyrics"})


def read_fdx(data: bytes) -> Document:
    """Read an FDX file.

    Raises ``Invalid`` ``script.fdx_broken`` for what is no FDX, and ``script.fdx_entities`` for one that brings
    entities of its own: they are how a small file becomes a huge one, or reads files of the server.
    """
    try:
        root = SafeET.fromstring(data, forbid_dtd=False, forbid_entities=True, forbid_external=True)
    except DefusedXmlException as error:
        message = _("This Final Draft file declares entities of its own, which no script needs. It was not read.")
        raise Invalid("script.fdx_entities", message) from error
    except (ET.ParseError, ValueError, LookupError) as error:
        raise _broken(str(error)) from error
    content = root.find("Content")
    if root.tag != "FinalDraft" or content is None:
        raise _broken(_("it has no element FinalDraft with a Content"))
    return _Reader(root, content).run()


def _broken(why: str) -> Invalid:
    message = _("This is not a whole Final Draft file (%(why)s). Save it again in Final Draft, then try again.")
    return Invalid("script.fdx_broken", message % {"why": why})


class _Reader:
    def __init__(self, root: ET.Element, content: ET.Element) -> None:
        self.root, self.content = root, content
        self.elements: list[Element] = []
        self.revised: dict[str, list[int]] = {}
        self.warnings: list[ParseWarning] = []
        self.cue: tuple[str, tuple[str, ...]] | None = None
        self.parts: list[SpeechPart] = []
        self.cue_revisions: set[str] = set()
        self.dual = False
        self.count = 0

    def run(self) -> Document:
        self._paragraphs(self.content)
        self._close()
        script = Script(dialect=Dialect.FOUNTAIN, fields=self._fields(), elements=tuple(self.elements))
        return Document(script, tuple(self.warnings), self._revisions(script))

    def _paragraphs(self, content: ET.Element) -> None:
        for node in content:
            self.count += 1
            if self.count > _MOST_ELEMENTS:
                raise _broken(_("it holds more paragraphs than any script"))
            if node.tag != "Paragraph":
                continue
            double = node.find("DualDialogue")
            if double is None:
                self._paragraph(node)
                continue
            self._close()
            before = len(self.elements)
            self._paragraphs(double)
            self._close()
            spoken = [at for at in range(before, len(self.elements)) if self.elements[at].kind is Kind.SPEECH]
            for at in spoken[1:] or spoken:
                self.elements[at] = replace(self.elements[at], dual=True)  # type: ignore[call-arg]

    def _paragraph(self, node: ET.Element) -> None:
        kind = node.get("Type", "Action")
        text, revisions = _words(node), _revision_ids(node)
        if kind == "Character" and text:
            self._close()
            name, tags, _dual = read_cue(text) or (text, (), False)
            self.cue, self.cue_revisions = (name, tags), revisions
        elif kind in ("Parenthetical", "Dialogue") and self.cue:
            self.parts.append(marks.spoken_line(text) if kind == "Parenthetical" else SpeechPart("", text))
            self.cue_revisions |= revisions
        else:
            self._close()
            element = self._element(node, kind, text)
            if element is not None:
                self._add(element, revisions)

    def _close(self) -> None:
        """End the speech that is being read."""
        if self.cue is None:
            return
        (name, tags), parts = self.cue, marks.joined(self.parts)
        self.cue, self.parts = None, []
        if parts:
            self._add(marks.speech(name, tags, parts, _NOWHERE), self.cue_revisions)
        else:
            self._warn("script.cue_without_words", _("A character is named, but nothing is said below."))
            self._add(Element(kind=Kind.ACTION, text=name), self.cue_revisions)

    def _add(self, element: Element, revisions: Iterable[str]) -> None:
        for each in revisions:
            self.revised.setdefault(each, []).append(len(self.elements))
        self.elements.append(element)

    def _warn(self, code: str, message: str) -> None:
        self.warnings.append(ParseWarning(len(self.elements) + 1, code, message))

    def _element(self, node: ET.Element, kind: str, text: str) -> Element | None:
        if kind == "Scene Heading":
            return self._heading(node, text)
        if node.get("StartsNewPage") == "Yes" and not text:
            return Element(kind=Kind.PAGE_BREAK)
        if kind == "Lyrics":
            return Element(kind=Kind.LYRIC, text=text)
        if not trim(text):
            return None
        if text.startswith("[[") and (alone := marks.note(text, _NOWHERE)) and not _seen(node):
            return alone
        if kind == "Transition":
            return Element(kind=Kind.TRANSITION, text=text)
        if node.get("Alignment") == "Center":
            return Element(kind=Kind.CENTRED, text=text)
        if kind not in _ACTIONS:
            message = _("A paragraph of the unknown kind “%(kind)s” was taken as action.") % {"kind": kind[:40]}
            self._warn("script.fdx_kind", message)
        return _general(text) if kind in ("General", "New Act") else _action(text)

    def _heading(self, node: ET.Element, text: str) -> Element | None:
        heading = fountain_heading(text.replace("\n", " "))
        if number := trim(node.get("Number", "")):
            heading = replace(heading, number=number)
        element = marks.scene_heading(heading, _NOWHERE)
        return element if element.text or element.scene_number else None

    def _fields(self) -> tuple[Field, ...]:
        content = self.root.find("TitlePage/Content")
        found: list[Field] = []
        for node in content if content is not None else ():
            text = trim(_words(node))
            keyed = None if node.get("Alignment") == "Center" else _KEYED.match(text)
            if keyed:
                found.append(Field(key=trim(keyed[1]), value=trim(keyed[2])))
            elif text:
                found.append(Field(key=_key(text, found), value=text))
        merged: dict[str, str] = {}
        for field in found:
            merged[field.key] = "\n".join(part for part in (merged.get(field.key, ""), field.value) if part)
        return tuple(Field(key=key, value=value) for key, value in merged.items())

    def _revisions(self, script: Script) -> tuple[RevisionMarks, ...]:
        """Return what the file marks as revised, in lines of the script as Fountain text."""
        if not self.revised:
            return ()
        placed = parse_fountain(write_fountain(script)).elements
        found = []
        for node in self.root.iterfind("Revisions/Revision"):
            at = self.revised.get(node.get("ID", ""), [])
            lines = frozenset(line for index in at if index < len(placed) for line in lines_of(placed[index]))
            colour = node.get("Color", "").lstrip("#")
            short = "#" + (colour[0:2] + colour[4:6] + colour[8:10] if len(colour) == 12 else colour)
            if lines:
                found.append(RevisionMarks(node.get("Name", ""), short, lines))
        return tuple(found)


def _key(text: str, found: list[Field]) -> str:
    """Return what a line of the title page without a key is, from the lines before it."""
    before = {field.key for field in found}
    if "Title" not in before:
        return "Title"
    if "Author" not in before:
        return "Credit" if _CREDIT.fullmatch(text) else "Author"
    return "Contact"


def _action(text: str) -> Element:
    """Return the action of a line, or what its marks make of it (【字幕：…】, △ …, SUPER: …)."""
    marked = None if "\n" in text else _first(text)
    return marked or Element(kind=Kind.ACTION, text=text)


def _first(text: str) -> Element | None:
    return marks.bracket(text, _NOWHERE) or marks.triangle(text, _NOWHERE) or marks.card(text, _NOWHERE)


def _general(text: str) -> Element:
    """Return what a general line says: an episode, a section, a synopsis, a cut, who is in the scene; else action."""
    hashes = len(text) - len(text.lstrip("#"))
    title = trim(text[hashes:])
    if 1 <= hashes <= 6:
        episode = marks.episode(title, _NOWHERE, hashes)
        return episode or Element(kind=Kind.SECTION, text=title, level=hashes)
    if episode := marks.episode(text, _NOWHERE):
        return episode
    if text.startswith("="):
        return Element(kind=Kind.SYNOPSIS, text=trim(text[1:]))
    if text.startswith("/*") and text.endswith("*/"):
        return Element(kind=Kind.BONEYARD, text=trim(text[2:-2]))
    label = re.split(r"[:：]", text, maxsplit=1)[0]
    if label in PEOPLE or label in PROFILES or label == marks.UNPLACED:
        return marks.note(f"[[{text}]]", _NOWHERE) or _action(text)
    return _action(text)


def _words(node: ET.Element) -> str:
    pieces: list[Run] = []
    for each in node.findall("Text"):
        style = set((each.get("Style") or "").split("+"))
        text = "".join(each.itertext())
        if text:
            pieces.append(Run(text, "Bold" in style, "Italic" in style, "Underline" in style))
    if node.get("Type") in ("Scene Heading", "Character"):
        pieces = [Run(piece.text) for piece in pieces]
    return rejoined(pieces, [_aside(note) for note in node.findall("ScriptNote")]).strip("\n")


def _aside(note: ET.Element) -> Aside:
    lines = ["".join(text for each in part.findall("Text") for text in each.itertext()) for part in note]
    text = "\n".join(lines).replace("]]", "] ]")
    first = (note.get("Range") or "0").split(",")[0]
    place = int(first) if first.isascii() and first.isdigit() and len(first) < 8 else 0
    return Aside(place, text if text.startswith("/*") and text.endswith("*/") else f"[[{text}]]")


def _seen(node: ET.Element) -> str:
    return trim("".join(text for each in node.findall("Text") for text in each.itertext()))


def _revision_ids(node: ET.Element) -> set[str]:
    return {each.get("RevisionID", "") for each in node.iter("Text") if each.get("RevisionID")}
