"""From a breakdown to shots: identity kept, human edits kept, what changed marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.bible import service as bible
from app.core import clock
from app.core.db import lock_for_transaction
from app.episodes.models import Episode
from app.events import service as events
from app.scenes import service as scenes
from app.scenes.matching import Item, match
from app.scenes.models import Scene
from app.scripts.breakdown.model import EpisodePlan, ShotPlan
from app.shots import facts, repository
from app.shots.merge import FIELDS, merge, plan_values
from app.shots.models import Shot
from app.shots.naming import name_after
from app.shots.prompt import plain_text

LEFT_SCRIPT = "Its words left the script."


@dataclass(slots=True)
class Summary:
    """What a breakdown did, by shot name."""

    scenes: int = 0
    shots: int = 0
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Slot:
    scene: Scene
    plan: ShotPlan
    index: int


async def apply(session: AsyncSession, episode: Episode, plan: EpisodePlan, script_text: str) -> Summary:
    """Bring scenes, shots and characters of an episode in step with its breakdown."""
    await lock_for_transaction(session, f"shots.breakdown.{episode.id}")
    rows = await scenes.sync(session, episode, plan.scenes)
    slots = [
        _Slot(row, shot, index)
        for row, scene in zip(rows, plan.scenes, strict=True)
        for index, shot in enumerate(scene.shots)
    ]
    old = list(await repository.of_episode(session, episode.id))
    found = _match(old, slots)
    summary = Summary(scenes=len(rows), shots=len(slots))
    placed = {index: old[found[index]] for index in found}
    order = _order(rows, slots, placed, old)
    await _place(session, episode, order, slots, placed, script_text, summary)
    kept = {shot.id for shot in placed.values()}
    await _let_go(session, [shot for shot in old if shot.id not in kept and shot.derived], summary)
    mentioned = [bible.Mentioned(each.name, each.description) for each in plan.characters]
    await bible.ensure(session, episode.project_id, mentioned)
    await session.flush()
    await facts.refresh_all(session, list(await repository.of_episode(session, episode.id)))
    await events.emit(session, "shots.broken_down", episode.project_id, episode_id=str(episode.id))
    return summary


def _match(old: Sequence[Shot], slots: Sequence[_Slot]) -> dict[int, int]:
    """Match within each scene first, then what is left across the episode."""
    found: dict[int, int] = {}
    derived = [i for i, shot in enumerate(old) if shot.derived]
    for scene_id in dict.fromkeys(slot.scene.id for slot in slots):
        mine = [j for j, slot in enumerate(slots) if slot.scene.id == scene_id]
        theirs = [i for i in derived if old[i].scene_id == scene_id]
        _note_matches(old, slots, theirs, mine, found, threshold=0.5)
    theirs = [i for i in derived if i not in set(found.values())]
    mine = [j for j in range(len(slots)) if j not in found]
    _note_matches(old, slots, theirs, mine, found, threshold=0.8)
    return found


def _note_matches(
    old: Sequence[Shot],
    slots: Sequence[_Slot],
    theirs: Sequence[int],
    mine: Sequence[int],
    found: dict[int, int],
    *,
    threshold: float,
) -> None:
    pairs = match(
        [Item(plain_text(old[i].derived)) for i in theirs],
        [Item(plain_text(plan_values(slots[j].plan))) for j in mine],
        threshold=threshold,
    )
    found.update({mine[j]: theirs[i] for j, i in pairs.items()})


def _order(
    rows: Sequence[Scene], slots: Sequence[_Slot], placed: dict[int, Shot], old: Sequence[Shot]
) -> list[int | Shot]:
    """Return slots (by index) and people's own shots in the order of the episode.

    The script's order holds, unless a person had reordered a scene: then theirs does, and new shots follow the one
    they follow in the script.
    """
    order: list[int | Shot] = []
    for scene in rows:
        mine = [j for j, slot in enumerate(slots) if slot.scene.id == scene.id]
        before = [shot for shot in old if shot.scene_id == scene.id and shot.dropped_at is None]
        index_of = {placed[j].id: j for j in mine if j in placed}
        known = [index_of[shot.id] for shot in before if shot.id in index_of]
        was = [placed[j].derived.get("index", 0) for j in known]
        sequence: list[int | Shot] = list(mine) if was == sorted(was) else _keep_order(mine, known)
        order.extend(_with_own(sequence, before, index_of))
    return order


def _keep_order(mine: Sequence[int], known: Sequence[int]) -> list[int | Shot]:
    sequence: list[int | Shot] = list(known)
    for position, j in enumerate(mine):
        if j not in known:
            follows = sequence.index(mine[position - 1]) + 1 if position else 0
            sequence.insert(follows, j)
    return sequence


def _with_own(sequence: list[int | Shot], before: Sequence[Shot], index_of: dict[UUID, int]) -> list[int | Shot]:
    """Put shots that people added back behind the shot they followed."""
    follows: int | Shot | None = None
    for shot in before:
        if not shot.derived:
            sequence.insert(sequence.index(follows) + 1 if follows is not None else 0, shot)
            follows = shot
        elif shot.id in index_of:
            follows = index_of[shot.id]
    return sequence


async def _place(
    session: AsyncSession,
    episode: Episode,
    order: Sequence[int | Shot],
    slots: Sequence[_Slot],
    placed: dict[int, Shot],
    script_text: str,
    summary: Summary,
) -> None:
    taken = {shot.name for shot in await repository.of_episode(session, episode.id)}
    names = [item.name if isinstance(item, Shot) else (placed[item].name if item in placed else None) for item in order]
    for position, item in enumerate(order):
        if isinstance(item, Shot):
            item.position = position
            continue
        slot = slots[item]
        shot = placed.get(item)
        if shot is None:
            following = next((name for name in names[position + 1 :] if name), None)
            name = name_after(taken, names[position - 1] if position else None, following)
            taken.add(name)
            names[position] = name
            shot = _new(episode, slot, name)
            session.add(shot)
            summary.added.append(name)
        else:
            _update(shot, slot, summary)
        shot.position, shot.scene_id = position, slot.scene.id
        shot.source_start, shot.source_end = slot.plan.source.start, slot.plan.source.end
        shot.source_text = script_text[slot.plan.source.start : slot.plan.source.end]
    await session.flush()


def _new(episode: Episode, slot: _Slot, name: str) -> Shot:
    values = plan_values(slot.plan)
    return Shot(
        project_id=episode.project_id,
        episode_id=episode.id,
        name=name,
        derived={**values, "index": slot.index},
        made_from={},
        stale_parts=[],
        take_count=0,
        undecided_takes=0,
        job_state="",
        retake_note="",
        **values,
    )


def _update(shot: Shot, slot: _Slot, summary: Summary) -> None:
    new = plan_values(slot.plan)
    if shot.orphaned_at is not None:
        shot.orphaned_at = shot.dropped_at = None
        shot.dropped_reason = ""
    current = facts.values_of(shot)
    if shot.locked_at is not None:
        shot.conflicts = {name: value for name, value in new.items() if value != current[name]}
        if shot.conflicts:
            summary.conflicts.append(shot.name)
        return
    merged = merge(shot.derived, current, new)
    for name in merged.changed:
        setattr(shot, name, merged.values[name])
    shot.derived = {**new, "index": slot.index}
    shot.conflicts = merged.conflicts
    if merged.changed:
        summary.changed.append(shot.name)
    if merged.conflicts:
        summary.conflicts.append(shot.name)


async def _let_go(session: AsyncSession, shots: Sequence[Shot], summary: Summary) -> None:
    """Shots whose words left the script: gone if nothing was done with them, else dropped by name and kept."""
    for shot in shots:
        if shot.orphaned_at is None:
            summary.left.append(shot.name)
        untouched = not shot.take_count and not shot.job_state and not shot.directions and not shot.reference_key
        edited = any(facts.values_of(shot)[name] != shot.derived.get(name) for name in FIELDS)
        if untouched and not edited and shot.locked_at is None:
            await session.delete(shot)
        elif shot.dropped_at is None:
            shot.dropped_at = shot.orphaned_at = clock.now()
            shot.dropped_reason = LEFT_SCRIPT
