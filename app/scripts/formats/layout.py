"""A script as paragraphs with a role each, as they stand on paper; pages and word processors are made from these."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from app.core.i18n import _
from app.scripts.formats import marks
from app.scripts.formats.ast import Dialect, Element, Kind, SceneHeading, Script, Speech
from app.scripts.formats.headings import Heading, heading_line
from app.scripts.formats.inline import without_asides
from app.scripts.formats.options import ExportOptions, prepared
from app.scripts.formats.revision_marks import RevisionMarks, lines_of
from app.scripts.formats.write_fountain import note_words


class Role(StrEnum):
    """How a paragraph is set."""

    EPISODE = "episode"
    SECTION = "section"
    HEADING = "heading"
    CAST = "cast"
    ACTION = "action"
    CHARACTER = "character"
    PARENTHETICAL = "parenthetical"
    DIALOGUE = "dialogue"
    LYRIC = "lyric"
    TRANSITION = "transition"
    CENTRED = "centred"
    NOTE = "note"
    PAGE_BREAK = "page_break"


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line as it was written, and the number (1-based) of the last revision that changed it, 0 for none."""

    text: str
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines with one role; ``number`` is a scene's, ``side`` 1 or 2 in dual dialogue, ``speaker`` who speaks."""

    role: Role
    lines: tuple[TextLine, ...]
    number: str = ""
    side: int = 0
    speaker: str = ""


def paragraphs(script: Script, options: ExportOptions) -> list[Paragraph]:
    """Return a script as it stands on paper: Chinese scripts in the Chinese layout, others in Hollywood's."""
    shown = prepared(script, options)
    maker = _chinese if script.dialect is Dialect.CHINESE else _western
    found: list[Paragraph] = []
    for element in shown.elements:
        found += [_bare(each) for each in maker(element, options.revisions)]
    return _paired(found, shown.elements) if script.dialect is Dialect.FOUNTAIN else found


def _western(element: Element, revisions: Sequence[RevisionMarks]) -> Iterable[Paragraph]:
    if isinstance(element, SceneHeading):
        line = heading_line(Heading("", element.prefix, element.place, element.time))
        text = line.upper() if line.isascii() else line
        return [Paragraph(Role.HEADING, _lines(text, element, revisions), number=element.scene_number)]
    if isinstance(element, Speech):
        return _speech(element, revisions)
    return _common(element, revisions)


def _chinese(element: Element, revisions: Sequence[RevisionMarks]) -> Iterable[Paragraph]:
    if isinstance(element, SceneHeading):
        number = "+场" if element.scene_number == "+" else element.scene_number
        line = " ".join(part for part in (number, element.time, element.prefix, element.place) if part)
        return [Paragraph(Role.HEADING, _lines(line, element, revisions), number=element.scene_number)]
    if isinstance(element, Speech):
        tags = "".join(f"（{tag}）" for tag in element.extensions)
        words = [(f"（{part.manner}）" if part.manner else "") + part.text for part in element.parts]
        opened = bool(element.parts) and element.parts[0].manner and element.parts[0].text
        first = (
            f"（{element.parts[0].manner}）：{element.parts[0].text}" if opened else f"：{words[0] if words else ''}"
        )
        text = f"{element.speaker}{tags}{first}{''.join(words[1:])}"
        return [Paragraph(Role.DIALOGUE, _lines(text, element, revisions), speaker=element.speaker)]
    if element.kind is Kind.ACTION and not element.label:
        return [Paragraph(Role.ACTION, _lines(element.text, element, revisions))]
    return _common(element, revisions)


