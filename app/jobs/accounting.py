"""Whether the ledger and the attempts tell the same story: the proof that no money was lost, kept or paid twice."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.jobs.models import Attempt
from app.jobs.states import ENDED, AttemptState
from app.money.models import LedgerEntry


@dataclass(frozen=True, slots=True)
class Fault:
    """One attempt whose entries do not fit its state, in words for an operator."""

    attempt_id: UUID
    words: str


@dataclass(frozen=True, slots=True)
class _Entries:
    reserved: int
    released: int
    settled: int
    count: int


async def faults(session: AsyncSession) -> list[Fault]:
    """Return every attempt whose ledger entries do not match it; an empty list proves the books.

    An open or unknown attempt has its cap reserved and nothing else; an ended one has freed the whole of it and settled
    exactly what it is said to have cost, both as the ledger counts them: at the rate that was frozen. Entries of
    attempts that do not exist are faults too. What an invoice corrected later is booked apart, and not compared.
    """
    moved = (
        select(
            LedgerEntry.attempt_id,
            _sum("reserve").label("reserved"),
            _sum("release").label("released"),
            _sum("settle").label("settled"),
            func.count().label("entries"),
        )
        .where(LedgerEntry.kind != "correct")
        .group_by(LedgerEntry.attempt_id)
        .subquery()
    )
    query = select(
        func.coalesce(Attempt.id, moved.c.attempt_id),
        Attempt.state,
        func.coalesce(Attempt.cap_ledger_micros, Attempt.cap_micros),
        func.coalesce(Attempt.actual_ledger_micros, Attempt.actual_micros),
        func.coalesce(moved.c.reserved, 0),
        func.coalesce(moved.c.released, 0),
        func.coalesce(moved.c.settled, 0),
        func.coalesce(moved.c.entries, 0),
    ).select_from(Attempt.__table__.outerjoin(moved, moved.c.attempt_id == Attempt.id, full=True))
    found = []
    for attempt_id, state, cap, actual, *amounts in (await session.execute(query)).all():
        words = _fault(state, cap, actual, _Entries(*(int(one) for one in amounts)))
        if words:
            found.append(Fault(attempt_id, words))
    return found


def _fault(state: str | None, cap: int | None, actual: int | None, entries: _Entries) -> str:
    if state is None or cap is None:
        return "Entries of an attempt that does not exist."
    if cap == 0:
        return "Entries of an attempt that costs nothing." if entries.count else ""
    if entries.reserved != cap:
        return f"Reserved {entries.reserved} micro-units, and its cap is {cap}."
    if AttemptState(state) not in ENDED:
        return "Freed or settled before it ended." if entries.released or entries.settled else ""
    if entries.released != cap:
        return f"Ended as {state} with {cap - entries.released} micro-units still reserved."
    if entries.settled != (actual or 0):
        return f"Settled {entries.settled} micro-units, and it is said to have cost {actual or 0}."
    return ""


def _sum(kind: str) -> ColumnElement[int]:
    return func.sum(case((LedgerEntry.kind == kind, LedgerEntry.amount_micros), else_=0))
