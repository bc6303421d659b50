"""Suggestions for the shots of a scene: asked of a text model, taken over one by one or all, and taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.schemas import Actor
from app.backends.chat import TextModels
from app.core.errors import Conflict, Invalid, NotFound
from app.core.frames import FrameRate
from app.core.i18n import _
from app.episodes.models import Episode
from app.projects.models import Project
from app.scenes.models import Scene
from app.scripts import assistant, assistant_prompts
from app.scripts.assistant import Wanted
from app.scripts.assistant_answers import MOST_SHOTS
from app.scripts.models import Proposal
from app.shots import facts, repository, service
from app.shots.models import Shot
from app.shots.prompt import plain_text
from app.shots.schemas import ShotInput

KIND = "breakdown"
FIELDS = ("size", "angle", "movement", "duration_frames")
LONGEST_SCENE = 16_000


@dataclass(frozen=True, slots=True)
class Suggested:
    """One shot of a proposal: what it is now, what is suggested and why; ``taken`` when it was taken over."""

    shot: Shot
    values: Mapping[str, Any]
    reason: str
    taken: bool

    @property
    def open(self) -> bool:
        """Whether it can be taken over now."""
        return not self.taken and self.shot.locked_at is None and self.shot.dropped_at is None

    @property
    def differing(self) -> tuple[str, ...]:
        """The fields that are suggested otherwise than they are."""
        return tuple(name for name in FIELDS if self.values[name] != getattr(self.shot, name))


async def ask(
    session: AsyncSession, models: TextModels, actor: Actor, project: Project, episode: Episode, scene: Scene
) -> Proposal:
    """Ask how the shots of a scene may be taken; those that are locked or dropped are left out.

    Raises ``Conflict`` when the scene has none, ``Invalid`` when it is too long.
    """
    every = await service.of_episode(session, episode.id, dropped=False)
    shots = [one for one in every if one.scene_id == scene.id and one.locked_at is None]
    if not shots:
        message = _("This scene has no shot that may be changed. Break the script down, or unlock a shot.")
        raise Conflict("assistant.no_shots", message)
    listed = "\n".join(_line(one, project.rate) for one in shots)
    if len(shots) > MOST_SHOTS or len(scene.text) + len(listed) > LONGEST_SCENE:
        raise Invalid("assistant.scene_long", _("This scene is too long to be suggested for as a whole. Split it."))
    task, content = assistant_prompts.breakdown(scene.text, listed)
    context = {"shots": {one.name: str(one.id) for one in shots}}
    wanted = Wanted(KIND, scene.id, "breakdown", task, content, scene.heading, context=context)
    return await assistant.ask(session, models, actor, project, episode, wanted)


def _line(shot: Shot, rate: FrameRate) -> str:
    seconds = float(rate.seconds(shot.duration_frames))
    said = plain_text(facts.values_of(shot)).replace("\n", " / ")
    return f"{shot.name}: {shot.size}, {shot.angle}, {shot.movement}, {seconds:.1f} s. {said}"


async def suggested(session: AsyncSession, row: Proposal, rate: FrameRate) -> list[Suggested]:
    """Return what a proposal suggests, in the order of the shots; shots that are gone are left out."""
    ids: dict[str, str] = row.question["context"]["shots"]
    named = {UUID(ids[one["shot"]]): one for one in row.answer.get("shots", [])}
    shots = await repository.by_ids(session, row.project_id, list(named))
    return [
        Suggested(shot, _values(named[shot.id], rate), named[shot.id]["reason"], str(shot.id) in row.applied)
        for shot in shots
    ]


def _values(one: Mapping[str, Any], rate: FrameRate) -> dict[str, Any]:
    kept = {name: one[name] for name in ("size", "angle", "movement")}
    return {**kept, "duration_frames": max(1, rate.frames(one["seconds"]))}


async def apply(
    session: AsyncSession, actor: Actor, project: Project, row: Proposal, ids: Sequence[UUID] = ()
) -> list[str]:
    """Take suggestions over as the actor's own edits: those of some shots, or of all that may be changed.

    Returns the names of the shots. Raises ``NotFound`` for a shot that nothing is suggested for, ``Conflict`` for one
    that is locked or was taken over. The proposal is accepted once nothing of it is left to take over.
    """
    found = await suggested(session, row, project.rate)
    chosen = _chosen(found, ids) if ids else [one for one in found if one.open]
    if not chosen:
        message = _("Nothing is left to take over: each shot was taken over, or is locked or dropped.")
        raise Conflict("assistant.nothing_left", message)
    for one in chosen:
        before = {name: getattr(one.shot, name) for name in FIELDS}
        await service.edit(session, one.shot, ShotInput(**one.values))
        row.applied = {**row.applied, str(one.shot.id): before}
    names = [one.shot.name for one in chosen]
    left = any(one.open and one not in chosen for one in found)
    await assistant.decide(session, actor, row, "proposed" if left else "accepted", taken=names)
    return names


async def take_back(
    session: AsyncSession, actor: Actor, project: Project, row: Proposal, ids: Sequence[UUID] = ()
) -> list[str]:
    """Give shots the values from before a suggestion was taken over, where nobody changed them since.

    Returns the names of the shots. Raises ``Conflict`` when there is nothing to take back.
    """
    found = await suggested(session, row, project.rate)
    taken = [one for one in (_chosen(found, ids, taken=True) if ids else found) if one.taken]
    unchanged = [one for one in taken if not one.differing]
    if not unchanged:
        message = _("Nothing can be taken back: no shot was taken over, or each was changed since.")
        raise Conflict("assistant.nothing_to_take_back", message)
    for one in unchanged:
        before = row.applied[str(one.shot.id)]
        await service.edit(session, one.shot, ShotInput(**before))
        row.applied = {key: value for key, value in row.applied.items() if key != str(one.shot.id)}
    names = [one.shot.name for one in unchanged]
    await assistant.decide(session, actor, row, "proposed", taken_back=names)
    return names


def _chosen(found: Sequence[Suggested], ids: Sequence[UUID], *, taken: bool = False) -> list[Suggested]:
    chosen = [one for one in found if one.shot.id in ids]
    if len(chosen) != len(set(ids)):
        raise NotFound("assistant.no_suggestion", _("Nothing is suggested for this shot."))
    for one in chosen:
        if one.taken != taken or not (taken or one.open):
            message = _("%(name)s was taken over already, or is locked or dropped.") % {"name": one.shot.name}
            raise Conflict("assistant.shot_closed", message)
    return chosen
