"""Changing scripts: save, name a revision, restore one."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, RedirectResponse, Response

from app.core.clock import now
from app.core.errors import Conflict
from app.episodes import service as episodes
from app.episodes.places import place_of
from app.projects.access import ProjectAccess, in_project
from app.scripts import service
from app.web.database import Transaction
from app.web.forms import read_form
from app.web.htmx import is_htmx
from app.web.problems import wants
from app.web.templating import render

router = APIRouter()
BASE = "/projects/{project_id}/episodes/{episode_id}/script"


class ScriptForm(BaseModel):
    """The text a person saves, and the version it was made from."""

    model_config = ConfigDict(extra="ignore")

    text: str = Field(default="", max_length=4_000_000)
    version: int = Field(ge=1)


class RevisionForm(BaseModel):
    """What a revision is called, its colour and a note."""

    model_config = ConfigDict(extra="ignore")

    name: str = ""
    colour: str = ""
    note: str = Field(default="", max_length=1000)


@router.post(BASE)
async def save(
    request: Request,
    session: Transaction,
    access: Annotated[ProjectAccess, in_project("scripts.edit")],
    episode_id: UUID,
) -> Response:
    """Save the text; whoever was overtaken gets both texts, and nothing is lost."""
    episode = await episodes.get(session, access.project.id, episode_id)
    form = await read_form(request, ScriptForm)
    given = form.value
    by_program = is_htmx(request) or wants(request) == "json"
    try:
        row = await service.save(session, access.actor, episode, given.text, version=given.version)
    except Conflict as error:
        if by_program:
            raise
        return render(
            request,
            "scripts/conflict.html",
            status=409,
            place=place_of(access.project, episode),
            mine=given.text,
            theirs=error.details["text"],
            version=error.details["version"],
            message=error.message,
        )
    if by_program:
        return JSONResponse({"version": row.version, "saved_at": now().isoformat()})
    return RedirectResponse(f"/projects/{access.project.id}/episodes/{episode_id}/script", 303)


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
    script = await service.of_episode(session, episode)
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
