"""Taking scripts away: one episode in one format, a whole season as an archive."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response, StreamingResponse

from app.core.errors import Invalid
from app.core.i18n import _
from app.episodes import service as episodes
from app.episodes.places import place_of
from app.media.serve import content_disposition, safe_file_name
from app.projects.access import ProjectAccess, in_project
from app.scripts import exporting
from app.scripts.export_requests import EpisodeWish, ExportWish, answer, to_export
from app.scripts.exporting import FORMATS, Format
from app.web.database import Transaction
from app.web.later import Later
from app.web.templating import render

router = APIRouter()
Take = Annotated[ProjectAccess, in_project("scripts.export")]


class SeasonWish(ExportWish):
    """Which formats, of which episodes: all where none is named."""

    formats: list[Format] = Field(default_factory=list, max_length=10)
    episodes: list[UUID] = Field(default_factory=list, max_length=1000)


@router.get("/projects/{project_id}/episodes/{episode_id}/script/export")
async def export_script(
    session: Transaction, access: Take, episode_id: UUID, wish: Annotated[EpisodeWish, Query()]
) -> Response:
    """Take the script of an episode away in a format."""
    episode = await episodes.get(session, access.project.id, episode_id)
    wanted = await to_export(session, access.project, episode, wish)

    async def work() -> Response:
        return answer(await exporting.export(wanted.text, wish.format, wanted.options), wanted.name)

    return Later(work)


@router.get("/projects/{project_id}/scripts/export")
async def season_page(request: Request, session: Transaction, access: Take) -> Response:
    """Show what can be taken away of a whole season."""
    rows = await episodes.of_project(session, access.project.id)
    return render(
        request,
        "scripts/export.html",
        place=place_of(access.project),
        project=access.project,
        episodes=rows,
        formats=FORMATS,
    )


@router.get("/projects/{project_id}/scripts/export/archive")
async def season_archive(session: Transaction, access: Take, wish: Annotated[SeasonWish, Query()]) -> Response:
    """Take the scripts of a season away, as an archive that is sent while it is made."""
    if not wish.formats:
        raise Invalid("scripts.no_format", _("Choose at least one format."), field="formats")
    wanted = [
        await to_export(session, access.project, episode, wish)
        for episode in await episodes.of_project(session, access.project.id)
        if not wish.episodes or episode.id in wish.episodes
    ]
    written = [each for each in wanted if each.text.strip()]
    if not written:
        raise Invalid("scripts.nothing_written", _("No episode has a script yet: there is nothing to take away."))
    name = safe_file_name(f"{access.project.title} {_('scripts')}.zip")
    return StreamingResponse(
        exporting.season(written, list(dict.fromkeys(wish.formats))),
        media_type="application/zip",
        headers={"Content-Disposition": content_disposition(name)},
    )
