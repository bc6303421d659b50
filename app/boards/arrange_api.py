"""JSON API of moving scenes between episodes, and of splitting and merging episodes."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from app.boards import moving
from app.boards.moving import Move
from app.episodes import service as episodes
from app.projects.access import ProjectAccess, in_project
from app.web.database import Transaction

router = APIRouter(tags=["Scripts"])
Edit = Annotated[ProjectAccess, in_project("scripts.edit")]
EPISODE = "/projects/{project_id}/episodes/{episode_id}"


class MoveIn(BaseModel):
    """Which scenes go to which episode; ``place`` is ``end``, ``start`` or the id of the scene they go behind."""

    model_config = ConfigDict(extra="forbid")

    scenes: list[UUID] = Field(min_length=1, max_length=2000)
    target: UUID
    place: Literal["end", "start"] | UUID = "end"
    dry_run: bool = False


class SplitIn(BaseModel):
    """Before which scene an episode is split; what follows goes directly ``behind`` it or becomes the ``last``."""

    model_config = ConfigDict(extra="forbid")

    at: UUID
    title: str = Field(default="", max_length=120)
    where: Literal["behind", "last"] = "behind"


class MergeIn(BaseModel):
    """The episode that takes the scenes in."""

    model_config = ConfigDict(extra="forbid")

    target: UUID


class MoveOut(BaseModel):
    """What moved, or would: counts, and the shots that get another name."""

    source: UUID
    target: UUID
    scenes: int
    shots: int
    takes: int
    renamed: dict[str, str]


class MadeOut(BaseModel):
    """The episode that a split made."""

    episode_id: UUID
    number: int


def _out(seen: Move, target: UUID) -> MoveOut:
    return MoveOut(
        source=seen.source.id,
        target=target,
        scenes=len(seen.scenes),
        shots=seen.shots,
        takes=seen.takes,
        renamed=seen.renamed,
    )


@router.post(EPISODE + "/move-scenes")
async def move_scenes(session: Transaction, access: Edit, episode_id: UUID, given: MoveIn) -> MoveOut:
    """Move scenes with their shots and takes to another episode; both scripts keep a revision of before."""
    episode = await episodes.get(session, access.project.id, episode_id)
    target = await episodes.get(session, access.project.id, given.target)
    if given.dry_run:
        return _out(await moving.preview(session, access.project, episode, given.scenes, target), target.id)
    after = given.place if isinstance(given.place, UUID) else None
    seen = await moving.move(
        session, access.actor, access.project, episode, given.scenes, target, after=after,
        at_start=given.place == "start",
    )  # fmt: skip
    return _out(seen, target.id)


@router.post(EPISODE + "/split", status_code=201)
async def split(session: Transaction, access: Edit, episode_id: UUID, given: SplitIn) -> MadeOut:
    """Split an episode before a scene."""
    episode = await episodes.get(session, access.project.id, episode_id)
    made = await moving.split(
        session, access.actor, access.project, episode, given.at, title=given.title, last=given.where == "last"
    )
    return MadeOut(episode_id=made.id, number=made.number)


@router.post(EPISODE + "/merge")
async def merge(session: Transaction, access: Edit, episode_id: UUID, given: MergeIn) -> MoveOut:
    """Move every scene of an episode to the end of another; the emptied one stays."""
    episode = await episodes.get(session, access.project.id, episode_id)
    target = await episodes.get(session, access.project.id, given.target)
    return _out(await moving.merge(session, access.actor, access.project, episode, target), target.id)
