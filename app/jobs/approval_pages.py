"""The page of what waits for a producer's approval."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from app.core.i18n import _
from app.episodes import service as episodes
from app.episodes.places import place_of
from app.jobs import approving
from app.projects.access import ProjectAccess, in_project
from app.web.database import Transaction
from app.web.forms import read_form
from app.web.htmx import redirect
from app.web.notes import leave_note
from app.web.templating import render

router = APIRouter()
Approve = Annotated[ProjectAccess, in_project("money.approve")]
PAGE = 50


class DeclineForm(BaseModel):
    """Why a wish is turned down."""

    model_config = ConfigDict(extra="ignore")

    reason: str = Field(default="", max_length=approving.LONGEST_REASON)


@router.get("/projects/{project_id}/approvals")
async def approvals_page(
    request: Request, session: Transaction, access: Approve, before: UUID | None = None
) -> Response:
    """Show the wishes that wait for a producer, with their sums."""
    project = access.project
    rows = await approving.waiting(session, project.id, before=before, limit=PAGE + 1)
    names = {each.id: each for each in await episodes.of_project(session, project.id)}
    return render(
        request,
        "money/approvals.html",
        place=place_of(project),
        project=project,
        rows=[(row, names[row.episode_id]) for row in rows[:PAGE]],
        older=rows[PAGE - 1].batch_id if len(rows) > PAGE else None,
        access=access,
    )


@router.post("/projects/{project_id}/approvals/{batch_id}/approve")
async def approve(request: Request, session: Transaction, access: Approve, batch_id: UUID) -> Response:
    """Agree to the price of a wish."""
    await approving.approve(session, access.actor, access.project, batch_id)
    return leave_note(redirect(request, f"/projects/{access.project.id}/approvals"), _("Approved. It goes on now."))


@router.post("/projects/{project_id}/approvals/{batch_id}/decline")
async def decline(request: Request, session: Transaction, access: Approve, batch_id: UUID) -> Response:
    """Turn a wish down, with a reason."""
    given = (await read_form(request, DeclineForm)).value
    await approving.decline(session, access.actor, access.project, batch_id, given.reason)
    return leave_note(redirect(request, f"/projects/{access.project.id}/approvals"), _("Declined. Nothing was bought."))
