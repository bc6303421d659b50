"""Changing episodes: add, rename."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import RedirectResponse, Response

from app.core.errors import Invalid
from app.core.i18n import _
from app.episodes import service
from app.projects.access import ProjectAccess, in_project
from app.web.database import Transaction
from app.web.forms import read_form

router = APIRouter()


class EpisodeForm(BaseModel):
    """A new or renamed episode; without a number it comes after the last one."""

    model_config = ConfigDict(str_strip_whitespace=True, extra="ignore")

    title: str = Field(default="", max_length=120)
    number: int | None = Field(default=None, ge=1, le=service.MOST_EPISODES)
    target_seconds: int = Field(default=90, ge=10, le=3600)


async def _read(request: Request) -> EpisodeForm:
    form = await read_form(request, EpisodeForm)
    if not form.ok:
        raise Invalid("episodes.form", _("That is not an episode: %(why)s") % {"why": " ".join(form.errors.values())})
    return form.value


@router.post("/projects/{project_id}/episodes")
async def add(
    request: Request, session: Transaction, access: Annotated[ProjectAccess, in_project("episodes.edit")]
) -> Response:
    """Add an episode and go to its script."""
    given = await _read(request)
    row = await service.add(
        session, access.project.id, title=given.title, number=given.number, target_seconds=given.target_seconds
    )
    return RedirectResponse(f"/projects/{access.project.id}/episodes/{row.id}/script", 303)


@router.post("/projects/{project_id}/episodes/{episode_id}")
async def rename(
    request: Request,
    session: Transaction,
    access: Annotated[ProjectAccess, in_project("episodes.edit")],
    episode_id: UUID,
) -> Response:
    """Change an episode's title and the length it aims at."""
    given = await _read(request)
    row = await service.get(session, access.project.id, episode_id)
    await service.rename(session, row, title=given.title, target_seconds=given.target_seconds)
    return RedirectResponse(f"/projects/{access.project.id}", 303)
