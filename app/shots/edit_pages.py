"""Changing shots by hand: fields, order, locks, drops, reference pictures."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.core.errors import Invalid
from app.core.i18n import _, ngettext
from app.episodes import service as episodes
from app.media.pictures import keep_picture
from app.projects.access import ProjectAccess, in_project
from app.scenes import service as scenes
from app.shots import service
from app.shots.forms import DropForm, FieldForm, MoveForm, ReasonForm, ShotForm, SplitForm, changes
from app.shots.models import Shot
from app.shots.places import shot_path
from app.web.database import Transaction
from app.web.forms import read_form
from app.web.htmx import redirect
from app.web.notes import leave_note

router = APIRouter()
NEW_SHOT_SECONDS = 2

Edit = Annotated[ProjectAccess, in_project("shots.edit")]
Lock = Annotated[ProjectAccess, in_project("shots.lock")]
Drop = Annotated[ProjectAccess, in_project("shots.drop")]


def _back(request: Request, shot: Shot, note: str = "") -> Response:
    response = redirect(request, shot_path(shot, "shot"))
    return leave_note(response, note) if note else response


@router.post("/projects/{project_id}/shots/{shot_id}")
async def edit(request: Request, session: Transaction, access: Edit, shot_id: UUID) -> Response:
    """Change the fields that differ; refused when somebody else changed the shot since the page was opened."""
    shot = await service.get(session, access.project.id, shot_id)
    form = await read_form(request, ShotForm)
    given = changes(form, shot, access.project.rate)
    await service.edit(session, shot, given, tag=form.value.tag or None)
    return _back(request, shot, _("%(name)s is saved.") % {"name": shot.name})


@router.post("/projects/{project_id}/shots/{shot_id}/script-value")
async def take_script_value(request: Request, session: Transaction, access: Edit, shot_id: UUID) -> Response:
    """Give up one's own value of a field for the script's newer one."""
    shot = await service.get(session, access.project.id, shot_id)
    await service.take_script_value(session, shot, (await read_form(request, FieldForm)).value.field)
    return _back(request, shot)


@router.post("/projects/{project_id}/shots/{shot_id}/move")
async def move(request: Request, session: Transaction, access: Edit, shot_id: UUID) -> Response:
    """Move a shot one place up or down in its scene."""
    shot = await service.get(session, access.project.id, shot_id)
    direction = (await read_form(request, MoveForm)).value.direction
    await service.step(session, shot, 1 if direction == "down" else -1)
    return _back(request, shot)


@router.post("/projects/{project_id}/shots/{shot_id}/add-after")
async def add_after(request: Request, session: Transaction, access: Edit, shot_id: UUID) -> Response:
    """Add an empty shot behind this one, and go to it."""
    shot = await service.get(session, access.project.id, shot_id)
    scene = await scenes.get(session, access.project.id, shot.scene_id)
    frames = access.project.rate.frames(NEW_SHOT_SECONDS)
    return _back(request, await service.add(session, scene, after=shot, duration_frames=frames))


@router.post("/projects/{project_id}/shots/{shot_id}/split")
async def split(request: Request, session: Transaction, access: Edit, shot_id: UUID) -> Response:
    """Split a shot before one of its speeches, or in the middle when it has none."""
    shot = await service.get(session, access.project.id, shot_id)
    given = (await read_form(request, SplitForm)).value
    second = await service.split(session, shot, at_line=given.at_line)
    return _back(request, shot, _("%(name)s holds the second half.") % {"name": second.name})


@router.post("/projects/{project_id}/shots/{shot_id}/merge")
async def merge(request: Request, session: Transaction, access: Edit, shot_id: UUID) -> Response:
    """Merge the next shot of the scene into this one."""
    shot = await service.get(session, access.project.id, shot_id)
    other = await service.merge(session, access.actor, shot)
    return _back(request, shot, _("%(name)s is merged into this shot and dropped.") % {"name": other.name})


@router.post("/projects/{project_id}/shots/{shot_id}/lock")
async def lock(request: Request, session: Transaction, access: Lock, shot_id: UUID) -> Response:
    """Lock a shot against every change."""
    shot = await service.get(session, access.project.id, shot_id)
    await service.lock(session, access.actor, shot, locked=True)
    return _back(request, shot)


@router.post("/projects/{project_id}/shots/{shot_id}/unlock")
async def unlock(request: Request, session: Transaction, access: Lock, shot_id: UUID) -> Response:
    """Open a locked shot again."""
    shot = await service.get(session, access.project.id, shot_id)
    await service.lock(session, access.actor, shot, locked=False)
    return _back(request, shot)


@router.post("/projects/{project_id}/shots/{shot_id}/drop")
async def drop(request: Request, session: Transaction, access: Drop, shot_id: UUID) -> Response:
    """Drop a shot from the episode, with a reason."""
    shot = await service.get(session, access.project.id, shot_id)
    await service.drop(session, access.actor, shot, reason=(await read_form(request, ReasonForm)).value.reason)
    return _back(request, shot)


@router.post("/projects/{project_id}/shots/{shot_id}/restore")
async def restore(request: Request, session: Transaction, access: Drop, shot_id: UUID) -> Response:
    """Bring a dropped shot back."""
    shot = await service.get(session, access.project.id, shot_id)
    await service.restore(session, access.actor, shot)
    return _back(request, shot)


@router.post("/projects/{project_id}/shots/{shot_id}/reference/upload")
async def set_reference(request: Request, session: Transaction, access: Edit, shot_id: UUID) -> Response:
    """Give a shot a reference picture."""
    shot = await service.get(session, access.project.id, shot_id)
    form = await read_form(request, ReasonForm)
    key, content_type = await keep_picture(form.file("picture"), request.app.state.storage)
    await service.set_reference(session, shot, key, content_type)
    return _back(request, shot)


@router.post("/projects/{project_id}/shots/{shot_id}/reference/remove")
async def remove_reference(request: Request, session: Transaction, access: Edit, shot_id: UUID) -> Response:
    """Take a shot's reference picture away."""
    shot = await service.get(session, access.project.id, shot_id)
    await service.set_reference(session, shot, None, "")
    return _back(request, shot)


@router.post("/projects/{project_id}/episodes/{episode_id}/shots/drop")
async def drop_some(request: Request, session: Transaction, access: Drop, episode_id: UUID) -> Response:
    """Drop the shots that are selected on the board, with one reason."""
    episode = await episodes.get(session, access.project.id, episode_id)
    given = (await read_form(request, DropForm)).value
    rows = [row for row in await service.some(session, access.project.id, given.shots) if row.episode_id == episode.id]
    if not rows:
        raise Invalid("shots.none_chosen", _("No shot is selected. Select shots on the board first."))
    for row in rows:
        await service.drop(session, access.actor, row, reason=given.reason)
    note = ngettext("%(n)d shot is dropped.", "%(n)d shots are dropped.", len(rows)) % {"n": len(rows)}
    return leave_note(redirect(request, f"/projects/{access.project.id}/episodes/{episode_id}/board"), note)
