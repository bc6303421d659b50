"""Wishing for takes: what it would cost, where it goes, and that one wish is never two."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.schemas import Actor
from app.backends.base import Cost
from app.backends.capabilities import ModelCaps
from app.backends.registry import Registry
from app.core import clock
from app.core.db import nudge
from app.core.errors import Conflict, Invalid, ReelroomError
from app.core.i18n import _
from app.core.ids import new_id
from app.core.money import Money
from app.episodes import service as episodes
from app.episodes.models import Episode
from app.events import service as events
from app.jobs import attempts, policies, repository, requests
from app.jobs.models import Job
from app.jobs.route_words import route_words
from app.jobs.states import JobState
from app.projects.models import Project
from app.shots import facts
from app.shots import service as shots_of
from app.shots.models import Shot

MOST_AT_ONCE = 6000
BATCH, SINGLE, RETAKE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Offer:
    """What generating some shots would cost, as a range in the provider's currency, and where.

    ``dearest`` is the most that one of them may cost.
    """

    backend: str
    model: str
    shots: int
    low: Money
    high: Money
    dearest: Money


def model_of(registry: Registry, project: Project, backend: str, model: str) -> tuple[str, ModelCaps]:
    """Return backend and model for a wish: what was asked for, else the project's choice."""
    name = backend or project.backend
    return name, registry.caps(
        name, model or (project.model if name == project.backend else first_model(registry, name))
    )


def first_model(registry: Registry, backend: str) -> str:
    """Return the first model of a backend that is offered, else its first, whose absence is told when asked for."""
    offered = [offer.caps.model for offer in registry.models() if offer.backend == backend]
    return (offered or [caps.model for caps in registry.get(backend).models()])[0]


async def is_free(session: AsyncSession, registry: Registry, project: Project) -> bool:
    """Tell whether the project's takes cost nothing; what cannot be used says so only when it is asked for."""
    if await policies.of_project(session, project.id) is not None:
        return False
    try:
        _name, caps = model_of(registry, project, "", "")
    except ReelroomError:
        return False
    return caps.free


async def offer(
    session: AsyncSession,
    registry: Registry,
    project: Project,
    episode: Episode,
    shots: Sequence[Shot],
    *,
    backend: str = "",
    model: str = "",
) -> Offer:
    """Return the price range of generating some shots of an episode, for the button that spends it."""
    places = await _places(session, registry, project, episode, shots, backend, model)
    low = high = dearest = Money(0, project.currency)
    for place in places:
        cost = place.price or _cost(registry, place.backend, place.request)
        if not cost.high.micros:
            continue
        low, high = (
            cost.low + Money(low.micros, cost.low.currency),
            cost.high + Money(high.micros, cost.high.currency),
        )
        dearest = max(dearest, cost.high, key=lambda each: each.micros)
    where = {(place.backend, place.request["model"]) for place in places}
    if not where:
        name, caps = model_of(registry, project, backend, model)
        where = {(name, caps.model)}
    names = sorted(where)
    return Offer(
        ", ".join(dict.fromkeys(name for name, _model in names)),
        ", ".join(dict.fromkeys(model for _name, model in names)),
        len(shots),
        low,
        high,
        dearest,
    )


async def wish(
    session: AsyncSession,
    registry: Registry,
    actor: Actor,
    project: Project,
    episode: Episode,
    shots: Sequence[Shot],
    *,
    backend: str = "",
    model: str = "",
    seed: int | None = None,
) -> list[Job]:
    """Wish for one take of each shot; a wish that is open already is returned, not made again.

    Without a ``backend`` the project's policy chooses for each shot, where there is one. Raises ``Conflict`` naming the
    shots when any is dropped or locked, or cannot be made by any backend of the policy: then nothing is wished.
    """
    barred = [shot.name for shot in shots if shot.dropped_at is not None or shot.locked_at is not None]
    if barred:
        message = _("Dropped or locked shots are not generated: %(names)s. Restore or unlock them first.")
        raise Conflict("jobs.barred", message % {"names": ", ".join(barred[:10])}, shots=barred)
    if not shots:
        raise Invalid("jobs.no_shots", _("There is nothing to generate: choose at least one shot."))
    if len(shots) > MOST_AT_ONCE:
        raise Invalid("jobs.too_many", _("Generate at most %(most)d shots at once.") % {"most": MOST_AT_ONCE})
    places = await _places(session, registry, project, episode, shots, backend, model, seed=seed)
    by = _Wisher(actor.id, actor.name, actor.role_in(project.team_id, project.id), new_id(), len(shots) == 1)
    jobs = [await _wish_one(session, registry, by, place) for place in places]
    made = [job for job in jobs if job.batch_id == by.batch_id]
    total = sum(job.estimate_high_micros for job in made)
    for job in made:
        job.batch_micros = total
    await session.flush()
    await events.wake(session)
    return jobs


