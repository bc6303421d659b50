"""Where a project's takes are made: the backends and their health, the policy, and leaving a vendor for another."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app.accounts.access import OwnerActor
from app.backends.registry import Registry
from app.core.errors import ReelroomError
from app.core.i18n import _, ngettext
from app.core.money import Money
from app.episodes.places import place_of
from app.jobs import health, policies, relocation, standing
from app.jobs.forms import PolicyForm, RelocationForm
from app.jobs.policy import Policy
from app.jobs.relocation import Plan, Wanted
from app.jobs.route_words import change_word
from app.projects.access import ProjectAccess, in_project
from app.providers import words
from app.web.database import Transaction
from app.web.forms import Form, blank_form, read_form
from app.web.htmx import redirect
from app.web.nav import local_path
from app.web.notes import leave_note
from app.web.templating import render

router = APIRouter()
Read = Annotated[ProjectAccess, in_project("jobs.read")]
Route = Annotated[ProjectAccess, in_project("jobs.route")]
CHOICES = 6


@router.get("/projects/{project_id}/backends")
async def backends_page(request: Request, session: Transaction, access: Read) -> Response:
    """Show every backend with its health, its models and prices, and the project's policy."""
    policy = await policies.of_project(session, access.project.id)
    return await _page(request, session, access, blank_form(_typed(policy)), policy)


async def _page(
    request: Request,
    session: AsyncSession,
    access: ProjectAccess,
    form: Form[Any],
    policy: Policy | None,
    status: int = 200,
) -> Response:
    registry = request.app.state.registry
    offers = [(offer.backend, offer.caps.model) for offer in registry.models()]
    return render(
        request,
        "jobs/backends.html",
        status=status,
        place=place_of(access.project),
        project=access.project,
        access=access,
        backends=await standing.backends(session, registry, access.project.id),
        policy=policy,
        form=form,
        places=[*form.texts("choice"), *[""] * CHOICES][: max(CHOICES, len(form.texts("choice")) + 1)],
        choices=[*dict.fromkeys(name for name, _model in offers), *(f"{name}/{model}" for name, model in offers)],
        note_first=access.project.backend,
        tasks_of=words.tasks,
        durations_of=words.durations,
        sizes_of=words.sizes,
        features_of=words.features,
    )


def _typed(policy: Policy | None) -> dict[str, Any]:
    if policy is None:
        return {"fail_over": "true", "prefer": "order"}
    needs = {"sound": policy.needs_sound, "lip_sync": policy.needs_lip_sync, "seed": policy.needs_seed}
    return {
        "choice": list(policy.order),
        "prefer": policy.prefer,
        "most_per_second": "" if policy.most_per_second is None else f"{policy.most_per_second:f}",
        "regions": " ".join(policy.regions),
        "needs": [name for name, needed in needs.items() if needed],
        "most_at_once": policy.most_at_once or "",
        "fail_over": "true" if policy.fail_over else "",
    }


@router.post("/projects/{project_id}/backends/policy")
async def choose_policy(request: Request, session: Transaction, access: Route) -> Response:
    """Give the project a policy, or take it away when nothing is chosen."""
    form = await read_form(request, PolicyForm)
    before = await policies.of_project(session, access.project.id)
    if not form.ok:
        return await _page(request, session, access, form, before, 422)
    policy = form.value.policy()
    if policy is not None and before is not None:
        policy = policy.model_copy(update={"order_by_task": before.order_by_task})
    try:
        await policies.choose(session, access.actor, request.app.state.registry, access.project, policy)
    except ReelroomError as error:
        return await _page(request, session, access, form.fail(error), before, error.status)
    told = _("The policy is saved.") if policy else _("The project has no policy any more.")
    return leave_note(redirect(request, f"/projects/{access.project.id}/backends"), told)


@router.post("/installation/backends/{name}/try-now")
async def try_now(request: Request, session: Transaction, actor: OwnerActor, name: str) -> Response:
    """Close a backend's circuit: what waits for it is tried at once."""
    request.app.state.registry.get(name)
    await health.try_now(session, actor, name)
    return redirect(request, local_path(request.query_params.get("next"), f"/installation/backends/{name}"))


@router.get("/projects/{project_id}/relocate")
async def relocate_page(
    request: Request,
    session: Transaction,
    access: Route,
    source: Annotated[str, Query(max_length=80)] = "",
    target: Annotated[str, Query(max_length=80)] = "",
    model: Annotated[str, Query(max_length=200)] = "",
    failed: bool = False,
) -> Response:
    """Show what changes for each shot when what waits on one backend goes to another."""
    given = RelocationForm(source=source, target=target, model=model, failed=failed)
    return await _relocation(request, session, access, given)


async def _relocation(
    request: Request, session: AsyncSession, access: ProjectAccess, given: RelocationForm, problem: str = ""
) -> Response:
    registry, found = request.app.state.registry, None
    if given.source and given.target and not problem:
        try:
            found = await relocation.plan(session, registry, _wanted(given, access))
        except ReelroomError as error:
            problem = error.message
    waiting = await standing.waiting(session, access.project.id)
    return render(
        request,
        "jobs/relocate.html",
        status=422 if problem else 200,
        place=place_of(access.project),
        project=access.project,
        access=access,
        given=given,
        form=blank_form(given.model_dump()),
        problem=problem,
        plan=found,
        rows=_rows(found),
        totals=_totals(found),
        sources=[(name, f"{name} ({waiting.get(name, 0)})") for name in sorted({*waiting, access.project.backend})],
        targets=[("", "–"), *((name, name) for name in registry.names() if name != given.source)],
        models=_models(registry, given.target),
    )


def _models(registry: Registry, target: str) -> list[tuple[str, str]]:
    found = [(offer.caps.model, offer.caps.model) for offer in registry.models() if offer.backend == target]
    return [("", _("The one that loses least, for each shot")), *found] if found else []


SHOWN = 500


def _rows(found: Plan | None) -> list[dict[str, Any]]:
    """Return the first moves as the page shows them, those that cannot be made before the others."""
    if found is None:
        return []
    return [
        {
            "shot": move.shot,
            "job": move.job,
            "model": move.caps.model if move.caps else "",
            "changes": [change_word(one) for one in move.changes],
            "before": move.before,
            "after": move.after,
        }
        for move in (*found.stuck, *found.possible)[:SHOWN]
    ]


def _totals(found: Plan | None) -> tuple[list[Money], list[Money]]:
    if found is None:
        return [], []
    before, after = (
        [Money(micros, currency) for currency, micros in side.items()] for side in (found.before, found.after)
    )
    return before, after


def _wanted(given: RelocationForm, access: ProjectAccess) -> Wanted:
    return Wanted(given.source, given.target, given.model, access.project.id, given.failed)


@router.post("/projects/{project_id}/relocate")
async def relocate(request: Request, session: Transaction, access: Route) -> Response:
    """Move what was shown, and nothing else."""
    given = (await read_form(request, RelocationForm)).value
    try:
        moved = await relocation.carry_out(
            session, access.actor, request.app.state.registry, _wanted(given, access), given.digest
        )
    except ReelroomError as error:
        if error.code != "jobs.plan_changed":
            raise
        return await _relocation(request, session, access, given, error.message)
    told = ngettext("%(n)d job was moved to %(target)s.", "%(n)d jobs were moved to %(target)s.", moved)
    path = f"/projects/{access.project.id}/jobs?state=waiting"
    return leave_note(redirect(request, path), told % {"n": moved, "target": given.target})
