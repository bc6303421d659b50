"""Suggestions for shots and their directions: asked for, taken over, taken back, put aside."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from app.core.i18n import _
from app.episodes import service as episodes
from app.projects.access import ProjectAccess, in_project
from app.scenes import service as scenes
from app.scripts import assistant
from app.shots import polishing, service, suggesting
from app.shots.places import shot_path
from app.web.database import Transaction
from app.web.forms import read_form
from app.web.htmx import redirect
from app.web.notes import leave_note

router = APIRouter()
Edit = Annotated[ProjectAccess, in_project("shots.edit")]
KINDS = (suggesting.KIND, polishing.KIND)


class ChosenForm(BaseModel):
    """The shots whose suggestions are meant; none means all."""

    model_config = ConfigDict(extra="ignore")

    shots: list[UUID] = Field(default_factory=list, max_length=100)


def _at(request: Request, access: ProjectAccess, proposal_id: UUID) -> Response:
    return redirect(request, f"/projects/{access.project.id}/proposals/{proposal_id}")


@router.post("/projects/{project_id}/scenes/{scene_id}/suggest")
async def suggest(request: Request, session: Transaction, access: Edit, scene_id: UUID) -> Response:
    """Ask how the shots of a scene may be taken, and go to where it will stand."""
    scene = await scenes.get(session, access.project.id, scene_id)
    episode = await episodes.get(session, access.project.id, scene.episode_id)
    models = request.app.state.text_models
    row = await suggesting.ask(session, models, access.actor, access.project, episode, scene)
    return _at(request, access, row.id)


@router.post("/projects/{project_id}/shots/{shot_id}/polish")
async def polish(request: Request, session: Transaction, access: Edit, shot_id: UUID) -> Response:
    """Ask for better directions of a shot, and go to where they will stand."""
    shot = await service.get(session, access.project.id, shot_id)
    episode = await episodes.get(session, access.project.id, shot.episode_id)
    models = request.app.state.text_models
    row = await polishing.ask(session, models, access.actor, access.project, episode, shot)
    return _at(request, access, row.id)


@router.post("/projects/{project_id}/shot-proposals/{proposal_id}/accept")
async def accept(request: Request, session: Transaction, access: Edit, proposal_id: UUID) -> Response:
    """Take suggestions over, those chosen or all; or make proposed directions the shot's, and go there."""
    row = await assistant.decidable(session, access.project.id, proposal_id, KINDS)
    given = (await read_form(request, ChosenForm)).value
    if row.kind == polishing.KIND:
        shot = await service.get(session, access.project.id, row.subject_id)
        await polishing.accept(session, access.actor, shot, row)
        note = _("The proposed directions are those of %(name)s.") % {"name": shot.name}
        return leave_note(redirect(request, shot_path(shot, "prompt")), note)
    names = await suggesting.apply(session, access.actor, access.project, row, given.shots)
    return leave_note(_at(request, access, row.id), _("Taken over: %(names)s.") % {"names": ", ".join(names)})


@router.post("/projects/{project_id}/shot-proposals/{proposal_id}/undo")
async def undo(request: Request, session: Transaction, access: Edit, proposal_id: UUID) -> Response:
    """Give shots the values from before their suggestions were taken over: those chosen, or all."""
    row = await assistant.of_kinds(session, access.project.id, proposal_id, [suggesting.KIND])
    given = (await read_form(request, ChosenForm)).value
    names = await suggesting.take_back(session, access.actor, access.project, row, given.shots)
    return leave_note(_at(request, access, row.id), _("Taken back: %(names)s.") % {"names": ", ".join(names)})


@router.post("/projects/{project_id}/shot-proposals/{proposal_id}/dismiss")
async def dismiss(request: Request, session: Transaction, access: Edit, proposal_id: UUID) -> Response:
    """Put a proposal aside; what was taken over of it stays."""
    row = await assistant.decidable(session, access.project.id, proposal_id, KINDS)
    await assistant.dismiss(session, access.actor, row)
    return redirect(request, f"/projects/{access.project.id}/episodes/{row.episode_id}/board")
