"""What people do with takes: upload, download, delete."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import Response

from app.accounts.links import send_stored
from app.core.errors import Invalid
from app.core.i18n import _
from app.episodes import service as episodes
from app.projects.access import ProjectAccess, in_project
from app.shots import service as shots
from app.shots.places import shot_path
from app.takes import receiving, service
from app.takes.words import download_name
from app.web.database import Transaction
from app.web.forms import read_form
from app.web.htmx import redirect
from app.web.notes import leave_note

router = APIRouter()


class UploadForm(BaseModel):
    """The file ``take``, beside nothing else."""


@router.post("/projects/{project_id}/episodes/{episode_id}/shots/{shot_id}/takes/upload")
async def upload(
    request: Request,
    session: Transaction,
    access: Annotated[ProjectAccess, in_project("takes.upload")],
    episode_id: UUID,
    shot_id: UUID,
) -> Response:
    """Add a video as the next take of a shot."""
    await episodes.get(session, access.project.id, episode_id)
    shot = await shots.get(session, access.project.id, shot_id)
    receiving.refuse_closed(shot)
    await session.commit()  # nothing is held in the database while the bytes arrive and are decoded
    file = (await read_form(request, UploadForm)).file("take")
    if file is None:
        raise Invalid("takes.no_file", _("Choose a video first: MP4, MOV or WebM."))
    state = request.app.state
    take = await receiving.take_upload(
        state.database, state.storage, access.actor, shot.id, receiving.chunks(file), file.filename or ""
    )
    response = redirect(request, f"{shot_path(shot)}?take={take.number}")
    return leave_note(response, _("Take %(number)d has arrived.") % {"number": take.number})


@router.get("/projects/{project_id}/takes/{take_id}/download")
async def download(
    request: Request,
    session: Transaction,
    access: Annotated[ProjectAccess, in_project("takes.download")],
    take_id: UUID,
) -> Response:
    """Send the original bytes of a take."""
    take = await service.get(session, access.project.id, take_id)
    shot = await shots.get(session, access.project.id, take.shot_id)
    name = download_name(access.project, shot, take)
    return await send_stored(request, take.key, media_type=take.content_type, download_as=name)


@router.post("/projects/{project_id}/takes/{take_id}/delete")
async def delete(
    request: Request,
    session: Transaction,
    access: Annotated[ProjectAccess, in_project("takes.delete")],
    take_id: UUID,
) -> Response:
    """Take a take out of every list."""
    take = await service.get(session, access.project.id, take_id)
    shot = await shots.get(session, access.project.id, take.shot_id)
    await service.delete(session, access.actor, take)
    return leave_note(redirect(request, shot_path(shot)), _("Take %(number)d is deleted.") % {"number": take.number})
