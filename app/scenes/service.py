"""Scenes: kept in step with the script, each keeping its identity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.schemas import Actor
from app.audit import service as audit
from app.core import clock
from app.core.errors import Invalid, NotFound
from app.core.i18n import _
from app.core.text import clean_line
from app.episodes.models import Episode
from app.scenes.matching import Item, match
from app.scenes.models import Scene
from app.scenes.numbering import Numbered, renumbered
from app.scripts.breakdown.model import ScenePlan


async def get(session: AsyncSession, project_id: UUID, scene_id: UUID) -> Scene:
    """Return a scene of this very project."""
    row = await session.get(Scene, scene_id)
    if row is None or row.project_id != project_id:
        raise NotFound("scenes.unknown", _("There is no such scene in this project."))
    return row


async def of_episode(session: AsyncSession, episode_id: UUID, *, omitted: bool = False) -> Sequence[Scene]:
    """Return an episode's scenes in order; omitted ones only when asked for."""
    query = select(Scene).where(Scene.episode_id == episode_id).order_by(Scene.position, Scene.id)
    if not omitted:
        query = query.where(Scene.omitted_at.is_(None))
    return (await session.scalars(query)).all()


async def headings(session: AsyncSession, episode_id: UUID) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return id, number, its lock, heading and place of an episode's scenes in order, omitted ones too."""
    query = select(Scene.id, Scene.number, Scene.number_locked, Scene.heading, Scene.place).where(
        Scene.episode_id == episode_id
    )
    return (await session.execute(query.order_by(Scene.position, Scene.id))).all()


async def sync(session: AsyncSession, episode: Episode, plans: Sequence[ScenePlan]) -> list[Scene]:
    """Bring the episode's scenes in step with a breakdown and return them in its order.

    A scene that left the script is marked omitted, never deleted: its shots may hold paid takes.
    """
    old = list(await of_episode(session, episode.id, omitted=True))
    found = match([_item(row) for row in old], [_plan_item(plan) for plan in plans])
    kept = set(found.values())
    scenes: list[Scene] = []
    known = [old[found[index]] if index in found else None for index in range(len(plans))]
    for index, (row, plan, number) in enumerate(zip(known, plans, _numbers(old, known, plans), strict=True)):
        if row is None:
            row = Scene(project_id=episode.project_id, episode_id=episode.id)
            session.add(row)
        _apply(row, plan, index, number)
        scenes.append(row)
    for index, row in enumerate(old):
        if index not in kept:
            row.omitted_at = row.omitted_at or clock.now()
            row.position = len(plans) + index
    await session.flush()
    return scenes


async def set_numbers_locked(
    session: AsyncSession, actor: Actor, episode: Episode, locked: bool, *, reason: str = ""
) -> None:
    """Lock the scene numbers of an episode, as is done when shooting begins, or let them follow the script again.

    Unlocking takes a reason, since call sheets and slates may bear the numbers; raises ``Invalid`` without one.
    """
    reason = clean_line(reason, 300)
    if not locked and not reason:
        message = _("Say why the numbers are unlocked: call sheets and slates may bear them already.")
        raise Invalid("scenes.unlock_reason", message, field="reason")
    for row in await of_episode(session, episode.id, omitted=not locked):
        row.number_locked = locked
    audit.record(
        session, "scenes.numbers_locked" if locked else "scenes.numbers_unlocked", actor_id=actor.id,
        actor_name=actor.name, subject_kind="episode", subject_id=episode.id, project_id=episode.project_id,
        reason=reason,
    )  # fmt: skip
    await session.flush()


def _numbers(old: Sequence[Scene], known: Sequence[Scene | None], plans: Sequence[ScenePlan]) -> list[str]:
    scenes = [
        Numbered(plan.number, plan.numbered, row.number if row is not None and row.number_locked else "")
        for row, plan in zip(known, plans, strict=True)
    ]
    return renumbered(scenes, {row.number for row in old if row.number_locked})


def _apply(row: Scene, plan: ScenePlan, position: int, number: str) -> None:
    row.position, row.number = position, number
    row.heading = plan.heading
    row.interior, row.place, row.time_of_day = plan.interior.value, plan.place, plan.time_of_day
    row.characters = list(plan.characters)
    row.text = plan.text
    row.source_start, row.source_end = plan.source.start, plan.source.end
    row.omitted_at = None


def _item(row: Scene) -> Item:
    text = _words(row.text, row.heading, row.interior, row.place, row.time_of_day)
    return Item(text, number=row.number if row.number_locked else "")


def _plan_item(plan: ScenePlan) -> Item:
    text = _words(plan.text, plan.heading, plan.interior.value, plan.place, plan.time_of_day)
    return Item(text, number=plan.number if plan.numbered else "")


def _words(text: str, heading: str, interior: str, place: str, time_of_day: str) -> str:
    """The words of a scene without its number, so that renumbering changes nothing."""
    body = text.removeprefix(heading).strip()
    return f"{interior} {place} {time_of_day}\n{body}"


async def to_episode(session: AsyncSession, rows: Sequence[Scene], target: Episode) -> None:
    """Take scenes to another episode; a locked number that is taken there is given up for one with a letter."""
    there = await of_episode(session, target.id, omitted=True)
    locked = {row.number for row in there if row.number_locked}
    last = max((row.position for row in there), default=-1)
    for index, row in enumerate(rows, last + 1):
        row.episode_id, row.position = target.id, index
        row.number_locked = row.number_locked and row.number not in locked
    await session.flush()
