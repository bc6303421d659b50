"""The script page: the live editor, and what stands around it."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.boards import proposal_words
from app.core.config import get_settings
from app.core.i18n import current_locale
from app.episodes import service as episodes
from app.episodes.models import Episode
from app.episodes.places import place_of
from app.projects.access import ProjectAccess, in_project
from app.scripts import assistant, script_help
from app.scripts import service as scripts
from app.scripts.formats import Dialect, parse
from app.scripts.formats.ast import SceneHeading, Speech
from app.shots import service as shots
from app.web.database import Transaction
from app.web.forms import blank_form
from app.web.templating import render

router = APIRouter()
ABILITIES = {"edit": "scripts.edit", "comment": "review.comment", "break_down": "shots.break_down"}


@dataclass(frozen=True, slots=True)
class SceneLine:
    """A scene in the list beside the text; ``offset`` counts UTF-16 units, as browsers do."""

    number: str
    place: str
    offset: int


@router.get("/projects/{project_id}/episodes/{episode_id}/script")
async def script_page(
    request: Request,
    session: Transaction,
    access: Annotated[ProjectAccess, in_project("scripts.read")],
    episode_id: UUID,
) -> Response:
    """Show the script of an episode for reading and writing."""
    episode = await episodes.get(session, access.project.id, episode_id)
    script = await scripts.of_episode(session, episode)
    tree = await asyncio.to_thread(parse, script.text)
    headings = [element for element in tree.elements if isinstance(element, SceneHeading)]
    speakers: dict[str, int] = {}
    for element in tree.elements:
        if isinstance(element, Speech):
            speakers[element.speaker] = speakers.get(element.speaker, 0) + 1
    models = request.app.state.text_models
    room = await scripts.room_of(session, script)
    request.state.style_nonce = nonce = secrets.token_urlsafe(16)
    counts = (await shots.counts(session, [episode.id]))[episode.id]
    return render(
        request,
        "scripts/script.html",
        place=place_of(access.project, episode),
        episode=episode,
        script=script,
        scenes=[SceneLine(one.scene_number, one.place or one.text, _utf16(script.text, one.start)) for one in headings],
        speakers=sorted(speakers.items(), key=lambda item: -item[1]),
        warnings=tree.warnings,
        chinese=tree.dialect is Dialect.CHINESE,
        revisions=await scripts.revisions(session, script, limit=1, kinds=("named",)),
        seconds=float(access.project.rate.seconds(counts["frames"])),
        changed=episode.broken_down_version != script.version and bool(script.text.strip()),
        access=access,
        editor=_editor(access, episode, room.name, nonce),
        form=blank_form({"wish": "hook"}),
        assists=bool(models),
        wishes=proposal_words.wishes(),
        most=assistant.most(models, script_help.LONGEST_PASSAGE),
    )


def _editor(access: ProjectAccess, episode: Episode, room: str, nonce: str) -> dict[str, Any]:
    """Return what the editor in the browser has to know: its room, the person, and what they may do."""
    person, project = access.actor, access.project
    path = place_of(project, episode).episode_path
    return {
        "room": room,
        "socket": "/ws/rooms",
        "nonce": nonce,
        "episode": str(episode.id),
        "project": str(project.id),
        "project_path": f"/projects/{project.id}",
        "path": path,
        "me": {"id": str(person.id), "name": person.name, "colour": person.colour or 1},
        "may": {name: access.may(permission) for name, permission in ABILITIES.items()},
        "language": project.language,
        "locale": current_locale(),
        "target_seconds": episode.target_seconds,
        "limit_kb": get_settings().script_limit_kb,
    }


def _utf16(text: str, offset: int) -> int:
    return len(text[:offset].encode("utf-16-le")) // 2
