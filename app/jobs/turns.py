"""Whose turn it is at an account: what an account may be asked at most, fair between projects, urgent wishes first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.backends.config import Limits
from app.backends.registry import Registry
from app.core import clock
from app.core.db import lock_for_transaction, nudge
from app.core.i18n import _
from app.core.money import Money
from app.jobs.models import IN_FLIGHT, WAITS_FOR_TURN, Attempt, Job, RoutingPolicy
from app.jobs.states import AttemptState

TURN = "jobs.turn"
SPENT = "jobs.account_spent"
PICKED_FOR = timedelta(seconds=30)
MINUTE = timedelta(seconds=60)
UNLIMITED = 10_000
IN_FLIGHT_ATTEMPTS = IN_FLIGHT.replace("state", "attempts.state")


@dataclass(frozen=True, slots=True)
class Wait:
    """Why a job waits: a stable code, words for people, and when to look again where nobody would say."""

    code: str
    message: str
    look_again: timedelta | None = None


async def wait_of(
    session: AsyncSession, registry: Registry, job: Job, cap: Money, most_of_project: int | None
) -> Wait | None:
    """Return why a job cannot be bought now, or None when it is its turn; holds the account until the commit."""
    limits = registry.limits(job.backend)
    if limits == Limits() and most_of_project is None:
        return None
    account, sharing = registry.account(job.backend), registry.sharing(job.backend)
    await lock_for_transaction(session, f"turn.{account}")
    if limits.spend_per_day is not None and await _spent_today(session, sharing) + cap.micros > _micros(limits):
        words = _("The account %(account)s has reached its limit for today. It goes on after midnight UTC.")
        return Wait(SPENT, words % {"account": account}, _until_midnight())
    if await _somebody_before(session, job, sharing) or await _room(session, limits, sharing) < 1:
        words = _("Waits for its turn at %(account)s.")
        return Wait(TURN, words % {"account": account})
    if most_of_project is not None and await _in_flight(session, sharing, job.project_id) >= most_of_project:
        return Wait(TURN, _("Waits for its turn: the project makes as much at once as its policy allows."))
    return None


async def give_turns(session: AsyncSession, registry: Registry) -> int:
    """Nudge as many waiting jobs of each account as there is room for, and return how many they are."""
    waiting = await session.scalars(select(Job.backend).where(text(WAITS_FOR_TURN)).distinct())
    given, seen = 0, set[str]()
    for backend in waiting:
        account = registry.account(backend)
        if account not in seen:
            seen.add(account)
            given += await _give(session, registry.limits(backend), registry.sharing(backend))
    return given


async def _give(session: AsyncSession, limits: Limits, sharing: Sequence[str]) -> int:
    now = clock.now()
    picked = select(func.count()).where(_waits(sharing), Job.next_due_at > now)
    room = await _room(session, limits, sharing) - (await session.scalar(picked) or 0)
    if room < 1:
        return 0
    ids: list[UUID] = list(await session.scalars(_next(sharing, now).limit(room)))
    await session.execute(
        update(Job)
        .where(Job.id.in_(ids), text(WAITS_FOR_TURN))
        .values(next_due_at=now + PICKED_FOR)
        .execution_options(synchronize_session=False)
    )
    for job_id in ids:
        nudge(session, "jobs.advance", job_id)
    return len(ids)


def _next(sharing: Sequence[str], now: datetime) -> Select[tuple[UUID]]:
    """Return whose turn it is, in order: the urgent first, then whose project has the least in flight."""
    running = (
        select(Job.project_id, func.count().label("number"))
        .join(Attempt, Attempt.job_id == Job.id)
        .where(Attempt.backend.in_(sharing), text(IN_FLIGHT_ATTEMPTS))
        .group_by(Job.project_id)
        .subquery()
    )
    turn = func.row_number().over(partition_by=Job.project_id, order_by=(Job.priority.desc(), Job.id))
    most = func.coalesce(RoutingPolicy.policy["most_at_once"].as_integer(), UNLIMITED)
    ranked = (
        select(
            Job.id,
            Job.priority,
            (func.coalesce(running.c.number, 0) + turn).label("share"),
            most.label("most"),
        )
        .outerjoin(running, running.c.project_id == Job.project_id)
        .outerjoin(RoutingPolicy, RoutingPolicy.project_id == Job.project_id)
        .where(_waits(sharing), or_(Job.next_due_at.is_(None), Job.next_due_at <= now))
        .subquery()
    )
    return (
        select(ranked.c.id)
        .where(ranked.c.share <= ranked.c.most)
        .order_by(ranked.c.priority.desc(), ranked.c.share, ranked.c.id)
    )


def _waits(sharing: Sequence[str]) -> ColumnElement[bool]:
    return and_(Job.backend.in_(sharing), text(WAITS_FOR_TURN.replace("state", "jobs.state")))


async def _somebody_before(session: AsyncSession, job: Job, sharing: Sequence[str]) -> bool:
    """Tell whether others of the same urgency or more wait already; a job that was picked has waited."""
    if job.reason_code == TURN:
        return False
    before = select(Job.id).where(_waits(sharing), Job.priority >= job.priority, Job.id != job.id).limit(1)
    return await session.scalar(before) is not None


async def _room(session: AsyncSession, limits: Limits, sharing: Sequence[str]) -> int:
    """Return how many generations may be bought now."""
    room = UNLIMITED
    if limits.concurrency is not None:
        room = min(room, limits.concurrency - await _in_flight(session, sharing))
    if limits.per_minute is not None:
        recent = select(func.count()).where(
            Attempt.backend.in_(sharing),
            or_(Attempt.submitted_at > clock.now() - MINUTE, Attempt.state == AttemptState.RESERVED),
        )
        room = min(room, limits.per_minute - (await session.scalar(recent) or 0))
    return room


async def _in_flight(session: AsyncSession, sharing: Sequence[str], project_id: UUID | None = None) -> int:
    query = select(func.count()).select_from(Attempt).where(Attempt.backend.in_(sharing), text(IN_FLIGHT_ATTEMPTS))
    if project_id is not None:
        query = query.join(Job, Job.id == Attempt.job_id).where(Job.project_id == project_id)
    return await session.scalar(query) or 0


async def _spent_today(session: AsyncSession, sharing: Sequence[str]) -> int:
    """Return what was paid, or may still have to be, for creates since midnight UTC, in micro-units."""
    amount = func.sum(func.coalesce(Attempt.actual_micros, Attempt.cap_micros))
    today = or_(Attempt.submitted_at >= _midnight(), Attempt.state == AttemptState.RESERVED)
    return int(await session.scalar(select(amount).where(Attempt.backend.in_(sharing), today)) or 0)


def _micros(limits: Limits) -> int:
    return int((limits.spend_per_day or Decimal(0)) * 1_000_000)


def _midnight() -> datetime:
    return clock.now().replace(hour=0, minute=0, second=0, microsecond=0)


def _until_midnight() -> timedelta:
    return _midnight() + timedelta(days=1, seconds=1) - clock.now()
