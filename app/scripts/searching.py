"""Searching all scripts of a project: what is said, shown, where, and by whom."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.text import clean_line
from app.episodes.models import Episode
from app.scripts.formats import parse
from app.scripts.formats.ast import Element, Kind, SceneHeading, Speech
from app.scripts.models import Script

AROUND = 60
KINDS = ("dialogue", "action", "heading", "character")


@dataclass(frozen=True, slots=True)
class Hit:
    """A place that was found: its range in code points, what it is, the scene it stands in, and what is around it."""

    episode: Episode
    start: int
    end: int
    utf16: tuple[int, int]
    kind: str
    scene: str
    speaker: str
    before: str
    words: str
    after: str


async def holding(session: AsyncSession, project_id: UUID, words: str) -> Sequence[tuple[Episode, Script]]:
    """Return the episodes whose script holds some words, in any case, by number."""
    query = select(Episode, Script).join(Script, Script.episode_id == Episode.id)
    query = query.where(Episode.project_id == project_id, Script.text.icontains(words, autoescape=True))
    return [(row[0], row[1]) for row in (await session.execute(query.order_by(Episode.number))).all()]


async def search(
    session: AsyncSession,
    project_id: UUID,
    words: str,
    *,
    kind: str = "",
    speaker: str = "",
    after: tuple[int, int] = (0, -1),
    limit: int = 50,
) -> tuple[list[Hit], tuple[int, int] | None]:
    """Return a page of places and where the next one begins: (episode number, place), or None at the end.

    ``kind`` narrows to dialogue, action, headings or characters' cues, ``speaker`` to what one character says.
    """
    words = clean_line(words, 200)
    if not words:
        return [], None
    hits: list[Hit] = []
    for episode, script in await holding(session, project_id, words):
        if episode.number < after[0]:
            continue
        start = after[1] if episode.number == after[0] else -1
        found = await asyncio.to_thread(_hits, episode, script.text, words, kind, speaker, start, limit + 1 - len(hits))
        hits += found
        if len(hits) > limit:
            last = hits[limit - 1]
            return hits[:limit], (last.episode.number, last.start)
    return hits, None


def _hits(episode: Episode, text: str, words: str, kind: str, speaker: str, after: int, most: int) -> list[Hit]:
    elements = sorted(parse(text).elements, key=lambda element: element.start)
    starts = [element.start for element in elements]
    scenes = [element for element in elements if isinstance(element, SceneHeading)]
    scene_starts = [scene.start for scene in scenes]
    folded, wanted = text.lower(), words.lower()
    if len(folded) != len(text):  # a letter that grows when it is made small would shift every place
        folded, wanted = text, words
    found: list[Hit] = []
    at = folded.find(wanted, after + 1)
    while at >= 0 and len(found) < most:
        index = bisect_right(starts, at) - 1
        what, who = _kind(text, elements[index], at) if index >= 0 else ("action", "")
        if (not kind or kind == what) and (not speaker or speaker.casefold() == who.casefold()):
            scene = bisect_right(scene_starts, at) - 1
            found.append(_hit(episode, text, at, at + len(words), what, scenes[scene].text if scene >= 0 else "", who))
        at = folded.find(wanted, at + max(len(wanted), 1))
    return found


def _kind(text: str, element: Element, at: int) -> tuple[str, str]:
    if not isinstance(element, Speech):
        return {Kind.SCENE: "heading", Kind.CAST: "character"}.get(element.kind, "action"), ""
    head = text[element.start : element.end].find(element.speaker)
    in_cue = head >= 0 and at < element.start + head + len(element.speaker)
    return ("character" if in_cue else "dialogue"), element.speaker


def _hit(episode: Episode, text: str, at: int, end: int, kind: str, scene: str, who: str) -> Hit:
    start, stop = text.rfind("\n", 0, at) + 1, text.find("\n", end)
    before = len(text[:at].encode("utf-16-le", "surrogatepass")) // 2
    length = len(text[at:end].encode("utf-16-le", "surrogatepass")) // 2
    return Hit(
        episode, at, end, (before, before + length), kind, scene, who, text[max(start, at - AROUND) : at],
        text[at:end], text[end : min(stop if stop >= 0 else len(text), end + AROUND)],
    )  # fmt: skip
