"""Writes a script as DOCX, in styles of the names that writers' programs use."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Inches, Pt, RGBColor
from docx.text.paragraph import Paragraph as Printed

from app.scripts.formats.ast import Dialect, Field, Script
from app.scripts.formats.inline import runs
from app.scripts.formats.layout import Paragraph, Role, paragraphs
from app.scripts.formats.options import ExportOptions
from app.scripts.formats.revision_marks import RevisionMarks

STYLES = {
    Role.EPISODE: "Episode",
    Role.SECTION: "Section",
    Role.HEADING: "Scene Heading",
    Role.CAST: "Cast List",
    Role.ACTION: "Action",
    Role.CHARACTER: "Character",
    Role.PARENTHETICAL: "Parenthetical",
    Role.DIALOGUE: "Dialogue",
    Role.LYRIC: "Lyrics",
    Role.TRANSITION: "Transition",
    Role.CENTRED: "Centered",
    Role.NOTE: "Note",
}
_INDENTS = {Role.CHARACTER: (2.2, 0.0), Role.PARENTHETICAL: (1.6, 1.9), Role.DIALOGUE: (1.0, 1.5)}
_CENTRED_KEYS = ("title", "剧名", "片名", "credit", "author", "authors", "written by", "作者", "编剧", "source")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def write_docx(script: Script, options: ExportOptions | None = None) -> bytes:
    """Return the script as a DOCX file; characters that XML cannot hold are left out."""
    options = options or ExportOptions()
    chinese = script.dialect is Dialect.CHINESE
    document: Any = Document()
    _set_up(document, chinese=chinese)
    if options.title_page:
        _title_page(document, script.fields, options.title)
    _running(document, options.revisions)
    found = paragraphs(script, options)
    index = 0
    while index < len(found):
        if found[index].side != 1:
            _add(document, found[index], options)
            index += 1
            continue
        middle = index
        while middle < len(found) and found[middle].side == 1:
            middle += 1
        end = middle
        while end < len(found) and found[end].side == 2:
            end += 1
        _dual(document, found[index:middle], found[middle:end], options)
        index = end
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def _set_up(document: Any, *, chinese: bool) -> None:
    section = document.sections[0]
    size = (Inches(8.27), Inches(11.69)) if chinese else (Inches(8.5), Inches(11))
    section.page_width, section.page_height = size
    section.left_margin = Inches(1.25 if chinese else 1.5)
    section.right_margin = Inches(1.25 if chinese else 1)
    section.top_margin = section.bottom_margin = Inches(1)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = ("Times New Roman" if chinese else "Courier New"), Pt(12)
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "SimSun")
    normal.paragraph_format.space_after = Pt(0)
    for role, name in STYLES.items():
        style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = normal
        form = style.paragraph_format
        loose = role not in (Role.PARENTHETICAL, Role.DIALOGUE, Role.CAST) and not (chinese and role is Role.ACTION)
        form.space_before = Pt(12 if loose else 0)
        form.line_spacing = 1.5 if chinese else 1.0
        if not chinese and role in _INDENTS:
            form.left_indent, form.right_indent = Inches(_INDENTS[role][0]), Inches(_INDENTS[role][1])
        if role in (Role.HEADING, Role.EPISODE, Role.SECTION):
            style.font.bold, form.keep_with_next = True, True
        if role in (Role.CHARACTER, Role.PARENTHETICAL):
            form.keep_with_next = True
        if role in (Role.EPISODE, Role.CENTRED):
            form.alignment = WD_ALIGN_PARAGRAPH.CENTER
        if role is Role.TRANSITION:
            form.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        style.font.italic = True if role is Role.NOTE else None


def _title_page(document: Any, fields: Sequence[Field], title: str) -> None:
    fields = fields or ((Field(key="Title", value=title),) if title else ())
    centred = [each for each in fields if each.key.casefold() in _CENTRED_KEYS]
    for field in sorted(centred, key=lambda each: _CENTRED_KEYS.index(each.key.casefold())):
        paragraph = document.add_paragraph(clean(field.value))
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.space_before = Pt(24)
    for field in fields:
        if field not in centred:
            document.add_paragraph(clean(f"{field.key}: {field.value}")).paragraph_format.space_before = Pt(12)
    if fields:
        document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)


def _running(document: Any, revisions: Sequence[RevisionMarks]) -> None:
    """Put the page number, and the last revision in its colour, at the head of every page."""
    paragraph = document.sections[0].header.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    if revisions:
        run = paragraph.add_run(f"{clean(revisions[-1].name)}    ")
        run.font.color.rgb = RGBColor.from_string(revisions[-1].hexadecimal)
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = paragraph.add_run()
        node = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            node.set(qn("w:fldCharType"), kind)
        else:
            node.text = text
        run._r.append(node)  # python-docx has no word for fields


def _add(holder: Any, paragraph: Paragraph, options: ExportOptions) -> None:
    if paragraph.role is Role.PAGE_BREAK:
        holder.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
        return
    made = _new(holder, STYLES[paragraph.role].replace(" ", ""))
    numbered = (
        paragraph.role is Role.HEADING and paragraph.number and not paragraph.lines[0].text.startswith(paragraph.number)
    )
    if numbered:
        made.paragraph_format.tab_stops.add_tab_stop(Inches(0.5))
        made.add_run(clean(paragraph.number) + "\t")
    for index, line in enumerate(paragraph.lines):
        if index:
            made.add_run().add_break()
        for piece in runs(line.text):
            run = made.add_run(clean(piece.text))
            run.bold, run.italic = piece.bold or None, piece.italic or None
            run.underline = piece.underline or None
    revision = max((line.revision for line in paragraph.lines), default=0)
    if revision:
        made.paragraph_format.tab_stops.add_tab_stop(Inches(6.3), WD_TAB_ALIGNMENT.RIGHT)
        mark = made.add_run("\t*")
        mark.font.color.rgb = RGBColor.from_string(options.revisions[revision - 1].hexadecimal)


def _new(holder: Any, style_id: str) -> Printed:
    """Return a new last paragraph; python-docx looks through all that went before, which long scripts cannot afford."""
    body = getattr(holder.element, "body", None) if hasattr(holder, "element") else None
    if body is None:
        made: Printed = holder.add_paragraph()
    else:
        node = OxmlElement("w:p")
        body[-1].addprevious(node)
        made = Printed(node, holder)
    made._p.get_or_add_pPr().get_or_add_pStyle().set(qn("w:val"), style_id)  # its own way looks a name up
    return made


def _dual(document: Any, left: Sequence[Paragraph], right: Sequence[Paragraph], options: ExportOptions) -> None:
    cells = document.add_table(rows=1, cols=2).rows[0].cells
    for cell, found in zip(cells, (left, right), strict=True):
        for paragraph in found:
            _add(cell, paragraph, options)
            form = cell.paragraphs[-1].paragraph_format
            form.left_indent = Inches(0.8 if paragraph.role is Role.CHARACTER else 0)
            form.right_indent = Inches(0)


def clean(text: str) -> str:
    """Return a text without the characters that XML forbids."""
    return _FORBIDDEN.sub("", text)
