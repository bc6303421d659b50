"""JSON API of takes: listed, brought, taken away, deleted."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from app.accounts.links import media_links, send_stored
from app.projects.access import ProjectAccess, in_project
from app.shots import service as shots
from app.takes import receiving, service
from app.takes.models import Take
from app.takes.words import download_name
from app.web.database import Transaction

router = APIRouter(tags=["Takes"])
Read = Annotated[ProjectAccess, in_project("takes.read")]
Upload = Annotated[ProjectAccess, in_project("takes.upload")]
Download = Annotated[ProjectAccess, in_project("takes.download")]
Delete = Annotated[ProjectAccess, in_project("takes.delete")]
VIDEO = {"requestBody": {"required": True, "content": {"video/*": {"schema": {"type": "string", "format": "binary"}}}}}


class TakeOut(BaseModel):
    """A take; its links work for about an hour for the token or session that asked."""

    id: UUID
    shot_id: UUID
    number: int
    source: str
    backend: str
    model: str
    prompt: str
    seed: int | None
    verdict: str
    circled: bool
    width: int
    height: int
    rate: str
    frames: int
    has_audio: bool
    bytes: int
    sha256: str
    file_name: str
    made_by_name: str
    proxy: str | None
    poster: str | None
    filmstrip: str | None
    filmstrip_tiles: int
    created_at: datetime


class TakesOut(BaseModel):
    """A shot's takes, newest first."""

    items: list[TakeOut]
    next: None = None


def _out(request: Request, take: Take) -> TakeOut:
    link = media_links(request)
    given = {
        "rate": str(take.rate),
        "circled": take.verdict == "circled",
        "proxy": link(take.proxy_key) or None,
        "poster": link(take.poster_key) or None,
        "filmstrip": link(take.filmstrip_key) or None,
    }
    return TakeOut(**{name: given[name] if name in given else getattr(take, name) for name in TakeOut.model_fields})


@router.get("/projects/{project_id}/shots/{shot_id}/takes")
async def list_takes(request: Request, session: Transaction, access: Read, shot_id: UUID) -> TakesOut:
    """List a shot's takes, newest first."""
    shot = await shots.get(session, access.project.id, shot_id)
    return TakesOut(items=[_out(request, take) for take in await service.of_shot(session, shot.id)])


@router.get("/projects/{project_id}/takes/{take_id}")
async def get(request: Request, session: Transaction, access: Read, take_id: UUID) -> TakeOut:
    """Read one take."""
    return _out(request, await service.get(session, access.project.id, take_id))


@router.post("/projects/{project_id}/shots/{shot_id}/takes/upload", status_code=201, openapi_extra=VIDEO)
async def upload(
    request: Request,
    session: Transaction,
    access: Upload,
    shot_id: UUID,
    file_name: Annotated[str, Query(max_length=200)] = "",
) -> TakeOut:
    """Add the video that is the body of the request as the next take of a shot: MP4, MOV or WebM."""
    shot = await shots.get(session, access.project.id, shot_id)
    receiving.refuse_closed(shot)
    await session.commit()  # nothing is held in the database while the bytes arrive and are decoded
    state = request.app.state
    take = await receiving.take_upload(
        state.database, state.storage, access.actor, shot.id, request.stream(), file_name
    )
    return _out(request, take)


@router.get("/projects/{project_id}/takes/{take_id}/download", response_class=Response)
async def download(request: Request, session: Transaction, access: Download, take_id: UUID) -> Response:
    """Return the original bytes of a take."""
    take = await service.get(session, access.project.id, take_id)
    shot = await shots.get(session, access.project.id, take.shot_id)
    name = download_name(access.project, shot, take)
    return await send_stored(request, take.key, media_type=take.content_type, download_as=name)


@router.delete("/projects/{project_id}/takes/{take_id}", status_code=204)
async def delete(session: Transaction, access: Delete, take_id: UUID) -> None:
    """Take a take out of every list; a circled one is un-circled first."""
    await service.delete(session, access.actor, await service.get(session, access.project.id, take_id))
