"""Where a script says a name, and the text with some of those places said otherwise. Pure."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from app.scripts.formats import parse
from app.scripts.formats.ast import Element, Kind, Speech

AROUND = 24
_CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_LETTER = r"[^\W\u2e80-\u9fff\uf900-\ufaff]"
KINDS = {Kind.CAST: "cast", Kind.SCENE: "heading", Kind.ACTION: "action", Kind.PROFILE: "profile"}


@dataclass(frozen=True, slots=True)
class Mention:
    """A place that says a name: half-open range in code points, its line (1-based), what it is, and what is around.

    ``kind`` is ``cue``, ``dialogue``, ``cast``, ``heading``, ``action``, ``profile`` or ``other``. One that is not
    ``certain`` may be another word that is written the same: 阿宁宁, or "ann" in lower case.
    """

    start: int
    end: int
    line: int
    kind: str
    words: str
    before: str
    after: str
    certain: bool


def mentions(text: str, name: str, others: Collection[str] = ()) -> list[Mention]:
    """Return where a text says ``name``, as a word of its own; ``others`` are names it may be a part of.

    Latin names are found in any case and never inside a longer word (Ann is not in Anna); a Chinese name is passed
    over where a longer one of ``others`` stands (阿宁 is not in 阿宁宁 when somebody is called that).
    """
    if not name.strip():
        return []
    covered = _covered(text, name, others)
    elements = sorted(parse(text).elements, key=lambda element: element.start)
    starts = [element.start for element in elements]
    found = []
    for at, end in _places(text, name):
        if any(start <= at and end <= stop for start, stop in covered):
            continue
        index = bisect_right(starts, at) - 1
        kind = _kind(text, elements[index], at) if index >= 0 else "other"
        found.append(_mention(text, name, at, end, kind))
    return found


def _places(text: str, name: str) -> Iterator[tuple[int, int]]:
    head = rf"(?<!{_LETTER})" if re.match(_LETTER, name[0]) else ""
    tail = rf"(?!{_LETTER})" if re.match(_LETTER, name[-1]) else ""
    for match in re.finditer(head + re.escape(name) + tail, text, re.IGNORECASE):
        yield match.start(), match.end()


def _covered(text: str, name: str, others: Collection[str]) -> list[tuple[int, int]]:
    key = name.casefold()
    longer = {other for other in others if key in other.casefold() and other.casefold() != key}
    return [place for other in longer for place in _places(text, other)]


def _kind(text: str, element: Element, at: int) -> str:
    if isinstance(element, Speech):
        head = text[element.start : element.end].casefold().find(element.speaker.casefold())
        return "cue" if head >= 0 and at < element.start + head + len(element.speaker) else "dialogue"
    return KINDS.get(element.kind, "other") if at < element.end else "other"


def _mention(text: str, name: str, at: int, end: int, kind: str) -> Mention:
    words = text[at:end]
    chinese = bool(_CHINESE.search(name))
    repeated = chinese and text[end : end + 1] == name[-1]
    lower = words != name and words.islower() and kind not in ("cue", "cast")
    start, stop = text.rfind("\n", 0, at) + 1, text.find("\n", end)
    before = text[max(start, at - AROUND) : at]
    after = text[end : min(stop if stop >= 0 else len(text), end + AROUND)]
    return Mention(at, end, text.count("\n", 0, at) + 1, kind, words, before, after, not repeated and not lower)


def said_as(words: str, new: str) -> str:
    """Return ``new`` in the case that ``words`` had: a cue in capitals stays in capitals."""
    return new.upper() if words.isupper() and words.lower() != words else new


def replaced(text: str, places: Sequence[Mention], new: str) -> str:
    """Return a text with the name said otherwise at some of its places."""
    pieces, at = [], 0
    for place in sorted(places, key=lambda each: each.start):
        pieces += [text[at : place.start], said_as(place.words, new)]
        at = place.end
    return "".join([*pieces, text[at:]])
