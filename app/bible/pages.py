"""The cast: every character, described once, shown wherever they appear."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import RedirectResponse, Response

from app.bible import service
from app.bible.service import CharacterInput
from app.core.errors import Invalid
from app.core.i18n import _
from app.media.pictures import keep_picture
from app.projects.access import ProjectAccess, in_project
from app.web.database import Transaction
from app.web.forms import read_form

router = APIRouter()


class NameForm(BaseModel):
    """A name, where one is asked for."""

    model_config = ConfigDict(extra="ignore")

    name: str = ""


@router.post("/projects/{project_id}/cast")
async def add(
    request: Request, session: Transaction, access: Annotated[ProjectAccess, in_project("bible.edit")]
) -> Response:
    """Add a character."""
    form = await read_form(request, NameForm)
    row = await service.add(session, access.project.id, form.value.name)
    return RedirectResponse(f"/projects/{access.project.id}/cast/{row.id}", 303)


@router.post("/projects/{project_id}/cast/{character_id}")
async def describe(
    request: Request,
    session: Transaction,
    access: Annotated[ProjectAccess, in_project("bible.edit")],
    character_id: UUID,
) -> Response:
    """Describe a character; the shots they appear in become stale."""
    row = await service.get(session, access.project.id, character_id)
    form = await read_form(request, CharacterInput)
    if not form.ok:
        raise Invalid("bible.form", _("The description is too long or not a description."), fields=form.errors)
    await service.describe(session, row, form.value)
    return RedirectResponse(f"/projects/{access.project.id}/cast/{row.id}", 303)


@router.post("/projects/{project_id}/cast/{character_id}/picture")
async def set_picture(
    request: Request,
    session: Transaction,
    access: Annotated[ProjectAccess, in_project("bible.edit")],
    character_id: UUID,
) -> Response:
    """Give a character a reference picture."""
    row = await service.get(session, access.project.id, character_id)
    form = await read_form(request, NameForm)
    key, content_type = await keep_picture(form.file("picture"), request.app.state.storage)
    await service.set_reference(session, row, key, content_type)
    return RedirectResponse(f"/projects/{access.project.id}/cast/{row.id}", 303)


@router.post("/projects/{project_id}/cast/{character_id}/picture/remove")
async def remove_picture(
    session: Transaction, access: Annotated[ProjectAccess, in_project("bible.edit")], character_id: UUID
) -> Response:
    """Take a character's reference picture away."""
    row = await service.get(session, access.project.id, character_id)
    await service.set_reference(session, row, None, "")
    return RedirectResponse(f"/projects/{access.project.id}/cast/{row.id}", 303)
