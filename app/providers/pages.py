"""Backends, for the owner of the installation: add, configure, test, disable, delete."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import RedirectResponse, Response

from app.accounts.access import OwnerActor
from app.backends import catalogue
from app.core.db import Database
from app.core.errors import Conflict, Invalid
from app.core.i18n import _
from app.providers import service, showing, words
from app.providers.checking import try_connection
from app.providers.forms import AccountForm, account_values
from app.providers.retirement import retirements
from app.providers.showing import current, settings_of
from app.providers.validating import kinds_to_add
from app.web.database import Transaction
from app.web.forms import Form, blank_form, read_form
from app.web.htmx import redirect
from app.web.later import Later
from app.web.notes import leave_note
from app.web.templating import render

router = APIRouter()
HOME = "/installation/backends"


def profile_options(kind: str) -> list[tuple[str, str]]:
    """Return the variants of a kind's dialect as options of a select; none where it has no variants."""
    found = catalogue.profiles(kind)
    return [("", "–"), *((profile, profile) for profile in found)] if found else []


@router.get(HOME)
async def backends_page(request: Request, session: Transaction, actor: OwnerActor) -> Response:
    """List every backend: what it offers, and what stands in its way."""
    registry = await current(request)
    return render(
        request,
        "providers/backends.html",
        backends=await showing.backends(session, settings_of(request), registry),
        retirements=retirements(registry),
    )


@router.get(f"{HOME}/new")
async def new_backend_page(request: Request, actor: OwnerActor, kind: str = "") -> Response:
    """Choose a kind of backend, then enter its account."""
    return _new(request, kind, blank_form({"kind": kind}))


def _new(request: Request, kind: str, form: Form[Any], status: int = 200) -> Response:
    kinds = kinds_to_add(settings_of(request))
    return render(
        request,
        "providers/new.html",
        status=status,
        kinds=kinds,
        kind=kind if kind in kinds else "",
        profiles=profile_options(kind),
        form=form,
    )


@router.post(HOME)
async def add_backend(request: Request, session: Transaction, actor: OwnerActor) -> Response:
    """Add an account and go to it."""
    form = await read_form(request, AccountForm)
    kind = form.text("kind")
    if not form.ok:
        return _new(request, kind, form, 422)
    try:
        given = form.value
        row = await service.add(session, settings_of(request), actor, given.name, given.kind, given.to_input())
    except (Invalid, Conflict) as error:
        return _new(request, kind, form.fail(error, error.details.get("field", "")), error.status)
    return redirect(request, f"{HOME}/{row.name}")


@router.get(HOME + "/{name}")
async def backend_page(request: Request, session: Transaction, actor: OwnerActor, name: str) -> Response:
    """Show one backend: its account, its limits, its models."""
    return await _backend(request, session, name)


async def _backend(
    request: Request, session: AsyncSession, name: str, form: Form[Any] | None = None, status: int = 200
) -> Response:
    shown = await showing.backend(session, settings_of(request), await current(request), name)
    if form is None:
        form = blank_form(account_values(shown.account) if shown.account else None)
    return render(
        request,
        "providers/backend.html",
        status=status,
        shown=shown,
        form=form,
        profiles=profile_options(shown.kind),
        words=words,
    )


@router.post(HOME + "/{name}")
async def change_backend(request: Request, session: Transaction, actor: OwnerActor, name: str) -> Response:
    """Change an account; an empty key is kept as it is."""
    form = await read_form(request, AccountForm)
    if not form.ok:
        return await _backend(request, session, name, form, 422)
    try:
        await service.change(session, settings_of(request), actor, name, form.value.to_input())
    except Invalid as error:
        return await _backend(request, session, name, form.fail(error, error.details.get("field", "")), 422)
    return leave_note(redirect(request, f"{HOME}/{name}"), _("Saved. Every process follows within seconds."))


@router.post(HOME + "/{name}/enable")
async def enable_backend(request: Request, session: Transaction, actor: OwnerActor, name: str) -> Response:
    """Let a backend take new work."""
    await service.enable(session, actor, name, enabled=True)
    return redirect(request, f"{HOME}/{name}")


@router.post(HOME + "/{name}/disable")
async def disable_backend(request: Request, session: Transaction, actor: OwnerActor, name: str) -> Response:
    """Give a backend no new work."""
    await service.enable(session, actor, name, enabled=False)
    return redirect(request, f"{HOME}/{name}")


@router.post(HOME + "/{name}/delete")
async def delete_backend(request: Request, session: Transaction, actor: OwnerActor, name: str) -> Response:
    """Delete a disabled account with nothing open."""
    await service.delete(session, actor, name)
    return leave_note(redirect(request, HOME), _("%(name)s was deleted, and its key with it.") % {"name": name})


@router.post(HOME + "/{name}/test")
async def try_backend(request: Request, actor: OwnerActor, name: str) -> Response:
    """Ask the provider something harmless, and show what came of it."""
    return Later(partial(_tried, request, name))


async def _tried(request: Request, name: str) -> Response:
    database: Database = request.app.state.database
    await try_connection(database, settings_of(request), name)
    return RedirectResponse(f"{HOME}/{name}", 303)
