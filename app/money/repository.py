"""Queries about money; private to this domain."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.money.models import Budget, ExchangeRate, LedgerBalance, LedgerEntry, RoleBudget
from app.money.schemas import RESERVED, SPENT


def balance(account: str) -> ColumnElement[int]:
    """Return what has gone into an account less what has left it."""
    into = case((LedgerEntry.target == account, LedgerEntry.amount_micros), else_=0)
    out = case((LedgerEntry.source == account, LedgerEntry.amount_micros), else_=0)
    return func.coalesce(func.sum(into - out), 0)


def _sums() -> tuple[ColumnElement[int], ColumnElement[int]]:
    reserved, spent = func.sum(LedgerBalance.reserved_micros), func.sum(LedgerBalance.spent_micros)
    return func.coalesce(reserved, 0), func.coalesce(spent, 0)


async def balances(
    session: AsyncSession, project_id: UUID, *, episode_id: UUID | None = None, role: str | None = None
) -> tuple[int, int]:
    """Return what is reserved and what is spent of a project, of one of its episodes, or by one role."""
    query = select(*_sums()).where(LedgerBalance.project_id == project_id)
    if episode_id is not None:
        query = query.where(LedgerBalance.episode_id == episode_id)
    if role is not None:
        query = query.where(LedgerBalance.role == role)
    reserved, spent = (await session.execute(query)).one()
    return int(reserved), int(spent)


async def balances_by(session: AsyncSession, project_id: UUID, column: Any) -> dict[Any, tuple[int, int]]:
    """Return what is reserved and spent of a project for each value of a column of its balances."""
    query = select(column, *_sums()).where(LedgerBalance.project_id == project_id).group_by(column)
    return {row[0]: (int(row[1]), int(row[2])) for row in (await session.execute(query)).all()}


async def untrue_balances(session: AsyncSession) -> Sequence[tuple[UUID, str]]:
    """Return the projects and roles whose kept balances are not the sums of their entries."""
    entries = (
        select(LedgerEntry.project_id, LedgerEntry.role, balance(RESERVED).label("r"), balance(SPENT).label("s"))
        .group_by(LedgerEntry.project_id, LedgerEntry.role)
        .subquery()
    )
    kept = (
        select(LedgerBalance.project_id, LedgerBalance.role, _sums()[0].label("r"), _sums()[1].label("s"))
        .group_by(LedgerBalance.project_id, LedgerBalance.role)
        .subquery()
    )
    same = and_(kept.c.project_id == entries.c.project_id, kept.c.role == entries.c.role)
    query = select(
        func.coalesce(entries.c.project_id, kept.c.project_id), func.coalesce(entries.c.role, kept.c.role)
    ).select_from(entries.outerjoin(kept, same, full=True))
    differs = or_(
        func.coalesce(entries.c.r, 0) != func.coalesce(kept.c.r, 0),
        func.coalesce(entries.c.s, 0) != func.coalesce(kept.c.s, 0),
    )
    return [(row[0], row[1]) for row in (await session.execute(query.where(differs))).all()]


async def budget(session: AsyncSession, project_id: UUID, episode_id: UUID | None) -> Budget | None:
    """Return the budget of a project, or of one of its episodes."""
    place = Budget.episode_id == episode_id if episode_id else Budget.episode_id.is_(None)
    found: Budget | None = await session.scalar(select(Budget).where(Budget.project_id == project_id, place))
    return found


async def episode_limits(session: AsyncSession, project_id: UUID) -> dict[UUID, int]:
    """Return the hard caps of a project's episodes."""
    query = select(Budget.episode_id, Budget.limit_micros).where(
        Budget.project_id == project_id, Budget.episode_id.is_not(None)
    )
    return {row[0]: row[1] for row in (await session.execute(query)).all() if row[0] is not None}


async def role_budget(session: AsyncSession, project_id: UUID, role: str) -> RoleBudget | None:
    """Return the budget of a role in a project."""
    query = select(RoleBudget).where(RoleBudget.project_id == project_id, RoleBudget.role == role)
    found: RoleBudget | None = await session.scalar(query)
    return found


async def role_limits(session: AsyncSession, project_id: UUID) -> dict[str, int]:
    """Return the hard caps of a project's roles."""
    query = select(RoleBudget.role, RoleBudget.limit_micros).where(RoleBudget.project_id == project_id)
    return {row[0]: row[1] for row in (await session.execute(query)).all()}


async def entries_of(session: AsyncSession, attempt_id: UUID) -> dict[str, LedgerEntry]:
    """Return what reserved and ended an attempt, by kind."""
    query = select(LedgerEntry).where(LedgerEntry.attempt_id == attempt_id, LedgerEntry.kind != "correct")
    return {entry.kind: entry for entry in (await session.scalars(query)).all()}


async def rate(session: AsyncSession, team_id: UUID, base: str, quote: str, on: date) -> ExchangeRate | None:
    """Return a team's newest rate of a pair on or before a day."""
    query = (
        select(ExchangeRate)
        .where(
            ExchangeRate.team_id == team_id,
            ExchangeRate.base == base,
            ExchangeRate.quote == quote,
            ExchangeRate.on <= on,
        )
        .order_by(ExchangeRate.on.desc())
        .limit(1)
    )
    found: ExchangeRate | None = await session.scalar(query)
    return found


async def rates(session: AsyncSession, team_id: UUID, *, before: UUID | None, limit: int) -> Sequence[ExchangeRate]:
    """Return a page of a team's rates, those entered last first."""
    query = select(ExchangeRate).where(ExchangeRate.team_id == team_id).order_by(ExchangeRate.id.desc()).limit(limit)
    if before is not None:
        query = query.where(ExchangeRate.id < before)
    return (await session.scalars(query)).all()


async def every_entry_of(session: AsyncSession, attempt_id: UUID) -> Sequence[LedgerEntry]:
    """Return every movement of an attempt, corrections too, in order."""
    query = select(LedgerEntry).where(LedgerEntry.attempt_id == attempt_id).order_by(LedgerEntry.id)
    return (await session.scalars(query)).all()


async def movements(session: AsyncSession, attempt_ids: Collection[UUID]) -> Sequence[LedgerEntry]:
    """Return every entry of some attempts, in the order they were written."""
    query = select(LedgerEntry).where(LedgerEntry.attempt_id.in_(attempt_ids)).order_by(LedgerEntry.id)
    return (await session.scalars(query)).all()
