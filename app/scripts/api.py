"""JSON API of scripts: the text of an episode, saved without lost updates, and its revisions."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from app.episodes import service as episodes
from app.projects.access import ProjectAccess, in_project
from app.scripts import service
from app.scripts.models import Script
from app.web.api import After, IfMatch, Input, Limit, Listed, Output, behind, etag, following, tagged, version_of
from app.web.database import Transaction

router = APIRouter(tags=["Scripts"])
Read = Annotated[ProjectAccess, in_project("scripts.read")]
Edit = Annotated[ProjectAccess, in_project("scripts.edit")]
SCRIPT = "/projects/{project_id}/episodes/{episode_id}/script"


class ScriptIn(BaseModel):
    """The whole text of an episode."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(max_length=4_000_000)


class ScriptOut(Output):
    """The text of an episode; its ETag is its version."""

    text: str
    version: int
    saved_by: UUID | None
    saved_by_name: str
    updated_at: datetime


class RevisionIn(Input):
    """What a revision is called, its colour in the standard sequence, and a note."""

    name: str = Field(min_length=1, max_length=80)
    colour: str = Field(default="", max_length=20)
    note: str = Field(default="", max_length=1000)


class RevisionItem(Output):
    """A snapshot without its text: ``named``, kept ``before`` a deed, or a ``checkpoint`` made by itself."""

    id: UUID
    number: int
    name: str
    kind: str
    colour: str
    note: str
    lines_added: int
    lines_removed: int
    version: int
    made_by: UUID | None
    made_by_name: str
    created_at: datetime


class RevisionOut(RevisionItem):
    """A snapshot with its text."""

    text: str


def _tagged(row: Script) -> Response:
    return tagged(ScriptOut.model_validate(row), etag(row.version))


async def _script(session: Transaction, access: ProjectAccess, episode_id: UUID) -> Script:
    return await service.of_episode(session, await episodes.get(session, access.project.id, episode_id))


@router.get(SCRIPT, response_model=ScriptOut)
async def get(session: Transaction, access: Read, episode_id: UUID) -> Response:
    """Read the script of an episode; one nobody has written is empty."""
    return _tagged(await _script(session, access, episode_id))


@router.put(SCRIPT, response_model=ScriptOut)
async def save(
    session: Transaction, access: Edit, episode_id: UUID, given: ScriptIn, if_match: IfMatch = None
) -> Response:
    """Save the text made from the version that If-Match names.

    428 without If-Match. When somebody saved meanwhile nothing is saved: 409 `scripts.saved_meanwhile`, with the
    present `version` and `text` in `details`.
    """
    version = version_of(if_match)
    episode = await episodes.get(session, access.project.id, episode_id)
    return _tagged(await service.save(session, access.actor, episode, given.text, version=version))


@router.get(SCRIPT + "/revisions")
async def list_revisions(
    session: Transaction,
    access: Read,
    episode_id: UUID,
    limit: Limit = 50,
    after: After = None,
    kind: Annotated[list[Literal["named", "before", "checkpoint"]], Query(max_length=3)] = [],  # noqa: B006
) -> Listed[RevisionItem]:
    """List a script's revisions, newest first, those of some kinds where any are given."""
    script = await _script(session, access, episode_id)
    rows = await service.revisions(session, script, before=behind(after, int), limit=limit + 1, kinds=kind)
    items = [RevisionItem.model_validate(row) for row in rows[:limit]]
    return Listed(items=items, next=following(rows, limit, lambda row: row.number))


@router.post(SCRIPT + "/revisions", status_code=201)
async def make_revision(session: Transaction, access: Edit, episode_id: UUID, given: RevisionIn) -> RevisionOut:
    """Keep the present text as a named revision."""
    script = await service.present(session, await episodes.get(session, access.project.id, episode_id))
    row = await service.make_revision(
        session, access.actor, script, name=given.name, colour=given.colour, note=given.note
    )
    return RevisionOut.model_validate(row)


@router.get(SCRIPT + "/revisions/{revision_id}")
async def get_revision(session: Transaction, access: Read, episode_id: UUID, revision_id: UUID) -> RevisionOut:
    """Read one revision with its text."""
    script = await _script(session, access, episode_id)
    return RevisionOut.model_validate(await service.revision(session, script, revision_id))


@router.post(SCRIPT + "/revisions/{revision_id}/restore", response_model=ScriptOut)
async def restore(session: Transaction, access: Edit, episode_id: UUID, revision_id: UUID) -> Response:
    """Bring a revision's text back; the present text becomes a revision first."""
    episode = await episodes.get(session, access.project.id, episode_id)
    return _tagged(await service.restore(session, access.actor, episode, revision_id))
