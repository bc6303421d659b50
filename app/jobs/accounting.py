"""Whether the ledger and what was bought tell the same story: the proof that no money was lost, kept or paid twice."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import CompoundSelect, Subquery, case, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import ColumnElement

from app.jobs.models import Attempt
from app.jobs.states import ENDED, AttemptState
from app.money.models import LedgerEntry
from app.scripts.models import ProposalTry

ASKING, ASKED = "asking", "asked"
OPEN = frozenset({*(each.value for each in AttemptState if each not in ENDED), ASKING})


@dataclass(frozen=True, slots=True)
class Fault:
    """One attempt, or try of a proposal, whose entries do not fit its state, in words for an operator."""

    attempt_id: UUID
    words: str


@dataclass(frozen=True, slots=True)
class _Entries:
    reserved: int
    released: int
    settled: int
    count: int


async def faults(session: AsyncSession) -> list[Fault]:
    """Return every attempt and every try of a proposal whose ledger entries do not match; an empty list proves the
    books.

    An open or unknown one has its cap reserved and nothing else; an ended one has freed the whole of it and settled
    exactly what it is said to have cost, both as the ledger counts them: at the rate that was frozen. Entries of what
    does not exist are faults too. What an invoice corrected later is booked apart, and not compared.
    """
    moved, bought = _moved(), _bought().subquery()
    query = select(
        func.coalesce(bought.c.id, moved.c.attempt_id),
        bought.c.state,
        bought.c.cap,
        bought.c.actual,
        func.coalesce(moved.c.reserved, 0),
        func.coalesce(moved.c.released, 0),
        func.coalesce(moved.c.settled, 0),
        func.coalesce(moved.c.entries, 0),
    ).select_from(bought.outerjoin(moved, moved.c.attempt_id == bought.c.id, full=True))
    found = []
    for attempt_id, state, cap, actual, *amounts in (await session.execute(query)).all():
        words = _fault(state, cap, actual, _Entries(*(int(one) for one in amounts)))
        if words:
            found.append(Fault(attempt_id, words))
    return found


def _moved() -> Subquery:
    """Return what the ledger moved, by what it was moved for."""
    return (
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


def _bought() -> CompoundSelect[tuple[UUID, str, int, int | None]]:
    """Return what was bought or may have been, with its state, its cap and its cost as the ledger counts them."""
    return union_all(
        select(
            Attempt.id.label("id"),
            Attempt.state.label("state"),
            func.coalesce(Attempt.cap_ledger_micros, Attempt.cap_micros).label("cap"),
            func.coalesce(Attempt.actual_ledger_micros, Attempt.actual_micros).label("actual"),
        ),
        select(
            ProposalTry.id,
            case((ProposalTry.ended_at.is_(None), literal(ASKING)), else_=literal(ASKED)),
            func.coalesce(ProposalTry.cap_ledger_micros, ProposalTry.cap_micros),
            func.coalesce(ProposalTry.actual_ledger_micros, ProposalTry.actual_micros),
        ),
    )


def _fault(state: str | None, cap: int | None, actual: int | None, entries: _Entries) -> str:
    if state is None or cap is None:
        return "Entries of an attempt that does not exist."
    if cap == 0:
        return "Entries of an attempt that costs nothing." if entries.count else ""
    if entries.reserved != cap:
        return f"Reserved {entries.reserved} micro-units, and its cap is {cap}."
    if state in OPEN:
        return "Freed or settled before it ended." if entries.released or entries.settled else ""
    if entries.released != cap:
        return f"Ended as {state} with {cap - entries.released} micro-units still reserved."
    if entries.settled != (actual or 0):
        return f"Settled {entries.settled} micro-units, and it is said to have cost {actual or 0}."
    return ""


def _sum(kind: str) -> ColumnElement[int]:
    return func.sum(case((LedgerEntry.kind == kind, LedgerEntry.amount_micros), else_=0))
