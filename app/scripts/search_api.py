"""JSON API of searching the scripts of a project."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from app.projects.access import ProjectAccess, in_project
from app.scripts import searching
from app.web.api import After, Limit, Listed
from app.web.database import Transaction
from app.web.paging import decode_cursor, encode_cursor

router = APIRouter(tags=["Scripts"])


class HitOut(BaseModel):
    """A place that was found; ``start`` and ``end`` count UTF-16 units, as browsers do."""

    episode_id: UUID
    number: int
    start: int
    end: int
    kind: str = Field(description="`dialogue`, `action`, `heading` or `character`.")
    scene: str
    speaker: str
    before: str
    words: str
    after: str


@router.get("/projects/{project_id}/search")
async def search(
    session: Transaction,
    access: Annotated[ProjectAccess, in_project("scripts.read")],
    q: Annotated[str, Query(max_length=200, description="Without words nothing is found.")] = "",
    kind: Literal["", "dialogue", "action", "heading", "character"] = "",
    speaker: Annotated[str, Query(max_length=80)] = "",
    limit: Limit = 50,
    after: After = None,
) -> Listed[HitOut]:
    """Find words in every script of a project, in any case, by episode and place."""
    start = decode_cursor(after, (int, int)) if after else (0, -1)
    hits, following = await searching.search(
        session, access.project.id, q, kind=kind, speaker=speaker, after=(start[0], start[1]), limit=limit
    )
    items = [
        HitOut(
            episode_id=hit.episode.id,
            number=hit.episode.number,
            start=hit.utf16[0],
            end=hit.utf16[1],
            kind=hit.kind,
            scene=hit.scene,
            speaker=hit.speaker,
            before=hit.before,
            words=hit.words,
            after=hit.after,
        )
        for hit in hits
    ]
    return Listed(items=items, next=encode_cursor(following) if following else None)
