"""JSON API of shots: listed, read, changed."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import JSONResponse
from starlette.responses import Response

from app.accounts.links import media_links
from app.core.errors import Conflict
from app.core.i18n import _
from app.episodes import service as episodes
from app.projects.access import ProjectAccess, in_project
from app.scenes import service as scenes
from app.shots import service
from app.shots.documents import AddIn, DropIn, LockedIn, OrderIn, ShotLine, ShotOut, ShotPage, SplitIn
from app.shots.models import Shot
from app.shots.schemas import ShotInput
from app.shots.status import Status
from app.web.database import Transaction
from app.web.paging import decode_cursor, encode_cursor

router = APIRouter(tags=["Shots"])
Read = Annotated[ProjectAccess, in_project("shots.read")]
Edit = Annotated[ProjectAccess, in_project("shots.edit")]
Lock = Annotated[ProjectAccess, in_project("shots.lock")]
Drop = Annotated[ProjectAccess, in_project("shots.drop")]
IfMatch = Annotated[
    str | None, Header(description="The ETag the change was made from; 409 when the shot changed since.")
]
Limit = Annotated[int, Query(ge=1, le=500, description="How many shots a page holds.")]
After = Annotated[str | None, Query(description="The `next` of the page before.")]


@router.get("/projects/{project_id}/shots", response_model=ShotPage)
async def list_shots(
    request: Request,
    session: Transaction,
    access: Read,
    episode: UUID | None = None,
    status: Annotated[list[Status], Query()] = [],  # noqa: B006  # FastAPI copies it
    limit: Limit = 100,
    after: After = None,
) -> Response:
    """List the shots of a project, by episode and position, with status, number of takes and poster."""
    if episode is not None:
        await episodes.get(session, access.project.id, episode)
    rows = await service.listed(
        session,
        access.project.id,
        episode_id=episode,
        statuses=[each.value for each in status],
        after=_behind(after),
        limit=limit + 1,
    )
    return _encoded(request, rows, limit)


@router.get("/projects/{project_id}/episodes/{episode_id}/shots", response_model=ShotPage)
async def list_episode(
    request: Request, session: Transaction, access: Read, episode_id: UUID, limit: Limit = 500, after: After = None
) -> Response:
    """List the shots of an episode in order."""
    return await list_shots(request, session, access, episode_id, [], limit, after)


def _behind(after: str | None) -> tuple[UUID, int] | None:
    if not after:
        return None
    episode_id, position = decode_cursor(after, (UUID, int))
    return episode_id, position


def _encoded(request: Request, rows: Any, limit: int) -> Response:
    link = media_links(request)
    items = []
    for row in rows[:limit]:
        characters, action, status, stale_parts = row[9:13]
        numbers, (poster, locked_at, updated_at) = row[13:20], row[20:]
        lists = msgspec.Raw(characters.encode()), msgspec.Raw(stale_parts.encode())
        rest = (link(poster) or None, locked_at is not None, updated_at)
        facts: tuple[Any, ...] = (*row[:9], lists[0], action, status, lists[1], *numbers, *rest)
        items.append(ShotLine(*facts))
    following = encode_cursor((UUID(rows[limit - 1][1]), rows[limit - 1][4])) if len(rows) > limit else None
    return Response(msgspec.json.encode({"items": items, "next": following}), media_type="application/json")


def _tagged(shot: Shot, status: int = 200) -> JSONResponse:
    return JSONResponse(ShotOut.of(shot).model_dump(mode="json"), status, {"ETag": f'"{service.edit_tag(shot)}"'})


@router.get("/projects/{project_id}/shots/{shot_id}", response_model=ShotOut)
async def get(session: Transaction, access: Read, shot_id: UUID) -> Response:
    """Read one shot."""
    return _tagged(await service.get(session, access.project.id, shot_id))


@router.patch("/projects/{project_id}/shots/{shot_id}", response_model=ShotOut)
async def change(
    session: Transaction, access: Edit, shot_id: UUID, given: ShotInput, if_match: IfMatch = None
) -> Response:
    """Change fields of a shot; what is left out stays as it is."""
    shot = await service.get(session, access.project.id, shot_id)
    await service.edit(session, shot, given, tag=if_match.strip('W/"') if if_match and if_match != "*" else None)
    return _tagged(shot)


@router.post("/projects/{project_id}/scenes/{scene_id}/shots", status_code=201, response_model=ShotOut)
async def add(session: Transaction, access: Edit, scene_id: UUID, given: AddIn) -> Response:
    """Add an empty shot to a scene."""
    scene = await scenes.get(session, access.project.id, scene_id)
    after = await service.get(session, access.project.id, given.after) if given.after else None
    if after is not None and after.scene_id != scene.id:
        raise Conflict("shots.other_scene", _("A shot stays in its scene: move it among the shots beside it."))
    return _tagged(await service.add(session, scene, after=after, duration_frames=given.duration_frames), 201)


@router.post("/projects/{project_id}/shots/{shot_id}/order", response_model=ShotOut)
async def order(session: Transaction, access: Edit, shot_id: UUID, given: OrderIn) -> Response:
    """Move a shot behind another of its scene, or to the scene's start."""
    shot = await service.get(session, access.project.id, shot_id)
    after = await service.get(session, access.project.id, given.after) if given.after else None
    await service.reorder(session, shot, after=after)
    return _tagged(shot)


@router.post("/projects/{project_id}/shots/{shot_id}/split", status_code=201, response_model=ShotOut)
async def split(session: Transaction, access: Edit, shot_id: UUID, given: SplitIn) -> Response:
    """Split a shot and return its second half."""
    shot = await service.get(session, access.project.id, shot_id)
    return _tagged(await service.split(session, shot, at_line=given.at_line), 201)


@router.post("/projects/{project_id}/shots/{shot_id}/merge", response_model=ShotOut)
async def merge(session: Transaction, access: Edit, shot_id: UUID) -> Response:
    """Merge the next shot of the scene into this one; the other is dropped and its takes stay."""
    shot = await service.get(session, access.project.id, shot_id)
    await service.merge(session, access.actor, shot)
    return _tagged(shot)


@router.post("/projects/{project_id}/shots/{shot_id}/script-value/{field}", response_model=ShotOut)
async def take_script_value(session: Transaction, access: Edit, shot_id: UUID, field: str) -> Response:
    """Give up one's own value of a field for the script's newer one."""
    shot = await service.get(session, access.project.id, shot_id)
    await service.take_script_value(session, shot, field)
    return _tagged(shot)


@router.post("/projects/{project_id}/shots/{shot_id}/drop", response_model=ShotOut)
async def drop(session: Transaction, access: Drop, shot_id: UUID, given: DropIn) -> Response:
    """Drop a shot from the episode, with the reason the export will show."""
    shot = await service.get(session, access.project.id, shot_id)
    await service.drop(session, access.actor, shot, reason=given.reason)
    return _tagged(shot)


@router.post("/projects/{project_id}/shots/{shot_id}/restore", response_model=ShotOut)
async def restore(session: Transaction, access: Drop, shot_id: UUID) -> Response:
    """Bring a dropped shot back."""
    shot = await service.get(session, access.project.id, shot_id)
    await service.restore(session, access.actor, shot)
    return _tagged(shot)


@router.put("/projects/{project_id}/shots/{shot_id}/locked", response_model=ShotOut)
async def lock(session: Transaction, access: Lock, shot_id: UUID, given: LockedIn) -> Response:
    """Lock a shot against every change, or open it again."""
    shot = await service.get(session, access.project.id, shot_id)
    await service.lock(session, access.actor, shot, locked=given.locked)
    return _tagged(shot)
