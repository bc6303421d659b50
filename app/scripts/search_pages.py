"""The search page: every script of a project."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app.core.i18n import _
from app.episodes.places import place_of
from app.projects.access import ProjectAccess, in_project
from app.scripts import searching
from app.web.database import Transaction
from app.web.forms import blank_form
from app.web.paging import decode_cursor, encode_cursor
from app.web.templating import render

router = APIRouter()
PAGE = 50


@router.get("/projects/{project_id}/search")
async def search_page(
    request: Request,
    session: Transaction,
    access: Annotated[ProjectAccess, in_project("scripts.read")],
    q: Annotated[str, Query(max_length=200)] = "",
    kind: Literal["", "dialogue", "action", "heading", "character"] = "",
    who: Annotated[str, Query(max_length=80)] = "",
    after: str = "",
) -> Response:
    """Search all scripts of a project, and jump to where the words stand."""
    start = decode_cursor(after, (int, int)) if after else (0, -1)
    hits, following = await searching.search(
        session, access.project.id, q, kind=kind, speaker=who.strip(), after=(start[0], start[1]), limit=PAGE
    )
    return render(
        request,
        "scripts/search.html",
        place=place_of(access.project),
        hits=hits,
        following=encode_cursor(following) if following else "",
        form=blank_form({"q": q, "kind": kind, "who": who}),
        q=q,
        kind=kind,
        who=who,
        kinds=kinds(),
        access=access,
    )


def kinds() -> list[tuple[str, str]]:
    """Return what a search can be narrowed to."""
    return [
        ("", _("Everything")),
        ("dialogue", _("Dialogue")),
        ("action", _("Action")),
        ("heading", _("Headings")),
        ("character", _("Characters")),
    ]
