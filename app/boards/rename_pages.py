"""Calling a character otherwise, as a page: every place to look at and choose, then one change."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from app.boards import renaming
from app.core.errors import ReelroomError
from app.core.i18n import _
from app.episodes.places import place_of
from app.projects.access import ProjectAccess, in_project
from app.web.database import Transaction
from app.web.forms import blank_form, read_form
from app.web.htmx import redirect
from app.web.notes import leave_note
from app.web.templating import render

router = APIRouter()
Edit = Annotated[ProjectAccess, in_project("scripts.edit")]


class RenameForm(BaseModel):
    """The name of now and the new one, and the places that are to change."""

    model_config = ConfigDict(extra="ignore")

    old: str = Field(min_length=1, max_length=80)
    new: str = Field(min_length=1, max_length=80)
    places: list[str] = Field(default_factory=list, max_length=20000)
    keep_alias: bool = False


@router.get("/projects/{project_id}/rename-character")
async def rename_page(
    request: Request,
    session: Transaction,
    access: Edit,
    old: Annotated[str, Query(max_length=80)] = "",
    new: Annotated[str, Query(max_length=80)] = "",
) -> Response:
    """Ask for the two names, and show every place that would change."""
    form, seen = blank_form({"old": old, "new": new}), None
    if old.strip() and new.strip():
        try:
            seen = await renaming.preview(session, access.project, old, new)
        except ReelroomError as error:
            form.fail(error, "new")
    return render(
        request,
        "boards/rename.html",
        place=place_of(access.project),
        form=form,
        seen=seen,
        key_of=renaming.key_of,
        kind_words=kind_words(),
        access=access,
    )


@router.post("/projects/{project_id}/rename-character")
async def rename(request: Request, session: Transaction, access: Edit) -> Response:
    """Say the new name at the chosen places, in the bible and on the shots."""
    given = (await read_form(request, RenameForm)).value
    done = await renaming.rename(
        session, access.actor, access.project, given.old, given.new, chosen=given.places, keep_alias=given.keep_alias
    )
    note = _("%(old)s is called %(new)s now. Each script keeps how it was; to undo, rename it back.")
    path = f"/projects/{access.project.id}/rename-character"
    return leave_note(redirect(request, path), note % {"old": done.old, "new": done.new})


def kind_words() -> dict[str, str]:
    """Return what a reader is told of where a name stands."""
    return {
        "cue": _("cue"),
        "dialogue": _("dialogue"),
        "cast": _("cast line"),
        "heading": _("heading"),
        "action": _("action"),
        "profile": _("profile"),
        "other": _("other"),
    }
