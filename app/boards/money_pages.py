"""The pages of money that span domains: budgets with what waits, and what was spent on what."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, ValidationError
from starlette.responses import Response, StreamingResponse

from app.accounts.permissions import Role
from app.accounts.words import role_choices, role_word
from app.boards import spending
from app.core.errors import Invalid
from app.core.i18n import _
from app.core.money import Money
from app.core.text import slug
from app.episodes import service as episodes
from app.episodes.places import place_of
from app.jobs import approving
from app.money import rules, service
from app.money.spending import Asked, zone_of
from app.projects.access import ProjectAccess, in_project
from app.web.database import Transaction
from app.web.forms import blank_form
from app.web.templating import render

router = APIRouter()
Read = Annotated[ProjectAccess, in_project("money.read")]


@router.get("/projects/{project_id}/money")
async def money_page(request: Request, session: Transaction, access: Read) -> Response:
    """Show what is spent and reserved against the budgets, the rules, and what waits for a producer."""
    project = access.project
    rows = await episodes.of_project(session, project.id)
    positions = await service.positions(session, project)
    return render(
        request,
        "money/budget.html",
        place=place_of(project),
        project=project,
        whole=await service.position(session, project),
        rows=[(episode, positions.get(episode.id)) for episode in rows],
        by_role=await service.role_positions(session, project),
        roles=role_choices([role.value for role in Role]),
        role_word=role_word,
        rules=await rules.of_project(session, project.id),
        crossed=await rules.crossings(session, project.id),
        names={episode.id: episode for episode in rows},
        waiting=await approving.count(session, project.id) if access.may("money.approve") else 0,
        money_of=Money,
        form=blank_form(),
        access=access,
    )


class Filter(BaseModel):
    """What of the spending is asked for; days are those of the reader's time zone, both included."""

    since: date | None = None
    until: date | None = None
    episode: UUID | None = None
    model: str = Field(default="", max_length=300, description='As "backend/model".')
    person: UUID | None = None

    @property
    def query(self) -> str:
        """The query that keeps the filter."""
        return urlencode(self.model_dump(mode="json", exclude_none=True, exclude_defaults=True))

    def asked(self, access: ProjectAccess) -> Asked:
        """Return what is asked of the ledger."""
        backend, _slash, model = self.model.partition("/")
        return Asked(
            project_id=access.project.id,
            zone=zone_of(access.actor.time_zone),
            since=self.since,
            until=self.until,
            episode_id=self.episode,
            backend=backend,
            model=model,
            actor_id=self.person,
        )


def read_filter(request: Request) -> Filter:
    """Return the filter a query asks for; an empty field asks for nothing."""
    given = {name: value for name, value in request.query_params.items() if value and name in Filter.model_fields}
    try:
        return Filter.model_validate(given)
    except ValidationError as error:
        message = _("This filter cannot be read. Choose days, an episode, a model or a person from the page.")
        raise Invalid("money.filter", message) from error


@router.get("/projects/{project_id}/money/spending")
async def spending_page(request: Request, session: Transaction, access: Read) -> Response:
    """Show what was spent by episode, model, person and day, and what an accepted second costs."""
    wanted = read_filter(request)
    project = access.project
    report = await spending.report(session, project, wanted.asked(access))
    return render(
        request,
        "money/spending.html",
        place=place_of(project),
        project=project,
        report=report,
        wanted=wanted,
        **await _choices(session, access, wanted, report),
        size=(spending.WIDTH, spending.HEIGHT),
        zone=wanted.asked(access).zone,
        money_of=Money,
        access=access,
    )


async def _choices(
    session: Transaction, access: ProjectAccess, wanted: Filter, report: spending.Report
) -> dict[str, Any]:
    """Return what the filters offer: everything the project ever spent on, whatever is filtered now."""
    asked = Asked(access.project.id)
    narrowed = wanted.episode or wanted.model or wanted.person
    whole = await spending.report(session, access.project, asked) if narrowed else report
    return {
        "models": sorted(f"{backend}/{model}" for backend, model in whole.spending.by_model),
        "everybody": sorted(whole.people.items(), key=lambda each: each[1]),
    }


@router.get("/projects/{project_id}/money/spending.csv")
async def spending_file(request: Request, access: Read) -> Response:
    """Send the entries of the ledger that the filter means as CSV."""
    asked = read_filter(request).asked(access)
    name = f"spending-{slug(access.project.title)}.csv".encode("ascii", "ignore").decode() or "spending.csv"
    return StreamingResponse(
        spending.as_csv(request.app.state.database, access.project, asked),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"},
    )
