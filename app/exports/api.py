"""JSON API of exports: asked for, watched, cancelled, taken away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from app.accounts.links import send_stored
from app.episodes import service as episodes
from app.exports import service
from app.exports.models import Deliverable, Export
from app.projects.access import ProjectAccess, in_project
from app.web.api import After, IdempotencyKey, Input, Limit, Listed, Once, Output, behind, following
from app.web.database import Transaction

router = APIRouter(tags=["Exports"])
Read = Annotated[ProjectAccess, in_project("exports.read")]
Draft = Annotated[ProjectAccess, in_project("exports.draft")]
Download = Annotated[ProjectAccess, in_project("exports.download")]


class ExportIn(Input):
    """Final (every shot circled or dropped by name; takes `exports.create`) or a draft with a watermark."""

    kind: Literal["final", "draft"] = "final"


class FileOut(Output):
    """One file of a finished export; it is read at `…/exports/{export_id}/files/{name}`."""

    name: str
    kind: str
    content_type: str
    bytes: int
    sha256: str


class ExportOut(Output):
    """An export; ``progress`` runs from 0 to 1."""

    id: UUID
    episode_id: UUID
    kind: str
    state: str
    stage: str
    progress: float
    error_code: str
    error: str
    report: dict[str, Any] = Field(description="What was measured of the finished video; {} before.")
    files: list[FileOut]
    asked_by: UUID | None
    asked_by_name: str
    cancel_asked_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: Export, files: Sequence[Deliverable]) -> ExportOut:
        """Return an export with its files, as programs read it."""
        told = {name: getattr(row, name) for name in cls.model_fields if name != "files"}
        return cls(**told, files=[FileOut.model_validate(each) for each in files])


async def _told(session: Transaction, row: Export) -> ExportOut:
    return ExportOut.of(row, (await service.deliverables(session, [row.id]))[row.id])


@router.get("/projects/{project_id}/exports")
async def list_exports(
    session: Transaction,
    access: Read,
    episode: Annotated[UUID | None, Query(description="Of this episode only.")] = None,
    limit: Limit = 20,
    after: After = None,
) -> Listed[ExportOut]:
    """List a project's exports, newest first."""
    if episode is not None:
        await episodes.get(session, access.project.id, episode)
    rows = await service.page(
        session, access.project.id, episode_id=episode, before=behind(after, UUID), limit=limit + 1
    )
    files = await service.deliverables(session, [row.id for row in rows[:limit]])
    items = [ExportOut.of(row, files[row.id]) for row in rows[:limit]]
    return Listed(items=items, next=following(rows, limit, lambda row: row.id))


@router.post("/projects/{project_id}/episodes/{episode_id}/exports", status_code=202, response_model=ExportOut)
async def ask(
    request: Request,
    session: Transaction,
    access: Draft,
    episode_id: UUID,
    given: ExportIn,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Ask for the export of an episode; one that is open already is returned, not made again.

    409 `exports.undecided` names the shots that keep a final export back.
    """
    if given.kind == "final":
        access.demand("exports.create")
    once = Once(request, access.actor.id, idempotency_key, code="exports.idempotency_mismatch")
    if before := await once.before():
        return before
    episode = await episodes.get(session, access.project.id, episode_id)
    row = await service.ask(session, access.actor, access.project, episode, given.kind)
    return await once.answer(await _told(session, row), 202)


@router.get("/projects/{project_id}/exports/{export_id}")
async def get(session: Transaction, access: Read, export_id: UUID) -> ExportOut:
    """Read one export: how far it is, what was measured, and its files."""
    return await _told(session, await service.get(session, access.project.id, export_id))


@router.post("/projects/{project_id}/exports/{export_id}/cancel")
async def cancel(session: Transaction, access: Draft, export_id: UUID) -> ExportOut:
    """Ask an export to stop; finished segments stay for the next one."""
    row = await service.get(session, access.project.id, export_id)
    if row.kind == "final":
        access.demand("exports.create")
    await service.cancel(session, access.actor, row)
    return await _told(session, row)


@router.get("/projects/{project_id}/exports/{export_id}/files/{name}", response_class=Response)
async def download(request: Request, session: Transaction, access: Download, export_id: UUID, name: str) -> Response:
    """Return the bytes of one file of an export."""
    file = await service.deliverable(session, access.project.id, export_id, name)
    return await send_stored(request, file.key, media_type=file.content_type, download_as=file.name)
