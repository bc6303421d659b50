"""Changing what is shot: break a script down, lock its scene numbers."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.core.i18n import _
from app.episodes import service as episodes
from app.projects.access import ProjectAccess, in_project
from app.scenes import service as scenes
from app.shots import importing
from app.shots.derivation import Summary
from app.shots.forms import ReasonForm
from app.web.database import Transaction
from app.web.forms import read_form
from app.web.htmx import redirect
from app.web.notes import leave_note

router = APIRouter()


@router.post("/projects/{project_id}/episodes/{episode_id}/break-down")
async def break_down(
    request: Request,
    session: Transaction,
    access: Annotated[ProjectAccess, in_project("shots.break_down")],
    episode_id: UUID,
) -> Response:
    """Break the saved script down into scenes and shots, and go to the board."""
    episode = await episodes.get(session, access.project.id, episode_id)
    summary, _warnings = await importing.break_episode_down(session, access.project, episode)
    path = f"/projects/{access.project.id}/episodes/{episode_id}/board"
    return leave_note(redirect(request, path), told(summary))


@router.post("/projects/{project_id}/episodes/{episode_id}/scene-numbers/{change}")
async def change_scene_numbers(
    request: Request,
    session: Transaction,
    access: Annotated[ProjectAccess, in_project("shots.lock")],
    episode_id: UUID,
    change: Literal["lock", "unlock"],
) -> Response:
    """Lock the scene numbers as shooting begins, or let them follow the script again."""
    episode = await episodes.get(session, access.project.id, episode_id)
    reason = (await read_form(request, ReasonForm)).value.reason if change == "unlock" else ""
    await scenes.set_numbers_locked(session, access.actor, episode, change == "lock", reason=reason)
    path = f"/projects/{access.project.id}/episodes/{episode_id}/board"
    note = _("Scene numbers are locked.") if change == "lock" else _("Scene numbers follow the script again.")
    return leave_note(redirect(request, path), note)


def told(summary: Summary) -> str:
    """Return what a breakdown did, in a sentence or two."""
    words = [_("%(scenes)d scenes, %(shots)d shots.") % {"scenes": summary.scenes, "shots": summary.shots}]
    if summary.added and len(summary.added) < summary.shots:
        words.append(_("New: %(names)s.") % {"names": ", ".join(summary.added[:8])})
    if summary.changed:
        words.append(_("Changed: %(names)s.") % {"names": ", ".join(summary.changed[:8])})
    if summary.left:
        words.append(_("Left the script: %(names)s.") % {"names": ", ".join(summary.left[:8])})
    if summary.conflicts:
        words.append(
            _("You changed these, and so did the script: %(names)s.") % {"names": ", ".join(summary.conflicts[:8])}
        )
    return " ".join(words)
