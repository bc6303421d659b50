"""Scripts as the sheets that are set: every line with its place, header, page and scene numbers, revision marks."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from app.media import fonts
from app.scripts.formats.ast import Dialect, Field, Script
from app.scripts.formats.inline import Run, runs
from app.scripts.formats.layout import Paragraph, Role, paragraphs
from app.scripts.formats.options import ExportOptions
from app.scripts.formats.pages import Row, paginate
from app.scripts.formats.paper import CHINESE, HOLLYWOOD, Paper
from app.scripts.formats.plain import plain
from app.scripts.formats.wrapping import Measure, is_wide, wrap

TITLES = ("title", "剧名", "片名", "剧本名")
CREDITS = ("credit", "author", "authors", "written by", "作者", "编剧", "source")
_BOLD = frozenset({Role.HEADING, Role.EPISODE, Role.SECTION})
_SANS = frozenset({Role.HEADING, Role.EPISODE, Role.SECTION})
_GREY, _BLACK = "#555555", "#000000"
Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sheaf:
    """A script to be set, and what is shown of it."""

    script: Script
    options: ExportOptions


def book(sheaf: Sheaf, missing: frozenset[str]) -> dict[str, Any]:
    """Return a script as the data of ``screenplay.typ``; names stand for the characters that no font has."""
    script, options = sheaf.script, sheaf.options
    paper = CHINESE if script.dialect is Dialect.CHINESE else HOLLYWOOD
    measure = _serif if paper.chinese else _mono
    pages = paginate([_told(each, missing) for each in paragraphs(script, options)], paper, measure)
    sheets = [_sheet(rows, number, paper, options) for number, rows in enumerate(pages, 1)]
    title = _named(plain(script.value(*TITLES)) or options.title, missing)
    if options.title_page and (script.fields or title):
        sheets.insert(0, _title_page(script.fields, title, paper, missing))
    author = _named(plain(script.value("author", "authors", "written by", "作者", "编剧")).replace("\n", ", "), missing)
    return {
        "paper": paper.name,
        "width": paper.width,
        "height": paper.height,
        "title": title,
        "authors": [author] if author else [],
        "pages": sheets,
    }


def _told(paragraph: Paragraph, missing: frozenset[str]) -> Paragraph:
    if not missing:
        return paragraph
    return replace(paragraph, lines=tuple(replace(line, text=_named(line.text, missing)) for line in paragraph.lines))


def _named(text: str, missing: frozenset[str]) -> str:
    """Return a text with its unprintable characters named in brackets."""
    kept = "".join(_name_of(char) if char in missing else char for char in text)
    return "".join(char for char in kept if unicodedata.category(char) not in ("Cc", "Cs", "Cn") or char == "\n")


def _name_of(char: str) -> str:
    return f"[{unicodedata.name(char, f'U+{ord(char):04X}').lower()}]"


def _sheet(rows: Sequence[Row], number: int, paper: Paper, options: ExportOptions) -> list[Item]:
    items: list[Item] = []
    for row in rows:
        y = paper.top + row.row * paper.pitch
        items.append(_item(row.left, y, _styled(row, paper), _GREY if row.role is Role.NOTE else _BLACK))
        if row.number and options.scene_numbers and not paper.chinese:
            width = sum(map(_mono, row.number))
            items += [_line(max(96 - width, 30), y, row.number), _line(546, y, row.number)]
        if row.revision:
            mark = options.revisions[row.revision - 1]
            items.append(_item(584 if not paper.chinese else 530, y, (Run("*", bold=True),), f"#{mark.hexadecimal}"))
    return items + _running(number, paper, options)


def _running(number: int, paper: Paper, options: ExportOptions) -> list[Item]:
    """Return what stands on every page: its number, and the revision with its colour."""
    items: list[Item] = []
    measure = _serif if paper.chinese else _mono
    if options.revisions:
        mark = options.revisions[-1]
        name = (Run(mark.name, bold=True),)
        left = (paper.width - sum(map(measure, mark.name))) / 2
        items.append(_item(left, 36, name, f"#{mark.hexadecimal}"))
    if paper.chinese:
        words = f"— {number} —"
        items.append(_line((paper.width - sum(map(measure, words))) / 2, paper.height - 54, words))
    elif number > 1:
        words = f"{number}."
        items.append(_line(540 - sum(map(measure, words)), 36, words))
    return items


def _title_page(fields: Sequence[Field], title: str, paper: Paper, missing: frozenset[str]) -> list[Item]:
    measure = _serif if paper.chinese else _mono
    scale = 2.0 if paper.chinese else 1.0
    items: list[Item] = []
    y = paper.height * 0.33
    for pieces in wrap(runs(title), 360 / scale, measure):
        bold = tuple(replace(piece, bold=True, underline=not paper.chinese) for piece in pieces)
        items.append(_centred(y, bold, paper, measure, scale))
        y += paper.pitch * 1.2 * scale
    y += paper.pitch * 2
    named = [each for each in fields if each.key.casefold() in CREDITS]
    for field in sorted(named, key=lambda each: CREDITS.index(each.key.casefold())):
        for line in _named(field.value, missing).split("\n"):
            for pieces in wrap(runs(line), 360, measure):
                items.append(_centred(y, pieces, paper, measure))
                y += paper.pitch
        y += paper.pitch
    rest = [each for each in fields if each.key.casefold() not in (*TITLES, *CREDITS) and each.value]
    return items + _details(rest, y, paper, measure, missing)


def _details(
    fields: Sequence[Field], highest: float, paper: Paper, measure: Measure, missing: frozenset[str]
) -> list[Item]:
    """Return the other fields, at the foot of the title page: as many lines as there is room for."""
    lines: list[tuple[Run, ...]] = []
    for field in fields:
        value = _named(field.value, missing)
        words = value if field.key.casefold() == "contact" else f"{field.key}{'：' if paper.chinese else ': '}{value}"
        for line in words.split("\n"):
            lines += wrap(runs(line), 360, measure)
        if len(lines) > paper.rows:
            break
    room = int((paper.height - 90 - highest) / paper.pitch)
    shown = lines[: max(room, 0)]
    top = paper.height - 90 - len(shown) * paper.pitch
    left = 90 if paper.chinese else 108
    return [_item(left, top + at * paper.pitch, pieces, _BLACK) for at, pieces in enumerate(shown)]


def _centred(y: float, pieces: Sequence[Run], paper: Paper, measure: Measure, scale: float = 1) -> Item:
    wide = sum(measure(char) for piece in pieces for char in piece.text) * scale
    return {**_item((paper.width - wide) / 2, y, pieces, _BLACK), "scale": scale}


def _styled(row: Row, paper: Paper) -> list[Item]:
    bold, italic = row.role in _BOLD, row.role is Role.NOTE
    sans = paper.chinese and row.role in _SANS
    pieces = [replace(piece, bold=piece.bold or bold, italic=piece.italic or italic) for piece in row.runs]
    return [{**_run(piece), "sans": sans} for piece in pieces]


def _line(x: float, y: float, text: str) -> Item:
    return _item(x, y, (Run(text),), _BLACK)


def _item(x: float, y: float, pieces: Sequence[Run | Item], colour: str) -> Item:
    told = [_run(piece) if isinstance(piece, Run) else piece for piece in pieces]
    return {"x": x, "y": y, "colour": colour, "scale": 1.0, "runs": told}


def _run(piece: Run) -> Item:
    styles = {"bold": piece.bold, "italic": piece.italic, "underline": piece.underline}
    return {"text": piece.text, "sans": False, **styles}


def _mono(char: str) -> float:
    if is_wide(char):
        return 12 * 0.9967
    return 0.0 if unicodedata.combining(char) else 7.2


@lru_cache(maxsize=4096)
def _serif(char: str) -> float:
    if is_wide(char):
        return 12.0
    return 0.0 if unicodedata.combining(char) else fonts.font(120, serif=True).getlength(char) / 10
