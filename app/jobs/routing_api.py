"""JSON API of where takes are made: health, a project's policy, and leaving a vendor for another."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from app.core.errors import NotFound
from app.core.i18n import _
from app.core.money import Money
from app.jobs import policies, relocation, standing
from app.jobs.policy import Policy
from app.jobs.relocation import Move, Plan, Wanted
from app.jobs.route_words import change_word
from app.jobs.standing import Standing
from app.projects.access import ProjectAccess, in_project
from app.web.api import Amount, Input, Whole
from app.web.database import Transaction

router = APIRouter(tags=["Routing"])
Read = Annotated[ProjectAccess, in_project("jobs.read")]
Route = Annotated[ProjectAccess, in_project("jobs.route")]


class HealthOut(BaseModel):
    """How one backend stands for a project; ``state`` is passed, caution, failed or planned (not used yet)."""

    backend: str
    account: str
    region: str
    state: str
    open_until: datetime | None
    last_fault: str
    last_success_at: datetime | None
    running: int
    waiting: int

    @classmethod
    def of(cls, one: Standing) -> HealthOut:
        """Return a standing as programs read it."""
        return cls(
            backend=one.name,
            account=one.account,
            region=one.region,
            state=one.state,
            open_until=one.open_until,
            last_fault=one.last_fault,
            last_success_at=one.last_success_at,
            running=one.running,
            waiting=one.waiting,
        )


class MoveOut(BaseModel):
    """One job that would move, or cannot; ``model`` is empty for one that stays."""

    job_id: UUID
    shot: str
    model: str
    changes: list[str]
    before: Amount
    after: Amount | None

    @classmethod
    def of(cls, move: Move) -> MoveOut:
        """Return a move as programs read it."""
        return cls(
            job_id=move.job.id,
            shot=move.shot.name,
            model=move.caps.model if move.caps else "",
            changes=[change_word(one) for one in move.changes],
            before=Amount.of(move.before),
            after=Amount.of(move.after) if move.after else None,
        )


class PlanOut(BaseModel):
    """What a relocation would do; send ``digest`` back to do exactly this."""

    digest: str
    moves: list[MoveOut]
    possible: int
    stuck: int
    running: int
    before: list[Amount]
    after: list[Amount]

    @classmethod
    def of(cls, plan: Plan) -> PlanOut:
        """Return a plan as programs read it."""

        def amounts(side: dict[str, int]) -> list[Amount]:
            return [Amount.of(Money(micros, currency)) for currency, micros in side.items()]

        return cls(
            digest=plan.digest,
            moves=[MoveOut.of(move) for move in plan.moves],
            possible=len(plan.possible),
            stuck=len(plan.stuck),
            running=plan.running,
            before=amounts(plan.before),
            after=amounts(plan.after),
        )


class RelocationIn(Input):
    """What is left for what; ``digest`` names the plan that was shown."""

    source: str = Field(max_length=80)
    target: str = Field(max_length=80)
    model: str = Field(default="", max_length=200)
    failed: bool = Field(default=False, description="Take along what failed there technically.")
    digest: str = Field(max_length=40)


@router.get("/projects/{project_id}/backends")
async def list_health(request: Request, session: Transaction, access: Read) -> Whole[HealthOut]:
    """List the backends with their health, and what runs and waits there for the project."""
    found = await standing.backends(session, request.app.state.registry, access.project.id)
    return Whole(items=[HealthOut.of(one) for one in found])


@router.get("/projects/{project_id}/routing-policy")
async def get_policy(session: Transaction, access: Read) -> Policy:
    """Read how the project chooses a backend for each wish."""
    policy = await policies.of_project(session, access.project.id)
    if policy is None:
        raise NotFound("jobs.no_policy", _("The project has no policy: it names one backend for everything."))
    return policy


@router.put("/projects/{project_id}/routing-policy")
async def set_policy(request: Request, session: Transaction, access: Route, given: Policy) -> Policy:
    """Give the project a policy."""
    await policies.choose(session, access.actor, request.app.state.registry, access.project, given)
    return given


@router.delete("/projects/{project_id}/routing-policy", status_code=204)
async def remove_policy(request: Request, session: Transaction, access: Route) -> None:
    """Let the project name one backend for everything again."""
    await policies.choose(session, access.actor, request.app.state.registry, access.project, None)


@router.get("/projects/{project_id}/relocation")
async def plan(
    request: Request,
    session: Transaction,
    access: Route,
    source: Annotated[str, Query(max_length=80)],
    target: Annotated[str, Query(max_length=80)],
    model: Annotated[str, Query(max_length=200)] = "",
    failed: bool = False,
) -> PlanOut:
    """Say what changes for each shot when what waits on one backend goes to another."""
    wanted = Wanted(source, target, model, access.project.id, failed)
    return PlanOut.of(await relocation.plan(session, request.app.state.registry, wanted))


@router.post("/projects/{project_id}/relocation")
async def relocate(request: Request, session: Transaction, access: Route, given: RelocationIn) -> dict[str, int]:
    """Move exactly what a plan said; answers with the number of jobs as `moved`."""
    wanted = Wanted(given.source, given.target, given.model, access.project.id, given.failed)
    registry = request.app.state.registry
    moved = await relocation.carry_out(session, access.actor, registry, wanted, given.digest)
    return {"moved": moved}
