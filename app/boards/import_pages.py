"""Pages of an import: where a script is sent, and what it would change."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.boards.difference import word_difference
from app.episodes import service as episodes
from app.episodes.places import place_of
from app.projects.access import ProjectAccess, in_project
from app.scripts import uploads
from app.shots import import_preview
from app.web.database import Transaction
from app.web.templating import render

router = APIRouter()
Edit = Annotated[ProjectAccess, in_project("scripts.edit")]


@router.get("/projects/{project_id}/scripts/import")
async def project_form(request: Request, access: Edit) -> Response:
    """Show where a file with any number of episodes is sent."""
    path = f"/projects/{access.project.id}"
    return render(request, "boards/import.html", place=place_of(access.project), action=f"{path}/import", back=path)


@router.get("/projects/{project_id}/episodes/{episode_id}/script/import")
async def episode_form(request: Request, session: Transaction, access: Edit, episode_id: UUID) -> Response:
    """Show where a script for one episode is sent."""
    episode = await episodes.get(session, access.project.id, episode_id)
    place = place_of(access.project, episode)
    path = f"/projects/{access.project.id}/episodes/{episode.id}"
    return render(request, "boards/import.html", place=place, action=f"{path}/import", back=f"{path}/script")


@router.get("/projects/{project_id}/imports/{upload_id}")
async def preview(request: Request, session: Transaction, access: Edit, upload_id: UUID) -> Response:
    """Show what a script that was sent would change, before it changes anything."""
    upload = await uploads.get(session, access.actor, access.project.id, upload_id)
    episode = await episodes.get(session, access.project.id, upload.episode_id) if upload.episode_id else None
    found = await import_preview.preview(session, access.project, upload.text, upload.episode_id)
    shown: dict[str, Any] = {
        "place": place_of(access.project, episode),
        "upload": upload,
        "found": found,
        "file_warnings": uploads.warnings_of(upload),
        "difference": word_difference,
    }
    return render(request, "boards/import_preview.html", **shown)
