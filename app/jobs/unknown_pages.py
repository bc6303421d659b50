"""The page of lost answers: what is known of each, and a producer's decisions, one by one or about many."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app.accounts.access import AnyActor
from app.accounts.links import media_url
from app.core.errors import Invalid
from app.core.i18n import _, ngettext
from app.jobs import bulk, unknowns
from app.jobs.bulk_pages import result_words
from app.jobs.forms import Asked, DecideManyForm
from app.web.database import Transaction
from app.web.forms import read_form
from app.web.htmx import redirect
from app.web.notes import leave_note
from app.web.templating import render

router = APIRouter()
PAGE = 50
PATH = "/lost-answers"
Decision = Literal["look-again", "give-up", "buy-again"]


@router.get(PATH)
async def unknowns_page(
    request: Request, session: Transaction, actor: AnyActor, asked: Annotated[Asked, Query()]
) -> Response:
    """Show the jobs of all projects whose answer was lost and about which this person may decide."""
    rows = await unknowns.page(session, request.app.state.registry, actor, before=asked.before, limit=PAGE + 1)
    return render(
        request,
        "jobs/unknowns.html",
        rows=[(row, media_url(request, row.shot.poster_key)) for row in rows[:PAGE]],
        count=await unknowns.count(session, actor),
        older=rows[PAGE - 1].job.id if len(rows) > PAGE else None,
        path=PATH,
    )


@router.post(f"{PATH}/{{decision}}")
async def decide(request: Request, session: Transaction, actor: AnyActor, decision: Decision) -> Response:
    """Decide the same about one job or many; what counts as paid, or may be paid twice, is shown first."""
    given = (await read_form(request, DecideManyForm)).value
    ids: list[UUID] = [given.only] if given.only else given.jobs
    if not ids:
        raise Invalid("jobs.none_chosen", _("Choose at least one job."))
    if given.confirmed or decision == "look-again":
        result = await unknowns.decide(session, actor, ids, decision.replace("-", "_"))
        words = result_words(_decided(decision, len(result.done)), result)
        return leave_note(redirect(request, PATH), words)
    jobs, refused = await unknowns.chosen(session, actor, ids)
    sums = ", ".join(str(amount) for amount in await unknowns.at_stake(session, jobs))
    return render(
        request,
        "jobs/confirm.html",
        place=None,
        action=request.url.path,
        fields={},
        ids=[job.id for job in jobs],
        refused=bulk.reasons(refused),
        back=PATH,
        costs=[],
        **_question(decision, len(jobs), sums),
    )


def _question(decision: str, count: int, sums: str) -> dict[str, Any]:
    if decision == "buy-again":
        title = ngettext("Buy %(n)d take again?", "Buy %(n)d takes again?", count)
        alarm = _("It may then have been paid twice: up to %(sums)s more. Look at the provider's own list first.")
        label, icon = _("Accept the risk and buy again"), "retake"
    else:
        title = ngettext("Give %(n)d job up?", "Give %(n)d jobs up?", count)
        alarm = _("It counts as paid: %(sums)s. An invoice that says otherwise can correct it later.")
        label, icon = _("Give up"), "x"
    alarms = [alarm % {"sums": sums}]
    return {"title": title % {"n": count}, "alarms": alarms, "label": label, "icon_name": icon}


def _decided(decision: str, count: int) -> str:
    words = {
        "look-again": ngettext("%(n)d job is looked up again.", "%(n)d jobs are looked up again.", count),
        "give-up": ngettext("%(n)d job was given up.", "%(n)d jobs were given up.", count),
        "buy-again": ngettext("%(n)d take is bought again.", "%(n)d takes are bought again.", count),
    }
    return words[decision] % {"n": count}
