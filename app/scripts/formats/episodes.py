"""A whole project in one file: its title page, its people, and the text of each episode."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.core.errors import Invalid
from app.core.i18n import _
from app.core.text import is_chinese
from app.scripts.formats import parse
from app.scripts.formats.ast import Element, Kind, SceneHeading, Script
from app.scripts.formats.lines import normalised
from app.scripts.formats.plain import plain
from app.scripts.formats.vocabulary import number_zh, stripped, trim

_NUMBER = re.compile(r"第?\s*([零〇一二两三四五六七八九十百]{1,6}|\d{1,5})\s*集?")
_LOGLINES = (
    "一句话梗概",
    "一句话简介",
    "logline",
    "梗概",
    "故事梗概",
    "剧情梗概",
    "剧情简介",
    "简介",
    "大纲",
    "故事大纲",
)


@dataclass(frozen=True, slots=True)
class EpisodeText:
    """One episode of a file: its number, its title ("" if none), and its own text."""

    number: int
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class ProjectScript:
    """What a file says of a drama, "" where it says nothing.

    ``language`` is "zh" or "en"; ``characters`` are names with descriptions.
    """

    title: str
    language: str
    style: str
    logline: str
    characters: tuple[tuple[str, str], ...]
    episodes: tuple[EpisodeText, ...]


def split_episodes(text: str) -> ProjectScript:
    """Split a file at its episode headings; raises ``Invalid`` (``script.no_scene``) when it has no scene at all.

    An episode keeps the words of the file from its heading to the next; the only episode of a file keeps them all.
    """
    text = normalised(text)
    script = parse(text)
    if not any(script.scenes):
        message = _(
            "No scene was found. A scene begins with a heading such as “INT. KITCHEN - DAY” or “1-1 日 内 厨房”: "
            "add one, then try again."
        )
        raise Invalid("script.no_scene", message)
    return ProjectScript(
        title=_title(script),
        language="zh" if is_chinese(text) else "en",
        style=_one_line(script.value("风格", "画风", "style", "类型", "题材", "genre")),
        logline=_logline(script),
        characters=profiles(script),
        episodes=_episodes(text, script),
    )


def profiles(script: Script) -> tuple[tuple[str, str], ...]:
    """Return the characters that the script introduces before it begins, with what it says of them."""
    found: dict[str, list[str]] = {}
    last = ""
    for element in script.elements:
        if element.kind is not Kind.PROFILE:
            continue
        last = element.label or last
        if last:
            found.setdefault(last, []).append(element.text)
    return tuple((name, " ".join(text for text in texts if text)) for name, texts in found.items())


def episode_number(script: Script) -> int:
    """Return the number of the only episode of a script: from its heading, else from its title page, else 1."""
    heading = next((element for element in script.elements if element.kind is Kind.EPISODE), None)
    if heading is not None:
        return heading.number or 1
    found = _NUMBER.match(script.value("集数", "集", "episode", "Episode number"))
    return (number_zh(found[1]) or 1) if found else 1


def _title(script: Script) -> str:
    return stripped(plain(_one_line(script.value("剧名", "片名", "剧本名", "title"))), "《》_*")


def _logline(script: Script) -> str:
    if value := script.value(*_LOGLINES):
        return _one_line(value)
    synopsis = next((element for element in script.elements if element.kind is Kind.SYNOPSIS and element.text), None)
    return plain(synopsis.text) if synopsis else ""


def _one_line(value: str) -> str:
    return trim(value.split("\n")[0] if value.lstrip().startswith(("_", "*")) else " ".join(value.split()))


def _episodes(text: str, script: Script) -> tuple[EpisodeText, ...]:
    headings = _headings_with_scenes(script.elements)
    if len(headings) < 2:
        title = headings[0].text if headings else _one_line(script.value("集名", "episode title"))
        return (EpisodeText(episode_number(script), plain(title), text),)
    found: dict[int, EpisodeText] = {}
    for index, heading in enumerate(headings):
        start = heading.start if index or not _scenes_before(script, heading) else 0
        end = headings[index + 1].start if index + 1 < len(headings) else len(text)
        number = heading.number
        while number in found or number < 1:
            number = max(found, default=0) + 1
        start = text.rfind("\n", 0, start) + 1
        end = text.rfind("\n", 0, end) + 1 if end < len(text) else end
        found[number] = EpisodeText(number, plain(heading.text), text[start:end].strip("\n") + "\n")
    return tuple(found.values())


def _headings_with_scenes(elements: Sequence[Element]) -> list[Element]:
    """Return the episode headings under which at least one scene stands (an outline by episodes has none)."""
    found: list[Element] = []
    waiting: Element | None = None
    for element in elements:
        if element.kind is Kind.EPISODE:
            waiting = element
        elif isinstance(element, SceneHeading) and waiting is not None:
            found.append(waiting)
            waiting = None
    return found


def _scenes_before(script: Script, heading: Element) -> bool:
    return any(scene.start < heading.start for scene in script.scenes)
