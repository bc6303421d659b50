"""Lost answers, of every project where somebody may decide about them: what is known, and the decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.permissions import allows
from app.accounts.schemas import Actor
from app.backends.capabilities import ModelCaps, Recover
from app.backends.registry import Registry
from app.core.errors import NotFound, ReelroomError
from app.core.i18n import _
from app.core.money import Money
from app.jobs import service
from app.jobs.bulk import Refused, Result
from app.jobs.models import Attempt, Job
from app.jobs.states import AttemptState
from app.projects.models import Project
from app.shots.models import Shot

DECIDES = "jobs.decide"


@dataclass(frozen=True, slots=True)
class Lost:
    """A job whose answer was lost, its last attempt, and where both belong; ``caps`` is None without its backend."""

    job: Job
    attempt: Attempt
    shot: Shot
    project: Project
    caps: ModelCaps | None

    @property
    def price(self) -> Money:
        """What was reserved, in the provider's currency: it may have been paid."""
        return Money(self.attempt.cap_micros, self.attempt.currency)

    @property
    def remote_id(self) -> str:
        """The provider's own id, where one is known."""
        return str((self.attempt.handle or {}).get("remote_id") or "")

    @property
    def can_be_looked_up(self) -> bool:
        """Whether the provider can be asked by the attempt's id, or its list be read."""
        return self.caps is not None and self.caps.recover is not Recover.NONE


def _mine(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that an actor may decide about the jobs of a project."""
    if actor.scopes is not None and DECIDES not in actor.scopes:
        return Project.id.in_(())
    grants = [grant for grant in actor.grants if allows(grant.role, DECIDES)]
    teams = {grant.team_id for grant in grants if grant.project_id is None}
    return or_(Project.team_id.in_(teams), Project.id.in_({grant.project_id for grant in grants if grant.project_id}))


async def page(
    session: AsyncSession, registry: Registry, actor: Actor, *, before: UUID | None = None, limit: int = 50
) -> list[Lost]:
    """Return a page of the jobs an actor has to decide about, newest first, older than ``before``."""
    last = (
        select(Attempt.id)
        .where(Attempt.job_id == Job.id)
        .order_by(Attempt.number.desc())
        .limit(1)
        .correlate(Job)
        .scalar_subquery()
    )
    query = (
        select(Job, Attempt, Shot, Project)
        .join(Project, Project.id == Job.project_id)
        .join(Shot, Shot.id == Job.shot_id)
        .join(Attempt, Attempt.id == last)
        .where(Job.state == "unknown", _mine(actor))
        .order_by(Job.id.desc())
        .limit(min(limit, 501))
    )
    if before is not None:
        query = query.where(Job.id < before)
    rows = (await session.execute(query)).all()
    return [Lost(job, attempt, shot, project, _caps(registry, attempt)) for job, attempt, shot, project in rows]


async def count(session: AsyncSession, actor: Actor) -> int:
    """Return how many jobs an actor has to decide about."""
    query = select(func.count()).select_from(Job).join(Project, Project.id == Job.project_id)
    return await session.scalar(query.where(Job.state == "unknown", _mine(actor))) or 0


async def chosen(session: AsyncSession, actor: Actor, ids: Sequence[UUID]) -> tuple[list[Job], list[Refused]]:
    """Return those of some jobs that wait for this actor's decision, locked, and why not the others."""
    query = (
        select(Job, Shot.name)
        .join(Project, Project.id == Job.project_id)
        .join(Shot, Shot.id == Job.shot_id)
        .where(Job.id.in_(ids), _mine(actor))
        .order_by(Job.id)
        .with_for_update(of=Job)
    )
    rows = (await session.execute(query)).all()
    decided = _("It waits for no decision any more.")
    refused = [Refused(job.id, name, "jobs.not_unknown", decided) for job, name in rows if job.state != "unknown"]
    missing = set(ids) - {job.id for job, _name in rows}
    nowhere = _("There is no such job, or you may not decide about it.")
    refused += [Refused(one, "", "jobs.unknown_job", nowhere) for one in ids if one in missing]
    return [job for job, _name in rows if job.state == "unknown"], refused


async def at_stake(session: AsyncSession, jobs: Sequence[Job]) -> list[Money]:
    """Return what may have been paid for some jobs, by currency."""
    query = (
        select(Attempt.currency, func.sum(Attempt.cap_micros))
        .where(Attempt.job_id.in_([job.id for job in jobs]), Attempt.state == AttemptState.UNKNOWN)
        .group_by(Attempt.currency)
        .order_by(Attempt.currency)
    )
    return [Money(int(micros), currency) for currency, micros in (await session.execute(query)).all()]


async def decide(session: AsyncSession, actor: Actor, ids: Sequence[UUID], decision: str) -> Result:
    """Decide the same about some jobs; each decision stands in the audit."""
    jobs, refused = await chosen(session, actor, ids)
    done = []
    for job in jobs:
        try:
            await service.decide(session, actor, job, decision)
        except ReelroomError as error:
            refused.append(Refused(job.id, "", error.code, error.message))
        else:
            done.append(job.id)
    return Result(tuple(done), tuple(refused))


def _caps(registry: Registry, attempt: Attempt) -> ModelCaps | None:
    try:
        return registry.known(attempt.backend, attempt.model)
    except NotFound:
        return None
