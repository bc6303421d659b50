"""Pages of jobs: generate, the list, each job's story, cancel, retry, decide."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app.accounts.links import media_url
from app.core.i18n import ngettext
from app.core.money import Money
from app.episodes import service as episodes
from app.episodes.places import place_of
from app.jobs import approving, bulk, choosing, finding, service, unknowns, wishing
from app.jobs.finding import Wanted
from app.jobs.forms import Asked, DecisionForm, GenerateForm
from app.jobs.models import Job
from app.jobs.route_words import verdict_word
from app.jobs.timeline import story_lines
from app.jobs.words import job_badge
from app.money import service as money
from app.projects.access import ProjectAccess, in_project
from app.shots import service as shots
from app.web.database import Transaction
from app.web.forms import read_form
from app.web.htmx import redirect
from app.web.nav import local_path
from app.web.notes import leave_note
from app.web.templating import render

router = APIRouter()
PAGE = 60
FRAGMENTS = {"table": "jobs/_table.html", "story": "jobs/_story.html"}


@router.post("/projects/{project_id}/episodes/{episode_id}/generate")
async def generate(
    request: Request,
    session: Transaction,
    access: Annotated[ProjectAccess, in_project("jobs.generate")],
    episode_id: UUID,
) -> Response:
    """Wish for a take of each chosen shot; a second click changes nothing."""
    episode = await episodes.get(session, access.project.id, episode_id)
    given = (await read_form(request, GenerateForm)).value
    rows = await choosing.chosen(session, episode, ids=given.shots, scene=given.scene, which=given.which)
    jobs = await wishing.wish(
        session,
        request.app.state.registry,
        access.actor,
        access.project,
        episode,
        rows,
        backend=given.backend,
        model=given.model,
        seed=given.seed,
    )
    path = local_path(given.next, f"/projects/{access.project.id}/episodes/{episode_id}/board")
    note = ngettext("%(n)d take is on its way.", "%(n)d takes are on their way.", len(jobs)) % {"n": len(jobs)}
    return leave_note(redirect(request, path), note)


@router.get("/projects/{project_id}/jobs")
@router.get("/projects/{project_id}/jobs/{job_id}")
async def jobs_page(
    request: Request,
    session: Transaction,
    access: Annotated[ProjectAccess, in_project("jobs.read")],
    asked: Annotated[Asked, Query()],
    job_id: UUID | None = None,
) -> Response:
    """Show a project's jobs that fit the filters, and one job's story; ``fragment`` asks for one live part."""
    wanted = asked.wanted()
    rows = await finding.page(session, access.project.id, wanted, before=asked.before, limit=PAGE + 1)
    job = await service.get(session, access.project.id, job_id) if job_id else None
    older = rows[PAGE - 1][0].id if len(rows) > PAGE else None
    part = asked.fragment if job or asked.fragment == "table" else ""
    whole = {} if part else await _around(session, access, wanted)
    return render(
        request,
        FRAGMENTS.get(part, "jobs/jobs.html"),
        here=f"{request.url.path}?{asked.query(before=asked.before)}",
        place=place_of(access.project),
        rows=[(each, shot, media_url(request, shot.poster_key)) for each, shot in rows[:PAGE]],
        asked=asked,
        older=asked.query(before=older) if older else "",
        job=job,
        told=await _told(session, access, job) if job else {},
        money_of=Money,
        job_badge=job_badge,
        may_act=access.may("jobs.generate") or access.may("jobs.cancel"),
        access=access,
        **whole,
    )


async def _around(session: Transaction, access: ProjectAccess, wanted: Wanted) -> dict[str, Any]:
    """Return what stands beside the list: what each filter would find, and the money."""
    project = access.project
    return {
        "facets": await finding.facets(session, project.id, wanted),
        "episodes": await episodes.of_project(session, project.id),
        "position": await money.position(session, project) if access.may("money.read") else None,
        "waiting": await approving.count(session, project.id) if access.may("money.approve") else 0,
        "lost": await unknowns.count(session, access.actor) if access.may("jobs.decide") else 0,
        "most": bulk.MOST,
    }


async def _told(session: Transaction, access: ProjectAccess, job: Job) -> dict[str, Any]:
    """Return what is shown of one job: its shot, its story, and why its backend."""
    attempts, events = await service.story(session, job)
    moved = await money.movements(session, [one.id for one in attempts]) if access.may("money.read") else ()
    return {
        "shot": await shots.get(session, access.project.id, job.shot_id),
        "attempts": attempts,
        "story": story_lines(job, attempts, events, moved),
        "routing": [(line, verdict_word(line)) for line in sorted(job.routing, key=_last_is_out)],
    }


def _last_is_out(line: dict[str, str]) -> int:
    return {"chosen": 0, "fits": 1}.get(line["verdict"], 2)


def _back(request: Request, access: ProjectAccess, job: Job) -> Response:
    return redirect(request, f"/projects/{access.project.id}/jobs/{job.id}")


@router.post("/projects/{project_id}/jobs/{job_id}/cancel")
async def cancel(
    request: Request, session: Transaction, access: Annotated[ProjectAccess, in_project("jobs.cancel")], job_id: UUID
) -> Response:
    """Ask a job to stop."""
    job = await service.get(session, access.project.id, job_id, for_update=True)
    await service.cancel(session, access.actor, job)
    return _back(request, access, job)


@router.post("/projects/{project_id}/jobs/{job_id}/retry")
async def retry(
    request: Request, session: Transaction, access: Annotated[ProjectAccess, in_project("jobs.generate")], job_id: UUID
) -> Response:
    """Wish again for what failed, from the shot as it is now."""
    job = await service.get(session, access.project.id, job_id)
    again = await wishing.again(session, request.app.state.registry, access.actor, access.project, job)
    return _back(request, access, again)


@router.post("/projects/{project_id}/jobs/{job_id}/dismiss")
async def dismiss(
    request: Request, session: Transaction, access: Annotated[ProjectAccess, in_project("jobs.cancel")], job_id: UUID
) -> Response:
    """Put a failed job aside."""
    job = await service.get(session, access.project.id, job_id, for_update=True)
    await service.dismiss(session, job)
    return _back(request, access, job)


@router.post("/projects/{project_id}/jobs/{job_id}/decide")
async def decide(
    request: Request, session: Transaction, access: Annotated[ProjectAccess, in_project("jobs.decide")], job_id: UUID
) -> Response:
    """Decide about a lost answer."""
    given = (await read_form(request, DecisionForm)).value
    job = await service.get(session, access.project.id, job_id, for_update=True)
    await service.decide(session, access.actor, job, given.decision)
    return _back(request, access, job)


@router.post("/projects/{project_id}/episodes/{episode_id}/cancel-jobs")
async def cancel_episode(
    request: Request,
    session: Transaction,
    access: Annotated[ProjectAccess, in_project("jobs.cancel")],
    episode_id: UUID,
) -> Response:
    """Ask every open job of an episode to stop."""
    episode = await episodes.get(session, access.project.id, episode_id)
    count = await service.cancel_episode(session, access.actor, episode)
    path = f"/projects/{access.project.id}/episodes/{episode_id}/board"
    note = ngettext("%(n)d job was asked to stop.", "%(n)d jobs were asked to stop.", count) % {"n": count}
    return leave_note(redirect(request, path), note)
