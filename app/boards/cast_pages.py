"""The cast page: a project's characters, one of them described, and the shots they appear in."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app.bible import service as bible
from app.bible.models import Character
from app.episodes.models import Episode
from app.episodes.places import place_of
from app.projects.access import ProjectAccess, in_project
from app.shots.models import Shot
from app.web.database import Transaction
from app.web.forms import blank_form
from app.web.templating import render

router = APIRouter()
MOST_SHOTS = 60


async def _appearances(session: AsyncSession, project_id: UUID) -> dict[str, int]:
    name = func.unnest(Shot.characters).label("name")
    inner = select(name).where(Shot.project_id == project_id, Shot.dropped_at.is_(None)).subquery()
    rows = (await session.execute(select(inner.c.name, func.count()).group_by(inner.c.name))).all()
    return {row[0]: row[1] for row in rows}


@router.get("/projects/{project_id}/cast")
@router.get("/projects/{project_id}/cast/{character_id}")
async def cast_page(
    request: Request,
    session: Transaction,
    access: Annotated[ProjectAccess, in_project("bible.read")],
    character_id: UUID | None = None,
) -> Response:
    """Show the characters, and one of them."""
    rows = await bible.of_project(session, access.project.id)
    counts = await _appearances(session, access.project.id)
    ordered = sorted(rows, key=lambda row: -counts.get(row.name, 0))
    chosen = await bible.get(session, access.project.id, character_id) if character_id else next(iter(ordered), None)
    shots = []
    if chosen is not None:
        query = (
            select(Shot, Episode)
            .join(Episode, Episode.id == Shot.episode_id)
            .where(Shot.project_id == access.project.id, Shot.characters.contains([chosen.name]))
            .order_by(Episode.number, Shot.position)
            .limit(MOST_SHOTS)
        )
        shots = list((await session.execute(query)).all())
    return render(
        request,
        "bible/cast.html",
        place=place_of(access.project),
        characters=ordered,
        counts=counts,
        chosen=chosen,
        shots=shots,
        form=blank_form(_values(chosen) if chosen else {}),
        access=access,
    )


def _values(character: Character) -> dict[str, str]:
    """Return what the form of a character shows."""
    voice = character.voice
    return {
        "looks": character.looks,
        "wardrobe": character.wardrobe,
        "notes": character.notes,
        "voice_sex": voice.get("gender") or voice.get("age") or "",
        "voice_pitch": str(voice.get("pitch", "")),
        "voice_speed": str(round(voice["tempo"] * 100)) if "tempo" in voice else "",
    }
