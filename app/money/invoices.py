"""Invoices of vendors: uploaded, listed, their lines and what came of matching them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.schemas import Actor
from app.audit import service as audit
from app.core.errors import Conflict, NotFound
from app.core.i18n import _
from app.core.text import clean_line
from app.money.invoice_files import Columns, Read, Table, table_of
from app.money.models import Invoice, InvoiceLine

MOST_BAD_SHOWN = 200
CORRECTABLE = ("different", "missing")


async def upload(session: AsyncSession, actor: Actor, team_id: UUID, file_name: str, content: bytes) -> Invoice:
    """Take in a vendor's invoice, to be read once its columns are chosen; raises ``Invalid`` when it is no table."""
    table_of(content)
    row = Invoice(
        team_id=team_id,
        file_name=clean_line(file_name, 200) or "invoice.csv",
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        uploaded_by=actor.id,
        uploaded_by_name=actor.name,
    )
    session.add(row)
    await session.flush()
    record(session, actor, row, "money.invoice_uploaded")
    return row


async def page(
    session: AsyncSession, team_id: UUID, *, before: UUID | None = None, limit: int = 50
) -> Sequence[Invoice]:
    """Return a page of a team's invoices, newest first."""
    query = select(Invoice).where(Invoice.team_id == team_id).order_by(Invoice.id.desc()).limit(limit)
    if before is not None:
        query = query.where(Invoice.id < before)
    return (await session.scalars(query)).all()


async def get(session: AsyncSession, team_id: UUID, invoice_id: UUID, *, for_update: bool = False) -> Invoice:
    """Return an invoice of this very team."""
    query = select(Invoice).where(Invoice.id == invoice_id, Invoice.team_id == team_id)
    row: Invoice | None = await session.scalar(query.with_for_update() if for_update else query)
    if row is None:
        raise NotFound("money.unknown_invoice", _("There is no such invoice in this team."))
    return row


async def table(session: AsyncSession, invoice: Invoice) -> Table:
    """Return the rows of an invoice that was not read yet; raises ``Conflict`` once it was."""
    content = await session.scalar(select(Invoice.content).where(Invoice.id == invoice.id))
    if content is None:
        raise Conflict("money.invoice_read", _("This invoice was read already. Upload the file again to read it anew."))
    return table_of(content)


async def note_read(
    session: AsyncSession, actor: Actor, invoice: Invoice, backend: str, columns: Columns, read: Read
) -> None:
    """Write down how an invoice was read, and let its file go."""
    days = [charge.on for charge in read.charges if charge.on is not None]
    invoice.state, invoice.backend, invoice.content = "matched", backend, None
    invoice.lines = read.lines
    invoice.first_on, invoice.last_on = min(days, default=None), max(days, default=None)
    currencies = sorted({charge.currency for charge in read.charges})
    invoice.currency = currencies[0] if len(currencies) == 1 else ""
    invoice.reading = {
        "columns": asdict(columns),
        "bad": [asdict(line) for line in read.bad[:MOST_BAD_SHOWN]],
        "bad_lines": len(read.bad),
    }
    await session.flush()
    record(session, actor, invoice, "money.invoice_matched", backend=backend, lines=read.lines, bad=len(read.bad))


async def discard(session: AsyncSession, actor: Actor, invoice: Invoice) -> None:
    """Put away a file that was uploaded by mistake and not read yet."""
    if invoice.state != "uploaded":
        message = _("This invoice was matched: it stays, because corrections may refer to it.")
        raise Conflict("money.invoice_matched", message)
    record(session, actor, invoice, "money.invoice_discarded")
    await session.delete(invoice)


async def counts(session: AsyncSession, invoice_id: UUID) -> dict[str, tuple[int, int, int]]:
    """Return for each state of an invoice's lines how many there are, the difference together, and how many wait.

    The difference is what the invoice asks more than is booked here, in micro-units of its currency.
    """
    line = InvoiceLine
    query = (
        select(
            line.state,
            func.count(),
            func.sum(func.coalesce(line.amount_micros, 0) - func.coalesce(line.booked_micros, 0)),
            func.count().filter(line.corrected_at.is_(None)),
        )
        .where(line.invoice_id == invoice_id)
        .group_by(line.state)
    )
    return {row[0]: (row[1], int(row[2]), row[3]) for row in (await session.execute(query)).all()}


async def lines(
    session: AsyncSession, invoice_id: UUID, *, state: str = "", after: UUID | None = None, limit: int = 50
) -> Sequence[InvoiceLine]:
    """Return a page of an invoice's lines, in the order of the file, behind the line ``after``."""
    query = select(InvoiceLine).where(InvoiceLine.invoice_id == invoice_id).order_by(InvoiceLine.id).limit(limit)
    if state:
        query = query.where(InvoiceLine.state == state)
    if after is not None:
        query = query.where(InvoiceLine.id > after)
    return (await session.scalars(query)).all()


async def correctable(
    session: AsyncSession, invoice_id: UUID, ids: Sequence[UUID] | None, limit: int
) -> Sequence[InvoiceLine]:
    """Return some lines that differ and were not corrected yet: those named, or any."""
    conditions = [
        InvoiceLine.invoice_id == invoice_id,
        InvoiceLine.state.in_(CORRECTABLE),
        InvoiceLine.corrected_at.is_(None),
    ]
    query = select(InvoiceLine).where(*conditions).order_by(InvoiceLine.id).limit(limit)
    if ids is not None:
        query = query.where(InvoiceLine.id.in_(ids))
    return (await session.scalars(query)).all()


def record(session: AsyncSession, actor: Actor, invoice: Invoice, action: str, **facts: str | int) -> None:
    """Add an entry about an invoice to the audit trail."""
    audit.record(
        session,
        action,
        actor_id=actor.id,
        actor_name=actor.name,
        subject_kind="invoice",
        subject_id=invoice.id,
        team_id=invoice.team_id,
        project_id=None,
        file=invoice.file_name,
        **facts,
    )
