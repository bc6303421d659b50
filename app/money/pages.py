"""The budget of a project and its episodes."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from app.core.errors import Invalid
from app.core.money import Money
from app.episodes import service as episodes
from app.episodes.places import place_of
from app.money import service
from app.projects.access import ProjectAccess, in_project
from app.web.database import Transaction
from app.web.forms import blank_form, read_form
from app.web.htmx import redirect
from app.web.templating import render

router = APIRouter()


class BudgetForm(BaseModel):
    """A hard cap in the project's currency, for the project or one episode."""

    model_config = ConfigDict(extra="ignore")

    limit: Decimal = Field(ge=0, le=Decimal(10_000_000), decimal_places=2)
    episode: UUID | None = None


@router.get("/projects/{project_id}/money")
async def money_page(
    request: Request, session: Transaction, access: Annotated[ProjectAccess, in_project("money.read")]
) -> Response:
    """Show what is spent and reserved against the budgets."""
    project = access.project
    rows = await episodes.of_project(session, project.id)
    positions = await service.positions(session, project)
    return render(
        request,
        "jobs/money.html",
        place=place_of(project),
        project=project,
        whole=await service.position(session, project),
        rows=[(episode, positions.get(episode.id)) for episode in rows],
        money_of=Money,
        form=blank_form(),
        access=access,
    )


@router.post("/projects/{project_id}/money/budget")
async def set_budget(
    request: Request, session: Transaction, access: Annotated[ProjectAccess, in_project("money.edit")]
) -> Response:
    """Set the hard cap of the project or of an episode."""
    form = await read_form(request, BudgetForm)
    if not form.ok:
        raise Invalid("money.form", " ".join(form.errors.values()), fields=form.errors)
    given = form.value
    if given.episode is not None:
        await episodes.get(session, access.project.id, given.episode)
    limit = Money.of(given.limit, access.project.currency)
    await service.set_budget(session, access.actor, access.project, given.episode, limit)
    return redirect(request, f"/projects/{access.project.id}/money")


@router.post("/projects/{project_id}/money/pause")
async def pause(
    request: Request, session: Transaction, access: Annotated[ProjectAccess, in_project("money.edit")]
) -> Response:
    """Stop all spending of the project."""
    await service.pause(session, access.actor, access.project, paused=True)
    return redirect(request, f"/projects/{access.project.id}/money")


@router.post("/projects/{project_id}/money/resume")
async def resume(
    request: Request, session: Transaction, access: Annotated[ProjectAccess, in_project("money.edit")]
) -> Response:
    """Let spending go on."""
    await service.pause(session, access.actor, access.project, paused=False)
    return redirect(request, f"/projects/{access.project.id}/money")
