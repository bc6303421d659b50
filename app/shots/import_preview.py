"""What an import would change, told before it changes anything: scenes, characters, words, shots, doubtful lines."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.bible import service as bible
from app.core.frames import FrameRate
from app.episodes import service as episodes
from app.episodes.models import Episode
from app.projects.models import Project
from app.scripts import service as scripts
from app.scripts.breakdown import break_down
from app.scripts.breakdown.model import CharacterFound
from app.scripts.formats import parse
from app.scripts.formats.ast import ParseWarning, SceneHeading, Script
from app.scripts.formats.episodes import EpisodeText, ProjectScript, split_episodes
from app.shots import service as shots
from app.shots.merge import plan_values
from app.shots.prompt import plain_text

MOST_WARNINGS, MOST_PASSAGES = 100, 5
_WORDS = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff]|\w+")


@dataclass(frozen=True, slots=True)
class Passage:
    """A scene whose words would change: its heading, its words of now, and those of the file."""

    heading: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class EpisodePreview:
    """What would become of one episode; ``episode_id`` is None for one that would be made.

    ``touched`` are the shots whose words are not in the new text: those with takes become stale.
    """

    number: int
    title: str
    episode_id: UUID | None
    replaces: bool
    same: bool
    scenes: int
    scenes_new: tuple[str, ...]
    scenes_gone: tuple[str, ...]
    passages: tuple[Passage, ...]
    passages_more: int
    characters: tuple[str, ...]
    characters_new: tuple[str, ...]
    characters_gone: tuple[str, ...]
    words_new: int
    words_gone: int
    touched: tuple[str, ...]
    warnings: tuple[ParseWarning, ...]
    warnings_more: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file would change in a project; ``several`` says that an episode was given more than one."""

    episodes: tuple[EpisodePreview, ...]
    several: bool

    @property
    def replaces(self) -> bool:
        """Whether anything that is written would be replaced."""
        return any(each.replaces for each in self.episodes)


@dataclass(frozen=True, slots=True)
class _Present:
    """An episode as it is: its text, and the words of its shots by name."""

    episode_id: UUID | None
    title: str
    text: str
    shots: tuple[tuple[str, str], ...]


async def preview(session: AsyncSession, project: Project, text: str, episode_id: UUID | None = None) -> Preview:
    """Return what importing a text would change, in the project or in one episode of it.

    Raises ``Invalid`` when it has no scene at all.
    """
    found = await asyncio.to_thread(split_episodes, text)
    known = [CharacterFound(row.name, row.looks) for row in await bible.of_project(session, project.id)]
    pairs = await _pairs(session, project, episode_id, found)
    told = await asyncio.to_thread(lambda: tuple(_compared(given, now, project.rate, known) for given, now in pairs))
    return Preview(told, episode_id is not None and len(found.episodes) > 1)


async def _pairs(
    session: AsyncSession, project: Project, episode_id: UUID | None, found: ProjectScript
) -> list[tuple[EpisodeText, _Present]]:
    if episode_id is not None:
        episode = await episodes.get(session, project.id, episode_id)
        given = found.episodes[0]
        return [(EpisodeText(episode.number, episode.title, given.text), await _present(session, episode))]
    by_number = {row.number: row for row in await episodes.of_project(session, project.id)}
    return [
        (given, await _present(session, by_number[given.number]) if given.number in by_number else _NOTHING)
        for given in found.episodes
    ]


_NOTHING = _Present(None, "", "", ())


async def _present(session: AsyncSession, episode: Episode) -> _Present:
    text = (await scripts.of_episode(session, episode)).text
    rows = await shots.of_episode(session, episode.id, dropped=False)
    return _Present(
        episode.id, episode.title, text, tuple((row.name, plain_text(row.derived)) for row in rows if row.derived)
    )


def _compared(given: EpisodeText, now: _Present, rate: FrameRate, known: Sequence[CharacterFound]) -> EpisodePreview:
    plan = break_down(given.text, rate=rate, known=known)
    new, old = parse(given.text), parse(now.text)
    scenes_new, scenes_old = dict(_scenes(new, given.text)), dict(_scenes(old, now.text))
    changed = [
        Passage(heading, scenes_old[heading], text)
        for heading, text in scenes_new.items()
        if heading in scenes_old and scenes_old[heading] != text
    ]
    people_new = [each.name for each in plan.characters]
    people_old = [each.name for each in break_down(now.text, rate=rate, known=known).characters] if now.text else []
    words_new, words_old = Counter(_WORDS.findall(given.text)), Counter(_WORDS.findall(now.text))
    wording = {plain_text(plan_values(shot)) for scene in plan.scenes for shot in scene.shots}
    return EpisodePreview(
        number=given.number,
        title=now.title or given.title,
        episode_id=now.episode_id,
        replaces=bool(now.text.strip()) and now.text != given.text,
        same=now.text == given.text,
        scenes=len(plan.scenes),
        scenes_new=tuple(heading for heading in scenes_new if heading not in scenes_old),
        scenes_gone=tuple(heading for heading in scenes_old if heading not in scenes_new),
        passages=tuple(changed[:MOST_PASSAGES]),
        passages_more=max(len(changed) - MOST_PASSAGES, 0),
        characters=tuple(people_new),
        characters_new=tuple(name for name in people_new if name not in people_old),
        characters_gone=tuple(name for name in people_old if name not in people_new),
        words_new=(words_new - words_old).total(),
        words_gone=(words_old - words_new).total(),
        touched=tuple(name for name, words in now.shots if words not in wording),
        warnings=tuple(plan.warnings[:MOST_WARNINGS]),
        warnings_more=max(len(plan.warnings) - MOST_WARNINGS, 0),
    )


def _scenes(script: Script, text: str) -> Iterator[tuple[str, str]]:
    """Yield each scene's heading, told apart from others of the same words, and its own text."""
    headings = [element for element in script.elements if isinstance(element, SceneHeading)]
    seen: Counter[str] = Counter()
    for index, heading in enumerate(headings):
        end = headings[index + 1].start if index + 1 < len(headings) else len(text)
        name = " ".join(part for part in (heading.scene_number, heading.text) if part)
        seen[name] += 1
        yield (name if seen[name] == 1 else f"{name} ({seen[name]})"), text[heading.end : end].strip()
