"""Many jobs at once: what trying again, cancelling or putting aside would do, and doing it; each job on its own."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.schemas import Actor
from app.audit import service as audit
from app.backends.registry import Registry
from app.core.errors import Conflict, ReelroomError
from app.core.i18n import _
from app.core.money import Money
from app.episodes import service as episodes
from app.jobs import finding, paying, service, wishing
from app.jobs.models import Attempt, Job
from app.jobs.paying import Quote
from app.jobs.states import ENDED, AttemptState, JobState
from app.projects.models import Project
from app.shots import service as shots_of
from app.shots.models import Shot

MOST = 500
ENDED_BADLY = frozenset({JobState.FAILED, JobState.REFUSED, JobState.CANCELLED})
Found = Row[Job, Shot]


class Action(StrEnum):
    """What can be done with many jobs of a project."""

    RETRY = "retry"
    CANCEL = "cancel"
    PUT_ASIDE = "put-aside"


@dataclass(frozen=True, slots=True)
class Refused:
    """A job nothing was done with, and why."""

    job_id: UUID
    shot: str
    code: str
    why: str


@dataclass(frozen=True, slots=True)
class Result:
    """The jobs something was done with, and the others; after a retry ``made`` holds the new jobs."""

    done: tuple[UUID, ...]
    refused: tuple[Refused, ...]
    made: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What an action would do: how many jobs, which not, and its price.

    ``quotes`` are the prices of trying again, one a provider and episode; ``at_stake`` what may still be charged of
    what is cancelled, by currency.
    """

    action: Action
    able: tuple[UUID, ...]
    refused: tuple[Refused, ...]
    quotes: tuple[Quote, ...] = ()
    at_stake: tuple[Money, ...] = ()


async def plan(
    session: AsyncSession, registry: Registry, actor: Actor, project: Project, action: Action, ids: Sequence[UUID]
) -> Plan:
    """Return what an action would do with some jobs, without doing it."""
    able, refused = _sorted(action, ids, await finding.some(session, project.id, ids))
    able_ids = tuple(job.id for job, _shot in able)
    if action is Action.CANCEL:
        return Plan(action, able_ids, tuple(refused), at_stake=await _at_stake(session, able_ids))
    if action is Action.PUT_ASIDE:
        return Plan(action, able_ids, tuple(refused))
    quotes = []
    for (episode_id, backend, model), rows in _groups(able).items():
        episode = await episodes.get(session, project.id, episode_id)
        shots = [shot for _job, shot in rows]
        try:
            offer = await wishing.offer(session, registry, project, episode, shots, backend=backend, model=model)
        except ReelroomError as error:
            refused += [Refused(job.id, shot.name, error.code, error.message) for job, shot in rows]
        else:
            quotes.append(await paying.quote(session, actor, project, episode, offer))
    out = {one.job_id for one in refused}
    return Plan(action, tuple(one for one in able_ids if one not in out), tuple(refused), tuple(quotes))


async def do(
    session: AsyncSession, registry: Registry, actor: Actor, project: Project, action: Action, ids: Sequence[UUID]
) -> Result:
    """Do an action with every one of some jobs that allows it, and say why not with the others."""
    rows = await finding.some(session, project.id, ids, for_update=True)
    able, refused = _sorted(action, ids, rows)
    if action is Action.RETRY:
        result = await _retry(session, registry, actor, project, able, refused)
    elif action is Action.CANCEL:
        result = await _each(able, refused, lambda job: service.cancel(session, actor, job))
    else:
        result = await _each(able, refused, lambda job: service.dismiss(session, job))
    audit.record(
        session,
        f"jobs.many_{action.value.replace('-', '_')}",
        actor_id=actor.id,
        actor_name=actor.name,
        subject_kind="project",
        subject_id=project.id,
        team_id=project.team_id,
        project_id=project.id,
        jobs=[str(one) for one in result.done],
        refused=len(result.refused),
    )
    return result


def _sorted(action: Action, ids: Sequence[UUID], rows: Sequence[Found]) -> tuple[list[Found], list[Refused]]:
    """Return the jobs an action can be done with, and the others with why not."""
    words = _("There is no such job in this project.")
    missing = set(ids) - {job.id for job, _shot in rows}
    refused = [Refused(one, "", "jobs.unknown_job", words) for one in ids if one in missing]
    able: list[Found] = []
    seen: set[UUID] = set()
    for row in rows:
        job, shot = row
        fault = _why_not(action, job, shot, seen)
        if fault is None:
            able.append(row)
            seen.add(shot.id)
        else:
            refused.append(Refused(job.id, shot.name, *fault))
    return able, refused


