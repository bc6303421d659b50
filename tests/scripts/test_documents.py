"""DOCX goes out with the styles of writers' programs and comes back; what is broken or hostile is refused."""

from __future__ import annotations

import io
import zipfile

import pytest
from docx import Document
from docx.shared import Inches
from hypothesis import given, settings
from hypothesis import strategies as st
from test_write_fountain import CHINESE_LINES, FOUNTAIN_LINES, SAMPLES, scripts

from app.core.errors import Invalid, PayloadTooLarge
from app.scripts.formats import Dialect, parse
from app.scripts.formats.ast import Kind, Speech
from app.scripts.formats.docx_read import read_docx
from app.scripts.formats.docx_write import write_docx
from app.scripts.formats.files import MOST_BYTES, read_file
from app.scripts.formats.options import ExportOptions
from app.scripts.formats.revision_marks import RevisionMarks


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_a_sample_comes_back_from_a_word_processor(path):
    script = parse(path.read_text())
    text, warnings = read_docx(write_docx(script, ExportOptions(title_page=False)))
    again = parse(text)
    assert not warnings
    assert [scene.text for scene in again.scenes] == [scene.text for scene in script.scenes]
    assert [scene.scene_number for scene in again.scenes] == [scene.scene_number for scene in script.scenes]
    spoken = [[each.text for each in tree.elements if isinstance(each, Speech)] for tree in (script, again)]
    assert spoken[0] == spoken[1]


@settings(max_examples=25, deadline=None)
@given(scripts(FOUNTAIN_LINES), scripts(CHINESE_LINES))
def test_any_script_can_be_written(western, chinese):
    for text, dialect in ((western, Dialect.FOUNTAIN), (chinese, Dialect.CHINESE)):
        Document(io.BytesIO(write_docx(parse(text, dialect), ExportOptions(notes=True))))


def test_dual_dialogue_numbers_and_revisions_stand_in_the_document():
    script = parse("Title: T\n\nINT. ROOM - DAY #1A#\n\nMARA\nOne. *Two.*\n\nDEN ^\nThree.\n")
    marks = (RevisionMarks("Blue", "blue", frozenset({3})),)
    document = Document(io.BytesIO(write_docx(script, ExportOptions(revisions=marks))))
    styles = [paragraph.style.name for paragraph in document.paragraphs]
    heading = document.paragraphs[styles.index("Scene Heading")]
    assert heading.text == "1A\tINT. ROOM - DAY\t*"
    (table,) = document.tables
    assert [cell.paragraphs[-1].text for cell in table.rows[0].cells] == ["One. Two.", "Three."]
    assert "Blue" in document.sections[0].header.paragraphs[0].text
    assert document.paragraphs[0].text == "T"


def made(*paragraphs: tuple[str, float]) -> bytes:
    document, stream = Document(), io.BytesIO()
    for text, indent in paragraphs:
        document.add_paragraph(text).paragraph_format.left_indent = Inches(indent)
    document.save(stream)
    return stream.getvalue()


def test_indents_tell_names_from_words_where_there_are_no_styles():
    text, warnings = read_docx(
        made(("INT. ROOM - DAY", 0), ("She waits.", 0), ("MARA", 2.2), ("(low)", 1.6), ("Well?", 1.0))
    )
    _heading, action, speech = parse(text).elements
    assert action.text == "She waits."
    assert isinstance(speech, Speech) and (speech.speaker, speech.manner, speech.text) == ("MARA", "low", "Well?")
    assert [warning.code for warning in warnings] == ["script.docx_indents"]


def test_a_chinese_document_is_read_by_its_own_marks():
    text, _warnings = read_docx(made(("1-1 日 内 客厅", 0), ("人物：甲", 0), ("△ 甲推门。", 0), ("甲：谁？", 0)))
    script = parse(text)
    assert script.dialect is Dialect.CHINESE
    assert [element.kind for element in script.elements] == [Kind.SCENE, Kind.CAST, Kind.ACTION, Kind.SPEECH]


def test_a_document_without_any_form_is_plain_text_with_a_warning():
    text, warnings = read_docx(made(("Once upon a time", 0), ("there was a room.", 0)))
    assert text == "Once upon a time\n\nthere was a room.\n"
    assert [warning.code for warning in warnings] == ["script.docx_plain"]


def bomb() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", b" " * (60 * 2**20))
    return stream.getvalue()


def plain_zip() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.txt", "hello")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("data", "name", "error", "code"),
    [
        (bomb(), "x.docx", PayloadTooLarge, "script.docx_too_large"),
        (plain_zip(), "x.docx", Invalid, "script.docx_broken"),
        (b"INT. ROOM - DAY", "x.docx", Invalid, "script.docx_broken"),
        (made(("x", 0))[:-400], "x.docx", Invalid, "script.docx_broken"),
        (b"%PDF-1.7 ...", "x.fdx", Invalid, "script.fdx_broken"),
        (b"%PDF-1.7 ...", "x.txt", Invalid, "script.binary"),
        (b"", "x.txt", Invalid, "script.empty"),
        (b"", "x.fdx", Invalid, "script.fdx_broken"),
        (b"a" * (MOST_BYTES + 1), "x.txt", PayloadTooLarge, "script.file_too_large"),
        (b"a\n" * (2**20 + 9), "x.txt", PayloadTooLarge, "script.too_large"),
    ],
    ids=["bomb", "zip", "text as docx", "torn docx", "pdf as fdx", "pdf", "empty", "empty fdx", "10 MB", "much text"],
)
def test_what_is_no_script_is_refused_with_words(data, name, error, code):
    with pytest.raises(error) as refused:
        read_file(data, name)
    assert refused.value.code == code


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=400), st.text(max_size=200).map(lambda text: text.encode(errors="replace"))))
def test_any_bytes_are_read_or_refused(data):
    for name in ("x.txt", "x.fdx", "x.docx"):
        try:
            parse(read_file(data, name).text)
        except (Invalid, PayloadTooLarge) as refused:
            assert refused.code.startswith("script.")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "big5"])
def test_encodings_are_told_apart(encoding):
    text = "1-1 日 外 海岸\n人物：甲、乙\n△ 甲看著海，一言不發。\n甲：你是不是要走了？\n"
    assert read_file(text.encode(encoding), "x.txt").text == text


def test_hard_texts_are_read_in_a_line():
    for text in (
        "Title: x\n" + "    more\n" * 10_000 + "\nINT. ROOM - DAY\n",
        "剧名：\n" + "很长\n" * 10_000 + "\n1-1 日 内 客厅\n",
        "INT. ROOM - DAY\r\n\rMARA\r\nשלום‏ \u202eabc\n\nمرحبا\x07\n",
        "[[" * 20_000 + "]]",
        "*_" * 20_000,
    ):
        for dialect in Dialect:
            script = parse(read_file(text.encode(), "x.txt").text, dialect)
            write_docx(script, ExportOptions(notes=True))
