"""The policies of projects: kept, changed, and asked where a wish should go."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.schemas import Actor
from app.audit import service as audit
from app.backends.base import GenRequest
from app.backends.errors import BackendError
from app.backends.registry import Offer, Registry
from app.core import clock
from app.core.errors import Invalid
from app.core.i18n import _
from app.core.money import Money
from app.jobs import health
from app.jobs.models import RoutingPolicy
from app.jobs.policy import Policy
from app.jobs.routing import Candidate, Route, route
from app.money import rates
from app.money.schemas import Rate
from app.projects.models import Project


async def of_project(session: AsyncSession, project_id: UUID) -> Policy | None:
    """Return a project's policy, or None when it names one backend for everything."""
    row = await session.get(RoutingPolicy, project_id)
    return Policy.model_validate(row.policy) if row else None


async def choose(
    session: AsyncSession, actor: Actor, registry: Registry, project: Project, policy: Policy | None
) -> None:
    """Give a project a policy, or take it away; raise ``Invalid`` for a choice that does not exist."""
    row = await session.get(RoutingPolicy, project.id, with_for_update=True)
    before = row.policy if row else None
    if policy is None:
        if row is not None:
            await session.delete(row)
    else:
        _check(registry, policy)
        values = policy.model_dump(mode="json")
        if row is None:
            session.add(RoutingPolicy(project_id=project.id, policy=values))
        else:
            row.policy = values
    await session.flush()
    audit.record(
        session,
        "jobs.policy_chosen",
        actor_id=actor.id,
        actor_name=actor.name,
        subject_kind="project",
        subject_id=project.id,
        team_id=project.team_id,
        project_id=project.id,
        before=before,
        after=policy.model_dump(mode="json") if policy else None,
    )


def _check(registry: Registry, policy: Policy) -> None:
    known = {(offer.backend, offer.caps.model) for offer in registry.models()}
    backends = {backend for backend, _model in known}
    for name in (*policy.order, *(one for order in policy.order_by_task.values() for one in order)):
        backend, _slash, model = name.partition("/")
        if (model and (backend, model) not in known) or backend not in backends:
            message = _("There is no %(name)s to choose. Take a backend, or one of its models as backend/model.")
            raise Invalid("jobs.policy_choice", message % {"name": name}, field="order")


@dataclass
class Router:
    """Answers where wishes of one project go, with what was known when it was made."""

    session: AsyncSession
    registry: Registry
    project: Project
    policy: Policy
    offers: tuple[Offer, ...]
    paused: frozenset[str]
    failed: frozenset[str] = frozenset()
    _rates: dict[str, Rate | None] = field(default_factory=dict)

    async def route(self, request: GenRequest) -> Route:
        """Return the route of one request, whose task is what the shot wants."""
        candidates = [await self._candidate(offer, request) for offer in self.offers]
        return route(request, candidates, self.policy, clock.now().date())

    async def _candidate(self, offer: Offer, request: GenRequest) -> Candidate:
        return Candidate(
            offer.backend,
            offer.caps,
            await self._price(offer, request),
            region=self.registry.region(offer.backend),
            healthy=offer.backend not in self.paused,
            failed=offer.backend in self.failed,
        )

    async def _price(self, offer: Offer, request: GenRequest) -> Money | None:
        try:
            cost = self.registry.get(offer.backend).estimate(replace(request, model=offer.caps.model)).high
        except BackendError:
            return None
        if cost.micros == 0 or cost.currency == self.project.currency:
            return Money(cost.micros, self.project.currency)
        if cost.currency not in self._rates:
            newest = await rates.newest(self.session, self.project.team_id, cost.currency, self.project.currency)
            self._rates[cost.currency] = newest
        rate = self._rates[cost.currency]
        return rate.convert(cost) if rate else None


async def router(
    session: AsyncSession, registry: Registry, project: Project, *, failed: frozenset[str] = frozenset()
) -> Router | None:
    """Return what answers for a project with a policy, or None without one; ``failed`` backends are not asked again."""
    policy = await of_project(session, project.id)
    if policy is None:
        return None
    names = {one for order in (policy.order, *policy.order_by_task.values()) for one in order}
    backends = {name.partition("/")[0] for name in names}
    offers = tuple(
        offer for offer in registry.models() if offer.backend in names or f"{offer.backend}/{offer.caps.model}" in names
    )
    resting = await health.paused(session, backends)
    return Router(session, registry, project, policy, offers, frozenset(resting), failed)


def told(found: Route) -> list[Any]:
    """Return the lines of a route as a job keeps them."""
    return [line.to_json() for line in found.lines]
