"""Shots: read them, and change the shot list by hand."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.schemas import Actor
from app.audit import service as audit
from app.core import clock
from app.core.db import lock_for_transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.core.i18n import _
from app.core.text import clean_line
from app.discussion import service as discussion
from app.scenes import service as scenes
from app.scenes.models import Scene
from app.shots import facts, repository
from app.shots.models import Shot
from app.shots.naming import name_after
from app.shots.schemas import ShotInput


async def get(session: AsyncSession, project_id: UUID, shot_id: UUID) -> Shot:
    """Return a shot of this very project."""
    row = await session.get(Shot, shot_id)
    if row is None or row.project_id != project_id:
        raise NotFound("shots.unknown", _("There is no such shot in this project."))
    return row


async def some(session: AsyncSession, project_id: UUID, ids: Sequence[UUID]) -> Sequence[Shot]:
    """Return some shots of this very project, in order; raises ``NotFound`` when any of them is not there."""
    rows = await repository.by_ids(session, project_id, ids)
    if len(rows) != len(set(ids)):
        raise NotFound("shots.unknown", _("There is no such shot in this project."))
    return rows


async def of_episode(session: AsyncSession, episode_id: UUID, *, dropped: bool = True) -> Sequence[Shot]:
    """Return an episode's shots in order."""
    rows = await repository.of_episode(session, episode_id)
    return rows if dropped else [row for row in rows if row.dropped_at is None]


