"""The models of a backend, for the owner: change a row, disable it, add one of one's own."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from app.accounts.access import OwnerActor
from app.backends.catalogue import templates
from app.core.errors import Conflict, Invalid, ReelroomError
from app.core.i18n import _
from app.providers import catalogue, service, words
from app.providers.forms import ModelForm, NameForm, field_of, model_values
from app.providers.pages import HOME
from app.providers.showing import settings_of
from app.web.database import Transaction
from app.web.forms import Form, blank_form, read_form
from app.web.htmx import redirect
from app.web.notes import leave_note
from app.web.templating import render

router = APIRouter()
PLACE = HOME + "/{name}/models"
BLANK = {"prompt_max": 2000, "poll_min_s": 2.0, "deadline_s": 1800.0, "tasks": ["t2v"]}


@router.get(PLACE + "/new")
async def new_model_page(
    request: Request, session: Transaction, actor: OwnerActor, name: str, like: str = ""
) -> Response:
    """Show the form of a model that the catalogue has not, begun from one it has."""
    config = await service.config(session, settings_of(request), name)
    base = dict(templates(config).get(like, BLANK))
    form = blank_form({**model_values(base), "model": "", "like": like})
    return await _page(request, session, name, form)


@router.post(PLACE + "/new")
async def add_model(request: Request, session: Transaction, actor: OwnerActor, name: str) -> Response:
    """Add a model."""
    form = await read_form(request, ModelForm)
    if form.ok:
        try:
            given = form.value
            await catalogue.add_model(session, settings_of(request), actor, name, given.model, given.to_values())
        except (Invalid, Conflict) as error:
            _tell(form, error)
    if not form.ok:
        return await _page(request, session, name, form, status=422)
    return redirect(request, f"{HOME}/{name}")


@router.get(PLACE + "/edit")
async def model_page(request: Request, session: Transaction, actor: OwnerActor, name: str, model: str) -> Response:
    """Show every field of a model."""
    config = await service.config(session, settings_of(request), name)
    values = catalogue.to_show(config, model) or BLANK
    return await _page(request, session, name, blank_form(model_values(values)), model=model)


@router.post(PLACE + "/edit")
async def change_model(request: Request, session: Transaction, actor: OwnerActor, name: str) -> Response:
    """Change a model's row."""
    form = await read_form(request, ModelForm)
    model = form.text("model")
    if form.ok:
        try:
            await catalogue.change_model(session, settings_of(request), actor, name, model, form.value.to_values())
        except Invalid as error:
            _tell(form, error)
    if not form.ok:
        return await _page(request, session, name, form, model=model, status=422)
    return leave_note(redirect(request, f"{HOME}/{name}"), _("Saved. Every process follows within seconds."))


def _tell(form: Form[Any], error: ReelroomError) -> None:
    """Say each fault at its field."""
    faults: dict[str, str] = error.details.get("fields") or {error.details.get("field", ""): error.message}
    for place, message in faults.items():
        form.fail(message[:1].upper() + message[1:], field_of(place))


@router.post(PLACE + "/enable")
async def enable_model(request: Request, session: Transaction, actor: OwnerActor, name: str) -> Response:
    """Offer a model again."""
    model = (await read_form(request, NameForm)).value.model
    await catalogue.enable_model(session, settings_of(request), actor, name, model, enabled=True)
    return redirect(request, f"{HOME}/{name}")


@router.post(PLACE + "/disable")
async def disable_model(request: Request, session: Transaction, actor: OwnerActor, name: str) -> Response:
    """Offer a model no longer."""
    model = (await read_form(request, NameForm)).value.model
    await catalogue.enable_model(session, settings_of(request), actor, name, model, enabled=False)
    return redirect(request, f"{HOME}/{name}")


@router.post(PLACE + "/reset")
async def reset_model(request: Request, session: Transaction, actor: OwnerActor, name: str) -> Response:
    """Take back what was changed of a shipped model, or delete one that was added."""
    model = (await read_form(request, NameForm)).value.model
    await catalogue.reset_model(session, settings_of(request), actor, name, model)
    return redirect(request, f"{HOME}/{name}")


async def _page(
    request: Request, session: AsyncSession, name: str, form: Form[Any], *, model: str = "", status: int = 200
) -> Response:
    config = await service.config(session, settings_of(request), name)
    return render(
        request,
        "providers/model.html",
        status=status,
        backend=name,
        model=model,
        form=form,
        likes=[("", _("nothing")), *((like, like) for like in templates(config))],
        task_choices=words.task_choices(),
        shipped=catalogue.written(config, edited=False).get(model),
    )
