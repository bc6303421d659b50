"""Pages of many jobs at once: what an action would do is shown before it is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.core.i18n import _, ngettext
from app.episodes.places import place_of
from app.jobs import bulk
from app.jobs.bulk import Action, Plan, Result
from app.jobs.forms import ManyForm
from app.jobs.words import alarm_of, price_of
from app.projects.access import ProjectAccess, in_project
from app.web.database import Transaction
from app.web.forms import read_form
from app.web.htmx import redirect
from app.web.nav import local_path
from app.web.notes import leave_note
from app.web.templating import render

router = APIRouter()
Generate = Annotated[ProjectAccess, in_project("jobs.generate")]
Cancel = Annotated[ProjectAccess, in_project("jobs.cancel")]
MOST_REASONS = 3


@router.post("/projects/{project_id}/jobs/retry")
async def retry(request: Request, session: Transaction, access: Generate) -> Response:
    """Try many jobs again, after showing what it costs."""
    return await _act(request, session, access, Action.RETRY)


@router.post("/projects/{project_id}/jobs/cancel")
async def cancel(request: Request, session: Transaction, access: Cancel) -> Response:
    """Ask many jobs to stop, after showing what may be charged all the same."""
    return await _act(request, session, access, Action.CANCEL)


@router.post("/projects/{project_id}/jobs/put-aside")
async def put_aside(request: Request, session: Transaction, access: Cancel) -> Response:
    """Put many failed jobs aside, after showing which."""
    return await _act(request, session, access, Action.PUT_ASIDE)


async def _act(request: Request, session: Transaction, access: ProjectAccess, action: Action) -> Response:
    given = (await read_form(request, ManyForm)).value
    registry, project = request.app.state.registry, access.project
    back = local_path(given.next, f"/projects/{project.id}/jobs")
    if given.confirmed:
        done = await bulk.do(session, registry, access.actor, project, action, given.jobs)
        return leave_note(redirect(request, back), result_words(_done(action, len(done.done)), done))
    plan = await bulk.plan(session, registry, access.actor, project, action, given.jobs)
    words = _words(action, len(plan.able))
    return render(
        request,
        "jobs/confirm.html",
        place=place_of(project),
        action=request.url.path,
        fields={"next": back},
        ids=plan.able,
        refused=bulk.reasons(plan.refused),
        back=back,
        **words,
        **_price(plan),
    )


def _words(action: Action, count: int) -> dict[str, Any]:
    """Return the question, and what stands on its button."""
    asked = {
        Action.RETRY: (
            ngettext("Try %(n)d job again?", "Try %(n)d jobs again?", count),
            _("Try again"),
            "retake",
        ),
        Action.CANCEL: (ngettext("Cancel %(n)d job?", "Cancel %(n)d jobs?", count), _("Cancel the jobs"), "x"),
        Action.PUT_ASIDE: (
            ngettext("Put %(n)d job aside?", "Put %(n)d jobs aside?", count),
            _("Put aside"),
            "check",
        ),
    }
    title, label, icon = asked[action]
    return {"title": title % {"n": count}, "label": label, "icon_name": icon}


def _price(plan: Plan) -> dict[str, Any]:
    """Return what an action costs, in words, and what else to know before it."""
    if plan.action is Action.RETRY:
        alarms = dict.fromkeys(alarm_of(quote) for quote in plan.quotes)
        return {
            "costs": [(quote.offer.shots, quote.offer.backend, price_of(quote)) for quote in plan.quotes],
            "alarms": [alarm for alarm in alarms if alarm],
        }
    if plan.action is Action.CANCEL and plan.at_stake:
        sums = ", ".join(str(amount) for amount in plan.at_stake)
        words = _("Some of it is bought already. Up to %(sums)s may still be charged, where it is too late.")
        return {"costs": [], "alarms": [words % {"sums": sums}]}
    return {"costs": [], "alarms": [_("This costs nothing.")]}


def _done(action: Action, count: int) -> str:
    words = {
        Action.RETRY: ngettext("%(n)d job is tried again.", "%(n)d jobs are tried again.", count),
        Action.CANCEL: ngettext("%(n)d job was asked to stop.", "%(n)d jobs were asked to stop.", count),
        Action.PUT_ASIDE: ngettext("%(n)d job was put aside.", "%(n)d jobs were put aside.", count),
    }
    return words[action] % {"n": count}


def result_words(done: str, result: Result) -> str:
    """Return what was done in one sentence, and how many could not and why."""
    if not result.refused:
        return done
    count = len(result.refused)
    could_not = ngettext("%(n)d could not:", "%(n)d could not:", count) % {"n": count}
    return f"{done} {could_not} {_reasons(bulk.reasons(result.refused))}"


def _reasons(found: Sequence[tuple[str, int]]) -> str:
    return " ".join(f"{number} × {why}" for why, number in found[:MOST_REASONS])
