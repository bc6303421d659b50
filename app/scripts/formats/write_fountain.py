"""Writes a tree as Fountain; reading it again gives the same tree.

What Fountain has no mark for is kept in notes (人物, 人物小传, 正文) and in forced action (△ and 【…】).
"""

from __future__ import annotations

from app.scripts.formats import marks
from app.scripts.formats.ast import Element, Field, Kind, SceneHeading, Script, Speech, SpeechPart
from app.scripts.formats.fountain import is_free_cue, is_plain_action
from app.scripts.formats.headings import Heading, heading_line, is_fountain_heading

_LABELLED_NOTES = {Kind.CAST: "人物", Kind.TEXT: marks.UNPLACED}
_BRACKETS = frozenset({Kind.SOUND, Kind.FLASHBACK_START, Kind.FLASHBACK_END, Kind.INSERT})


def write_fountain(script: Script) -> str:
    """Return the script as Fountain text."""
    blocks = ["\n".join(map(_field, script.fields))] if script.fields else []
    for element in script.elements:
        blocks.append(_element(element, first=not blocks))
    return "\n\n".join(blocks) + "\n"


def _field(field: Field) -> str:
    if "\n" not in field.value:
        return f"{field.key}: {field.value}".rstrip()
    return "\n".join([f"{field.key}:", *(f"    {line}" for line in field.value.split("\n"))])


def _element(element: Element, *, first: bool) -> str:
    if isinstance(element, SceneHeading):
        return _heading(element)
    if isinstance(element, Speech):
        return _speech(element, first=first)
    if element.kind is Kind.ACTION:
        return _action(element, first=first)
    if element.kind in _BRACKETS or element.kind is Kind.CARD:
        line = marks.bracketed(element)
        return line if line[0] != "【" else f"!{line}"
    if element.kind in (Kind.NOTE, Kind.PROFILE, *_LABELLED_NOTES):
        return f"[[{note_words(element)}]]"
    return _plain(element)


def _plain(element: Element) -> str:
    """Return an element that has a mark of Fountain's own."""
    text = element.text
    if element.kind is Kind.EPISODE:
        name = f"第{element.number}集" if element.label == "集" else f"Episode {element.number}{':' if text else ''}"
        return f"{'#' * element.level} {name} {text}".rstrip()
    if element.kind is Kind.SECTION:
        return f"{'#' * element.level} {text}".rstrip()
    if element.kind is Kind.BONEYARD:
        return f"/* {text} */"
    forms = {
        Kind.SYNOPSIS: f"= {text}",
        Kind.TRANSITION: f"> {text}",
        Kind.CENTRED: f"> {text} <",
        Kind.LYRIC: f"~{text}",
        Kind.PAGE_BREAK: "===",
    }
    return forms[element.kind].rstrip()


def _heading(element: SceneHeading) -> str:
    line = heading_line(Heading(element.scene_number, element.prefix, element.place, element.time))
    return line if is_fountain_heading(line) and line[0].isascii() else f".{line}"


def _action(element: Element, *, first: bool) -> str:
    if element.label:
        return f"!{element.label} {element.text}".rstrip()
    lines = element.text.split("\n")
    titled = first and any(sign in lines[0] for sign in ":：")
    return "\n".join(
        line if _has_case(line) and is_plain_action(line) and not (titled and index == 0) else f"!{line}"
        for index, line in enumerate(lines)
    )


def _speech(element: Speech, *, first: bool) -> str:
    tags = "".join(f" ({tag})" for tag in element.extensions)
    cue = f"{element.speaker}{tags}"
    free = (
        _has_case(element.speaker.lower()) and is_free_cue(cue) and not (first and any(sign in cue for sign in ":："))
    )
    lines = [f"{'' if free else '@'}{cue}{' ^' if element.dual else ''}"]
    for part in element.parts:
        lines += _part(part)
    return "\n".join(lines)


def _part(part: SpeechPart) -> list[str]:
    manner = [f"({part.manner})"] if part.manner else []
    return [*manner, *(line or "  " for line in part.text.split("\n"))] if part.text else manner


def note_words(element: Element) -> str:
    """Return what stands between the brackets of a note, or of what Fountain keeps in one (人物, 人物小传, 正文)."""
    label = element.label
    if element.kind is Kind.PROFILE:
        return f"人物小传：{label}：{element.text}" if label or element.text else "人物小传"
    if element.kind in _LABELLED_NOTES:
        return f"{_LABELLED_NOTES[element.kind]}：{element.text}"
    return f"{label}：{element.text}" if label else element.text


def _has_case(text: str) -> bool:
    """Tell whether a line has small letters; other readers of Fountain take one without them for a cue."""
    return text != text.upper()
