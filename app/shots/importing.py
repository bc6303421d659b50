"""Importing a script: one episode or a whole project in one file becomes episodes, scripts, characters and shots."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.schemas import Actor
from app.bible import service as bible
from app.core import clock
from app.core.errors import Invalid
from app.core.i18n import _
from app.episodes import service as episodes
from app.episodes.models import Episode
from app.projects.models import Project
from app.scripts import service as scripts
from app.scripts.breakdown import break_down
from app.scripts.breakdown.model import CharacterFound, ParseWarning
from app.scripts.formats.episodes import EpisodeText, ProjectScript, split_episodes
from app.shots import derivation
from app.shots.derivation import Summary


@dataclass(frozen=True, slots=True)
class Imported:
    """One imported episode, and what its breakdown did and warned of."""

    episode: Episode
    summary: Summary
    warnings: Sequence[ParseWarning]


async def import_project(
    session: AsyncSession,
    actor: Actor,
    project: Project,
    text: str,
    *,
    name: str,
    numbers: Collection[int] | None = None,
) -> list[Imported]:
    """Import episodes of a text into a project; an episode that has a script keeps it as a revision.

    ``numbers`` are the episodes to take, None for all of them.
    """
    found = await asyncio.to_thread(split_episodes, text)
    chosen = [each for each in found.episodes if numbers is None or each.number in numbers]
    if not chosen:
        raise Invalid("scripts.no_episode", _("Choose at least one episode of the file."), field="take")
    if not project.style and found.style:
        project.style = found.style
    await bible.ensure(session, project.id, _described(found))
    return [await _import_one(session, actor, project, each, name) for each in chosen]


async def import_episode(
    session: AsyncSession, actor: Actor, project: Project, episode: Episode, text: str, *, name: str
) -> Imported:
    """Import a text that holds one episode into an episode that is there; several at once are refused."""
    found = await asyncio.to_thread(split_episodes, text)
    if len(found.episodes) > 1:
        message = _("This file holds %(count)d episodes. Import it on the project's page.") % {
            "count": len(found.episodes)
        }
        raise Invalid("scripts.several_episodes", message)
    await bible.ensure(session, project.id, _described(found))
    await scripts.replace(session, actor, episode, found.episodes[0].text, name=name)
    summary, warnings = await break_episode_down(session, project, episode)
    return Imported(episode, summary, warnings)


async def _import_one(session: AsyncSession, actor: Actor, project: Project, given: EpisodeText, name: str) -> Imported:
    episode = await episodes.by_number(session, project.id, given.number)
    if episode is None:
        episode = await episodes.add(session, project.id, title=given.title, number=given.number)
    episode.title = episode.title or given.title
    await scripts.replace(session, actor, episode, given.text, name=name)
    summary, warnings = await break_episode_down(session, project, episode)
    return Imported(episode, summary, warnings)


async def break_episode_down(
    session: AsyncSession, project: Project, episode: Episode
) -> tuple[Summary, Sequence[ParseWarning]]:
    """Break the present script of an episode down into scenes and shots."""
    script = await scripts.present(session, episode)
    known = [CharacterFound(row.name, row.looks) for row in await bible.of_project(session, project.id)]
    plan = await asyncio.to_thread(break_down, script.text, rate=project.rate, known=known)
    if not plan.scenes:
        message = _(
            "There is no scene in this script yet. "
            "Begin one with a heading such as INT. KITCHEN - DAY or 1-1 日 内 客厅."
        )
        raise Invalid("script.no_scene", message)
    summary = await derivation.apply(session, episode, plan, script.text)
    episode.broken_down_at, episode.broken_down_version = clock.now(), script.version
    await session.flush()
    return summary, plan.warnings


def _described(found: ProjectScript) -> list[bible.Mentioned]:
    return [bible.Mentioned(name, description) for name, description in found.characters]
