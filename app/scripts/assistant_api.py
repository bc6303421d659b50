"""JSON API of proposals: listed, read, and for scripts asked for, accepted, dismissed."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app.episodes import service as episodes
from app.projects.access import ProjectAccess, in_project
from app.scripts import assistant, script_help
from app.scripts.assistant_documents import HelpIn, ProposalItem, ProposalOut, ProposalState
from app.scripts.models import Proposal
from app.web.api import After, IdempotencyKey, Limit, Listed, Once, behind, following
from app.web.database import Transaction

router = APIRouter(tags=["Proposals"])
Read = Annotated[ProjectAccess, in_project("scripts.read")]
Edit = Annotated[ProjectAccess, in_project("scripts.edit")]


def _told(access: ProjectAccess, row: Proposal) -> ProposalOut:
    return ProposalOut.of(row, with_money=access.may("money.read"))


@router.get("/projects/{project_id}/proposals")
async def list_proposals(
    session: Transaction,
    access: Read,
    episode: UUID | None = None,
    state: Annotated[list[ProposalState], Query(max_length=6)] = [],  # noqa: B006  # FastAPI copies it
    limit: Limit = 50,
    after: After = None,
) -> Listed[ProposalItem]:
    """List a project's proposals, newest first."""
    if episode is not None:
        await episodes.get(session, access.project.id, episode)
    rows = await assistant.page(
        session, access.project.id, episode_id=episode, states=state, before=behind(after, UUID), limit=limit + 1
    )
    items = [ProposalItem.of(row, with_money=access.may("money.read")) for row in rows[:limit]]
    return Listed(items=items, next=following(rows, limit, lambda row: row.id))


@router.get("/projects/{project_id}/proposals/{proposal_id}")
async def get(session: Transaction, access: Read, proposal_id: UUID) -> ProposalOut:
    """Read one proposal with its text."""
    return _told(access, await assistant.get(session, access.project.id, proposal_id))


@router.post("/projects/{project_id}/episodes/{episode_id}/script/help", status_code=202, response_model=ProposalOut)
async def ask(
    request: Request,
    session: Transaction,
    access: Edit,
    episode_id: UUID,
    given: HelpIn,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Ask for another wording of a passage; it is proposed when its `state` is `proposed`."""
    once = Once(request, access.actor.id, idempotency_key, code="assistant.idempotency_mismatch")
    if before := await once.before():
        return before
    episode = await episodes.get(session, access.project.id, episode_id)
    row = await script_help.ask(
        session, request.app.state.text_models, access.actor, access.project, episode, **given.model_dump()
    )
    return await once.answer(_told(access, row), 202)


@router.post("/projects/{project_id}/proposals/{proposal_id}/accept")
async def accept(session: Transaction, access: Edit, proposal_id: UUID) -> ProposalOut:
    """Put the proposed words into the script, as your own change."""
    row = await assistant.decidable(session, access.project.id, proposal_id, [script_help.KIND])
    episode = await episodes.get(session, access.project.id, row.episode_id)
    await script_help.accept(session, access.actor, episode, row)
    return _told(access, row)


@router.post("/projects/{project_id}/proposals/{proposal_id}/dismiss")
async def dismiss(session: Transaction, access: Edit, proposal_id: UUID) -> ProposalOut:
    """Put a proposal for the script aside."""
    row = await assistant.decidable(session, access.project.id, proposal_id, [script_help.KIND])
    await assistant.dismiss(session, access.actor, row)
    return _told(access, row)