def _why_not(action: Action, job: Job, shot: Shot, seen: set[UUID]) -> tuple[str, str] | None:
    if action is Action.CANCEL:
        if job.state in (JobState.WAITING, JobState.ACTIVE):
            return None
        return "jobs.ended", _("It has ended already, so there is nothing to cancel.")
    if action is Action.PUT_ASIDE:
        if job.state in (JobState.FAILED, JobState.REFUSED):
            return None
        return "jobs.not_failed", _("Only what failed or was refused can be put aside.")
    if job.state not in ENDED_BADLY:
        return "jobs.not_ended_badly", _("Only what failed, was refused or cancelled can be tried again.")
    if shot.dropped_at is not None or shot.locked_at is not None:
        return "jobs.barred", _("Its shot is dropped or locked.")
    if shot.id in seen:
        return "jobs.same_shot", _("Another selected job is for the same shot: it is tried again once.")
    return None


async def _each(able: Iterable[Found], refused: list[Refused], deed: Callable[[Job], Awaitable[None]]) -> Result:
    done = []
    for job, shot in able:
        try:
            await deed(job)
        except Conflict as error:
            refused.append(Refused(job.id, shot.name, error.code, error.message))
        else:
            done.append(job.id)
    return Result(tuple(done), tuple(refused))


async def _retry(
    session: AsyncSession,
    registry: Registry,
    actor: Actor,
    project: Project,
    able: Sequence[Found],
    refused: list[Refused],
) -> Result:
    """Wish again, those of one episode and provider together: what they cost together may need approval."""
    done: list[UUID] = []
    made: list[UUID] = []
    for (episode_id, backend, model), rows in _groups(able).items():
        named = {shot.id: (job.id, shot.name) for job, shot in rows}
        told = await _wish(session, registry, actor, project, episode_id, list(named), backend, model)
        for shot_id, outcome in told.items():
            job_id, name = named[shot_id]
            if isinstance(outcome, ReelroomError):
                refused.append(Refused(job_id, name, outcome.code, outcome.message))
            else:
                done.append(job_id)
                made.append(outcome)
    return Result(tuple(done), tuple(refused), tuple(made))


async def _wish(
    session: AsyncSession,
    registry: Registry,
    actor: Actor,
    project: Project,
    episode_id: UUID,
    shot_ids: list[UUID],
    backend: str,
    model: str,
) -> dict[UUID, UUID | ReelroomError]:
    """Return the new job of each shot, or why there is none: where not all can be wished for, each is tried alone."""
    episode = await episodes.get(session, project.id, episode_id)
    shots = await shots_of.some(session, project.id, shot_ids)
    try:
        async with session.begin_nested():
            jobs = await wishing.wish(session, registry, actor, project, episode, shots, backend=backend, model=model)
            return {job.shot_id: job.id for job in jobs}
    except ReelroomError as error:
        if len(shot_ids) == 1:
            return {shot_ids[0]: error}
    told: dict[UUID, UUID | ReelroomError] = {}
    for shot_id in shot_ids:
        told |= await _wish(session, registry, actor, project, episode_id, [shot_id], backend, model)
    return told


def _groups(rows: Iterable[Found]) -> dict[tuple[UUID, str, str], list[Found]]:
    """Return the jobs by where they are wished for again: a routed one leaves that to the policy."""
    groups: dict[tuple[UUID, str, str], list[Any]] = defaultdict(list)
    for row in rows:
        job = row[0]
        place = ("", "") if job.routed else (job.backend, job.model)
        groups[(job.episode_id, *place)].append(row)
    return groups


async def _at_stake(session: AsyncSession, ids: Sequence[UUID]) -> tuple[Money, ...]:
    """Return the caps of what is bought already, by currency."""
    query = (
        select(Attempt.currency, func.sum(Attempt.cap_micros))
        .where(Attempt.job_id.in_(ids), Attempt.state.not_in({*ENDED, AttemptState.RESERVED}))
        .group_by(Attempt.currency)
        .order_by(Attempt.currency)
    )
    return tuple(Money(int(micros), currency) for currency, micros in (await session.execute(query)).all() if micros)


def reasons(refused: Iterable[Refused]) -> list[tuple[str, int]]:
    """Return why jobs were refused, each reason once with how many there are, most frequent first."""
    return Counter(one.why for one in refused).most_common()
