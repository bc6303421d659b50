"""JSON API of episodes: listed, added, changed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import Response

from app.episodes import service
from app.episodes.models import Episode
from app.projects.access import ProjectAccess, in_project
from app.web.api import After, IfMatch, Input, Limit, Listed, Output, behind, check_match, etag, following, tagged
from app.web.database import Transaction

router = APIRouter(tags=["Episodes"])
Read = Annotated[ProjectAccess, in_project("projects.read")]
Edit = Annotated[ProjectAccess, in_project("episodes.edit")]
Title = Annotated[str, Field(max_length=120)]
Seconds = Annotated[int, Field(ge=10, le=3600, description="The length it aims at.")]


class EpisodeIn(Input):
    """A new episode; without a number it comes after the last one."""

    title: Title = ""
    number: int | None = Field(default=None, ge=1, le=service.MOST_EPISODES)
    target_seconds: Seconds = 90


class EpisodeChange(Input):
    """What is changed of an episode; what is left out stays as it is."""

    title: Title | None = None
    target_seconds: Seconds | None = None


class EpisodeOut(Output):
    """An episode; the answer's ETag is what a change is sent with (If-Match)."""

    id: UUID
    project_id: UUID
    number: int
    title: str
    target_seconds: int
    broken_down_at: datetime | None
    broken_down_version: int | None = Field(description="The version of the script its shots were made from.")
    created_at: datetime
    updated_at: datetime


def _tagged(row: Episode, status: int = 200) -> Response:
    return tagged(EpisodeOut.model_validate(row), etag(row.updated_at), status)


@router.get("/projects/{project_id}/episodes")
async def list_episodes(
    session: Transaction, access: Read, limit: Limit = 100, after: After = None
) -> Listed[EpisodeOut]:
    """List a project's episodes by number."""
    rows = await service.page(session, access.project.id, after=behind(after, int) or 0, limit=limit + 1)
    items = [EpisodeOut.model_validate(row) for row in rows[:limit]]
    return Listed(items=items, next=following(rows, limit, lambda row: row.number))


@router.post("/projects/{project_id}/episodes", status_code=201, response_model=EpisodeOut)
async def add(session: Transaction, access: Edit, given: EpisodeIn) -> Response:
    """Add an episode, by default after the last one."""
    return _tagged(await service.add(session, access.project.id, **given.model_dump()), 201)


@router.get("/projects/{project_id}/episodes/{episode_id}", response_model=EpisodeOut)
async def get(session: Transaction, access: Read, episode_id: UUID) -> Response:
    """Read one episode."""
    return _tagged(await service.get(session, access.project.id, episode_id))


@router.patch("/projects/{project_id}/episodes/{episode_id}", response_model=EpisodeOut)
async def change(
    session: Transaction, access: Edit, episode_id: UUID, given: EpisodeChange, if_match: IfMatch = None
) -> Response:
    """Change an episode's title and the length it aims at."""
    row = await service.get(session, access.project.id, episode_id)
    await session.refresh(row, with_for_update=True)
    check_match(if_match, etag(row.updated_at))
    title = row.title if given.title is None else given.title
    await service.rename(session, row, title=title, target_seconds=given.target_seconds or row.target_seconds)
    return _tagged(row)
