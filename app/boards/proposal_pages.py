"""Proposals of text models: what was asked, beside what it is about, and what may be done with it."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app.boards import proposal_words, shot_words
from app.boards.difference import word_difference
from app.episodes import service as episodes
from app.episodes.places import place_of
from app.projects.access import ProjectAccess, in_project
from app.scenes import service as scenes
from app.scripts import assistant
from app.scripts.models import Proposal
from app.shots import polishing, suggesting
from app.shots import service as shots
from app.web.database import Transaction
from app.web.templating import render

router = APIRouter()
Read = Annotated[ProjectAccess, in_project("scripts.read")]
PAGE = 30


@router.get("/projects/{project_id}/episodes/{episode_id}/proposals")
async def proposals_page(
    request: Request,
    session: Transaction,
    access: Read,
    episode_id: UUID,
    before: UUID | None = None,
    fragment: str = "",
) -> Response:
    """List what text models proposed for an episode, newest first."""
    episode = await episodes.get(session, access.project.id, episode_id)
    rows = await assistant.page(session, access.project.id, episode_id=episode.id, before=before, limit=PAGE + 1)
    return render(
        request,
        "boards/_proposals.html" if fragment == "list" else "boards/proposals.html",
        place=place_of(access.project, episode),
        episode=episode,
        rows=rows[:PAGE],
        older=rows[PAGE - 1].id if len(rows) > PAGE else None,
        before=before,
        words=proposal_words,
        access=access,
    )


@router.get("/projects/{project_id}/proposals/{proposal_id}")
async def proposal_page(
    request: Request, session: Transaction, access: Read, proposal_id: UUID, fragment: str = ""
) -> Response:
    """Show one proposal; ``fragment`` asks for the part that changes while it is asked for."""
    row = await assistant.get(session, access.project.id, proposal_id)
    episode = await episodes.get(session, access.project.id, row.episode_id)
    return render(
        request,
        "boards/_proposal.html" if fragment == "proposal" else "boards/proposal.html",
        place=place_of(access.project, episode),
        proposal=row,
        words=proposal_words,
        shot_words=shot_words,
        rate=access.project.rate,
        access=access,
        assists=bool(request.app.state.text_models),
        difference=word_difference(row.before, row.text) if row.text else [],
        **await _about(session, access, row),
    )


async def _about(session: AsyncSession, access: ProjectAccess, row: Proposal) -> dict[str, Any]:
    """Return what a proposal is about: a passage, the shots of a scene, or one shot."""
    found: dict[str, Any] = {"scene": None, "shot": None, "suggested": []}
    if row.kind == suggesting.KIND:
        found["scene"] = await scenes.get(session, access.project.id, row.subject_id)
        found["suggested"] = await suggesting.suggested(session, row, access.project.rate)
    elif row.kind == polishing.KIND:
        found["shot"] = await shots.get(session, access.project.id, row.subject_id)
    return found
