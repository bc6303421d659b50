"""Breaks a script into pages as scripts are broken: (MORE) and (CONT'D), headings kept with what follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.scripts.formats.inline import Run, runs
from app.scripts.formats.layout import Paragraph, Role
from app.scripts.formats.paper import Column, Paper
from app.scripts.formats.vocabulary import is_continued
from app.scripts.formats.wrapping import Measure, wrap

_SPOKEN = (Role.CHARACTER, Role.PARENTHETICAL, Role.DIALOGUE)
_DUAL_WIDTH, _DUAL_LEFT = 198.0, (108.0, 324.0)
LEAST = 2


@dataclass(frozen=True, slots=True)
class Row:
    """One printed line: where it starts, its words, the scene number beside it, the revision that changed it."""

    left: float
    runs: tuple[Run, ...]
    role: Role
    number: str = ""
    revision: int = 0
    row: int = 0


@dataclass(frozen=True, slots=True)
class Block:
    """Rows that belong together: how many blank ones come before, and what is repeated when they are parted."""

    rows: tuple[tuple[Row, ...], ...]
    before: int
    speaker: str = ""
    head: int = 0
    with_next: bool = False
    whole: bool = False
    new_page: bool = False


def paginate(found: Sequence[Paragraph], paper: Paper, measure: Measure) -> list[list[Row]]:
    """Return the pages of a script, each as rows with their place (``row`` counts from 0)."""
    book = _Book(paper)
    blocks = _blocks(found, paper, measure)
    for index, block in enumerate(blocks):
        after = blocks[index + 1] if index + 1 < len(blocks) else None
        book.add(block, after)
    return book.pages


class _Book:
    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self.pages: list[list[Row]] = [[]]
        self.used = 0

    def add(self, block: Block, after: Block | None) -> None:
        """Set a block, on the next page where it would be torn badly."""
        if block.new_page:
            self._turn()
            return
        before = block.before if self.used else 0
        needed = before + len(block.rows)
        if block.with_next and after:
            needed += after.before + min(len(after.rows), LEAST + after.head)
        room = self.paper.rows - self.used
        if needed <= room:
            self.used += before
            self._set(block.rows)
            return
        if self.used and (block.with_next or block.whole or not self._torn(block, room - before)):
            self._turn()
            if len(block.rows) > self.paper.rows:
                self._tear(block, self.paper.rows)
            else:
                self._set(block.rows)
            return
        self.used += before
        self._tear(block, self.paper.rows - self.used)

    def _torn(self, block: Block, room: int) -> bool:
        """Tell whether a block can begin here and go on overleaf with enough rows on both pages."""
        closing = 1 if self.paper.more and block.speaker else 0
        first = room - closing
        return first >= block.head + LEAST and len(block.rows) - first >= LEAST

    def _tear(self, block: Block, room: int) -> None:
        rows, spoken = list(block.rows), bool(self.paper.more and block.speaker)
        while len(rows) > room:
            first = max(room - (1 if spoken else 0), 1)
            if 0 < len(rows) - first < LEAST and first - 1 >= block.head + LEAST:
                first -= 1
            self._set(rows[:first])
            rows = rows[first:]
            if spoken:
                self._set([(self._said("(MORE)"),)])
            self._turn()
            room = self.paper.rows
            if spoken:
                rows.insert(0, (self._said(_continued(block.speaker)),))
        self._set(rows)

    def _said(self, words: str) -> Row:
        return Row(self.paper.columns[Role.CHARACTER].left, (Run(words),), Role.CHARACTER)

    def _set(self, rows: Sequence[tuple[Row, ...]]) -> None:
        for together in rows:
            for row in together:
                self.pages[-1].append(Row(row.left, row.runs, row.role, row.number, row.revision, row=self.used))
            self.used += 1

    def _turn(self) -> None:
        if self.used:
            self.pages.append([])
        self.used = 0


def _continued(speaker: str) -> str:
    return speaker if is_continued(speaker.rpartition("(")[2].rstrip(")")) else f"{speaker} (CONT'D)"


def _blocks(found: Sequence[Paragraph], paper: Paper, measure: Measure) -> list[Block]:
    blocks: list[Block] = []
    index = 0
    while index < len(found):
        paragraph = found[index]
        end = index + 1
        if paragraph.role is Role.PAGE_BREAK:
            blocks.append(Block((), 0, new_page=True))
        elif paragraph.role is Role.CHARACTER:
            while end < len(found) and found[end].role in _SPOKEN[1:] and found[end].speaker:
                end += 1
            if paragraph.side == 1 and end < len(found) and found[end].side == 2:
                middle = end
                end += 1
                while end < len(found) and found[end].role in _SPOKEN[1:] and found[end].side == 2:
                    end += 1
                blocks.append(_dual(found[index:middle], found[middle:end], measure))
            else:
                blocks.append(_speech(found[index:end], paper, measure))
        else:
            blocks.append(_block(paragraph, paper, measure))
        index = end
    return blocks


def _block(paragraph: Paragraph, paper: Paper, measure: Measure) -> Block:
    column = paper.columns[paragraph.role]
    rows = _rows(paragraph, column, measure)
    keeps = paragraph.role in (Role.HEADING, Role.EPISODE, Role.SECTION, Role.CAST)
    return Block(tuple((row,) for row in rows), column.before, with_next=keeps)


def _speech(found: Sequence[Paragraph], paper: Paper, measure: Measure) -> Block:
    rows = [row for each in found for row in _rows(each, paper.columns[each.role], measure)]
    return Block(
        tuple((row,) for row in rows),
        paper.columns[Role.CHARACTER].before,
        speaker="".join(run.text for run in rows[0].runs),
        head=1,
    )


def _dual(left: Sequence[Paragraph], right: Sequence[Paragraph], measure: Measure) -> Block:
    sides = []
    for found, start in ((left, _DUAL_LEFT[0]), (right, _DUAL_LEFT[1])):
        inset = {Role.CHARACTER: 64.8, Role.PARENTHETICAL: 21.6, Role.DIALOGUE: 0.0}
        rows = []
        for each in found:
            by = inset[each.role]
            rows += _rows(each, Column(start + by, _DUAL_WIDTH - by, 0), measure)
        sides.append(rows)
    height = max(map(len, sides))
    together = tuple(tuple(side[at] for side in sides if at < len(side)) for at in range(height))
    return Block(together, 1, whole=True)


def _rows(paragraph: Paragraph, column: Column, measure: Measure) -> list[Row]:
    rows: list[Row] = []
    for line in paragraph.lines:
        for at, pieces in enumerate(wrap(runs(line.text), column.width, measure, column.hanging)):
            left = column.left + (column.hanging if at or rows else 0)
            wide = sum(measure(char) for piece in pieces for char in piece.text)
            if column.right:
                left = column.left + max(column.width - wide, 0)
            elif column.centred:
                left = column.left + max(column.width - wide, 0) / 2
            number = "" if rows else paragraph.number
            rows.append(Row(left, pieces, paragraph.role, number, line.revision))
    return rows
