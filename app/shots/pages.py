"""Changing what is shot: import a script, break it down, lock its scene numbers."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from app.core.errors import Invalid
from app.core.i18n import _, ngettext
from app.episodes import service as episodes
from app.projects.access import ProjectAccess, in_project
from app.scenes import service as scenes
from app.scripts.formats.decode import decode
from app.shots import importing
from app.shots.derivation import Summary
from app.shots.forms import ReasonForm
from app.web.database import Transaction
from app.web.forms import read_form
from app.web.htmx import redirect
from app.web.notes import leave_note

router = APIRouter()


class ImportForm(BaseModel):
    """A script, pasted; or sent as the file ``script``."""

    model_config = ConfigDict(extra="ignore")

    text: str = ""


async def _script(request: Request) -> tuple[str, str]:
    """Return the text that was sent, and what to call it."""
    form = await read_form(request, ImportForm)
    file = form.file("script")
    if file is not None:
        return decode(await file.read()), (file.filename or "script").rsplit("/", 1)[-1]
    text = form.value.text
    if not text.strip():
        raise Invalid("scripts.nothing_sent", _("Choose a file or paste a text first."))
    return decode(text.encode()), _("pasted text")


@router.post("/projects/{project_id}/import")
async def import_project(
    request: Request, session: Transaction, access: Annotated[ProjectAccess, in_project("scripts.edit")]
) -> Response:
    """Import every episode of a file into the project, and break each down."""
    text, name = await _script(request)
    imported = await importing.import_project(session, access.actor, access.project, text, name=name)
    shots = sum(one.summary.shots for one in imported)
    warnings = sum(len(one.warnings) for one in imported)
    note = ngettext(
        "%(episodes)d episode with %(shots)d shots was imported.",
        "%(episodes)d episodes with %(shots)d shots were imported.",
        len(imported),
    ) % {"episodes": len(imported), "shots": shots}
    if warnings:
        note += " " + ngettext("%(n)d line needs a look.", "%(n)d lines need a look.", warnings) % {"n": warnings}
    if len(imported) == 1:
        path = f"/projects/{access.project.id}/episodes/{imported[0].episode.id}/script"
    else:
        path = f"/projects/{access.project.id}"
    return leave_note(redirect(request, path), note)


@router.post("/projects/{project_id}/episodes/{episode_id}/import")
async def import_episode(
    request: Request,
    session: Transaction,
    access: Annotated[ProjectAccess, in_project("scripts.edit")],
    episode_id: UUID,
) -> Response:
    """Replace an episode's script by an imported one; what was there becomes a revision."""
    episode = await episodes.get(session, access.project.id, episode_id)
    text, name = await _script(request)
    one = await importing.import_episode(session, access.actor, access.project, episode, text, name=name)
    path = f"/projects/{access.project.id}/episodes/{episode_id}/script"
    return leave_note(redirect(request, path), _told(one.summary))


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
    return leave_note(redirect(request, path), _told(summary))


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


def _told(summary: Summary) -> str:
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
