"""The home page and the page of a project."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from app.accounts import service as accounts
from app.accounts.access import PublicActor
from app.boards import home
from app.episodes import service as episodes
from app.episodes.places import place_of
from app.projects import service as projects
from app.projects.access import ProjectAccess, in_project
from app.projects.schemas import FORMATS, RATES
from app.web.database import Transaction
from app.web.forms import blank_form
from app.web.templating import render

router = APIRouter()
PAGE = 48


@router.get("/")
async def home_page(
    request: Request,
    session: Transaction,
    actor: PublicActor,
    q: Annotated[str, Query(max_length=80)] = "",
    archived: bool = False,
    before: UUID | None = None,
) -> Response:
    """Show the projects one may see; a stranger is sent to the way in."""
    if actor is None:
        return RedirectResponse("/sign-in" if await accounts.is_set_up(session) else "/set-up", 303)
    found = await projects.page(session, actor, archived=archived, search=q, before=before, limit=PAGE + 1)
    teams = [team for team in await accounts.teams(session, actor) if actor.may("projects.create", team.id)]
    return render(
        request,
        "boards/home.html",
        cards=await home.cards(session, found[:PAGE]),
        older=found[PAGE - 1].id if len(found) > PAGE else None,
        teams=teams,
        q=q,
        archived=archived,
        form=blank_form({"language": request.state.actor.locale, "format": "9:16", "rate": "24/1"}),
        formats=list(FORMATS),
        rates=RATES,
    )


@router.get("/projects/{project_id}")
async def project_page(
    request: Request, session: Transaction, access: Annotated[ProjectAccess, in_project("projects.read")]
) -> Response:
    """Show a project's episodes and their progress."""
    rows = await home.episode_rows(session, access.project, await episodes.of_project(session, access.project.id))
    return render(
        request,
        "boards/project.html",
        place=place_of(access.project),
        project=access.project,
        rows=rows,
        total=home.total(rows),
        posters=[row.poster for row in rows if row.poster][:3],
        access=access,
        form=blank_form(),
    )
