"""What is asked of an export of a script, by a page or by a program, and the answer with the file."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app.episodes.models import Episode
from app.media.serve import content_disposition
from app.projects.models import Project
from app.scripts import service
from app.scripts.exporting import Exported, Format, ToExport, file_name
from app.scripts.formats.options import ExportOptions
from app.scripts.formats.revision_marks import RevisionMarks, changed_lines


class ExportWish(BaseModel):
    """What an export shows."""

    numbers: bool = Field(default=True, description="Scene numbers.")
    notes: bool = Field(default=False, description="Notes and cuts.")
    title_page: bool = Field(default=True, description="The title page.")


class EpisodeWish(ExportWish):
    """A format, what the export shows, and the revision whose changes are marked, if any."""

    format: Format = "fountain"
    since: UUID | None = Field(default=None, description="Mark what changed since this revision.")
    colour: str = Field(default="blue", max_length=20, description="The colour of the marks: a name, or #rrggbb.")


def options_of(wish: ExportWish) -> ExportOptions:
    """Return a wish as options."""
    return ExportOptions(scene_numbers=wish.numbers, notes=wish.notes, title_page=wish.title_page)


async def to_export(session: AsyncSession, project: Project, episode: Episode, wish: ExportWish) -> ToExport:
    """Return the present script of an episode, named and with what is to be shown of it.

    Raises ``NotFound`` when changes are to be marked since a revision that this script does not have.
    """
    script = await service.present(session, episode)
    marks: tuple[RevisionMarks, ...] = ()
    if isinstance(wish, EpisodeWish) and wish.since is not None:
        kept = await service.revision(session, script, wish.since)
        marks = (RevisionMarks(kept.name, wish.colour, changed_lines(kept.text, script.text)),)
    title = " ".join(part for part in (project.title, episode.title) if part)
    base = options_of(wish)
    options = ExportOptions(base.scene_numbers, base.notes, base.title_page, marks, title)
    return ToExport(script.text, file_name(project.title, episode.number, episode.title), options)


def answer(made: Exported, name: str) -> Response:
    """Return a file as a download; characters that the fonts of a PDF lack are named in ``X-Missing-Characters``."""
    headers = {"Content-Disposition": content_disposition(f"{name}.{made.ending}")}
    if made.missing:
        headers["X-Missing-Characters"] = quote("".join(made.missing))
    return Response(made.data, media_type=made.media_type, headers=headers)
