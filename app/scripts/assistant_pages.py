"""Help with a script: asked for a passage, taken over or put aside by a writer."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.core.i18n import _
from app.episodes import service as episodes
from app.projects.access import ProjectAccess, in_project
from app.scripts import assistant, script_help
from app.scripts.assistant_documents import HelpForm
from app.web.database import Transaction
from app.web.forms import read_form
from app.web.htmx import redirect
from app.web.notes import leave_note

router = APIRouter()
Edit = Annotated[ProjectAccess, in_project("scripts.edit")]


@router.post("/projects/{project_id}/episodes/{episode_id}/script/help")
async def ask(request: Request, session: Transaction, access: Edit, episode_id: UUID) -> Response:
    """Ask for another wording of a passage, and go to where it will stand."""
    episode = await episodes.get(session, access.project.id, episode_id)
    given = (await read_form(request, HelpForm)).value
    row = await script_help.ask(
        session,
        request.app.state.text_models,
        access.actor,
        access.project,
        episode,
        passage=given.passage,
        wish=given.wish,
        instruction=given.instruction,
        offset=given.offset,
    )
    return redirect(request, f"/projects/{access.project.id}/proposals/{row.id}")


@router.post("/projects/{project_id}/proposals/{proposal_id}/accept")
async def accept(request: Request, session: Transaction, access: Edit, proposal_id: UUID) -> Response:
    """Put the proposed words into the script, and go there."""
    row = await assistant.decidable(session, access.project.id, proposal_id, [script_help.KIND])
    episode = await episodes.get(session, access.project.id, row.episode_id)
    await script_help.accept(session, access.actor, episode, row)
    path = f"/projects/{access.project.id}/episodes/{episode.id}/script"
    return leave_note(redirect(request, path), _("The proposed words are in the script."))


@router.post("/projects/{project_id}/proposals/{proposal_id}/dismiss")
async def dismiss(request: Request, session: Transaction, access: Edit, proposal_id: UUID) -> Response:
    """Put a proposal aside; the script stays as it is."""
    row = await assistant.decidable(session, access.project.id, proposal_id, [script_help.KIND])
    await assistant.dismiss(session, access.actor, row)
    return redirect(request, f"/projects/{access.project.id}/episodes/{row.episode_id}/script")
