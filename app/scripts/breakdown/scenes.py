"""From a tree to scenes: what belongs to which heading, its number, where and when it plays, and what is flashback."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.scripts.breakdown.model import Interior
from app.scripts.formats.ast import Cast, Element, Kind, SceneHeading, Script

_FLASHBACK = re.compile(r"(?:BEGIN )?FLASH ?BACK\s*(?:[-–—:]+\s*|$)|[（(]?(?:闪回|回忆)[）)]?\s*[-·：:—]?\s*", re.I)
_BACK = re.compile(
    r"(?:BACK TO(?: THE)? (?:SCENE|PRESENT|SHOT)|END FLASHBACK|PRESENT DAY|回到现实)\s*(?:[-–—:]+\s*|$)", re.I
)
_MARKED = re.compile(r"[（(](?:FLASHBACK|闪回|回忆)[）)]", re.I)
_PLAYED = frozenset({Kind.ACTION, Kind.SPEECH, Kind.CARD, Kind.CENTRED, Kind.SOUND, Kind.LYRIC, Kind.INSERT})
_OUTSIDE = frozenset(
    {Kind.EPISODE, Kind.SECTION, Kind.SYNOPSIS, Kind.PAGE_BREAK, Kind.FLASHBACK_START, Kind.PROFILE, Kind.TEXT}
)


@dataclass(slots=True)
class Scene:
    """A scene before its shots are planned."""

    number: str
    interior: Interior
    place: str
    time: str
    heading: SceneHeading | None
    start: int
    end: int
    flashback: bool
    elements: list[tuple[Element, bool]] = field(default_factory=list)
    """What stands below the heading, each with whether it is remembered (flashback)."""

    @property
    def cast(self) -> tuple[str, ...]:
        """The characters the script lists for the scene."""
        names = [name for element, _ in self.elements if isinstance(element, Cast) for name in element.names]
        return tuple(dict.fromkeys(names))


def scenes_of(script: Script) -> list[Scene]:
    """Return the scenes of a script; what is played before the first heading opens the first scene."""
    scenes: list[Scene] = []
    before: list[Element] = []
    numbers: set[str] = set()
    for element, remembered in zip(script.elements, _flashbacks(script.elements), strict=True):
        if isinstance(element, SceneHeading):
            scenes.append(_scene(element, scenes, numbers, remembered))
            numbers.add(scenes[-1].number)
        elif not scenes:
            before.append(element)
        else:
            scenes[-1].elements.append((element, remembered or scenes[-1].flashback))
            if element.kind not in _OUTSIDE:
                scenes[-1].end = max(scenes[-1].end, element.end)
    played = [element for element in before if element.kind in _PLAYED]
    if scenes and played:
        scenes[0].elements[:0] = [(element, False) for element in played]
        scenes[0].start = min(scenes[0].start, played[0].start)
    return scenes


def _scene(heading: SceneHeading, scenes: list[Scene], numbers: set[str], flashback: bool) -> Scene:
    place, interior, time = heading.place, heading.interior, heading.time
    previous = next((scene for scene in scenes[:-9:-1] if not scene.flashback), None)
    if found := _FLASHBACK.match(place):
        place, flashback = place[found.end() :], True
    elif found := _BACK.match(place):
        place, flashback = place[found.end() :], False
        if previous is not None:
            interior = interior or previous.interior
            place, time = place or previous.place, time or previous.time
    elif _MARKED.search(place) or _MARKED.search(time):
        place, time, flashback = _MARKED.sub("", place).strip(), _MARKED.sub("", time).strip(), True
    return Scene(
        number=_number(heading, scenes, numbers),
        interior=interior,
        place=place,
        time=time,
        heading=heading,
        start=heading.start,
        end=heading.end,
        flashback=flashback,
    )


def _number(heading: SceneHeading, scenes: list[Scene], taken: set[str]) -> str:
    """Return the script's number; an inserted scene (+场) gets the one before with a letter, one without its place."""
    if heading.scene_number and heading.scene_number != "+":
        return heading.scene_number
    if heading.scene_number == "+" and scenes:
        base = re.sub(r"[A-Z]+$", "", scenes[-1].number) or scenes[-1].number
        free = (f"{base}{letter}" for letter in _letters() if f"{base}{letter}" not in taken)
        return next(free, f"{base}+{len(scenes)}")
    number = len(scenes) + 1
    while str(number) in taken:
        number += 1
    return str(number)


def _letters() -> list[str]:
    single = [chr(code) for code in range(ord("A"), ord("Z") + 1)]
    return [*single, *(first + second for first in single for second in single)]


def _flashbacks(elements: Sequence[Element]) -> list[bool]:
    """Return for each element whether it lies in a flashback, by 【闪回】 and 【闪回结束】.

    A flashback that is never closed ends with the scene it opens, or with the rest of the one it stands in.
    """
    closed = _closed(elements)
    marks: list[bool] = []
    inside = bounded = played = False
    for index, element in enumerate(elements):
        if element.kind is Kind.FLASHBACK_START:
            inside, bounded, played = True, closed[index], False
        elif element.kind is Kind.FLASHBACK_END:
            inside = False
        elif element.kind is Kind.SCENE:
            inside, played = inside and (bounded or not played), True
        elif element.kind in (Kind.ACTION, Kind.SPEECH):
            played = True
        marks.append(inside)
    return marks


def _closed(elements: Sequence[Element]) -> list[bool]:
    """Return for each element whether the next mark of a flashback behind it closes one."""
    closing = False
    found: list[bool] = []
    for element in reversed(elements):
        found.append(closing)
        if element.kind in (Kind.FLASHBACK_START, Kind.FLASHBACK_END):
            closing = element.kind is Kind.FLASHBACK_END
    return found[::-1]
