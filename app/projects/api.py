"""JSON API of projects: listed, created, changed, put away."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app.accounts.access import AnyActor, TeamAccess, in_team
from app.backends.registry import Registry
from app.core.errors import Invalid
from app.core.i18n import _
from app.projects import service
from app.projects.access import ProjectAccess, in_project
from app.projects.models import Project
from app.projects.schemas import ProjectChange, ProjectInput
from app.web.api import After, IfMatch, Limit, Listed, Output, behind, check_match, etag, following, tagged
from app.web.database import Transaction

router = APIRouter(tags=["Projects"])
Read = Annotated[ProjectAccess, in_project("projects.read")]
Edit = Annotated[ProjectAccess, in_project("projects.edit")]
Archive = Annotated[ProjectAccess, in_project("projects.archive")]


class ProjectOut(Output):
    """A project; the answer's ETag is what a change is sent with (If-Match)."""

    id: UUID
    team_id: UUID
    title: str
    language: str
    style: str
    width: int
    height: int
    rate: str
    format_fixed: bool
    currency: str
    backend: str
    model: str
    spending_paused_at: datetime | None
    archived_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: Project) -> ProjectOut:
        """Return a project as programs read it."""
        more = {"rate": str(row.rate), "format_fixed": bool(row.options.get("format_fixed"))}
        return cls(**{name: more[name] if name in more else getattr(row, name) for name in cls.model_fields})


def _tagged(row: Project, status: int = 200) -> Response:
    return tagged(ProjectOut.of(row), etag(row.updated_at), status)


@router.get("/projects")
async def list_projects(
    session: Transaction,
    actor: AnyActor,
    search: Annotated[str, Query(max_length=120, description="Part of the title.")] = "",
    archived: Annotated[bool, Query(description="Those put away instead.")] = False,
    limit: Limit = 50,
    after: After = None,
) -> Listed[ProjectOut]:
    """List the projects one may see, newest first."""
    rows = await service.page(
        session, actor, archived=archived, search=search, before=behind(after, UUID), limit=limit + 1
    )
    return Listed(items=[ProjectOut.of(row) for row in rows[:limit]], next=following(rows, limit, lambda row: row.id))


@router.post("/teams/{team_id}/projects", status_code=201, response_model=ProjectOut)
async def create(
    session: Transaction, access: Annotated[TeamAccess, in_team("projects.create")], given: ProjectInput
) -> Response:
    """Create a project in a team."""
    return _tagged(await service.create(session, access.actor, access.team.id, given), 201)


@router.get("/projects/{project_id}", response_model=ProjectOut)
async def get(access: Read) -> Response:
    """Read one project."""
    return _tagged(access.project)


@router.patch("/projects/{project_id}", response_model=ProjectOut)
async def change(
    request: Request, session: Transaction, access: Edit, given: ProjectChange, if_match: IfMatch = None
) -> Response:
    """Change a project; what is left out stays. Shots whose style changed become stale.

    Size and frame rate are fixed by the first take. A backend is given together with its model.
    """
    project = access.project
    await session.refresh(project, with_for_update=True)
    check_match(if_match, etag(project.updated_at))
    said = given.model_dump(exclude_none=True)
    backend, model = said.pop("backend", ""), said.pop("model", "")
    if bool(backend) != bool(model):
        raise Invalid("projects.half_a_backend", _("Give the backend and its model together."), field="model")
    if said:
        present = {name: getattr(project, name) for name in ("title", "language", "style", "width", "height")}
        await service.change(
            session, access.actor, project, ProjectInput(**{**present, "rate": str(project.rate), **said})
        )
    if backend:
        registry: Registry = request.app.state.registry
        registry.caps(backend, model)
        await service.choose_backend(session, access.actor, project, backend, model)
    await session.flush()
    return _tagged(project)


@router.post("/projects/{project_id}/archive", response_model=ProjectOut)
async def archive(session: Transaction, access: Archive) -> Response:
    """Put a project away; nothing is deleted."""
    return await _put_away(session, access, archived=True)


@router.post("/projects/{project_id}/restore", response_model=ProjectOut)
async def restore(session: Transaction, access: Archive) -> Response:
    """Bring a project that was put away back."""
    return await _put_away(session, access, archived=False)


async def _put_away(session: Transaction, access: ProjectAccess, *, archived: bool) -> Response:
    await service.archive(session, access.actor, access.project, archived=archived)
    await session.flush()
    return _tagged(access.project)