async def board(
    session: AsyncSession,
    episode_id: UUID,
    *,
    statuses: Sequence[str] = (),
    character: str = "",
    after: int | None = None,
    limit: int = 100,
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return a page of an episode's shots as plain rows, after a position (at most 600)."""
    return await repository.board_rows(
        session, episode_id, statuses=statuses, character=character, after=after, limit=min(limit, 600)
    )


async def board_some(session: AsyncSession, episode_id: UUID, ids: Sequence[UUID]) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return some shots of an episode as a board shows them; what is not of the episode is passed over."""
    return await repository.board_rows_by_ids(session, episode_id, ids)


async def tally(session: AsyncSession, episode_id: UUID) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return rows of scene_id, status, shots, circled, frames and ready: without a take, and free to be generated."""
    return await repository.tally(session, episode_id)


async def cast(session: AsyncSession, episode_id: UUID, limit: int = 40) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return rows of name and shots: who appears in an episode, most often first."""
    return await repository.appearing(session, episode_id, limit)


async def listed(
    session: AsyncSession,
    project_id: UUID,
    *,
    episode_id: UUID | None = None,
    statuses: Sequence[str] = (),
    after: tuple[UUID, int] | None = None,
    limit: int = 100,
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return shots of a project as plain rows by episode and position, after (episode id, position)."""
    return await repository.listed(
        session, project_id, episode_id=episode_id, statuses=statuses, after=after, limit=limit
    )


async def counts(session: AsyncSession, episode_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return for each episode its shots by status, how many are circled, and its frames."""
    found: dict[UUID, dict[str, Any]] = {
        episode_id: {"by_status": {}, "shots": 0, "circled": 0, "frames": 0} for episode_id in episode_ids
    }
    for row in await repository.counts_by_status(session, episode_ids):
        entry = found[row.episode_id]
        entry["by_status"][row.status] = row.shots
        entry["shots"] += row.shots
        entry["circled"] += row.circled if row.status != "dropped" else 0
        entry["frames"] += int(row.frames or 0)
    return found


def edit_tag(shot: Shot) -> str:
    """Return a tag of what people edit on a shot, for the lost-update guard."""
    value = {**facts.values_of(shot), "directions": shot.directions, "dropped": shot.dropped_at is not None}
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, sort_keys=True, default=str).encode()).hexdigest()[:16]


async def edit(session: AsyncSession, shot: Shot, given: ShotInput, *, tag: str | None = None) -> None:
    """Change fields of a shot; ``tag`` refuses the change when somebody else changed the shot meanwhile."""
    await session.refresh(shot, with_for_update=True)
    refuse_locked(shot)
    if tag is not None and tag != edit_tag(shot):
        message = _("Somebody changed this shot while you were editing. Look at the new values, then change it again.")
        raise Conflict("shots.changed_meanwhile", message)
    for name, value in given.model_dump(mode="json", exclude_none=True).items():
        setattr(shot, name, value)
        shot.conflicts = {key: kept for key, kept in shot.conflicts.items() if key != name}
    if given.characters is not None:
        shot.characters = [name for name in (clean_line(each, 80) for each in given.characters) if name]
    await facts.refresh_all(session, [shot])


async def take_script_value(session: AsyncSession, shot: Shot, field: str) -> None:
    """Give up one's own value of a field for the script's newer one."""
    refuse_locked(shot)
    if field not in shot.conflicts:
        raise NotFound("shots.no_conflict", _("The script has no newer value for this field."))
    setattr(shot, field, shot.conflicts[field])
    shot.conflicts = {key: value for key, value in shot.conflicts.items() if key != field}
    await facts.refresh_all(session, [shot])


async def add(session: AsyncSession, scene: Scene, *, after: Shot | None, duration_frames: int) -> Shot:
    """Add an empty shot to a scene, behind another or at the scene's start."""
    ordered = await _lock_order(session, scene.episode_id)
    at = ordered.index(after) + 1 if after is not None else _scene_start(ordered, scene.id)
    name = _free_name(ordered, at)
    row = Shot(
        project_id=scene.project_id, episode_id=scene.episode_id, scene_id=scene.id, name=name, position=at,
        duration_frames=duration_frames, characters=list(scene.characters), dialogue=[], derived={}, made_from={},
        stale_parts=[], take_count=0, undecided_takes=0, job_state="", retake_note="", conflicts={},
        action="", size="MS", angle="eye", movement="static", card="", sound="", transition_out="", flashback=False,
        directions="",
    )  # fmt: skip
    session.add(row)
    ordered.insert(at, row)
    await _renumber(session, ordered)
    await facts.refresh_all(session, [row])
    return row


async def reorder(session: AsyncSession, shot: Shot, *, after: Shot | None) -> None:
    """Move a shot behind another of its scene, or to the scene's start."""
    refuse_locked(shot)
    if after is not None and after.scene_id != shot.scene_id:
        raise Invalid("shots.other_scene", _("A shot stays in its scene: move it among the shots beside it."))
    if after is shot:
        return
    ordered = await _lock_order(session, shot.episode_id)
    ordered.remove(shot)
    ordered.insert(ordered.index(after) + 1 if after is not None else _scene_start(ordered, shot.scene_id), shot)
    await _renumber(session, ordered)
    await facts.tell(session, ordered)


async def step(session: AsyncSession, shot: Shot, places: int) -> None:
    """Move a shot one place down (1) or up (-1) among the shots of its scene; at the end it stays."""
    mates = [row for row in await repository.of_episode(session, shot.episode_id) if row.scene_id == shot.scene_id]
    at = mates.index(shot)
    others = [row for row in mates if row is not shot]
    to = min(max(at + places, 0), len(others))
    await reorder(session, shot, after=others[to - 1] if to else None)


async def split(session: AsyncSession, shot: Shot, *, at_line: int) -> Shot:
    """Split a shot before its speech number ``at_line`` (1-based); without speeches the new half gets half the time."""
    refuse_locked(shot)
    lines = list(shot.dialogue)
    if lines and not 1 <= at_line < len(lines):
        message = _("Choose a speech between the second and the last to split before it.")
        raise Invalid("shots.split_at", message, field="at_line")
    if shot.duration_frames < 2:
        raise Invalid("shots.too_short", _("A shot of one frame cannot be split."))
    scene = await scenes.get(session, shot.project_id, shot.scene_id)
    words = (
        [sum(len(line["text"]) for line in part) for part in (lines[:at_line], lines[at_line:])] if lines else [1, 1]
    )
    first = min(max(round(shot.duration_frames * words[0] / max(sum(words), 1)), 1), shot.duration_frames - 1)
    second = await add(session, scene, after=shot, duration_frames=shot.duration_frames - first)
    for name in ("size", "angle", "movement", "characters", "flashback", "directions"):
        setattr(second, name, getattr(shot, name))
    second.action = "" if lines else shot.action
    second.dialogue, shot.dialogue = lines[at_line:] if lines else [], lines[:at_line] if lines else []
    second.card, second.transition_out = "", shot.transition_out
    second.source_start, second.source_end, second.source_text = shot.source_start, shot.source_end, shot.source_text
    shot.duration_frames, shot.transition_out = first, ""
    await facts.refresh_all(session, [shot, second])
    return second


async def merge(session: AsyncSession, actor: Actor, shot: Shot) -> Shot:
    """Merge the shot behind this one of the same scene into it; the other is dropped by name, its takes stay."""
    refuse_locked(shot)
    ordered = [row for row in await _lock_order(session, shot.episode_id) if row.dropped_at is None]
    following = ordered[ordered.index(shot) + 1 :] if shot in ordered else []
    if not following or following[0].scene_id != shot.scene_id:
        raise Invalid("shots.nothing_behind", _("There is no shot behind this one in its scene to merge with."))
    other = following[0]
    refuse_locked(other)
    joint = " " if shot.action.isascii() else ""
    shot.action = joint.join(part for part in (shot.action, other.action) if part)
    shot.dialogue = [*shot.dialogue, *other.dialogue]
    shot.duration_frames += other.duration_frames
    shot.characters = list(dict.fromkeys([*shot.characters, *other.characters]))
    shot.card, shot.transition_out = shot.card or other.card, other.transition_out
    if other.source_end is not None and shot.source_end is not None:
        shot.source_end = max(shot.source_end, other.source_end)
    await drop(session, actor, other, reason=_("Merged into %(name)s.") % {"name": shot.name})
    await facts.refresh_all(session, [shot])
    return other


async def drop(session: AsyncSession, actor: Actor, shot: Shot, *, reason: str) -> None:
    """Drop a shot from the episode, by name and with a reason; its takes stay and it can be restored."""
    reason = clean_line(reason, 300)
    if not reason:
        raise Invalid(
            "shots.reason", _("Say why the shot is dropped: the reason stands in the export."), field="reason"
        )
    shot.dropped_at, shot.dropped_by, shot.dropped_reason = clock.now(), actor.id, reason
    _audit(session, actor, shot, "shots.dropped", reason=reason)
    await _settle(session, shot)


async def restore(session: AsyncSession, actor: Actor, shot: Shot) -> None:
    """Bring a dropped shot back."""
    shot.dropped_at = shot.dropped_by = shot.orphaned_at = None
    shot.dropped_reason = ""
    _audit(session, actor, shot, "shots.restored")
    await _settle(session, shot)


async def lock(session: AsyncSession, actor: Actor, shot: Shot, *, locked: bool) -> None:
    """Lock a shot against every change, by people and by the script, or open it again."""
    shot.locked_at, shot.locked_by = (clock.now(), actor.id) if locked else (None, None)
    _audit(session, actor, shot, "shots.locked" if locked else "shots.unlocked")
    await session.flush()
    await facts.tell(session, [shot])


async def set_reference(session: AsyncSession, shot: Shot, key: str | None, content_type: str) -> None:
    """Give a shot a reference picture, or take it away."""
    refuse_locked(shot)
    shot.reference_key, shot.reference_type = key, content_type
    await facts.refresh_all(session, [shot])


async def referenced_keys(session: AsyncSession) -> Sequence[str]:
    """Return the storage keys shots refer to, for garbage collection."""
    return await repository.reference_keys(session)


discussion.subject("shot", get)


def refuse_locked(shot: Shot) -> None:
    """Raise ``Conflict`` for a shot that the director locked against changes."""
    if shot.locked_at is not None:
        message = _("%(name)s is locked by the director. Unlock it first, then change it.") % {"name": shot.name}
        raise Conflict("shots.locked", message)


async def _lock_order(session: AsyncSession, episode_id: UUID) -> list[Shot]:
    await lock_for_transaction(session, f"shots.breakdown.{episode_id}")
    return list(await repository.of_episode(session, episode_id))


def _scene_start(ordered: Sequence[Shot], scene_id: UUID) -> int:
    return next((index for index, row in enumerate(ordered) if row.scene_id == scene_id), len(ordered))


def _free_name(ordered: Sequence[Shot], at: int) -> str:
    before = ordered[at - 1].name if at else None
    after = ordered[at].name if at < len(ordered) else None
    return name_after((row.name for row in ordered), before, after)


async def _renumber(session: AsyncSession, ordered: Sequence[Shot]) -> None:
    for index, row in enumerate(ordered):
        if row.position != index:
            row.position = index
    await session.flush()


async def _settle(session: AsyncSession, shot: Shot) -> None:
    facts.settle(shot)
    await session.flush()
    await facts.tell(session, [shot])


def _audit(session: AsyncSession, actor: Actor, shot: Shot, action: str, **more: Any) -> None:
    audit.record(
        session,
        action,
        actor_id=actor.id,
        actor_name=actor.name,
        subject_kind="shot",
        subject_id=shot.id,
        project_id=shot.project_id,
        name=shot.name,
        **more,
    )
