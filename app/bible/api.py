"""JSON API of the bible: the characters of a drama."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import ConfigDict, Field
from starlette.responses import Response

from app.accounts.links import media_links
from app.bible import service
from app.bible.models import Character
from app.bible.service import CharacterInput
from app.projects.access import ProjectAccess, in_project
from app.web.api import After, IfMatch, Input, Limit, Listed, Output, behind, check_match, etag, following, tagged
from app.web.database import Transaction

router = APIRouter(tags=["Characters"])
Read = Annotated[ProjectAccess, in_project("bible.read")]
Edit = Annotated[ProjectAccess, in_project("bible.edit")]


class NameIn(Input):
    """A new character."""

    name: str = Field(min_length=1, max_length=80)


class CharacterIn(CharacterInput):
    """The whole description of a character: what is left out becomes empty."""

    model_config = ConfigDict(str_strip_whitespace=True, extra="forbid")


class CharacterOut(Output):
    """A character; ``picture`` is a link that works for about an hour for the token or session that asked."""

    id: UUID
    name: str
    aliases: list[str]
    looks: str
    wardrobe: str
    notes: str
    voice_sex: str
    voice_pitch: int | None
    voice_speed: int | None
    from_script: str = Field(description="What the script last said of their looks.")
    picture: str | None
    created_at: datetime
    updated_at: datetime


def _out(request: Request, row: Character) -> CharacterOut:
    link = media_links(request)
    more = {**service.voice_input(row.voice), "picture": link(row.reference_key) or None}
    return CharacterOut(
        **{name: more[name] if name in more else getattr(row, name) for name in CharacterOut.model_fields}
    )


@router.get("/projects/{project_id}/characters")
async def list_characters(
    request: Request, session: Transaction, access: Read, limit: Limit = 100, after: After = None
) -> Listed[CharacterOut]:
    """List a project's characters by name."""
    rows = await service.page(session, access.project.id, after=behind(after, str) or "", limit=limit + 1)
    items = [_out(request, row) for row in rows[:limit]]
    return Listed(items=items, next=following(rows, limit, lambda row: row.name))


@router.post("/projects/{project_id}/characters", status_code=201, response_model=CharacterOut)
async def add(request: Request, session: Transaction, access: Edit, given: NameIn) -> Response:
    """Add a character nobody has written about yet."""
    row = await service.add(session, access.project.id, given.name)
    return tagged(_out(request, row), etag(row.updated_at), 201)


@router.get("/projects/{project_id}/characters/{character_id}", response_model=CharacterOut)
async def get(request: Request, session: Transaction, access: Read, character_id: UUID) -> Response:
    """Read one character."""
    row = await service.get(session, access.project.id, character_id)
    return tagged(_out(request, row), etag(row.updated_at))


@router.put("/projects/{project_id}/characters/{character_id}", response_model=CharacterOut)
async def describe(
    request: Request,
    session: Transaction,
    access: Edit,
    character_id: UUID,
    given: CharacterIn,
    if_match: IfMatch = None,
) -> Response:
    """Describe a character anew; the shots they appear in become stale."""
    row = await service.get(session, access.project.id, character_id)
    await session.refresh(row, with_for_update=True)
    check_match(if_match, etag(row.updated_at))
    await service.describe(session, row, given)
    return tagged(_out(request, row), etag(row.updated_at))
