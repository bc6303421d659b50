"""What a producer changes about money: budgets, rules, exchange rates, and the switch that stops all spending."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app.core import clock
from app.core.errors import Invalid
from app.core.i18n import _
from app.core.money import Money
from app.episodes import service as episodes
from app.episodes.places import place_of
from app.money import rates, rules, service
from app.money.forms import BudgetForm, RateForm, RoleBudgetForm, RulesForm
from app.projects.access import ProjectAccess, in_project
from app.web.database import Transaction
from app.web.forms import Form, Model, blank_form, read_form
from app.web.htmx import redirect
from app.web.notes import leave_note
from app.web.templating import render

router = APIRouter()
Edit = Annotated[ProjectAccess, in_project("money.edit")]
Read = Annotated[ProjectAccess, in_project("money.read")]
PAGE = 50


async def _given(request: Request, kind: type[Model]) -> Model:
    form = await read_form(request, kind)
    if not form.ok:
        raise Invalid("money.form", " ".join(form.errors.values()), fields=form.errors)
    return form.value


def _back(request: Request, access: ProjectAccess) -> Response:
    return redirect(request, f"/projects/{access.project.id}/money")


@router.post("/projects/{project_id}/money/budget")
async def set_budget(request: Request, session: Transaction, access: Edit) -> Response:
    """Set the hard cap of the project or of an episode."""
    given = await _given(request, BudgetForm)
    if given.episode is not None:
        await episodes.get(session, access.project.id, given.episode)
    limit = Money.of(given.limit, access.project.currency)
    await service.set_budget(session, access.actor, access.project, given.episode, limit)
    return _back(request, access)


@router.post("/projects/{project_id}/money/roles")
async def set_role_budget(request: Request, session: Transaction, access: Edit) -> Response:
    """Set the hard cap of a role, or lift it."""
    given = await _given(request, RoleBudgetForm)
    limit = _amount(access, given.limit)
    await service.set_role_budget(session, access.actor, access.project, given.role, limit)
    return _back(request, access)


@router.post("/projects/{project_id}/money/rules")
async def set_rules(request: Request, session: Transaction, access: Edit) -> Response:
    """Set the thresholds of approval and the warning lines."""
    given = await _given(request, RulesForm)
    single, batch = _amount(access, given.single), _amount(access, given.batch)
    await rules.change(session, access.actor, access.project, single=single, batch=batch, lines=given.lines)
    return leave_note(_back(request, access), _("The rules are set."))


def _amount(access: ProjectAccess, given: Decimal | None) -> Money | None:
    return None if given is None else Money.of(given, access.project.currency)


@router.post("/projects/{project_id}/money/pause")
async def pause(request: Request, session: Transaction, access: Edit) -> Response:
    """Stop all spending of the project."""
    await service.pause(session, access.actor, access.project, paused=True)
    return _back(request, access)


@router.post("/projects/{project_id}/money/resume")
async def resume(request: Request, session: Transaction, access: Edit) -> Response:
    """Let spending go on."""
    await service.pause(session, access.actor, access.project, paused=False)
    return _back(request, access)


@router.get("/projects/{project_id}/money/rates")
async def rates_page(request: Request, session: Transaction, access: Read, before: UUID | None = None) -> Response:
    """Show the team's exchange rates, those entered last first."""
    today = {"base": "USD", "quote": access.project.currency, "on": clock.now().date().isoformat()}
    return await _rates(request, session, access, blank_form(today), before=before)


async def _rates(
    request: Request,
    session: AsyncSession,
    access: ProjectAccess,
    form: Form[Any],
    *,
    before: UUID | None = None,
    status: int = 200,
) -> Response:
    project = access.project
    rows = await rates.page(session, project.team_id, before=before, limit=PAGE + 1)
    return render(
        request,
        "money/rates.html",
        status=status,
        place=place_of(project),
        project=project,
        rows=rows[:PAGE],
        older=rows[PAGE - 1].id if len(rows) > PAGE else None,
        edits=access.actor.may("money.edit", project.team_id),
        form=form,
        access=access,
    )


@router.post("/projects/{project_id}/money/rates")
async def set_rate(request: Request, session: Transaction, access: Edit) -> Response:
    """Enter an exchange rate of the team."""
    form = await read_form(request, RateForm)
    if form.ok:
        given, team_id = form.value, access.project.team_id
        try:
            await rates.set_rate(
                session, access.actor, team_id, base=given.base, quote=given.quote, rate=given.rate, on=given.on
            )
        except Invalid as error:
            form.fail(error, error.details.get("field", ""))
        else:
            note = _("The rate is entered. Jobs that waited for it look again.")
            return leave_note(redirect(request, f"/projects/{access.project.id}/money/rates"), note)
    return await _rates(request, session, access, form, status=422)


@router.post("/projects/{project_id}/money/rates/{rate_id}/remove")
async def remove_rate(request: Request, session: Transaction, access: Edit, rate_id: UUID) -> Response:
    """Take back a rate that was entered by mistake."""
    await rates.remove(session, access.actor, access.project.team_id, rate_id)
    return redirect(request, f"/projects/{access.project.id}/money/rates")
