"""JSON API of invoices: uploaded as CSV, matched by the provider's id, corrected."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from app.accounts.access import TeamAccess, in_team
from app.jobs import reconciling
from app.jobs.invoice_forms import LineState
from app.money import invoices
from app.money.invoice_files import MOST_BYTES, Columns, guess
from app.money.models import Invoice
from app.web.api import After, Input, Limit, Listed, Output, behind, following
from app.web.database import Transaction

router = APIRouter(tags=["Money"])
Read = Annotated[TeamAccess, in_team("money.read")]
Edit = Annotated[TeamAccess, in_team("money.edit")]
CSV = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}}}}


class InvoiceItem(Output):
    """An invoice; ``reading`` tells the columns that were chosen and the first lines that could not be read."""

    id: UUID
    file_name: str
    state: str
    backend: str
    currency: str
    first_on: date | None
    last_on: date | None
    lines: int
    reading: dict[str, Any]
    uploaded_by_name: str
    created_at: datetime


class ColumnsOut(BaseModel):
    """Which column looks like what is needed; "" where none does."""

    remote_id: str
    amount: str
    currency: str
    on: str


class UploadedOut(InvoiceItem):
    """An invoice that was just taken in: its columns, and what they look like."""

    header: list[str]
    guess: ColumnsOut


class StateOut(BaseModel):
    """The lines of one state: how many, what the invoice asks more than is booked, and how many are not corrected."""

    state: str
    lines: int
    difference_micros: int
    waiting: int


class InvoiceOut(InvoiceItem):
    """An invoice, and what came of matching it."""

    result: list[StateOut]


class LineOut(Output):
    """What an invoice says of a generation, and what is booked; amounts in micro-units of the currency beside them."""

    id: UUID
    number: int | None
    times: int
    remote_id: str
    on: date | None
    state: str
    amount_micros: int | None
    currency: str
    booked_micros: int | None
    booked_currency: str
    attempt_id: UUID | None
    project_id: UUID | None
    corrected_at: datetime | None
    corrected_by_name: str


class MatchIn(Input):
    """The names of the columns, the currency of all lines where no column holds it, and the backend billed."""

    backend: str = Field(max_length=80)
    remote_id: str = Field(max_length=200)
    amount: str = Field(max_length=200)
    currency: str = Field(default="", max_length=200)
    on: str = Field(default="", max_length=200)
    fixed: str = Field(default="", pattern="^([A-Z]{3})?$")


class CorrectIn(Input):
    """The lines to correct; null means all that differ."""

    lines: list[UUID] | None = Field(default=None, max_length=500)


class CorrectedOut(BaseModel):
    """How many lines were corrected."""

    corrected: int


@router.get("/teams/{team_id}/invoices")
async def list_invoices(
    session: Transaction, access: Read, limit: Limit = 50, after: After = None
) -> Listed[InvoiceItem]:
    """List the invoices of a team, newest first."""
    rows = await invoices.page(session, access.team.id, before=behind(after, UUID), limit=limit + 1)
    items = [InvoiceItem.model_validate(row) for row in rows[:limit]]
    return Listed(items=items, next=following(rows, limit, lambda row: row.id))


@router.post("/teams/{team_id}/invoices/upload", status_code=201, openapi_extra=CSV)
async def upload(
    request: Request,
    session: Transaction,
    access: Edit,
    file_name: Annotated[str, Query(max_length=200)] = "",
) -> UploadedOut:
    """Take in the invoice that is the body of the request: CSV in UTF-8 or GB18030, at most 10 MB and 100,000 lines."""
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > MOST_BYTES:
            break
    row = await invoices.upload(session, access.actor, access.team.id, file_name, bytes(content))
    header = (await invoices.table(session, row)).header
    guessed = guess(header)
    shown = ColumnsOut(remote_id=guessed.remote_id, amount=guessed.amount, currency=guessed.currency, on=guessed.on)
    return UploadedOut(**dict(InvoiceItem.model_validate(row)), header=list(header), guess=shown)


async def _told(session: Transaction, invoice: Invoice) -> InvoiceOut:
    counts = await invoices.counts(session, invoice.id)
    result = [
        StateOut(state=state, lines=number, difference_micros=difference, waiting=waiting)
        for state, (number, difference, waiting) in sorted(counts.items())
    ]
    return InvoiceOut(**dict(InvoiceItem.model_validate(invoice)), result=result)


@router.get("/teams/{team_id}/invoices/{invoice_id}")
async def get(session: Transaction, access: Read, invoice_id: UUID) -> InvoiceOut:
    """Read an invoice, and what came of matching it."""
    return await _told(session, await invoices.get(session, access.team.id, invoice_id))


@router.post("/teams/{team_id}/invoices/{invoice_id}/match")
async def match(session: Transaction, access: Edit, invoice_id: UUID, given: MatchIn) -> InvoiceOut:
    """Read an invoice by the columns named, and compare each line with what is booked for that generation."""
    invoice = await invoices.get(session, access.team.id, invoice_id, for_update=True)
    columns = Columns(given.remote_id, given.amount, given.currency, given.on, given.fixed)
    await reconciling.match(session, access.actor, invoice, given.backend, columns)
    return await _told(session, invoice)


@router.get("/teams/{team_id}/invoices/{invoice_id}/lines")
async def list_lines(
    session: Transaction,
    access: Read,
    invoice_id: UUID,
    state: LineState = "",
    limit: Limit = 50,
    after: After = None,
) -> Listed[LineOut]:
    """List the lines of an invoice in the order of the file, those of one state or all."""
    last = behind(after, UUID)
    invoice = await invoices.get(session, access.team.id, invoice_id)
    rows = await invoices.lines(session, invoice.id, state=state, after=last, limit=limit + 1)
    items = [LineOut.model_validate(row) for row in rows[:limit]]
    return Listed(items=items, next=following(rows, limit, lambda row: row.id))


@router.post("/teams/{team_id}/invoices/{invoice_id}/correct")
async def correct(session: Transaction, access: Edit, invoice_id: UUID, given: CorrectIn) -> CorrectedOut:
    """Book what the invoice says for some lines, or for all that differ, each as a movement of its own."""
    invoice = await invoices.get(session, access.team.id, invoice_id)
    return CorrectedOut(corrected=await reconciling.correct(session, access.actor, invoice, given.lines))
