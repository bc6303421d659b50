"""Writes a tree as Final Draft (FDX): numbers, dual dialogue, emphasis, notes, revisions, title page, SmartType."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence

from app.scripts.formats import marks
from app.scripts.formats.ast import Element, Field, Kind, SceneHeading, Script, Speech
from app.scripts.formats.headings import Heading, heading_line
from app.scripts.formats.inline import Aside, Run, rejoined, runs, without_asides
from app.scripts.formats.options import ExportOptions, prepared
from app.scripts.formats.revision_marks import RevisionMarks, marks_of
from app.scripts.formats.write_fountain import note_words

_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_TYPES = {Kind.TRANSITION: "Transition", Kind.LYRIC: "Lyrics", Kind.ACTION: "Action", Kind.CENTRED: "Action"}
_BRACKETED = frozenset({Kind.SOUND, Kind.FLASHBACK_START, Kind.FLASHBACK_END, Kind.INSERT, Kind.CARD})
CENTRED_KEYS = ("title", "剧名", "片名", "credit", "author", "authors", "作者", "编剧")
_INDENTS = {
    "General": ("0.00", "1.50", "7.50"),
    "Scene Heading": ("0.00", "1.50", "7.50"),
    "Action": ("0.00", "1.50", "7.50"),
    "Character": ("0.00", "3.50", "7.25"),
    "Parenthetical": ("-0.10", "3.00", "5.50"),
    "Dialogue": ("0.00", "2.50", "6.00"),
    "Transition": ("0.00", "5.50", "7.10"),
    "Lyrics": ("0.00", "2.50", "7.38"),
}


def write_fdx(script: Script, options: ExportOptions | None = None) -> bytes:
    """Return the script as an FDX file; characters that XML cannot hold are left out."""
    options = options or ExportOptions(notes=True)
    return _Writer(prepared(script, options), options).run()


class _Writer:
    def __init__(self, script: Script, options: ExportOptions) -> None:
        self.script, self.options = script, options
        self.notes = 0
        self.revision = 0

    def run(self) -> bytes:
        root = ET.Element("FinalDraft", {"DocumentType": "Script", "Template": "No", "Version": "5"})
        content = ET.SubElement(root, "Content")
        self._elements(content)
        self._title_page(root)
        _settings(root)
        _revisions(root, self.options.revisions)
        _smart_type(root, self.script)
        head = b'<?xml version="1.0" encoding="UTF-8" standalone="no" ?>\n'
        body: bytes = ET.tostring(root, encoding="utf-8")
        return head + body + b"\n"

    def _elements(self, content: ET.Element) -> None:
        elements = self.script.elements
        index = 0
        while index < len(elements):
            element = elements[index]
            index += 1
            if not isinstance(element, Speech):
                self._element(content, element)
                continue
            together: list[Speech] = [element]
            while not element.dual and index < len(elements):
                follower = elements[index]
                if not (isinstance(follower, Speech) and follower.dual):
                    break
                together.append(follower)
                index += 1
            target = content
            if len(together) > 1 or element.dual:
                target = ET.SubElement(ET.SubElement(content, "Paragraph"), "DualDialogue")
            for speech in together:
                self._speech(target, speech)

    def _speech(self, content: ET.Element, speech: Speech) -> None:
        self.revision = marks_of(speech, self.options.revisions)
        tags = "".join(f" ({tag})" for tag in speech.extensions)
        self._plain(content, "Character", speech.speaker + tags)
        for part in speech.parts:
            if part.manner:
                self._plain(content, "Parenthetical", f"({part.manner})")
            if part.text:
                self._rich(content, "Dialogue", part.text)

    def _element(self, content: ET.Element, element: Element) -> None:
        self.revision = marks_of(element, self.options.revisions)
        if isinstance(element, SceneHeading):
            line = heading_line(Heading("", element.prefix, element.place, element.time))
            given = {"Number": element.scene_number} if element.scene_number else {}
            self._plain(content, "Scene Heading", line, **given)
        elif element.kind is Kind.NOTE:
            paragraph = ET.SubElement(content, "Paragraph", {"Type": "General"})
            self._script_note(paragraph, 0, note_words(element))
            ET.SubElement(paragraph, "Text")
        elif element.kind is Kind.PAGE_BREAK:
            self._plain(content, "General", "", StartsNewPage="Yes")
        elif element.kind in _TYPES:
            text = f"{element.label} {element.text}" if element.label else element.text
            given = {"Alignment": "Center"} if element.kind is Kind.CENTRED else {}
            self._rich(content, _TYPES[element.kind], text, **given)
        elif element.kind in _BRACKETED:
            self._rich(content, "Action", marks.bracketed(element))
        else:
            self._plain(content, "General", _general(element))

    def _plain(self, content: ET.Element, kind: str, text: str, **given: str) -> None:
        self._paragraph(content, kind, (Run(text),), (), given)

    def _rich(self, content: ET.Element, kind: str, text: str, **given: str) -> None:
        words, found = without_asides(text)
        styled = runs(words)
        asides = tuple(_placed(words, found))
        if rejoined(styled, asides) != text:
            styled, asides = (Run(text),), ()
        self._paragraph(content, kind, styled, asides, given)

    def _paragraph(
        self, content: ET.Element, kind: str, styled: Sequence[Run], asides: Sequence[Aside], given: dict[str, str]
    ) -> None:
        paragraph = ET.SubElement(
            content, "Paragraph", {"Type": kind, **{key: clean(text) for key, text in given.items()}}
        )
        if kind == "Scene Heading":
            ET.SubElement(paragraph, "SceneProperties", {"Length": "", "Page": "", "Title": ""})
        for aside in asides:
            self._script_note(paragraph, aside.place, aside.raw[2:-2] if aside.raw.startswith("[[") else aside.raw)
        for run in styled or (Run(""),):
            self._text(paragraph, run)

    def _text(self, paragraph: ET.Element, run: Run) -> None:
        styles = (("Bold", run.bold), ("Italic", run.italic), ("Underline", run.underline))
        style = "+".join(name for name, on in styles if on)
        given = {"Style": style} if style else {}
        if self.revision:
            given["RevisionID"] = str(self.revision)
        ET.SubElement(paragraph, "Text", given).text = clean(run.text)

    def _script_note(self, paragraph: ET.Element, place: int, text: str) -> None:
        self.notes += 1
        given = {"ID": str(self.notes), "Name": "", "Range": f"{place},{place}", "Type": "", "WriterName": ""}
        note = ET.SubElement(paragraph, "ScriptNote", given)
        ET.SubElement(ET.SubElement(note, "Paragraph"), "Text").text = clean(text)

    def _title_page(self, root: ET.Element) -> None:
        if not self.script.fields and not (self.options.title and self.options.title_page):
            return
        self.revision = 0
        page = ET.SubElement(root, "TitlePage")
        content = ET.SubElement(page, "Content")
        fields = self.script.fields or (Field(key="Title", value=self.options.title),)
        centred = [each for each in fields if each.key.casefold() in CENTRED_KEYS]
        for field in sorted(centred, key=lambda each: CENTRED_KEYS.index(each.key.casefold())):
            self._plain(content, "General", field.value, Alignment="Center")
        for field in fields:
            if field not in centred:
                self._plain(content, "General", f"{field.key}: {field.value}", Alignment="Left")


def clean(text: str) -> str:
    """Return a text without the characters that XML forbids."""
    return _FORBIDDEN.sub("", text)


def _placed(words: str, found: Sequence[Aside]) -> Iterator[Aside]:
    """Yield the asides with their places among the words that are seen, without marks of emphasis."""
    position = seen = 0
    for aside in found:
        seen += sum(len(run.text) for run in runs(words[position : aside.place]))
        position = aside.place
        yield Aside(seen, aside.raw)


def _general(element: Element) -> str:
    """Return what Final Draft has no paragraph for, as a line that reads as the same thing."""
    text = element.text
    if element.kind is Kind.EPISODE:
        name = f"第{element.number}集" if element.label == "集" else f"Episode {element.number}{':' if text else ''}"
        return ("#" * element.level + " " if element.level > 1 else "") + f"{name} {text}".rstrip()
    if element.kind is Kind.SECTION:
        return f"{'#' * element.level} {text}".rstrip()
    if element.kind is Kind.BONEYARD:
        return f"/* {text} */"
    if element.kind is Kind.SYNOPSIS:
        return f"= {text}".rstrip()
    return note_words(element)


def _settings(root: ET.Element) -> None:
    for kind, (first, left, right) in _INDENTS.items():
        settings = ET.SubElement(root, "ElementSettings", {"Type": kind})
        style = "AllCaps" if kind in ("Scene Heading", "Character", "Transition") else ""
        ET.SubElement(settings, "FontSpec", {"Font": "Courier Final Draft", "Size": "12", "Style": style})
        given = {"Alignment": "Right" if kind == "Transition" else "Left", "FirstIndent": first, "Leading": "Regular"}
        given |= {"LeftIndent": left, "RightIndent": right, "Spacing": "1", "StartsNewPage": "No"}
        given["SpaceBefore"] = "0" if kind in ("Parenthetical", "Dialogue") else "12"
        ET.SubElement(settings, "ParagraphSpec", given)


def _revisions(root: ET.Element, revisions: Sequence[RevisionMarks]) -> None:
    if not revisions:
        return
    given = {"ActiveSet": str(len(revisions)), "Location": "7.75", "RevisionMode": "No", "RevisionsShown": "All"}
    holder = ET.SubElement(root, "Revisions", {**given, "ShowAllMarks": "Yes", "ShowAllSets": "Yes"})
    for index, each in enumerate(revisions, 1):
        wide = "#" + "".join(each.hexadecimal[at : at + 2] * 2 for at in (0, 2, 4))
        given = {"Color": wide, "FullRevision": "No", "ID": str(index), "Mark": "*", "Style": ""}
        ET.SubElement(holder, "Revision", {**given, "Name": clean(each.name)})


def _smart_type(root: ET.Element, script: Script) -> None:
    holder = ET.SubElement(root, "SmartType")
    speeches = [element for element in script.elements if isinstance(element, Speech)]
    scenes = list(script.scenes)
    _listed(holder, "Characters", "Character", [each.speaker for each in speeches])
    _listed(holder, "Extensions", "Extension", [f"({tag})" for each in speeches for tag in each.extensions])
    _listed(holder, "SceneIntros", "SceneIntro", [each.prefix for each in scenes], Separator=" ")
    _listed(holder, "Locations", "Location", [each.place for each in scenes])
    _listed(holder, "TimesOfDay", "TimeOfDay", [each.time for each in scenes], Separator=" - ")
    moves = [element.text for element in script.elements if element.kind is Kind.TRANSITION]
    _listed(holder, "Transitions", "Transition", moves)


def _listed(holder: ET.Element, many: str, one: str, words: Sequence[str], **given: str) -> None:
    node = ET.SubElement(holder, many, given)
    for word in dict.fromkeys(word for word in words if word):
        ET.SubElement(node, one).text = clean(word)
