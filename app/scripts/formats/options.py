"""What an export shows: scene numbers, notes, title page, revision marks."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.scripts.formats.ast import Element, Kind, SceneHeading, Script, Speech, SpeechPart
from app.scripts.formats.inline import without_asides
from app.scripts.formats.revision_marks import RevisionMarks

_ASIDES = (Kind.NOTE, Kind.BONEYARD)


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """Which parts of a script an export carries.

    ``title`` is what the document is called where its title page says nothing.
    """

    scene_numbers: bool = True
    notes: bool = False
    title_page: bool = True
    revisions: tuple[RevisionMarks, ...] = ()
    title: str = ""


def prepared(script: Script, options: ExportOptions) -> Script:
    """Return the script with only what the options let through; places in the text stay."""
    elements = [_shown(element, options) for element in script.elements]
    return replace(
        script,
        fields=script.fields if options.title_page else (),
        elements=tuple(element for element in elements if element is not None),
    )


def _shown(element: Element, options: ExportOptions) -> Element | None:
    if isinstance(element, SceneHeading):
        return element if options.scene_numbers else replace(element, scene_number="")
    if options.notes:
        return element
    if element.kind in _ASIDES:
        return None
    if isinstance(element, Speech):
        parts = tuple(SpeechPart(_bare(part.manner), _bare(part.text)) for part in element.parts)
        said = tuple(part for part in parts if part.manner or part.text)
        return replace(element, text=_bare(element.text), parts=said) if said else None
    bare = _bare(element.text)
    return replace(element, text=bare) if bare or not element.text else None


def _bare(text: str) -> str:
    words, asides = without_asides(text)
    if not asides:
        return text
    return "\n".join(" ".join(line.split()) for line in words.split("\n")).strip("\n")