@dataclass(frozen=True, slots=True)
class _Wisher:
    """Whoever wishes, in which role, and what the jobs of one wish have in common."""

    id: UUID | None
    name: str
    role: str
    batch_id: UUID
    alone: bool

    def priority(self, shot: Shot) -> int:
        """Return how urgent a shot is: a retake before a single shot, and that before a batch."""
        return RETAKE if shot.retake_note else SINGLE if self.alone else BATCH


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the wish for one shot goes; ``routed`` when the policy chose it, with the reasons in ``lines``.

    The ``price`` of a routed one is in the project's currency, because its shots may go to several providers.
    """

    shot: Shot
    request: dict[str, Any]
    backend: str
    routed: bool = False
    lines: list[Any] = field(default_factory=list)
    price: Cost | None = None


async def _places(
    session: AsyncSession,
    registry: Registry,
    project: Project,
    episode: Episode,
    shots: Sequence[Shot],
    backend: str,
    model: str,
    *,
    seed: int | None = None,
) -> list[_Place]:
    around = await facts.surroundings(session, project.id, {shot.scene_id for shot in shots})
    router = None if backend else await policies.router(session, registry, project)
    if router is None:
        name, caps = model_of(registry, project, backend, model)
        return [_Place(shot, requests.build(shot, episode, around, caps, seed=seed), name) for shot in shots]
    return [await _routed(router, shot, requests.wanted(shot, episode, around, seed=seed)) for shot in shots]


async def _routed(router: policies.Router, shot: Shot, wanted: dict[str, Any]) -> _Place:
    found = await router.route(requests.read(wanted))
    lines = policies.told(found)
    if found.chosen is None:
        message = _("No backend of the project's policy can make %(shot)s: %(why)s. Change the shot, or the policy.")
        raise Conflict("jobs.no_route", message % {"shot": shot.name, "why": route_words(lines)}, shot=shot.name)
    request = requests.for_model(wanted, found.chosen.caps)
    price = found.chosen.price
    cost = Cost(price, price) if price is not None else None
    return _Place(shot, request, found.chosen.backend, routed=True, lines=lines, price=cost)


async def again(session: AsyncSession, registry: Registry, actor: Actor, project: Project, job: Job) -> Job:
    """Wish again for what ended badly, from the shot as it is now."""
    if job.state not in (JobState.FAILED, JobState.REFUSED, JobState.CANCELLED):
        message = _("Only a job that failed, was refused or cancelled can be tried again.")
        raise Conflict("jobs.not_ended_badly", message)
    episode = await episodes.get(session, project.id, job.episode_id)
    shot = await shots_of.get(session, project.id, job.shot_id)
    backend, model = ("", "") if job.routed else (job.backend, job.model)
    (made,) = await wish(session, registry, actor, project, episode, [shot], backend=backend, model=model)
    return made


async def _wish_one(session: AsyncSession, registry: Registry, by: _Wisher, place: _Place) -> Job:
    shot, request, backend = place.shot, place.request, place.backend
    key = requests.request_key(request, "" if place.routed else backend)
    if request["seed"] is None:
        request["seed"] = secrets.randbelow(2**31)
    cost = _cost(registry, backend, request)
    values = {
        "id": new_id(),
        "project_id": shot.project_id,
        "episode_id": shot.episode_id,
        "shot_id": shot.id,
        "state": JobState.WAITING.value,
        "request_key": key,
        "request": request,
        "backend": backend,
        "model": request["model"],
        "estimate_low_micros": cost.low.micros,
        "estimate_high_micros": cost.high.micros,
        "currency": cost.high.currency,
        "next_due_at": clock.now(),
        "wished_by": by.id,
        "wished_by_name": by.name,
        "wished_role": by.role,
        "batch_id": by.batch_id,
        "priority": by.priority(shot),
        "routed": place.routed,
        "routing": place.lines,
    }
    made = await session.scalar(insert(Job).values(values).on_conflict_do_nothing().returning(Job.id))
    if made is None:
        present = await repository.open_job(session, shot.id, key)
        if present is None:
            raise Conflict("jobs.changed_meanwhile", _("This shot changed just now. Look again, then generate."))
        return present
    job = await session.get_one(Job, made)
    await attempts.tell_shot(session, shot.id)
    await attempts.tell(session, job)
    nudge(session, "jobs.advance", job.id, urgent=job.priority > BATCH)
    return job


def _cost(registry: Registry, backend: str, request: dict[str, Any]) -> Cost:
    return registry.get(backend).estimate(requests.read(request))
