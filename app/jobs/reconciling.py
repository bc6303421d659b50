"""A vendor's invoice beside what is booked here: matched by the provider's id, and corrected by a producer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.schemas import Actor
from app.core import clock
from app.core.errors import Conflict, Invalid
from app.core.i18n import _
from app.core.ids import new_id
from app.core.money import Money
from app.jobs import attempts, paying
from app.jobs import booked as bookings
from app.jobs.booked import Booked
from app.jobs.states import ENDED, AttemptState
from app.money import invoices, reserving
from app.money.invoice_files import Charge, Columns, read
from app.money.models import Invoice, InvoiceLine

BATCH = 1000
CORRECTED_AT_ONCE = 500


async def backends(session: AsyncSession, team_id: UUID) -> Sequence[str]:
    """Return the backends a team ever bought from."""
    return await bookings.backends_of_team(session, team_id)


async def match(session: AsyncSession, actor: Actor, invoice: Invoice, backend: str, columns: Columns) -> None:
    """Read an invoice by the columns chosen, and compare each line with what is booked for that generation.

    Raises ``Invalid`` when nothing can be read, and ``Conflict`` when the invoice was read already.
    """
    if backend not in await backends(session, invoice.team_id):
        raise Invalid("money.invoice_backend", _("Choose the backend the invoice is of."), field="backend")
    table = await invoices.table(session, invoice)
    told = await asyncio.to_thread(read, table, columns)
    if not told.charges:
        first = told.bad[0]
        message = _("No line could be read. Line %(number)d: %(why)s") % {"number": first.number, "why": first.why}
        raise Invalid("money.invoice_unread", message)
    for charges in _portions(told.charges):
        ids = [charge.remote_id for charge in charges]
        known = await bookings.booked(session, invoice.team_id, backend, ids)
        corrected = await bookings.corrected(session, [each.attempt_id for each in known.values()])
        rows = [_line(invoice, charge, known.get(charge.remote_id), corrected) for charge in charges]
        await session.execute(insert(InvoiceLine), rows)
    await invoices.note_read(session, actor, invoice, backend, columns, told)
    await _missing(session, invoice)


def _portions(charges: Sequence[Charge]) -> Iterator[Sequence[Charge]]:
    for start in range(0, len(charges), BATCH):
        yield charges[start : start + BATCH]


def _line(invoice: Invoice, charge: Charge, booked: Booked | None, corrected: Mapping[UUID, int]) -> dict[str, Any]:
    line: dict[str, Any] = {
        "id": new_id(),
        "invoice_id": invoice.id,
        "number": charge.number,
        "times": charge.times,
        "remote_id": charge.remote_id,
        "on": charge.on,
        "currency": charge.currency,
        "amount_micros": charge.micros,
        "state": "unknown",
        "attempt_id": None,
        "project_id": None,
        "booked_micros": None,
        "booked_currency": "",
    }
    if booked is None:
        return line
    paid = corrected.get(booked.attempt_id, booked.actual_micros or 0)
    state = "equal" if paid == charge.micros else "different"
    if charge.currency != booked.currency:
        state = "currency"
    if AttemptState(booked.state) not in ENDED:
        state = "open"
    return line | {
        "state": state,
        "attempt_id": booked.attempt_id,
        "project_id": booked.project_id,
        "booked_micros": paid,
        "booked_currency": booked.currency,
    }


async def _missing(session: AsyncSession, invoice: Invoice) -> None:
    """Add what was paid here within the days of the invoice, to its backend, and is not on it."""
    if invoice.first_on is None or invoice.last_on is None:
        return
    start = datetime.combine(invoice.first_on, time.min, UTC)
    end = datetime.combine(invoice.last_on, time.min, UTC) + timedelta(days=1)
    last: UUID | None = None
    while True:
        found = await bookings.not_on_invoice(session, invoice, start, end, after=last, limit=BATCH)
        corrected = await bookings.corrected(session, [each.attempt_id for each in found])
        rows = [
            _missing_line(invoice, each)
            for each in found
            if corrected.get(each.attempt_id, each.actual_micros)  # given back already after another invoice
        ]
        if rows:
            await session.execute(insert(InvoiceLine), rows)
        if len(found) < BATCH:
            return
        last = found[-1].attempt_id


def _missing_line(invoice: Invoice, booked: Booked) -> dict[str, Any]:
    return {
        "id": new_id(),
        "invoice_id": invoice.id,
        "number": None,
        "remote_id": booked.remote_id or "",
        "on": booked.submitted_at.date() if booked.submitted_at else None,
        "currency": booked.currency,
        "amount_micros": None,
        "state": "missing",
        "attempt_id": booked.attempt_id,
        "project_id": booked.project_id,
        "booked_micros": booked.actual_micros,
        "booked_currency": booked.currency,
    }


async def correct(session: AsyncSession, actor: Actor, invoice: Invoice, line_ids: Sequence[UUID] | None = None) -> int:
    """Book what an invoice says for some of its lines, or for all that differ; return how many that were.

    Each becomes a movement of its own in the ledger. The invoice is locked, so that two clicks correct once.
    """
    await invoices.get(session, invoice.team_id, invoice.id, for_update=True)
    done = 0
    while rows := await invoices.correctable(session, invoice.id, line_ids, CORRECTED_AT_ONCE):
        await _book(session, actor, invoice, rows)
        done += len(rows)
    if not done:
        message = _("There is nothing to correct: it was corrected already, or nothing differs.")
        raise Conflict("money.nothing_to_correct", message)
    return done


async def _book(session: AsyncSession, actor: Actor, invoice: Invoice, rows: Sequence[InvoiceLine]) -> None:
    """Correct some lines, and say in the audit what that moved in each project."""
    bought = await bookings.purchases(session, [row.attempt_id for row in rows if row.attempt_id is not None])
    moved: dict[UUID, tuple[int, Money]] = {}
    for row in rows:
        assert row.attempt_id is not None
        attempt, job, project = bought[row.attempt_id]
        target = attempts.in_ledger(attempt, row.amount_micros or 0)
        note = _note(invoice, row)
        purchase = paying.purchase(job, attempt, attempts.cap_of(attempt))
        difference = await reserving.correct(session, project, purchase, target, line_id=row.id, note=note)
        row.corrected_at, row.corrected_by_name = clock.now(), actor.name
        count, sum_ = moved.get(project.id, (0, Money(0, difference.currency)))
        moved[project.id] = (count + 1, sum_ + difference)
    await session.flush()
    for project_id, (count, sum_) in moved.items():
        facts: dict[str, str | int] = {"project": str(project_id), "lines": count}
        facts |= {"micros": sum_.micros, "currency": sum_.currency}
        invoices.record(session, actor, invoice, "money.corrected", **facts)


def _note(invoice: Invoice, row: InvoiceLine) -> str:
    if row.number is None:
        return f"Not on the invoice {invoice.file_name}."
    return f"Invoice {invoice.file_name}, line {row.number}."
