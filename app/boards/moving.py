"""Scenes go to another episode, an episode is split at a scene, two are merged: text, shots and takes go together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.schemas import Actor
from app.audit import service as audit
from app.core.db import lock_for_transaction
from app.core.errors import Conflict, Invalid
from app.core.i18n import _
from app.episodes import service as episodes
from app.episodes.models import Episode
from app.jobs import carrying as job_carrying
from app.projects.models import Project
from app.scenes import service as scenes
from app.scenes.models import Scene
from app.scripts import service as scripts
from app.scripts.moving import cut_out, put_in
from app.shots import importing
from app.shots import moving as shot_moving
from app.takes import carrying


@dataclass(frozen=True, slots=True)
class Move:
    """What a move takes along: scenes, shots and takes, and the shots that get another name, old to new."""

    source: Episode
    target: Episode | None
    scenes: Sequence[Scene]
    shots: int
    takes: int
    renamed: dict[str, str]
    versions: str


async def preview(
    session: AsyncSession, project: Project, source: Episode, ids: Sequence[UUID], target: Episode | None
) -> Move:
    """Return what moving some scenes would take along; ``target`` None is an episode that is yet to be made."""
    chosen = await _chosen(session, project, source, ids)
    shots = await shot_moving.of_scenes(session, [row.id for row in chosen])
    there = await shot_moving.of_scenes(
        session, [row.id for row in await scenes.of_episode(session, target.id, omitted=True)] if target else []
    )
    renamed = shot_moving.new_names([shot.name for shot in shots], [shot.name for shot in there])
    takes = sum(shot.take_count for shot in shots)
    return Move(source, target, chosen, len(shots), takes, renamed, await _versions(session, source, target))


async def move(
    session: AsyncSession,
    actor: Actor,
    project: Project,
    source: Episode,
    ids: Sequence[UUID],
    target: Episode,
    *,
    after: UUID | None = None,
    at_start: bool = False,
    versions: str = "",
) -> Move:
    """Move scenes behind a scene of another episode, to its start, or to its end; both keep a revision of before.

    Numbers, shots, takes and notes stay theirs. Raises ``Conflict`` when a script is not at ``versions`` any more.
    """
    if source.id == target.id:
        raise Invalid("scripts.move_same", _("Choose another episode to move the scenes to."), field="target")
    for episode_id in sorted((source.id, target.id)):
        await lock_for_transaction(session, f"boards.move.{episode_id}")
    if versions and versions != await _versions(session, source, target):
        message = _("A script changed since you looked. Look at what would move again, then move it.")
        raise Conflict("scripts.move_outdated", message)
    await _fresh(session, project, target)
    chosen = await _chosen(session, project, source, ids)
    seen = await preview(session, project, source, [row.id for row in chosen], target)
    await _move_text(session, actor, source, chosen, target, after=after, at_start=at_start)
    await scenes.to_episode(session, chosen, target)
    shot_ids = [shot.id for shot in await shot_moving.to_episode(session, [row.id for row in chosen], target)]
    await carrying.to_episode(session, shot_ids, target.id)
    await job_carrying.to_episode(session, shot_ids, target.id)
    for episode in (source, target):
        await _fresh(session, project, episode)
    audit.record(
        session, "scripts.scenes_moved", actor_id=actor.id, actor_name=actor.name, subject_kind="episode",
        subject_id=source.id, project_id=project.id, to=str(target.id), scenes=len(chosen),
    )  # fmt: skip
    return seen


async def _move_text(
    session: AsyncSession,
    actor: Actor,
    source: Episode,
    chosen: Sequence[Scene],
    target: Episode,
    *,
    after: UUID | None,
    at_start: bool,
) -> None:
    before = await scripts.present(session, source)
    starts = [row.source_start for row in await scenes.of_episode(session, source.id)]
    rest, taken = cut_out(before.text, starts, [row.source_start for row in chosen])
    there = await scripts.present(session, target)
    joined = put_in(there.text, taken, await _place(session, target, after, at_start, len(there.text)))
    name = _("moving scenes from E%(source)02d to E%(target)02d") % {"source": source.number, "target": target.number}
    await scripts.replace(session, actor, source, rest, name=name)
    await scripts.replace(session, actor, target, joined, name=name)


async def split(
    session: AsyncSession, actor: Actor, project: Project, source: Episode, at: UUID, *, title: str, last: bool
) -> Episode:
    """Split an episode before a scene: what follows becomes an episode directly behind, or the ``last`` of all."""
    await _fresh(session, project, source)
    rows = list(await scenes.of_episode(session, source.id))
    index = next((place for place, row in enumerate(rows) if row.id == at), 0)
    if not index:
        message = _("Choose a scene behind the first to split before it.")
        raise Invalid("scripts.split_at", message, field="at")
    if last:
        made = await episodes.add(session, project.id, title=title, target_seconds=source.target_seconds)
    else:
        made = await episodes.insert_after(session, source, title=title)
    await move(session, actor, project, source, [row.id for row in rows[index:]], made)
    return made


async def merge(session: AsyncSession, actor: Actor, project: Project, source: Episode, target: Episode) -> Move:
    """Move every scene of an episode to the end of another; the emptied one stays, with its revisions."""
    await _fresh(session, project, source)
    rows = await scenes.of_episode(session, source.id)
    return await move(session, actor, project, source, [row.id for row in rows], target)


async def _fresh(session: AsyncSession, project: Project, episode: Episode) -> None:
    """Bring scenes and shots in step with the text, unless they are, or there is none."""
    script = await scripts.of_episode(session, episode)
    if episode.broken_down_version == script.version:
        return
    if script.text.strip():
        await importing.break_episode_down(session, project, episode)
    elif not await scenes.of_episode(session, episode.id):
        episode.broken_down_version = script.version


async def _chosen(session: AsyncSession, project: Project, source: Episode, ids: Sequence[UUID]) -> list[Scene]:
    await _fresh(session, project, source)
    wanted = set(ids)
    rows = [row for row in await scenes.of_episode(session, source.id) if row.id in wanted]
    if not rows or len(rows) != len(wanted):
        message = _("Choose scenes of this episode: some of these are not in its script any more.")
        raise Invalid("scripts.move_scenes", message, field="scenes")
    return rows


async def _place(session: AsyncSession, target: Episode, after: UUID | None, at_start: bool, end: int) -> int:
    rows = list(await scenes.of_episode(session, target.id))
    if at_start and rows:
        return rows[0].source_start
    if after is None:
        return end
    index = next((place for place, row in enumerate(rows) if row.id == after), None)
    if index is None:
        raise Invalid("scripts.move_after", _("That scene is not in the other episode any more."), field="after")
    return rows[index + 1].source_start if index + 1 < len(rows) else end


async def _versions(session: AsyncSession, source: Episode, target: Episode | None) -> str:
    versions = [(await scripts.of_episode(session, episode)).version for episode in (source, target) if episode]
    return ".".join(str(version) for version in versions)
