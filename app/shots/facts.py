"""What the rooms above write down on a shot, and what follows: prompt, fingerprint, staleness, status."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.bible import service as bible
from app.bible.models import Character
from app.core.db import among
from app.events import service as events
from app.events.models import OutboxEvent
from app.projects.models import Project
from app.scenes.models import Scene
from app.shots import repository
from app.shots.merge import FIELDS
from app.shots.models import Shot
from app.shots.prompt import Ingredients, Look, compose, fingerprint, stale_parts
from app.shots.status import derive


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What shots of one project are composed with, loaded once for many."""

    project: Project
    scenes: dict[UUID, Scene]
    characters: dict[str, Character]


async def surroundings(session: AsyncSession, project_id: UUID, scene_ids: Iterable[UUID]) -> Surroundings:
    """Load the project, scenes and characters that some shots are composed with."""
    project = await session.get_one(Project, project_id)
    scenes = (await session.scalars(select(Scene).where(Scene.id.in_(set(scene_ids))))).all()
    characters = await bible.by_name(session, project_id)
    return Surroundings(project, {scene.id: scene for scene in scenes}, characters)


def values_of(shot: Shot) -> dict[str, Any]:
    """Return the fields of a shot that a breakdown derives and people edit."""
    return {name: getattr(shot, name) for name in FIELDS}


def ingredients(shot: Shot, around: Surroundings) -> Ingredients:
    """Return everything the prompt of a shot is made of."""
    scene, project = around.scenes[shot.scene_id], around.project
    people = [around.characters.get(name.casefold()) for name in shot.characters]
    return Ingredients(
        shot=values_of(shot),
        interior=scene.interior,
        place=scene.place,
        time_of_day=scene.time_of_day,
        looks=[Look(row.name, row.looks, row.wardrobe) for row in people if row is not None],
        style=project.style,
        directions=shot.directions,
        width=project.width,
        height=project.height,
        rate=str(project.rate),
        language=project.language,
        source=shot.reference_key or "",
    )


def refresh(shots: Iterable[Shot], around: Surroundings) -> None:
    """Recompute prompt, fingerprint, staleness and status of shots."""
    for shot in shots:
        given = ingredients(shot, around)
        shot.prompt = compose(given)
        shot.fingerprint = fingerprint(given)
        settle(shot)


def settle(shot: Shot) -> None:
    """Recompute staleness and status of one shot from its own columns."""
    parts = stale_parts(shot.made_from, shot.fingerprint)
    if list(shot.stale_parts) != parts:
        shot.stale_parts = parts
    status = derive(shot).value
    if shot.status != status:
        shot.status = status


async def refresh_all(session: AsyncSession, shots: Sequence[Shot]) -> None:
    """Recompute shots of one project and tell the boards."""
    if not shots:
        return
    around = await surroundings(session, shots[0].project_id, {shot.scene_id for shot in shots})
    refresh(shots, around)
    await session.flush()
    await tell(session, shots)


async def tell(session: AsyncSession, shots: Sequence[Shot]) -> None:
    """Tell the boards which shots changed, one event an episode."""
    by_episode: dict[UUID, list[str]] = {}
    for shot in shots:
        by_episode.setdefault(shot.episode_id, []).append(str(shot.id))
    for episode_id, ids in by_episode.items():
        project_id = next(shot.project_id for shot in shots if shot.episode_id == episode_id)
        listed = ids if len(ids) <= 100 else []
        await events.emit(session, "shots.changed", project_id, episode_id=str(episode_id), shot_ids=listed)


async def note(session: AsyncSession, shot_id: UUID, **facts: Any) -> Shot:
    """Write facts of a room above (take counts, circled take, job state) on a shot, and derive its status anew."""
    (shot,) = await note_all(session, {shot_id: facts})
    return shot


async def note_all(session: AsyncSession, facts: Mapping[UUID, Mapping[str, Any]]) -> Sequence[Shot]:
    """Write facts of a room above on some shots, derive their status anew, and return them."""
    query = select(Shot).where(among(Shot.id, facts)).order_by(Shot.id).with_for_update()
    shots = (await session.scalars(query.execution_options(populate_existing=True))).all()
    for shot in shots:
        for name, value in facts[shot.id].items():
            if getattr(shot, name) != value:
                setattr(shot, name, value)
        settle(shot)
    await session.flush()
    await tell(session, shots)
    return shots


async def note_progress(session: AsyncSession, progress: Mapping[UUID, float | None]) -> None:
    """Write how far the generations of some shots are, without deriving anything: a progress changes no status."""
    shots = await session.scalars(
        select(Shot).where(Shot.id.in_(progress)).order_by(Shot.id).with_for_update(skip_locked=True)
    )
    for shot in shots:
        shot.job_progress = progress[shot.id]
    await session.flush()


@events.subscribe("bible.character_changed")
async def _character_changed(session: AsyncSession, event: OutboxEvent) -> None:
    assert event.project_id is not None
    character = await bible.get(session, event.project_id, UUID(event.payload["character_id"]))
    shots = await repository.showing(session, event.project_id, [character.name, *character.aliases])
    await refresh_all(session, shots)


@events.subscribe("projects.changed")
async def _project_changed(session: AsyncSession, event: OutboxEvent) -> None:
    assert event.project_id is not None
    await refresh_all(session, await repository.of_project(session, event.project_id))
