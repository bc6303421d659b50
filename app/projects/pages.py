"""Changing projects: create, settings, archive."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from app.accounts.access import TeamAccess, in_team
from app.core.errors import Conflict, Invalid
from app.projects import service
from app.projects.access import ProjectAccess, in_project
from app.projects.forms import OfferForm, ProjectForm, format_of
from app.projects.schemas import FORMATS, RATES
from app.web.database import Transaction
from app.web.forms import Form, blank_form, read_form
from app.web.nav import Place
from app.web.templating import render

router = APIRouter()


@router.post("/teams/{team_id}/projects")
async def create(
    request: Request, session: Transaction, access: Annotated[TeamAccess, in_team("projects.create")]
) -> Response:
    """Create a project and go to it."""
    form = await read_form(request, ProjectForm)
    if form.ok:
        try:
            project = await service.create(session, access.actor, access.team.id, form.value.to_input())
            return RedirectResponse(f"/projects/{project.id}", 303)
        except Invalid as error:
            form.fail(error, error.details.get("field", ""))
    return render(
        request, "projects/new.html", status=422, form=form, team=access.team, formats=list(FORMATS), rates=RATES
    )


def _settings(request: Request, access: ProjectAccess, form: Form[ProjectForm], status: int = 200) -> Response:
    project = access.project
    registry = request.app.state.registry
    return render(
        request,
        "projects/settings.html",
        status=status,
        place=Place(project.id, project.title),
        project=project,
        form=form,
        formats=list(FORMATS),
        rates=RATES,
        access=access,
        offers=[
            (f"{offer.backend}/{offer.caps.model}", f"{offer.backend} · {offer.caps.model}")
            for offer in registry.models()
        ],
        chosen=f"{project.backend}/{project.model}",
    )


@router.get("/projects/{project_id}/settings")
async def settings_page(request: Request, access: Annotated[ProjectAccess, in_project("projects.read")]) -> Response:
    """Show a project's settings."""
    project = access.project
    values = {
        "title": project.title,
        "language": project.language,
        "style": project.style,
        "format": format_of(project.width, project.height),
        "width": str(project.width),
        "height": str(project.height),
        "rate": str(project.rate),
    }
    return _settings(request, access, blank_form(values))


@router.post("/projects/{project_id}/settings")
async def change(
    request: Request, session: Transaction, access: Annotated[ProjectAccess, in_project("projects.edit")]
) -> Response:
    """Change a project; shots whose style changed become stale."""
    form = await read_form(request, ProjectForm)
    if not form.ok:
        return _settings(request, access, form, 422)
    try:
        await service.change(session, access.actor, access.project, form.value.to_input())
    except (Invalid, Conflict) as error:
        return _settings(request, access, form.fail(error, error.details.get("field", "")), error.status)
    return RedirectResponse(f"/projects/{access.project.id}/settings", 303)


@router.post("/projects/{project_id}/backend")
async def choose_backend(
    request: Request, session: Transaction, access: Annotated[ProjectAccess, in_project("projects.edit")]
) -> Response:
    """Choose where the project's takes are made."""
    form = await read_form(request, OfferForm)
    backend, _slash, model = form.value.offer.partition("/")
    request.app.state.registry.caps(backend, model)
    await service.choose_backend(session, access.actor, access.project, backend, model)
    return RedirectResponse(f"/projects/{access.project.id}/settings", 303)


@router.post("/projects/{project_id}/archive")
async def archive(session: Transaction, access: Annotated[ProjectAccess, in_project("projects.archive")]) -> Response:
    """Put a project away."""
    await service.archive(session, access.actor, access.project, archived=True)
    return RedirectResponse("/", 303)


@router.post("/projects/{project_id}/restore")
async def restore(session: Transaction, access: Annotated[ProjectAccess, in_project("projects.archive")]) -> Response:
    """Bring an archived project back."""
    await service.archive(session, access.actor, access.project, archived=False)
    return RedirectResponse(f"/projects/{access.project.id}", 303)


@router.get("/projects/{project_id}/team")
async def team(access: Annotated[ProjectAccess, in_project("projects.read")]) -> Response:
    """Go to the project's team."""
    return RedirectResponse(f"/teams/{access.project.team_id}", 303)
