"""JSON API of a script's history: two states compared, who wrote what, and the lines that changed since a revision."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from app.episodes import service as episodes
from app.projects.access import ProjectAccess, in_project
from app.scripts import authorship, comparing, service
from app.scripts.models import Script
from app.web.api import Output
from app.web.database import Transaction

router = APIRouter(tags=["Scripts"])
Read = Annotated[ProjectAccess, in_project("scripts.read")]
SCRIPT = "/projects/{project_id}/episodes/{episode_id}/script"


class PieceOut(BaseModel):
    """A stretch of a line: ``same``, ``gone`` or ``new``."""

    kind: str
    text: str


class LineOut(BaseModel):
    """A line that differs; the numbers are its lines (from 1) before and after, 0 where it is not."""

    kind: str
    before: int
    after: int
    pieces: list[PieceOut]


class SceneOut(BaseModel):
    """A scene that differs: ``changed``, ``moved``, ``new`` or ``gone``; its places (from 0) before and after."""

    kind: str
    heading: str
    number: str
    moved: bool
    before: int | None
    after: int | None
    lines: list[LineOut] = Field(description="Its lines that differ.")


class DifferenceOut(BaseModel):
    """What differs between two states of a script."""

    added: int
    removed: int
    scenes: list[SceneOut]


class RunOut(Output):
    """Lines in a row by one person; ``first_line`` counts from 1."""

    first_line: int
    lines: int
    user_id: UUID | None
    name: str


class AuthorsOut(BaseModel):
    """Who wrote the lines of a version."""

    version: int
    runs: list[RunOut]


class MarksOut(BaseModel):
    """The lines (from 1) of a version that changed since a revision."""

    name: str
    colour: str
    version: int
    lines: list[int]


async def _script(session: AsyncSession, access: ProjectAccess, episode_id: UUID) -> Script:
    return await service.of_episode(session, await episodes.get(session, access.project.id, episode_id))


@router.get(SCRIPT + "/compare")
async def compare(
    session: Transaction,
    access: Read,
    episode_id: UUID,
    old: Annotated[str, Query(alias="from", description="The id of a revision, or `now`.")],
    new: Annotated[str, Query(alias="to", description="The id of a revision, or `now`.")] = comparing.NOW,
) -> DifferenceOut:
    """Compare two states of a script by scene, line and word; what stayed is left out."""
    script = await _script(session, access, episode_id)
    before, after = await comparing.side(session, script, old), await comparing.side(session, script, new)
    found = await comparing.between(before, after)
    scenes = [
        SceneOut(
            kind=scene.kind,
            heading=scene.heading,
            number=scene.number,
            moved=scene.moved,
            before=scene.before,
            after=scene.after,
            lines=[
                LineOut(
                    kind=row.kind,
                    before=row.before,
                    after=row.after,
                    pieces=[PieceOut(kind=piece.kind, text=piece.text) for piece in row.pieces],
                )
                for row in scene.rows
                if row.kind != "same"
            ],
        )
        for scene in found.scenes
        if scene.kind != "same"
    ]
    return DifferenceOut(added=found.added, removed=found.removed, scenes=scenes)


@router.get(SCRIPT + "/authors")
async def authors(session: Transaction, access: Read, episode_id: UUID) -> AuthorsOut:
    """Tell who wrote each line of the present text."""
    script = await _script(session, access, episode_id)
    owners = await authorship.authors(session, script)
    return AuthorsOut(version=script.version, runs=[RunOut.model_validate(run) for run in authorship.runs(owners)])


@router.get(SCRIPT + "/revision-marks")
async def revision_marks(session: Transaction, access: Read, episode_id: UUID, since: UUID) -> MarksOut:
    """Return the lines of the present text that changed since a revision."""
    script = await _script(session, access, episode_id)
    row = await service.revision(session, script, since)
    marks = await comparing.marks(script, row)
    return MarksOut(name=marks.name, colour=marks.colour, version=script.version, lines=sorted(marks.lines))
