"""JSON API of calling a character otherwise in the whole project."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from app.boards import renaming
from app.boards.renaming import Renaming
from app.projects.access import ProjectAccess, in_project
from app.web.database import Transaction

router = APIRouter(tags=["Scripts"])
Edit = Annotated[ProjectAccess, in_project("scripts.edit")]


class RenameIn(BaseModel):
    """The two names, the keys of the places that change (all certain ones without), and whether the old one stays."""

    model_config = ConfigDict(extra="forbid")

    old: str = Field(min_length=1, max_length=80)
    new: str = Field(min_length=1, max_length=80)
    places: list[str] | None = Field(default=None, max_length=20000)
    keep_alias: bool = False


class PlaceOut(BaseModel):
    """A place that says the name; one that is not certain may be another word."""

    key: str
    episode_id: UUID
    number: int
    line: int
    kind: str
    before: str
    words: str
    after: str
    certain: bool


class RenamingOut(BaseModel):
    """What a rename touches; ``new_is_said`` counts where the new name is said already."""

    old: str
    new: str
    in_bible: bool
    shots: int
    new_is_said: int
    places: list[PlaceOut]


def _out(seen: Renaming) -> RenamingOut:
    places = [
        PlaceOut(
            key=renaming.key_of(each.episode.id, each.version, place),
            episode_id=each.episode.id,
            number=each.episode.number,
            line=place.line,
            kind=place.kind,
            before=place.before,
            words=place.words,
            after=place.after,
            certain=place.certain,
        )
        for each in seen.places
        for place in each.found
    ]
    return RenamingOut(
        old=seen.old,
        new=seen.new,
        in_bible=seen.in_bible,
        shots=seen.shots,
        new_is_said=seen.new_is_said,
        places=places,
    )


@router.get("/projects/{project_id}/rename-character")
async def preview(
    session: Transaction,
    access: Edit,
    old: Annotated[str, Query(min_length=1, max_length=80)],
    new: Annotated[str, Query(min_length=1, max_length=80)],
) -> RenamingOut:
    """Return every place that a rename would change; nothing changes yet."""
    return _out(await renaming.preview(session, access.project, old, new))


@router.post("/projects/{project_id}/rename-character")
async def rename(session: Transaction, access: Edit, given: RenameIn) -> RenamingOut:
    """Rename a character in scripts, bible and shots at once; each script keeps a revision of before."""
    return _out(
        await renaming.rename(
            session,
            access.actor,
            access.project,
            given.old,
            given.new,
            chosen=given.places,
            keep_alias=given.keep_alias,
        )
    )
