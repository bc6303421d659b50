"""The live updates of a project: what changed, told to every page that is open."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.projects.access import ProjectAccess, in_project
from app.web.sse import channel, event_stream

router = APIRouter()


@router.get("/projects/{project_id}/events")
async def stream(request: Request, access: Annotated[ProjectAccess, in_project("projects.read")]) -> Response:
    """Stream the events of a project for as long as the page is open."""
    return await event_stream(request, request.app.state.redis, [channel(access.project.id)])
