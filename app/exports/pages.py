"""Pages of exports: ask, watch, cancel, take away."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from app.accounts.links import media_url, send_stored
from app.episodes import service as episodes
from app.episodes.places import place_of
from app.exports import service
from app.projects.access import ProjectAccess, in_project
from app.web.database import Transaction
from app.web.forms import read_form
from app.web.htmx import redirect
from app.web.templating import render

router = APIRouter()
PAGE = 20


class ExportForm(BaseModel):
    """Final or draft."""

    model_config = ConfigDict(extra="ignore")

    kind: str = "final"


@router.get("/projects/{project_id}/episodes/{episode_id}/exports")
async def exports_page(
    request: Request,
    session: Transaction,
    access: Annotated[ProjectAccess, in_project("exports.read")],
    episode_id: UUID,
    before: UUID | None = None,
    fragment: str = "",
) -> Response:
    """Show what keeps the episode from being final, and every export of it."""
    episode = await episodes.get(session, access.project.id, episode_id)
    rows = await service.page(session, access.project.id, episode_id=episode.id, before=before, limit=PAGE + 1)
    shown = rows[:PAGE]
    files = await service.deliverables(session, [row.id for row in shown])
    players = {
        row.id: media_url(request, next((file.key for file in files[row.id] if file.kind == "video"), None))
        for row in shown
    }
    return render(
        request,
        "exports/_list.html" if fragment == "list" else "exports/exports.html",
        before=before,
        place=place_of(access.project, episode),
        episode=episode,
        undecided=await service.undecided(session, episode),
        exports=shown,
        files=files,
        players=players,
        older=rows[PAGE - 1].id if len(rows) > PAGE else None,
        access=access,
    )


@router.post("/projects/{project_id}/episodes/{episode_id}/exports")
async def ask(
    request: Request,
    session: Transaction,
    access: Annotated[ProjectAccess, in_project("exports.draft")],
    episode_id: UUID,
) -> Response:
    """Ask for an export; a final one takes a producer."""
    given = (await read_form(request, ExportForm)).value
    if given.kind != "draft":
        access.demand("exports.create")
    episode = await episodes.get(session, access.project.id, episode_id)
    await service.ask(session, access.actor, access.project, episode, given.kind)
    return redirect(request, f"/projects/{access.project.id}/episodes/{episode_id}/exports")


@router.post("/projects/{project_id}/exports/{export_id}/cancel")
async def cancel(
    request: Request,
    session: Transaction,
    access: Annotated[ProjectAccess, in_project("exports.draft")],
    export_id: UUID,
) -> Response:
    """Ask an export to stop."""
    row = await service.get(session, access.project.id, export_id)
    if row.kind == "final":
        access.demand("exports.create")
    await service.cancel(session, access.actor, row)
    return redirect(request, f"/projects/{access.project.id}/episodes/{row.episode_id}/exports")


@router.get("/projects/{project_id}/exports/{export_id}/files/{name}")
async def download(
    request: Request,
    session: Transaction,
    access: Annotated[ProjectAccess, in_project("exports.download")],
    export_id: UUID,
    name: str,
) -> Response:
    """Take one file of an export away."""
    file = await service.deliverable(session, access.project.id, export_id, name)
    return await send_stored(request, file.key, media_type=file.content_type, download_as=file.name)
