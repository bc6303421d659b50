"""JSON API of proposals for shots: asked for, taken over, taken back, put aside."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from app.episodes import service as episodes
from app.projects.access import ProjectAccess, in_project
from app.scenes import service as scenes
from app.scripts import assistant
from app.scripts.assistant_documents import ProposalOut
from app.scripts.models import Proposal
from app.shots import polishing, service, suggesting
from app.web.api import IdempotencyKey, Input, Once
from app.web.database import Transaction

router = APIRouter(tags=["Proposals"])
Edit = Annotated[ProjectAccess, in_project("shots.edit")]
KINDS = (suggesting.KIND, polishing.KIND)
CODE = "assistant.idempotency_mismatch"


class ChosenIn(Input):
    """The shots whose suggestions are meant; none means all. Directions have no choice."""

    shots: list[UUID] = Field(default_factory=list, max_length=100)


def _told(access: ProjectAccess, row: Proposal) -> ProposalOut:
    return ProposalOut.of(row, with_money=access.may("money.read"))


@router.post("/projects/{project_id}/scenes/{scene_id}/suggest", status_code=202, response_model=ProposalOut)
async def suggest(
    request: Request, session: Transaction, access: Edit, scene_id: UUID, idempotency_key: IdempotencyKey = None
) -> Response:
    """Ask how the shots of a scene may be taken."""
    once = Once(request, access.actor.id, idempotency_key, code=CODE)
    if before := await once.before():
        return before
    scene = await scenes.get(session, access.project.id, scene_id)
    episode = await episodes.get(session, access.project.id, scene.episode_id)
    models = request.app.state.text_models
    row = await suggesting.ask(session, models, access.actor, access.project, episode, scene)
    return await once.answer(_told(access, row), 202)


@router.post("/projects/{project_id}/shots/{shot_id}/polish", status_code=202, response_model=ProposalOut)
async def polish(
    request: Request, session: Transaction, access: Edit, shot_id: UUID, idempotency_key: IdempotencyKey = None
) -> Response:
    """Ask for better directions of a shot."""
    once = Once(request, access.actor.id, idempotency_key, code=CODE)
    if before := await once.before():
        return before
    shot = await service.get(session, access.project.id, shot_id)
    episode = await episodes.get(session, access.project.id, shot.episode_id)
    models = request.app.state.text_models
    row = await polishing.ask(session, models, access.actor, access.project, episode, shot)
    return await once.answer(_told(access, row), 202)


@router.post("/projects/{project_id}/shot-proposals/{proposal_id}/accept")
async def accept(session: Transaction, access: Edit, proposal_id: UUID, given: ChosenIn) -> ProposalOut:
    """Take suggestions over, those chosen or all; or make proposed directions the shot's."""
    row = await assistant.decidable(session, access.project.id, proposal_id, KINDS)
    if row.kind == polishing.KIND:
        shot = await service.get(session, access.project.id, row.subject_id)
        await polishing.accept(session, access.actor, shot, row)
    else:
        await suggesting.apply(session, access.actor, access.project, row, given.shots)
    return _told(access, row)


@router.post("/projects/{project_id}/shot-proposals/{proposal_id}/undo")
async def undo(session: Transaction, access: Edit, proposal_id: UUID, given: ChosenIn) -> ProposalOut:
    """Give shots the values from before their suggestions were taken over: those chosen, or all."""
    row = await assistant.of_kinds(session, access.project.id, proposal_id, [suggesting.KIND])
    await suggesting.take_back(session, access.actor, access.project, row, given.shots)
    return _told(access, row)


@router.post("/projects/{project_id}/shot-proposals/{proposal_id}/dismiss")
async def dismiss(session: Transaction, access: Edit, proposal_id: UUID) -> ProposalOut:
    """Put a proposal aside; what was taken over of it stays."""
    row = await assistant.decidable(session, access.project.id, proposal_id, KINDS)
    await assistant.dismiss(session, access.actor, row)
    return _told(access, row)
