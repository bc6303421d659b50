"""Leaving a vendor: everything that waits on one backend goes to another, after showing what changes for each shot."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.schemas import Actor
from app.audit import service as audit
from app.backends.capabilities import ModelCaps
from app.backends.errors import Kind
from app.backends.registry import Registry
from app.core import clock
from app.core.errors import Conflict, Invalid, ReelroomError
from app.core.i18n import _
from app.core.money import Money
from app.events import service as events
from app.jobs import attempts, moving, requests
from app.jobs.comparing import HARMLESS, IMPOSSIBLE, Difference, differences, obstacles
from app.jobs.models import OPEN_STATES, Attempt, Job, RoutingPolicy
from app.jobs.states import AttemptState, JobState
from app.projects.models import Project
from app.shots.models import Shot

MOST = 6000
TECHNICAL = tuple(f"backend.{kind.value}" for kind in (Kind.AUTH, Kind.QUOTA, Kind.PERMANENT, Kind.TRANSIENT))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be left for what; without a ``model`` the best of the target's is taken for each shot.

    Without ``project_id`` every project moves; ``failed`` takes along what failed technically and was not put aside.
    """

    source: str
    target: str
    model: str = ""
    project_id: UUID | None = None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    """One job, where it would go and what changes; ``caps`` is None when no model of the target can make it."""

    job: Job
    shot: Shot
    target: str
    caps: ModelCaps | None
    changes: tuple[Difference, ...]
    before: Money
    after: Money | None


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a relocation would do. ``digest`` names it, so that what was shown is what is done."""

    wanted: Wanted
    moves: tuple[Move, ...]
    running: int
    projects: tuple[Project, ...]
    policies: tuple[RoutingPolicy, ...]

    @property
    def possible(self) -> tuple[Move, ...]:
        """The jobs that would go."""
        return tuple(move for move in self.moves if move.caps is not None)

    @property
    def stuck(self) -> tuple[Move, ...]:
        """The jobs that no model of the target can make; they stay and wait."""
        return tuple(move for move in self.moves if move.caps is None)

    @property
    def before(self) -> dict[str, int]:
        """What the moving jobs cost at most where they are, in micro-units by currency."""
        return _sum(move.before for move in self.possible)

    @property
    def after(self) -> dict[str, int]:
        """What they cost at most where they go."""
        return _sum(move.after for move in self.possible if move.after is not None)

    @property
    def digest(self) -> str:
        """A name for exactly this plan."""
        told = [self.wanted, sorted(self.before.items()), sorted(self.after.items())]
        told += [(move.job.id, move.caps.model if move.caps else "") for move in self.moves]
        told += [row.id for row in self.projects] + [row.project_id for row in self.policies]
        return hashlib.sha256(repr(told).encode()).hexdigest()[:24]


async def plan(session: AsyncSession, registry: Registry, wanted: Wanted, *, lock: bool = False) -> Plan:
    """Return what moving would do; raise ``Invalid`` for a target that cannot be moved to."""
    models = _models(registry, wanted)
    query = (
        select(Job, Shot)
        .join(Shot, Shot.id == Job.shot_id)
        .where(Job.backend == wanted.source, _waits(wanted))
        .order_by(Job.id)
        .limit(MOST)
    )
    if wanted.project_id is not None:
        query = query.where(Job.project_id == wanted.project_id)
    if lock:
        query = query.with_for_update(of=Job)
    rows = (await session.execute(query)).all()
    known = {caps.model: caps for caps in _known(registry, wanted.source)}
    return Plan(
        wanted,
        tuple(_move(registry, wanted.target, models, known, job, shot) for job, shot in rows),
        await _running(session, wanted),
        await _projects(session, wanted),
        await _policies(session, wanted),
    )


async def carry_out(session: AsyncSession, actor: Actor, registry: Registry, wanted: Wanted, digest: str) -> int:
    """Move what a plan said, and return how many jobs that were; raise ``Conflict`` when it is not what was shown."""
    found = await plan(session, registry, wanted, lock=True)
    if found.digest != digest:
        message = _("Something changed since this was shown. Look at it once more, then move.")
        raise Conflict("jobs.plan_changed", message)
    wished = await _wished(session, found)
    for move in found.possible:
        await _carry(session, registry, move, wished)
    model = _most_used(found)
    for project in found.projects:
        project.backend, project.model = wanted.target, model or _models(registry, wanted)[0].model
    for policy in found.policies:
        policy.policy = _renamed(policy.policy, wanted)
    await session.flush()
    _audit(session, actor, found)
    await events.wake(session)
    return len(found.possible)


async def _wished(session: AsyncSession, found: Plan) -> set[tuple[UUID, str]]:
    """Return the wishes that are open at the target already, for the shots that move."""
    query = select(Job.shot_id, Job.request_key).where(
        Job.backend == found.wanted.target,
        Job.state.in_(OPEN_STATES),
        Job.shot_id.in_([move.shot.id for move in found.possible]),
    )
    return {(row[0], row[1]) for row in (await session.execute(query)).all()}


async def _carry(session: AsyncSession, registry: Registry, move: Move, wished: set[tuple[UUID, str]]) -> None:
    """Move one job; one whose very wish is open at the target already is called off, so that it is not bought twice."""
    job = move.job
    assert move.caps is not None
    await _free(session, job)
    moving.move(registry, job, move.target, move.caps)
    if not job.routed:
        job.request_key = requests.request_key(job.request, job.backend)
    now = clock.now()
    if (job.shot_id, job.request_key) in wished:
        job.state, job.finished_at, job.next_due_at = JobState.CANCELLED.value, now, None
        job.reason_code, job.reason = (
            "jobs.cancelled",
            _("The same is waited for at %(name)s already.") % {"name": job.backend},
        )
        await session.flush()
        await attempts.tell_shot(session, job.shot_id)
        return
    wished.add((job.shot_id, job.request_key))
    job.state, job.reason_code, job.reason, job.finished_at = JobState.WAITING.value, "", "", None
    job.next_due_at, job.progress = now, None


def _models(registry: Registry, wanted: Wanted) -> list[ModelCaps]:
    if wanted.source == wanted.target:
        raise Invalid("jobs.same_backend", _("Choose another backend to move to."), field="target")
    if wanted.model:
        return [registry.caps(wanted.target, wanted.model)]
    registry.get(wanted.target)
    models = [offer.caps for offer in registry.models() if offer.backend == wanted.target]
    if not models:
        message = _("The backend %(name)s offers no model now.") % {"name": wanted.target}
        raise Invalid("jobs.no_model", message, field="target")
    return models


def _known(registry: Registry, backend: str) -> Sequence[ModelCaps]:
    try:
        return registry.get(backend).models()
    except ReelroomError:
        return ()


def _waits(wanted: Wanted) -> ColumnElement[bool]:
    """Return what is not bought yet: waiting jobs, and those reserved whose create was not sent."""
    reserved = (
        select(Attempt.id)
        .where(Attempt.job_id == Job.id, Attempt.state == AttemptState.RESERVED, Attempt.lease_until.is_(None))
        .exists()
    )
    waiting = or_(Job.state == JobState.WAITING, and_(Job.state == JobState.ACTIVE, reserved))
    if not wanted.failed:
        return waiting
    failed = and_(Job.state == JobState.FAILED, Job.reason_code.in_(TECHNICAL), Job.dismissed_at.is_(None))
    return or_(waiting, and_(failed, Shot.job_state == "failed"))


def _move(
    registry: Registry, target: str, models: list[ModelCaps], known: dict[str, ModelCaps], job: Job, shot: Shot
) -> Move:
    """Return the best move of a job: the one that loses least, and of those the cheapest."""
    before = Money(job.estimate_high_micros, job.currency)
    choices = [_choice(registry, target, known.get(job.model), caps, job) for caps in models]
    possible = [choice for choice in choices if choice[0] is not None]
    if not possible:
        return Move(job, shot, target, None, choices[0][1], before, None)
    caps, changes, after = min(possible, key=lambda choice: (_losses(choice[1]), choice[2].micros if choice[2] else 0))
    return Move(job, shot, target, caps, changes, before, after)


def _choice(
    registry: Registry, target: str, source: ModelCaps | None, caps: ModelCaps, job: Job
) -> tuple[ModelCaps | None, tuple[Difference, ...], Money | None]:
    moved = requests.for_model(job.request, caps)
    request = requests.read(moved)
    blocked = obstacles(request, caps, clock.now().date())
    if blocked:
        return None, blocked, None
    roles = frozenset(one["role"] for one in job.request["assets"])
    taken = frozenset(one["role"] for one in moved["assets"])
    cost = registry.get(target).estimate(request).high
    return caps, differences(request, roles, source, caps, taken), cost


def _losses(changes: Sequence[Difference]) -> int:
    return sum(1 for one in changes if one.change not in HARMLESS | IMPOSSIBLE)


async def _running(session: AsyncSession, wanted: Wanted) -> int:
    states = (AttemptState.SUBMITTING, AttemptState.SUBMITTED, AttemptState.RUNNING, AttemptState.FETCHING)
    query = (
        select(func.count())
        .select_from(Attempt)
        .join(Job, Job.id == Attempt.job_id)
        .where(Attempt.backend == wanted.source, Attempt.state.in_(states))
    )
    if wanted.project_id is not None:
        query = query.where(Job.project_id == wanted.project_id)
    return await session.scalar(query) or 0


async def _projects(session: AsyncSession, wanted: Wanted) -> tuple[Project, ...]:
    query = select(Project).where(Project.backend == wanted.source, Project.archived_at.is_(None)).order_by(Project.id)
    if wanted.project_id is not None:
        query = query.where(Project.id == wanted.project_id)
    return tuple(await session.scalars(query))


async def _policies(session: AsyncSession, wanted: Wanted) -> tuple[RoutingPolicy, ...]:
    query = select(RoutingPolicy).order_by(RoutingPolicy.project_id)
    if wanted.project_id is not None:
        query = query.where(RoutingPolicy.project_id == wanted.project_id)
    return tuple(row for row in await session.scalars(query) if _renamed(row.policy, wanted) != row.policy)


def _renamed(policy: dict[str, Any], wanted: Wanted) -> dict[str, Any]:
    """Return a policy that names the target wherever it named the source, each choice once."""
    target = f"{wanted.target}/{wanted.model}" if wanted.model else wanted.target

    def other(names: Sequence[str]) -> list[str]:
        moved = [target if name.partition("/")[0] == wanted.source else name for name in names]
        return list(dict.fromkeys(moved))

    tasks = {task: other(names) for task, names in policy.get("order_by_task", {}).items()}
    return {**policy, "order": other(policy["order"]), "order_by_task": tasks}


async def _free(session: AsyncSession, job: Job) -> None:
    """Give back what an attempt reserved that was never sent."""
    query = select(Attempt).where(Attempt.job_id == job.id, Attempt.state == AttemptState.RESERVED)
    attempt = await session.scalar(query.with_for_update())
    if attempt is not None:
        await attempts.end(session, attempt, job, AttemptState.CANCELLED, reason="Moved before it was bought.")


def _most_used(found: Plan) -> str:
    used = Counter(move.caps.model for move in found.possible if move.caps is not None)
    return used.most_common(1)[0][0] if used else found.wanted.model


def _sum(amounts: Any) -> dict[str, int]:
    total = Counter[str]()
    for amount in amounts:
        total[amount.currency] += amount.micros
    return dict(total)


def _audit(session: AsyncSession, actor: Actor, found: Plan) -> None:
    by_project = Counter(move.job.project_id for move in found.possible)
    for project_id in (*(row.id for row in found.projects), *(row.project_id for row in found.policies)):
        by_project[project_id] += 0
    for project_id, count in by_project.items():
        audit.record(
            session,
            "jobs.relocated",
            actor_id=actor.id,
            actor_name=actor.name,
            subject_kind="project",
            subject_id=project_id,
            project_id=project_id,
            source=found.wanted.source,
            target=found.wanted.target,
            jobs=count,
        )
