"""Reads a script from DOCX, as well as can be: by its styles, else by its indents, else as the text it holds."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import ParseError

from docx import Document
from docx.opc.exceptions import OpcError
from docx.shared import Inches
from docx.table import Table
from docx.text.paragraph import Paragraph as Printed
from lxml.etree import LxmlError

from app.core.errors import Invalid, PayloadTooLarge
from app.core.i18n import _
from app.scripts.formats import marks
from app.scripts.formats.ast import Dialect, Element, Kind, ParseWarning, Script, SpeechPart
from app.scripts.formats.detect import detect
from app.scripts.formats.fountain import is_cue, read_cue
from app.scripts.formats.headings import fountain_heading, is_fountain_heading
from app.scripts.formats.inline import Run, marked
from app.scripts.formats.marks import Span
from app.scripts.formats.vocabulary import trim
from app.scripts.formats.write_fountain import write_fountain

MOST_UNPACKED = 40 * 1024 * 1024
MOST_PARTS, MOST_PARAGRAPHS = 2000, 200_000
_NOWHERE: Span = {"line": 0, "start": 0, "end": 0, "raw": ""}
_KINDS = {
    "scene heading": "heading",
    "scene": "heading",
    "slugline": "heading",
    "场景": "heading",
    "action": "action",
    "description": "action",
    "character": "character",
    "角色": "character",
    "parenthetical": "parenthetical",
    "dialogue": "dialogue",
    "dialog": "dialogue",
    "对白": "dialogue",
    "transition": "transition",
    "centered": "centred",
    "episode": "episode",
    "section": "section",
    "title": "title",
    "note": "note",
    "lyrics": "lyric",
}
_NUMBERED = re.compile(r"([0-9]{1,4}[A-Za-z]{0,2})\t+(.*?)(?:\t+\1)?$", re.S)


@dataclass(frozen=True, slots=True)
class _Part:
    """A paragraph: what its style says it is ("" if nothing), how far it is indented (inches), and its words."""

    kind: str
    indent: float
    text: str


def read_docx(data: bytes) -> tuple[str, tuple[ParseWarning, ...]]:
    """Return the script in a DOCX file as text, and what was doubtful.

    Raises ``Invalid`` ``script.docx_broken``, and ``PayloadTooLarge`` ``script.docx_too_large`` for a file that
    unpacks to more than 40 MiB.
    """
    _check(data)
    try:
        parts = list(_parts(Document(io.BytesIO(data))))
    except (
        OpcError,
        LxmlError,
        ParseError,
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        AttributeError,
        OSError,
    ) as error:
        raise _broken() from error
    lines = "\n".join(part.text for part in parts)
    if detect(lines) is Dialect.CHINESE:
        return lines + "\n", ()
    styled = sum(part.kind in ("heading", "character", "dialogue") for part in parts)
    if not styled and not any(part.indent >= 0.9 for part in parts):
        message = _("This document has no screenplay styles: its paragraphs were read as plain text.")
        return "\n\n".join(part.text for part in parts) + "\n", (ParseWarning(1, "script.docx_plain", message),)
    known = parts if styled else [_by_indent(part) for part in parts]
    warnings = () if styled else (ParseWarning(1, "script.docx_indents", _indents_told()),)
    return write_fountain(_Builder().build(known)), warnings


def _indents_told() -> str:
    return _("This document has no screenplay styles: what is a name and what is said was taken from the indents.")


def _broken() -> Invalid:
    message = _("This is not a whole DOCX file. Open it in a word processor, save it as DOCX again, then try again.")
    return Invalid("script.docx_broken", message)


def _check(data: bytes) -> None:
    """Look at what a file unpacks to before anything is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            names = {info.filename for info in infos}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise _broken() from error
    if "[Content_Types].xml" not in names:
        raise _broken()
    if len(infos) > MOST_PARTS or sum(info.file_size for info in infos) > MOST_UNPACKED:
        message = _("This DOCX unpacks to more than %(limit)d MiB. Take the pictures out of it, then try again.")
        raise PayloadTooLarge("script.docx_too_large", message % {"limit": MOST_UNPACKED // 2**20})


def _parts(document: Any) -> Iterator[_Part]:
    count = 0
    for block in document.iter_inner_content():
        cells = [block] if isinstance(block, Printed) else _cells(block)
        for paragraph in cells:
            count += 1
            if count > MOST_PARAGRAPHS:
                message = _("This document holds more than %(limit)d paragraphs.") % {"limit": MOST_PARAGRAPHS}
                raise PayloadTooLarge("script.docx_too_large", message)
            yield from _split(paragraph)


def _cells(table: Table) -> list[Printed]:
    return [paragraph for row in table.rows for cell in row.cells for paragraph in cell.paragraphs]


def _split(paragraph: Printed) -> Iterator[_Part]:
    style: Any = paragraph.style
    kind = _KINDS.get((style.name or "").casefold(), "") if style is not None else ""
    form = paragraph.paragraph_format
    left = form.left_indent if form.left_indent is not None else (style.paragraph_format.left_indent if style else None)
    indent = (left or 0) / Inches(1)
    pieces = [
        Run(run.text, bool(run.bold), bool(run.italic), bool(run.underline)) for run in paragraph.runs if run.text
    ]
    text = marked(pieces if kind not in ("heading", "character") else [Run(piece.text) for piece in pieces])
    text = text.removesuffix("\t*")
    for line in [text] if kind else text.split("\n"):
        if words := trim(line):
            yield _Part(kind, indent, words)


def _by_indent(part: _Part) -> _Part:
    """Return what a paragraph is by where it stands: names stand deepest, what is said between them and the edge."""
    kind = "action"
    if is_fountain_heading(part.text):
        kind = "heading"
    elif part.text.startswith(("(", "（")) and part.text.endswith((")", "）")) and part.indent >= 0.9:
        kind = "parenthetical"
    elif part.indent >= 1.8 and is_cue(part.text):
        kind = "character"
    elif part.indent >= 0.9:
        kind = "dialogue"
    return _Part(kind, part.indent, part.text)


class _Builder:
    """Puts paragraphs of known kinds together."""

    def __init__(self) -> None:
        self.elements: list[Element] = []
        self.cue: tuple[str, tuple[str, ...]] | None = None
        self.said: list[SpeechPart] = []

    def build(self, parts: list[_Part]) -> Script:
        """Return the tree of the paragraphs."""
        for part in parts:
            if part.kind == "character":
                self._close()
                name, tags, _dual = read_cue(part.text) or (part.text, (), False)
                self.cue = (name, tags)
            elif part.kind in ("dialogue", "parenthetical") and self.cue:
                self.said.append(marks.spoken_line(part.text) if part.kind[0] == "p" else SpeechPart("", part.text))
            else:
                self._close()
                self.elements.append(_element(part))
        self._close()
        return Script(dialect=Dialect.FOUNTAIN, elements=tuple(self.elements))

    def _close(self) -> None:
        if self.cue is None:
            return
        (name, tags), parts = self.cue, marks.joined(self.said)
        self.cue, self.said = None, []
        spoken = marks.speech(name, tags, parts, _NOWHERE) if parts else Element(kind=Kind.ACTION, text=name)
        self.elements.append(spoken)


def _element(part: _Part) -> Element:
    if part.kind == "heading":
        found = _NUMBERED.match(part.text)
        heading = fountain_heading(f"{found[2]} #{found[1]}#" if found else part.text.replace("\n", " "))
        made = marks.scene_heading(heading, _NOWHERE)
        return made if made.text or made.scene_number else Element(kind=Kind.ACTION, text=part.text)
    if part.kind == "episode" and (episode := marks.episode(part.text, _NOWHERE)):
        return episode
    if part.kind in ("section", "episode"):
        return Element(kind=Kind.SECTION, text=part.text.replace("\n", " "), level=1)
    simple = {"transition": Kind.TRANSITION, "centred": Kind.CENTRED, "note": Kind.NOTE, "lyric": Kind.LYRIC}
    kind = simple.get(part.kind, Kind.ACTION)
    words = part.text.replace("\n", " ").removeprefix("♪ ")
    return Element(kind=kind, text=part.text if kind is Kind.ACTION else words)
