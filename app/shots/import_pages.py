"""Importing a script: it is sent, looked at where it would replace something, and then taken or left."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app.core.i18n import _, ngettext
from app.episodes import service as episodes
from app.projects.access import ProjectAccess, in_project
from app.scripts import uploads
from app.scripts.models import Upload
from app.shots import import_preview, importing
from app.shots.import_forms import sent_script
from app.shots.importing import Imported
from app.shots.pages import told
from app.web.database import Transaction
from app.web.forms import read_form
from app.web.htmx import redirect
from app.web.notes import leave_note

router = APIRouter()
Edit = Annotated[ProjectAccess, in_project("scripts.edit")]


class TakeForm(BaseModel):
    """The episodes to take, by number."""

    model_config = ConfigDict(extra="ignore")

    take: list[int] = Field(default_factory=list, max_length=2000)


@router.post("/projects/{project_id}/import")
async def send_project(request: Request, session: Transaction, access: Edit) -> Response:
    """Take a file with any number of episodes: import it where it replaces nothing, else show what it would change."""
    return await _sent(request, session, access, None)


@router.post("/projects/{project_id}/episodes/{episode_id}/import")
async def send_episode(request: Request, session: Transaction, access: Edit, episode_id: UUID) -> Response:
    """Take a file for one episode: import it where it replaces nothing, else show what it would change."""
    episode = await episodes.get(session, access.project.id, episode_id)
    return await _sent(request, session, access, episode.id)


async def _sent(request: Request, session: AsyncSession, access: ProjectAccess, episode_id: UUID | None) -> Response:
    file, name, look = await sent_script(request)
    upload = await uploads.keep(session, access.actor, access.project.id, file, name=name, episode_id=episode_id)
    found = await import_preview.preview(session, access.project, upload.text, episode_id)
    if look or found.replaces or found.several:
        return redirect(request, f"/projects/{access.project.id}/imports/{upload.id}")
    return await _taken(request, session, access, upload, None)


@router.post("/projects/{project_id}/imports/{upload_id}")
async def take(request: Request, session: Transaction, access: Edit, upload_id: UUID) -> Response:
    """Import what was looked at: the chosen episodes of the file."""
    upload = await uploads.get(session, access.actor, access.project.id, upload_id)
    form = await read_form(request, TakeForm)
    return await _taken(request, session, access, upload, form.value.take)


@router.post("/projects/{project_id}/imports/{upload_id}/forget")
async def leave(request: Request, session: Transaction, access: Edit, upload_id: UUID) -> Response:
    """Forget what was sent; nothing was changed."""
    upload = await uploads.get(session, access.actor, access.project.id, upload_id)
    path = _path(access, upload)
    await uploads.forget(session, upload)
    return leave_note(redirect(request, path), _("Nothing was imported."))


async def _taken(
    request: Request, session: AsyncSession, access: ProjectAccess, upload: Upload, numbers: list[int] | None
) -> Response:
    actor, project = access.actor, access.project
    path = _path(access, upload)
    if upload.episode_id is not None:
        episode = await episodes.get(session, project.id, upload.episode_id)
        one = await importing.import_episode(session, actor, project, episode, upload.text, name=upload.name)
        note = told(one.summary)
    else:
        rows = await importing.import_project(session, actor, project, upload.text, name=upload.name, numbers=numbers)
        path = f"{path}/episodes/{rows[0].episode.id}/script" if len(rows) == 1 else path
        note = _counted(rows)
    await uploads.forget(session, upload)
    return leave_note(redirect(request, path), note)


def _path(access: ProjectAccess, upload: Upload) -> str:
    path = f"/projects/{access.project.id}"
    return f"{path}/episodes/{upload.episode_id}/script" if upload.episode_id else path


def _counted(rows: list[Imported]) -> str:
    shots = sum(one.summary.shots for one in rows)
    warnings = sum(len(one.warnings) for one in rows)
    note = ngettext(
        "%(episodes)d episode with %(shots)d shots was imported.",
        "%(episodes)d episodes with %(shots)d shots were imported.",
        len(rows),
    ) % {"episodes": len(rows), "shots": shots}
    if warnings:
        note += " " + ngettext("%(n)d line needs a look.", "%(n)d lines need a look.", warnings) % {"n": warnings}
    return note