def _common(element: Element, revisions: Sequence[RevisionMarks]) -> Iterable[Paragraph]:
    text, role = element.text, Role.ACTION
    if element.kind is Kind.EPISODE:
        name = f"第{element.number}集" if element.label == "集" else _("Episode %(n)s") % {"n": element.number}
        text, role = f"{name}  {text}".rstrip(), Role.EPISODE
    elif element.kind is Kind.SECTION:
        role = Role.SECTION
    elif element.kind in (Kind.SYNOPSIS, Kind.NOTE, Kind.BONEYARD):
        text, role = (note_words(element) if element.kind is Kind.NOTE else text), Role.NOTE
    elif element.kind is Kind.PROFILE:
        text = f"{element.label}：{text}" if element.label else text or "人物小传"
    elif element.kind is Kind.CAST:
        text, role = f"人物：{text}", Role.CAST
    elif element.kind is Kind.ACTION and element.label:
        text = f"{element.label} {text}"
    elif element.kind in (Kind.SOUND, Kind.FLASHBACK_START, Kind.FLASHBACK_END, Kind.INSERT, Kind.CARD):
        text = marks.bracketed(element)
    elif element.kind is Kind.TRANSITION:
        role = Role.TRANSITION
    elif element.kind is Kind.CENTRED:
        role = Role.CENTRED
    elif element.kind is Kind.LYRIC:
        text, role = f"♪ {text}", Role.LYRIC
    elif element.kind is Kind.PAGE_BREAK:
        return [Paragraph(Role.PAGE_BREAK, ())]
    return [Paragraph(role, _lines(text, element, revisions))] if text else []


def _speech(element: Speech, revisions: Sequence[RevisionMarks]) -> list[Paragraph]:
    tags = "".join(f" ({tag})" for tag in element.extensions)
    parts: list[tuple[Role, str]] = [(Role.CHARACTER, element.speaker + tags)]
    for part in element.parts:
        parts += [(Role.PARENTHETICAL, f"({part.manner})")] if part.manner else []
        parts += [(Role.DIALOGUE, part.text)] if part.text else []
    lines = _lines("\n".join(text for _role, text in parts), element, revisions)
    found, position = [], 0
    for role, text in parts:
        count = text.count("\n") + 1
        own = lines[position : position + count]
        found.append(Paragraph(role, own, side=2 if element.dual else 0, speaker=element.speaker))
        position += count
    return found


def _paired(found: list[Paragraph], elements: Sequence[Element]) -> list[Paragraph]:
    """Set the speech before a simultaneous one on the left side; one that stands alone is set as usual."""
    if not any(isinstance(each, Speech) and each.dual for each in elements):
        return found
    cues = [index for index, each in enumerate(found) if each.role is Role.CHARACTER]
    for index in cues:
        if found[index].side != 2:
            continue
        start = next((cue for cue in reversed(cues) if cue < index), -1)
        spoken = (Role.CHARACTER, Role.PARENTHETICAL, Role.DIALOGUE)
        free = start >= 0 and all(each.role in spoken and each.side == 0 for each in found[start:index])
        for at in range(start, index) if free else ():
            found[at] = replace(found[at], side=1)
        end = next((cue for cue in cues if cue > index), len(found))
        for at in range(index, end) if not free else ():
            found[at] = replace(found[at], side=0) if found[at].side == 2 else found[at]
    return found


def _lines(text: str, element: Element, revisions: Sequence[RevisionMarks]) -> tuple[TextLine, ...]:
    """Return the lines of a text with their revisions: line for line where it stands so, else all alike."""
    words, placed = text.split("\n"), lines_of(element)
    if len(words) == len(placed):
        return tuple(
            TextLine(line, _revision(range(at, at + 1), revisions)) for line, at in zip(words, placed, strict=True)
        )
    return tuple(TextLine(line, _revision(placed, revisions)) for line in words)


def _revision(placed: range, revisions: Sequence[RevisionMarks]) -> int:
    touched = [index for index, each in enumerate(revisions, 1) if not each.lines.isdisjoint(placed)]
    return max(touched, default=0)


def _bare(paragraph: Paragraph) -> Paragraph:
    """Return the paragraph with notes inside its words set in brackets, and cuts left out."""
    if not any("[[" in line.text or "/*" in line.text for line in paragraph.lines):
        return paragraph
    return replace(paragraph, lines=tuple(replace(line, text=_noted(line.text)) for line in paragraph.lines))


def _noted(text: str) -> str:
    words, asides = without_asides(text)
    for aside in sorted(asides, key=lambda each: each.place, reverse=True):
        if aside.raw.startswith("[["):
            words = f"{words[: aside.place]}[{aside.text}]{words[aside.place :]}"
    return words
