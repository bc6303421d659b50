"""JSON API of backends, for the owner of the installation: accounts, tests, models. No answer ever holds a key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from pydantic import Field, SecretStr
from starlette.responses import JSONResponse, Response

from app.accounts.access import OwnerActor
from app.core.db import Database
from app.providers import catalogue, service, showing
from app.providers.checking import try_connection
from app.providers.schemas import AccountInput
from app.providers.showing import Shown, ShownModel, current, settings_of
from app.web.api import Input, Output, Whole
from app.web.database import Transaction
from app.web.later import Later

router = APIRouter(tags=["Backends"])
PLACE = "/installation/backends"


class AccountIn(Input):
    """An account at a provider. A key that is left out is kept; an empty one is forgotten."""

    base_url: str = Field(default="", max_length=500)
    profile: str = Field(default="", max_length=80)
    account: str = Field(default="", max_length=80)
    region: str = Field(default="", max_length=40)
    limits: dict[str, Any] = Field(default={}, description="concurrency, per_minute, spend_per_day.")
    options: dict[str, Any] = Field(default={}, description="What the kind takes besides; self_hosted is one.")
    api_key: SecretStr | None = None
    webhook_secret: SecretStr | None = None

    def to_input(self) -> AccountInput:
        """Return what the service takes."""
        return AccountInput(**{name: getattr(self, name) for name in AccountIn.model_fields})


class NewAccountIn(AccountIn):
    """An account to add; its name and kind stay."""

    name: str = Field(max_length=80)
    kind: str = Field(max_length=80)


class ModelIn(Input):
    """What changes of a model: fields of a row, as in the reference of backends; whether it is offered."""

    values: dict[str, Any] = Field(default={})
    enabled: bool | None = None


class ModelState(Output):
    """A model of a backend; ``why`` it gets no new work is empty when it does."""

    model: str
    enabled: bool
    origin: str
    why: str
    retires_on: date | None
    values: dict[str, Any]


class CheckOut(Output):
    """The last test of a connection; ``passed`` is null where there was nothing harmless to ask."""

    passed: bool | None
    words: str
    checked_at: datetime


class BackendState(Output):
    """A backend as it is configured; ``source`` is "built_in", "setting" or "account"."""

    name: str
    kind: str
    source: str
    enabled: bool
    problem: str
    base_url: str
    profile: str
    account: str
    region: str
    limits: dict[str, Any]
    options: dict[str, Any]
    has_api_key: bool
    has_webhook_secret: bool
    models: list[ModelState]
    check: CheckOut | None


def told(shown: Shown) -> BackendState:
    """Return a backend as programs read it; what is not an account of this page shows no options."""
    row, config = shown.account, shown.config
    source: Any = row or config
    limits: Mapping[str, Any] = row.limits if row else {}
    return BackendState(
        name=shown.name,
        kind=shown.kind,
        source=shown.source,
        enabled=shown.enabled,
        problem=shown.problem,
        base_url=source.base_url if source else "",
        profile=source.profile if source else "",
        account=source.account if source else "",
        region=source.region if source else "",
        limits=dict(limits),
        options=row.options if row else {},
        has_api_key=bool(row.sealed_api_key if row else config and config.api_key),
        has_webhook_secret=bool(row.sealed_webhook_secret if row else config and config.webhook_secret),
        models=[_model(one) for one in shown.models],
        check=CheckOut.model_validate(shown.check) if shown.check else None,
    )


def _model(one: ShownModel) -> ModelState:
    return ModelState(
        model=one.model,
        enabled=one.enabled,
        origin=one.origin,
        why=one.why,
        retires_on=one.caps.retires_on if one.caps else None,
        values=one.values,
    )


async def _state(request: Request, session: Transaction, name: str) -> BackendState:
    return told(await showing.backend(session, settings_of(request), await current(request), name))


@router.get(PLACE)
async def list_backends(request: Request, session: Transaction, actor: OwnerActor) -> Whole[BackendState]:
    """List every backend with its models, its state and its last test."""
    found = await showing.backends(session, settings_of(request), await current(request))
    return Whole(items=[told(one) for one in found])


@router.post(PLACE, status_code=201, response_model=BackendState)
async def add_backend(request: Request, session: Transaction, actor: OwnerActor, given: NewAccountIn) -> Response:
    """Add an account; every process uses it within seconds."""
    await service.add(session, settings_of(request), actor, given.name, given.kind, given.to_input())
    return Later(partial(_answer, request, given.name, 201))


@router.get(PLACE + "/{name}")
async def get_backend(request: Request, session: Transaction, actor: OwnerActor, name: str) -> BackendState:
    """Read one backend."""
    return await _state(request, session, name)


@router.put(PLACE + "/{name}", response_model=BackendState)
async def change_backend(
    request: Request, session: Transaction, actor: OwnerActor, name: str, given: AccountIn
) -> Response:
    """Give an account other values; a key that is left out stays."""
    await service.change(session, settings_of(request), actor, name, given.to_input())
    return Later(partial(_answer, request, name))


@router.delete(PLACE + "/{name}", status_code=204)
async def delete_backend(session: Transaction, actor: OwnerActor, name: str) -> None:
    """Delete a disabled account with nothing open."""
    await service.delete(session, actor, name)


@router.post(PLACE + "/{name}/enable", response_model=BackendState)
async def enable_backend(request: Request, session: Transaction, actor: OwnerActor, name: str) -> Response:
    """Let a backend take new work."""
    await service.enable(session, actor, name, enabled=True)
    return Later(partial(_answer, request, name))


@router.post(PLACE + "/{name}/disable", response_model=BackendState)
async def disable_backend(request: Request, session: Transaction, actor: OwnerActor, name: str) -> Response:
    """Give a backend no new work; what runs already is followed to its end."""
    await service.enable(session, actor, name, enabled=False)
    return Later(partial(_answer, request, name))


@router.post(PLACE + "/{name}/test", response_model=BackendState)
async def try_backend(request: Request, actor: OwnerActor, name: str) -> Response:
    """Ask the provider something harmless, and return the backend with what came of it."""
    return Later(partial(_tried, request, name))


@router.post(PLACE + "/{name}/models/{model:path}", status_code=201, response_model=BackendState)
async def add_model(
    request: Request, session: Transaction, actor: OwnerActor, name: str, model: str, given: ModelIn
) -> Response:
    """Add a model; among its values `like` may name a row of the catalogue to begin from."""
    await catalogue.add_model(session, settings_of(request), actor, name, model, given.values)
    return Later(partial(_answer, request, name, 201))


@router.patch(PLACE + "/{name}/models/{model:path}", response_model=BackendState)
async def change_model(
    request: Request, session: Transaction, actor: OwnerActor, name: str, model: str, given: ModelIn
) -> Response:
    """Change fields of a model, or whether it is offered."""
    settings = settings_of(request)
    if given.values:
        await catalogue.change_model(session, settings, actor, name, model, given.values)
    if given.enabled is not None:
        await catalogue.enable_model(session, settings, actor, name, model, enabled=given.enabled)
    return Later(partial(_answer, request, name))


@router.delete(PLACE + "/{name}/models/{model:path}", response_model=BackendState)
async def reset_model(request: Request, session: Transaction, actor: OwnerActor, name: str, model: str) -> Response:
    """Take back every change of a shipped model, or delete one that was added."""
    await catalogue.reset_model(session, settings_of(request), actor, name, model)
    return Later(partial(_answer, request, name))


async def _tried(request: Request, name: str) -> Response:
    await try_connection(request.app.state.database, settings_of(request), name)
    return await _answer(request, name)


async def _answer(request: Request, name: str, status: int = 200) -> Response:
    """Return a backend as it is once the change is committed."""
    database: Database = request.app.state.database
    async with database.transaction() as session:
        state = await _state(request, session, name)
    return JSONResponse(state.model_dump(mode="json"), status)
