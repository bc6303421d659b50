"""Keeping scripts: name a revision, restore one. They are written in their rooms."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import RedirectResponse, Response

from app.episodes import service as episodes
from app.projects.access import ProjectAccess, in_project
from app.scripts import service
from app.web.database import Transaction
from app.web.forms import read_form

router = APIRouter()
BASE = "/projects/{project_id}/episodes/{episode_id}/script"


class RevisionForm(BaseModel):
    """What a revision is called, its colour and a note."""

    model_config = ConfigDict(extra="ignore")

    name: str = ""
    colour: str = ""
    note: str = Field(default="", max_length=1000)


@router.post(BASE + "/revisions")
async def make_revision(
    request: Request,
    session: Transaction,
    access: Annotated[ProjectAccess, in_project("scripts.edit")],
    episode_id: UUID,
) -> Response:
    """Keep the present text as a named revision."""
    episode = await episodes.get(session, access.project.id, episode_id)
    form = await read_form(request, RevisionForm)
    script = await service.present(session, episode)
    given = form.value
    await service.make_revision(session, access.actor, script, name=given.name, colour=given.colour, note=given.note)
    return RedirectResponse(f"/projects/{access.project.id}/episodes/{episode_id}/script", 303)


@router.post(BASE + "/revisions/{revision_id}/restore")
async def restore(
    session: Transaction,
    access: Annotated[ProjectAccess, in_project("scripts.edit")],
    episode_id: UUID,
    revision_id: UUID,
) -> Response:
    """Bring a revision's text back; the present text becomes a revision first."""
    episode = await episodes.get(session, access.project.id, episode_id)
    await service.restore(session, access.actor, episode, revision_id)
    return RedirectResponse(f"/projects/{access.project.id}/episodes/{episode_id}/script", 303)
