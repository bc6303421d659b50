"""PDFs: standard layouts, page breaks as scripts are broken, nothing lost, nothing run."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from test_write_fountain import CHINESE_LINES, FOUNTAIN_LINES, SAMPLES, scripts

from app.scripts.formats import Dialect, parse
from app.scripts.formats.inline import Run, marked, rejoined, runs, without_asides
from app.scripts.formats.layout import paragraphs
from app.scripts.formats.options import ExportOptions
from app.scripts.formats.pages import paginate
from app.scripts.formats.paper import CHINESE, HOLLYWOOD
from app.scripts.formats.revision_marks import RevisionMarks
from app.scripts.formats.wrapping import wrap
from app.scripts.printed import Sheaf, book
from app.scripts.typesetting import typeset


def shown(text: str, **options) -> list[str]:
    """Return the words of each page, row by row."""
    data = book(Sheaf(parse(text), ExportOptions(**options)), frozenset())
    return ["\n".join("".join(run["text"] for run in item["runs"]) for item in page) for page in data["pages"]]


def flat(char: str) -> float:
    return 12.0 if ord(char) > 0x2E7F else 7.2


def test_a_long_speech_says_more_and_continued():
    text = "INT. ROOM - DAY\n\n" + "She waits.\n\n" * 22 + "MARA\n" + "We owe them nothing at all. " * 20
    first, second = shown(text)
    assert first.endswith("(MORE)")
    assert second.startswith("MARA (CONT'D)")
    assert "2." in second


def test_a_heading_never_ends_a_page():
    for lines in range(20, 30):
        for page in shown("INT. A - DAY\n\n" + "She waits.\n\n" * lines + "INT. B - NIGHT\n\nRain.\n")[:-1]:
            assert not page.rstrip().endswith("NIGHT")


def test_scene_numbers_stand_in_both_margins_and_can_be_left_out():
    text = "INT. ROOM - DAY #12A#\n\nRain."
    assert shown(text)[0].split("\n").count("12A") == 2
    assert "12A" not in shown(text, scene_numbers=False)[0]


def test_changed_lines_bear_a_star_and_the_page_its_revision():
    marks = (RevisionMarks("Blue 2026-12-01", "blue", frozenset({3})),)
    data = book(Sheaf(parse("INT. ROOM - DAY\n\nRain.\n\nSun."), ExportOptions(revisions=marks)), frozenset())
    (page,) = data["pages"]
    words = {"".join(run["text"] for run in item["runs"]): item for item in page}
    assert words["*"]["y"] == words["Rain."]["y"] and words["*"]["colour"] == "#0000FF"
    assert words["Blue 2026-12-01"]["colour"] == "#0000FF"


def test_two_who_speak_at_once_stand_side_by_side():
    data = book(Sheaf(parse("INT. A - DAY\n\nMARA\nOne.\n\nDEN ^\nTwo."), ExportOptions()), frozenset())
    rows = {"".join(run["text"] for run in item["runs"]): item for item in data["pages"][0]}
    assert rows["One."]["y"] == rows["Two."]["y"] and rows["One."]["x"] < rows["Two."]["x"]


@settings(max_examples=200, deadline=None)
@given(scripts(FOUNTAIN_LINES), scripts(CHINESE_LINES))
def test_pages_hold_every_word_in_order_and_no_more_rows_than_fit(western, chinese):
    for text, dialect, paper in ((western, Dialect.FOUNTAIN, HOLLYWOOD), (chinese, Dialect.CHINESE, CHINESE)):
        found = paragraphs(parse(text, dialect), ExportOptions(notes=True))
        pages = paginate(found, paper, flat)
        assert all(row.row < paper.rows for page in pages for row in page)
        kept = sorted("".join(run.text for page in pages for row in page for run in row.runs))
        told = sorted("".join(run.text for each in found for line in each.lines for run in runs(line.text)))
        assert [char for char in kept if not char.isspace()] == [char for char in told if not char.isspace()]


@settings(max_examples=300, deadline=None)
@given(scripts(FOUNTAIN_LINES))
def test_emphasis_and_notes_are_taken_apart_and_put_together(text):
    words, asides = without_asides(text)
    assert rejoined([Run(words)], asides) == text
    again = marked(runs(words))
    assert runs(again) == runs(marked(runs(again)))


def test_lines_break_where_chinese_typesetting_breaks_them():
    lines = wrap([Run("她说，我们走。")], 36, flat)
    assert ["".join(run.text for run in line) for line in lines] == ["她", "说，我", "们走。"] or all(
        line[0].text[0] not in "，。" for line in lines
    )
    assert ["".join(run.text for run in line) for line in wrap([Run("a bb ccc dddd")], 40, flat)] == [
        "a bb",
        "ccc",
        "dddd",
    ]


@pytest.mark.slow
async def test_a_pdf_embeds_its_fonts_and_runs_nothing():
    hostile = 'INT. #panic("x") - DAY\n\n#let x = read("/etc/passwd") \\ $1+1$ @cite <label> 中文 שלום مرحبا 😀\n'
    made, missing = await typeset(
        [Sheaf(parse(path.read_text()), ExportOptions()) for path in SAMPLES] + [Sheaf(parse(hostile), ExportOptions())]
    )
    assert missing == ("😀",)
    for pdf in made:
        assert pdf.startswith(b"%PDF-") and pdf.rstrip().endswith(b"%%EOF")
        fonts = re.findall(rb"/FontFile[23] ", pdf)
        assert fonts
        assert len(fonts) == len(re.findall(rb"/Type ?/FontDescriptor", pdf))
