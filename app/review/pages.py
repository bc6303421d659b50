"""Verdicts on takes, and the queue of what nobody decided yet."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app.core.errors import Invalid
from app.core.i18n import _, ngettext
from app.episodes import service as episodes
from app.episodes.places import place_of
from app.jobs import wishing
from app.projects.access import ProjectAccess, in_project
from app.review import service
from app.review.forms import SomeShotsForm, VerdictForm
from app.shots import service as shots
from app.shots.places import shot_path
from app.takes import service as takes
from app.takes.models import Take
from app.web.database import Transaction
from app.web.forms import read_form
from app.web.htmx import redirect
from app.web.nav import local_path
from app.web.notes import leave_note
from app.web.templating import render

router = APIRouter()
Circle = Annotated[ProjectAccess, in_project("review.circle")]
Retake = Annotated[ProjectAccess, in_project("review.retake")]
Reject = Annotated[ProjectAccess, in_project("review.reject")]


@router.get("/projects/{project_id}/episodes/{episode_id}/review")
async def queue(
    request: Request,
    session: Transaction,
    access: Annotated[ProjectAccess, in_project("review.read")],
    episode_id: UUID,
    after: int = -1,
) -> Response:
    """Go to the next take that waits for a verdict, or say that none does."""
    episode = await episodes.get(session, access.project.id, episode_id)
    found = await service.next_undecided(session, episode.id, after=after)
    if found is not None:
        shot, number = found
        return redirect(request, f"{shot_path(shot)}?queue=1&take={number}")
    return render(
        request,
        "review/empty.html",
        place=place_of(access.project, episode),
        counts=(await shots.counts(session, [episode.id]))[episode.id],
    )


async def _go_on(request: Request, session: AsyncSession, take: Take, given: VerdictForm) -> Response:
    shot = await shots.get(session, take.project_id, take.shot_id)
    return redirect(request, local_path(given.next, f"{shot_path(shot)}?take={take.number}"))


@router.post("/projects/{project_id}/takes/{take_id}/circle")
async def circle(request: Request, session: Transaction, access: Circle, take_id: UUID) -> Response:
    """Choose a take for the episode."""
    take = await takes.get(session, access.project.id, take_id)
    given = (await read_form(request, VerdictForm)).value
    await service.circle(session, access.actor, take)
    return await _go_on(request, session, take, given)


@router.post("/projects/{project_id}/takes/{take_id}/uncircle")
async def uncircle(request: Request, session: Transaction, access: Circle, take_id: UUID) -> Response:
    """Undo a circle."""
    take = await takes.get(session, access.project.id, take_id)
    given = (await read_form(request, VerdictForm)).value
    await service.uncircle(session, access.actor, take)
    return await _go_on(request, session, take, given)


@router.post("/projects/{project_id}/takes/{take_id}/retake")
async def retake(request: Request, session: Transaction, access: Retake, take_id: UUID) -> Response:
    """Ask for another take, with a note, and wish for it at once when that is asked as well."""
    take = await takes.get(session, access.project.id, take_id)
    given = (await read_form(request, VerdictForm)).value
    await service.ask_retake(session, access.actor, take, given.note, given.reasons)
    if given.generate:
        access.demand("jobs.generate")
        episode = await episodes.get(session, access.project.id, take.episode_id)
        shot = await shots.get(session, access.project.id, take.shot_id)
        await wishing.wish(session, request.app.state.registry, access.actor, access.project, episode, [shot])
    return await _go_on(request, session, take, given)


@router.post("/projects/{project_id}/takes/{take_id}/reject")
async def reject(request: Request, session: Transaction, access: Reject, take_id: UUID) -> Response:
    """Put a take aside."""
    take = await takes.get(session, access.project.id, take_id)
    given = (await read_form(request, VerdictForm)).value
    await service.reject(session, access.actor, take, given.note, given.reasons)
    return await _go_on(request, session, take, given)


@router.post("/projects/{project_id}/takes/{take_id}/reconsider")
async def reconsider(request: Request, session: Transaction, access: Reject, take_id: UUID) -> Response:
    """Take a rejection or a retake request back."""
    take = await takes.get(session, access.project.id, take_id)
    given = (await read_form(request, VerdictForm)).value
    await service.reconsider(session, access.actor, take)
    return await _go_on(request, session, take, given)


async def _newest(session: AsyncSession, access: ProjectAccess, episode_id: UUID, given: SomeShotsForm) -> list[Take]:
    """Return the newest take of each selected shot of the episode that has one."""
    await episodes.get(session, access.project.id, episode_id)
    rows = await shots.some(session, access.project.id, given.shots)
    found = await takes.newest_of(session, [row.id for row in rows if row.episode_id == episode_id])
    if not found:
        raise Invalid("review.no_takes", _("None of the selected shots has a take yet. Generate them first."))
    return [found[row.id] for row in rows if row.id in found]


def _to_board(request: Request, access: ProjectAccess, episode_id: UUID, note: str) -> Response:
    return leave_note(redirect(request, f"/projects/{access.project.id}/episodes/{episode_id}/board"), note)


@router.post("/projects/{project_id}/episodes/{episode_id}/shots/circle-newest")
async def circle_newest(request: Request, session: Transaction, access: Circle, episode_id: UUID) -> Response:
    """Circle the newest take of each selected shot."""
    given = (await read_form(request, SomeShotsForm)).value
    chosen = await _newest(session, access, episode_id, given)
    for take in chosen:
        await service.circle(session, access.actor, take)
    note = ngettext("%(n)d take is circled.", "%(n)d takes are circled.", len(chosen)) % {"n": len(chosen)}
    return _to_board(request, access, episode_id, note)


@router.post("/projects/{project_id}/episodes/{episode_id}/shots/retake")
async def retake_some(request: Request, session: Transaction, access: Retake, episode_id: UUID) -> Response:
    """Ask for another take of each selected shot, with one note."""
    given = (await read_form(request, SomeShotsForm)).value
    chosen = await _newest(session, access, episode_id, given)
    for take in chosen:
        await service.ask_retake(session, access.actor, take, given.note, given.reasons)
    note = ngettext("%(n)d retake is asked for.", "%(n)d retakes are asked for.", len(chosen)) % {"n": len(chosen)}
    return _to_board(request, access, episode_id, note)
