"""Pages of invoices: upload, a look at the columns, what came of matching, and corrections."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app.accounts.access import TeamAccess, in_team
from app.core.errors import Invalid
from app.core.i18n import _, ngettext
from app.core.money import Money
from app.jobs import reconciling
from app.jobs.invoice_forms import ColumnsForm, CorrectForm, LineState, UploadForm
from app.money import invoices
from app.money.invoice_files import MOST_BYTES, guess
from app.money.models import Invoice
from app.projects import service as projects
from app.web.database import Transaction
from app.web.forms import Form, blank_form, read_form
from app.web.htmx import redirect
from app.web.notes import leave_note
from app.web.templating import render

router = APIRouter()
Read = Annotated[TeamAccess, in_team("money.read")]
Edit = Annotated[TeamAccess, in_team("money.edit")]
PAGE, SAMPLE = 100, 8


@router.get("/teams/{team_id}/invoices")
async def invoices_page(request: Request, session: Transaction, access: Read, before: UUID | None = None) -> Response:
    """Show the invoices of a team, and take in another."""
    return await _list(request, session, access, blank_form(), before=before)


async def _list(
    request: Request,
    session: AsyncSession,
    access: TeamAccess,
    form: Form[Any],
    *,
    before: UUID | None = None,
    status: int = 200,
) -> Response:
    rows = await invoices.page(session, access.team.id, before=before, limit=PAGE + 1)
    return render(
        request,
        "money/invoices.html",
        status=status,
        team=access.team,
        rows=rows[:PAGE],
        older=rows[PAGE - 1].id if len(rows) > PAGE else None,
        edits=access.actor.may("money.edit", access.team.id),
        form=form,
    )


@router.post("/teams/{team_id}/invoices/upload")
async def upload(request: Request, session: Transaction, access: Edit) -> Response:
    """Take in an invoice as CSV, and go to its columns."""
    form = await read_form(request, UploadForm)
    file = form.file("invoice")
    try:
        if file is None:
            raise Invalid("money.invoice_missing", _("Choose the invoice as a CSV file."))
        content = await file.read(MOST_BYTES + 1)
        row = await invoices.upload(session, access.actor, access.team.id, file.filename or "", content)
    except Invalid as error:
        return await _list(request, session, access, form.fail(error), status=error.status)
    return redirect(request, _path(row))


def _path(invoice: Invoice) -> str:
    return f"/teams/{invoice.team_id}/invoices/{invoice.id}"


@router.get("/teams/{team_id}/invoices/{invoice_id}")
async def invoice_page(
    request: Request,
    session: Transaction,
    access: Read,
    invoice_id: UUID,
    state: Annotated[LineState, Query()] = "",
    after: UUID | None = None,
) -> Response:
    """Show the columns of an invoice that was not read yet, or what came of matching it."""
    invoice = await invoices.get(session, access.team.id, invoice_id)
    if invoice.state == "uploaded":
        return await _columns(request, session, access, invoice, None)
    counts = await invoices.counts(session, invoice.id)
    shown = state or next((name for name in ("different", "missing", "unknown") if name in counts), "")
    rows = await invoices.lines(session, invoice.id, state=shown, after=after, limit=PAGE + 1)
    return render(
        request,
        "money/invoice.html",
        team=access.team,
        invoice=invoice,
        counts=counts,
        shown=shown,
        rows=rows[:PAGE],
        further=rows[PAGE - 1].id if len(rows) > PAGE else None,
        titles={row.id: row.title for row in await projects.some(session, access.actor, {r.project_id for r in rows})},
        waiting=sum(counts[name][2] for name in invoices.CORRECTABLE if name in counts),
        money_of=Money,
        edits=access.actor.may("money.edit", access.team.id),
    )


async def _columns(
    request: Request,
    session: AsyncSession,
    access: TeamAccess,
    invoice: Invoice,
    form: Form[Any] | None,
    status: int = 200,
) -> Response:
    table = await invoices.table(session, invoice)
    names = await reconciling.backends(session, access.team.id)
    guessed = guess(table.header)
    first = {
        "remote_id": guessed.remote_id,
        "amount": guessed.amount,
        "currency": guessed.currency,
        "on": guessed.on,
        "fixed": "" if guessed.currency else "USD",
        "backend": names[0] if len(names) == 1 else "",
    }
    return render(
        request,
        "money/invoice_columns.html",
        status=status,
        team=access.team,
        invoice=invoice,
        header=table.header,
        sample=table.rows[:SAMPLE],
        total=len(table.rows),
        backends=names,
        form=form or blank_form(first),
        edits=access.actor.may("money.edit", access.team.id),
    )


@router.post("/teams/{team_id}/invoices/{invoice_id}/match")
async def match(request: Request, session: Transaction, access: Edit, invoice_id: UUID) -> Response:
    """Read an invoice by the columns chosen, and compare it with what is booked."""
    invoice = await invoices.get(session, access.team.id, invoice_id, for_update=True)
    form = await read_form(request, ColumnsForm)
    if form.ok:
        try:
            await reconciling.match(session, access.actor, invoice, form.value.backend, form.value.columns())
        except Invalid as error:
            form.fail(error, error.details.get("field", ""))
        else:
            return redirect(request, _path(invoice))
    return await _columns(request, session, access, invoice, form, 422)


@router.post("/teams/{team_id}/invoices/{invoice_id}/correct")
async def correct(request: Request, session: Transaction, access: Edit, invoice_id: UUID) -> Response:
    """Book what the invoice says, for the lines named or for all that differ."""
    given = (await read_form(request, CorrectForm)).value
    invoice = await invoices.get(session, access.team.id, invoice_id)
    count = await reconciling.correct(session, access.actor, invoice, given.lines or None)
    note = ngettext("%(n)d line was corrected.", "%(n)d lines were corrected.", count) % {"n": count}
    return leave_note(redirect(request, _path(invoice)), note)


@router.post("/teams/{team_id}/invoices/{invoice_id}/discard")
async def discard(request: Request, session: Transaction, access: Edit, invoice_id: UUID) -> Response:
    """Put away a file that was uploaded by mistake."""
    await invoices.discard(session, access.actor, await invoices.get(session, access.team.id, invoice_id))
    return redirect(request, f"/teams/{access.team.id}/invoices")
