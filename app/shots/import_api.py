"""JSON API of imports: a script becomes episodes, scenes, characters and shots."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.core.errors import Invalid
from app.core.i18n import _
from app.episodes import service as episodes
from app.projects.access import ProjectAccess, in_project
from app.scenes import service as scenes
from app.scripts.breakdown.model import ParseWarning
from app.scripts.formats.decode import decode
from app.scripts.formats.files import MOST_BYTES, read_file
from app.shots import import_preview, importing
from app.shots.derivation import Summary
from app.shots.importing import Imported
from app.web.api import Output
from app.web.database import Transaction
from app.web.forms import read_form

router = APIRouter(tags=["Scripts"])
Edit = Annotated[ProjectAccess, in_project("scripts.edit")]
LockNumbers = Annotated[ProjectAccess, in_project("shots.lock")]
BreakDown = Annotated[ProjectAccess, in_project("shots.break_down")]


class ScriptSent(BaseModel):
    """A script as text, and what to call it in the list of revisions."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1, max_length=4_000_000)
    name: str = Field(default="", max_length=80)


class SceneNumbers(BaseModel):
    """Whether the scene numbers of an episode are locked: scenes keep theirs, and inserted ones get a letter."""

    model_config = ConfigDict(extra="forbid")

    locked: bool
    reason: str = Field(default="", max_length=300, description="Needed to unlock.")


class NoFields(BaseModel):
    """A form that carries a file only."""


class SummaryOut(Output):
    """What a breakdown did; shots by name."""

    scenes: int
    shots: int
    added: list[str]
    changed: list[str]
    left: list[str] = Field(description="Shots whose words left the script.")
    conflicts: list[str] = Field(description="Shots that a person had changed, and so did the script.")


class WarningOut(Output):
    """A line (1-based) that could not be placed, and why."""

    line: int
    code: str
    message: str


class BrokenDown(Output):
    """An episode that was broken down."""

    episode_id: UUID
    number: int
    summary: SummaryOut
    warnings: list[WarningOut]


class ImportedOut(BaseModel):
    """Every episode that was imported."""

    episodes: list[BrokenDown]


class EpisodePreviewOut(Output):
    """What would become of one episode."""

    number: int
    title: str
    episode_id: UUID | None = Field(description="None for an episode that would be made.")
    replaces: bool
    same: bool
    scenes: int
    scenes_new: list[str]
    scenes_gone: list[str]
    characters_new: list[str]
    characters_gone: list[str]
    words_new: int
    words_gone: int
    touched: list[str] = Field(description="Shots that came from words that change: with takes they become stale.")
    warnings: list[WarningOut]


class PreviewOut(Output):
    """What an import would change."""

    episodes: list[EpisodePreviewOut]
    several: bool = Field(description="The file holds several episodes, and one was asked for.")


def _body() -> dict[str, Any]:
    file = {"type": "object", "required": ["script"], "properties": {"script": {"type": "string", "format": "binary"}}}
    content = {
        "application/json": {"schema": ScriptSent.model_json_schema()},
        "multipart/form-data": {"schema": file},
    }
    return {"requestBody": {"required": True, "content": content}}


async def _sent(request: Request) -> tuple[str, str]:
    """Return the text that was sent, as JSON or as the file ``script`` of a form, and what to call it."""
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        file = (await read_form(request, NoFields)).file("script")
        if file is None:
            raise Invalid("scripts.nothing_sent", _("Choose a file or paste a text first."))
        name = (file.filename or "script").rsplit("/", 1)[-1]
        data = await file.read(MOST_BYTES + 1)
        return (await asyncio.to_thread(read_file, data, name)).text, name
    try:
        given = ScriptSent.model_validate_json(await request.body())
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error
    return decode(given.text.encode()), given.name or _("pasted text")


def _told(row: Imported) -> BrokenDown:
    return _broken_down(row.episode.id, row.episode.number, row.summary, row.warnings)


def _broken_down(episode_id: UUID, number: int, summary: Summary, warnings: Sequence[ParseWarning]) -> BrokenDown:
    return BrokenDown(
        episode_id=episode_id,
        number=number,
        summary=SummaryOut.model_validate(summary),
        warnings=[WarningOut.model_validate(each) for each in warnings],
    )


@router.post("/projects/{project_id}/import", openapi_extra=_body())
async def import_project(request: Request, session: Transaction, access: Edit) -> ImportedOut:
    """Import every episode of a text into the project, and break each down."""
    text, name = await _sent(request)
    rows = await importing.import_project(session, access.actor, access.project, text, name=name)
    return ImportedOut(episodes=[_told(row) for row in rows])


@router.post("/projects/{project_id}/import/preview", openapi_extra=_body())
async def preview_project(request: Request, session: Transaction, access: Edit) -> PreviewOut:
    """Tell what importing a text into the project would change, and change nothing."""
    text, _name = await _sent(request)
    return PreviewOut.model_validate(await import_preview.preview(session, access.project, text))


@router.post("/projects/{project_id}/episodes/{episode_id}/import/preview", openapi_extra=_body())
async def preview_episode(request: Request, session: Transaction, access: Edit, episode_id: UUID) -> PreviewOut:
    """Tell what importing a text into an episode would change, and change nothing."""
    episode = await episodes.get(session, access.project.id, episode_id)
    text, _name = await _sent(request)
    return PreviewOut.model_validate(await import_preview.preview(session, access.project, text, episode.id))


@router.post("/projects/{project_id}/episodes/{episode_id}/import", openapi_extra=_body())
async def import_episode(request: Request, session: Transaction, access: Edit, episode_id: UUID) -> BrokenDown:
    """Replace an episode's script by an imported one; what was there becomes a revision."""
    episode = await episodes.get(session, access.project.id, episode_id)
    text, name = await _sent(request)
    return _told(await importing.import_episode(session, access.actor, access.project, episode, text, name=name))


@router.post("/projects/{project_id}/episodes/{episode_id}/break-down")
async def break_down(session: Transaction, access: BreakDown, episode_id: UUID) -> BrokenDown:
    """Break the saved script of an episode down into scenes and shots."""
    episode = await episodes.get(session, access.project.id, episode_id)
    summary, warnings = await importing.break_episode_down(session, access.project, episode)
    return _broken_down(episode.id, episode.number, summary, warnings)


@router.put("/projects/{project_id}/episodes/{episode_id}/scene-numbers")
async def set_scene_numbers(
    given: SceneNumbers, session: Transaction, access: LockNumbers, episode_id: UUID
) -> SceneNumbers:
    """Lock the scene numbers of an episode as shooting begins, or let them follow the script again."""
    episode = await episodes.get(session, access.project.id, episode_id)
    await scenes.set_numbers_locked(session, access.actor, episode, given.locked, reason=given.reason)
    return given
