"""Queries about the money of jobs: what waits for a producer, and what is booked; private to this domain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Row, Select, Text, Uuid, and_, any_, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.jobs.models import Attempt, Job
from app.jobs.states import ENDED
from app.money.models import Invoice, InvoiceLine, LedgerEntry
from app.projects.models import Project

REMOTE_ID = Attempt.handle["remote_id"].astext


def _to_approve(project_id: UUID) -> ColumnElement[bool]:
    return and_(Job.project_id == project_id, Job.state == "waiting", Job.reason_code == "money.approval")


async def to_approve(session: AsyncSession, project_id: UUID, *, before: UUID | None, limit: int) -> Sequence[Row[Any]]:
    """Return the wishes of a project that wait for a producer, newest first, older than the wish ``before``."""
    batch = func.coalesce(Job.batch_id, Job.id)
    same = (batch, Job.episode_id, Job.backend, Job.model, Job.wished_by_name, Job.currency)
    query = (
        select(
            batch.label("batch"),
            *same[1:],
            func.count().label("shots"),
            func.sum(Job.estimate_high_micros).label("micros"),
            func.min(Job.created_at).label("since"),
            func.min(Job.reason).label("reason"),
        )
        .where(_to_approve(project_id))
        .group_by(*same)
        .order_by(batch.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(batch < before)
    return (await session.execute(query)).all()


async def count_to_approve(session: AsyncSession, project_id: UUID) -> int:
    """Return how many jobs of a project wait for a producer."""
    return await session.scalar(select(func.count()).select_from(Job).where(_to_approve(project_id))) or 0


async def lock_to_approve(session: AsyncSession, project_id: UUID, batch_id: UUID) -> Sequence[Job]:
    """Return the jobs of a wish that wait for a producer, locked."""
    mine = func.coalesce(Job.batch_id, Job.id) == batch_id
    query = select(Job).where(_to_approve(project_id), mine).order_by(Job.id)
    return (await session.scalars(query.with_for_update())).all()


@dataclass(frozen=True, slots=True)
class Booked:
    """What is booked here for one generation of a provider, in the provider's currency."""

    attempt_id: UUID
    remote_id: str | None
    project_id: UUID
    state: str
    actual_micros: int | None
    currency: str
    submitted_at: datetime | None


def _booked(team_id: UUID, backend: str) -> Select[Any]:
    columns = (Attempt.state, Attempt.actual_micros, Attempt.currency, Attempt.submitted_at)
    return (
        select(Attempt.id.label("attempt_id"), REMOTE_ID.label("remote_id"), Job.project_id, *columns)
        .join(Job, Job.id == Attempt.job_id)
        .join(Project, Project.id == Job.project_id)
        .where(Project.team_id == team_id, Attempt.backend == backend)
    )


async def booked(session: AsyncSession, team_id: UUID, backend: str, remote_ids: Sequence[str]) -> dict[str, Booked]:
    """Return what a team has booked for some generations of a backend, by the provider's id."""
    query = _booked(team_id, backend).where(any_(bindparam("ids", list(remote_ids), ARRAY(Text))) == REMOTE_ID)
    rows = [Booked(**row) for row in (await session.execute(query)).mappings()]
    return {row.remote_id: row for row in rows if row.remote_id is not None}


async def corrected(session: AsyncSession, attempt_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return what some attempts cost after their last correction, in the provider's currency."""
    query = (
        select(InvoiceLine.attempt_id, InvoiceLine.amount_micros)
        .where(
            InvoiceLine.attempt_id == any_(bindparam("ids", list(attempt_ids), ARRAY(Uuid))),
            InvoiceLine.corrected_at.is_not(None),
        )
        .order_by(InvoiceLine.corrected_at, InvoiceLine.id)
    )
    return {row[0]: row[1] or 0 for row in (await session.execute(query)).all() if row[0] is not None}


async def not_on_invoice(
    session: AsyncSession, invoice: Invoice, start: datetime, end: datetime, *, after: UUID | None, limit: int
) -> list[Booked]:
    """Return attempts that were paid to an invoice's backend between two moments and that no line of it names."""
    named = select(InvoiceLine.id).where(InvoiceLine.invoice_id == invoice.id, InvoiceLine.attempt_id == Attempt.id)
    query = (
        _booked(invoice.team_id, invoice.backend)
        .where(
            Attempt.submitted_at >= start,
            Attempt.submitted_at < end,
            Attempt.actual_micros > 0,
            Attempt.state.in_(ENDED),
            ~named.exists(),
        )
        .order_by(Attempt.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(Attempt.id > after)
    return [Booked(**row) for row in (await session.execute(query)).mappings()]


async def purchases(session: AsyncSession, attempt_ids: Sequence[UUID]) -> dict[UUID, tuple[Attempt, Job, Project]]:
    """Return some attempts with their jobs and projects."""
    query = (
        select(Attempt, Job, Project)
        .join(Job, Job.id == Attempt.job_id)
        .join(Project, Project.id == Job.project_id)
        .where(Attempt.id.in_(attempt_ids))
    )
    return {row[0].id: (row[0], row[1], row[2]) for row in (await session.execute(query)).all()}


async def backends_of_team(session: AsyncSession, team_id: UUID) -> Sequence[str]:
    """Return the names of the backends a team ever bought from, in the order of the alphabet."""
    paid = (
        select(LedgerEntry.backend)
        .join(Project, Project.id == LedgerEntry.project_id)
        .where(Project.team_id == team_id, LedgerEntry.kind == "reserve", LedgerEntry.backend != "")
    )
    return (await session.scalars(paid.distinct().order_by(LedgerEntry.backend))).all()
