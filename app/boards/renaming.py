"""Calling a character otherwise in every script, in the bible and on the shots, as one change."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.schemas import Actor
from app.audit import service as audit
from app.bible import service as bible
from app.core.errors import Conflict, Invalid
from app.core.i18n import _
from app.core.text import clean_line
from app.episodes.models import Episode
from app.projects.models import Project
from app.scripts import searching
from app.scripts import service as scripts
from app.scripts.models import Script
from app.scripts.renames import Mention, mentions, replaced
from app.shots import importing
from app.shots import renaming as shot_names
from app.shots.models import Shot
from app.takes import carrying


@dataclass(frozen=True, slots=True)
class Places:
    """Where one script says a name; ``version`` is the one that was read."""

    episode: Episode
    version: int
    found: Sequence[Mention]


@dataclass(frozen=True, slots=True)
class Renaming:
    """What calling a character otherwise would touch."""

    old: str
    new: str
    places: Sequence[Places]
    in_bible: bool
    shots: int
    new_is_said: int


def key_of(episode_id: UUID, version: int, place: Mention) -> str:
    """Return what names a place in a form: it holds only while the script is at this version."""
    return f"{episode_id}:{version}:{place.start}"


async def preview(session: AsyncSession, project: Project, old: str, new: str) -> Renaming:
    """Return every place that says a name, what else would follow, and how often the new name is said already."""
    old, new = clean_line(old, 80), clean_line(new, 80)
    if not old or not new or old == new:
        raise Invalid("scripts.rename_names", _("Give the name of now, and another one."), field="new")
    others = await _others(session, project, old)
    places, said = [], 0
    for episode, script in await searching.holding(session, project.id, old):
        found = await asyncio.to_thread(mentions, script.text, old, others)
        if found:
            places.append(Places(episode, script.version, found))
    for _episode, script in await searching.holding(session, project.id, new):
        said += len(await asyncio.to_thread(mentions, script.text, new, others | {old}))
    shots = await shot_names.concerned(session, project.id, (), [old])
    known = await bible.by_name(session, project.id)
    return Renaming(old, new, places, old.casefold() in known, len(shots), said)


async def rename(
    session: AsyncSession,
    actor: Actor,
    project: Project,
    old: str,
    new: str,
    *,
    chosen: Collection[str] | None = None,
    keep_alias: bool = False,
) -> Renaming:
    """Say the new name at the chosen places, or at all certain ones; each script keeps a revision of before.

    Raises ``Conflict`` when a script changed since it was looked at, and then changes nothing. Takes stay true to their
    shots: a name alone makes nothing stale.
    """
    seen = await preview(session, project, old, new)
    known = {key_of(each.episode.id, each.version, place) for each in seen.places for place in each.found}
    if chosen is not None and set(chosen) - known:
        message = _("A script changed since these places were looked for. Look at the list again, then rename.")
        raise Conflict("scripts.rename_outdated", message)
    touched = [each.episode for each in seen.places]
    shots = await shot_names.concerned(session, project.id, [episode.id for episode in touched], [seen.old])
    before = {shot.id: dict(shot.fingerprint) for shot in shots}
    await bible.rename(session, project.id, seen.old, seen.new, keep_alias=keep_alias)
    await _say(session, project, shots, seen)
    for each in seen.places:
        await _rewrite(session, actor, project, each, seen, chosen)
    alive = await shot_names.concerned(session, project.id, [episode.id for episode in touched], [seen.new])
    await carrying.carry(session, await shot_names.carry(session, alive, before))
    audit.record(
        session, "scripts.renamed", actor_id=actor.id, actor_name=actor.name, subject_kind="project",
        subject_id=project.id, project_id=project.id, old=seen.old, new=seen.new,
    )  # fmt: skip
    return seen


async def _others(session: AsyncSession, project: Project, old: str) -> set[str]:
    rows = await bible.of_project(session, project.id)
    return {name for row in rows for name in (row.name, *row.aliases)} - {old}


async def _say(session: AsyncSession, project: Project, shots: Sequence[Shot], seen: Renaming) -> None:
    others = await _others(session, project, seen.old)

    def say(text: str) -> str:
        found = [place for place in mentions(text, seen.old, others) if place.certain] if text else []
        return replaced(text, found, seen.new)

    shot_names.rename(shots, seen.old, seen.new, say)
    await session.flush()


async def _rewrite(
    session: AsyncSession,
    actor: Actor,
    project: Project,
    each: Places,
    seen: Renaming,
    chosen: Collection[str] | None,
) -> None:
    wanted = [
        place
        for place in each.found
        if (place.certain if chosen is None else key_of(each.episode.id, each.version, place) in chosen)
    ]
    if not wanted:
        return
    script: Script = await scripts.present(session, each.episode)
    if script.version != each.version:
        message = _("A script changed since these places were looked for. Look at the list again, then rename.")
        raise Conflict("scripts.rename_outdated", message)
    fresh = each.episode.broken_down_version == script.version
    name = _("renaming %(old)s to %(new)s") % {"old": seen.old, "new": seen.new}
    await scripts.replace(session, actor, each.episode, replaced(script.text, wanted, seen.new), name=name)
    if fresh:
        await importing.break_episode_down(session, project, each.episode)
