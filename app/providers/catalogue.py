"""What owners change of the catalogue: a model's fields, whether it is offered, a model of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.schemas import SYSTEM, Actor
from app.audit import service as audit
from app.backends import catalogue
from app.backends.catalogue import RowError
from app.backends.config import BackendConfig, ModelEdit
from app.backends.errors import ConfigError
from app.backends.registry import make
from app.core.config import Settings
from app.core.db import lock_for_transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.core.i18n import _
from app.events import service as events
from app.providers import repository, service
from app.providers.models import CatalogueRow


def written(config: BackendConfig, *, edited: bool = True) -> dict[str, dict[str, Any]]:
    """Return every field of a backend's models; without edits as they are shipped. What makes no sense is left out."""
    try:
        rows = catalogue.written(config if edited else replace(config, edits=()))
    except ConfigError:
        return {}
    found = {}
    for model, values in rows.items():
        try:
            found[model] = catalogue.plain(values)
        except RowError:
            found[model] = dict(values)
    return found


def has_rows(config: BackendConfig) -> bool:
    """Tell whether the models of a backend are rows of the catalogue, so that they can be changed."""
    return config.kind in catalogue.kinds()


async def add_model(
    session: AsyncSession,
    settings: Settings,
    actor: Actor,
    backend: str,
    model: str,
    values: Mapping[str, Any],
) -> None:
    """Add a model; ``values`` may be ``like`` a shipped row. Raises ``Invalid`` with a sentence for each field."""
    config = await _editable(session, settings, backend)
    if not model.strip() or len(model) > 200 or not model.isprintable():
        message = _("Give the name that the provider knows the model by.")
        raise Invalid("providers.row", message, fields={"model": message})
    if model in written(config):
        message = _("%(name)s has a model %(model)s already: change that one.") % {"name": backend, "model": model}
        raise Conflict("providers.model_taken", message, field="model")
    _check(config, ModelEdit(model, values))
    session.add(CatalogueRow(backend=backend, model=model, values=dict(values)))
    await session.flush()
    _audit(session, actor, "providers.model_added", backend, model)


async def change_model(
    session: AsyncSession,
    settings: Settings,
    actor: Actor,
    backend: str,
    model: str,
    values: Mapping[str, Any],
) -> None:
    """Give a model other values; only what differs from its shipped row is kept. Raises ``Invalid`` by field."""
    config = await _editable(session, settings, backend)
    shipped, present = written(config, edited=False).get(model, {}), values_of(config, model)
    whole = {**present, **values, "model": model}
    _check(config, ModelEdit(model, whole))
    row = await _row(session, backend, model)
    told = catalogue.plain(whole)
    kept = {key: value for key, value in told.items() if key not in shipped or shipped[key] != value}
    if shipped:
        kept.pop("model", None)
    changed = sorted(key for key, value in kept.items() if row.values.get(key) != value)
    row.values = kept
    await _tidy(session, row, shipped=bool(shipped))
    _audit(session, actor, "providers.model_changed", backend, model, changed=changed)


async def enable_model(
    session: AsyncSession, settings: Settings, actor: Actor, backend: str, model: str, *, enabled: bool
) -> None:
    """Offer a model, or no longer; what runs already is followed to its end either way."""
    config = await service.config(session, settings, backend)
    if model not in names(config):
        raise _unknown(config.name, model)
    row = await _row(session, backend, model)
    row.enabled = enabled
    await _tidy(session, row, shipped=model in written(config, edited=False) or not has_rows(config))
    _audit(session, actor, "providers.model_enabled" if enabled else "providers.model_disabled", backend, model)


async def withdraw(session: AsyncSession, backend: str, model: str, why: str) -> None:
    """Disable a model of which its provider has just said that it is gone, and tell owners; twice changes nothing."""
    await lock_for_transaction(session, "providers")
    row = await _row(session, backend, model)
    if not row.enabled:
        return
    row.enabled = False
    _audit(session, SYSTEM, "providers.model_disabled", backend, model, why=why)
    await events.emit(session, "providers.model_retired", None, backend=backend, model=model, why=why)


async def reset_model(session: AsyncSession, settings: Settings, actor: Actor, backend: str, model: str) -> None:
    """Take back every change of a shipped model, or delete one that was added once nothing of the backend is open."""
    config = await service.config(session, settings, backend)
    row = await repository.row(session, backend, model)
    if row is None:
        raise NotFound("providers.unknown_model", _("Nothing of this model was changed."), model=model[:200])
    if model not in written(config, edited=False) and await service.open_work(session, backend):
        message = _("Attempts of this backend are not finished. Disable the model now, and delete it afterwards.")
        raise Conflict("providers.in_use", message)
    await session.delete(row)
    _audit(session, actor, "providers.model_reset", backend, model)


async def _editable(session: AsyncSession, settings: Settings, backend: str) -> BackendConfig:
    await lock_for_transaction(session, "providers")
    config = await service.config(session, settings, backend)
    if not has_rows(config):
        message = _("The models of %(name)s are not rows of the catalogue: they come with its adapter.")
        raise Conflict("providers.fixed_models", message % {"name": backend})
    return config


def values_of(config: BackendConfig, model: str) -> dict[str, Any]:
    """Return every field of one model as it is now; raise ``NotFound``."""
    found = written(config).get(model)
    if found is None:
        raise _unknown(config.name, model)
    return found


def to_show(config: BackendConfig, model: str) -> dict[str, Any]:
    """Return a model's fields as a form shows them: of a row that makes no sense, what it was made from."""
    values = values_of(config, model)
    try:
        return catalogue.plain(values)
    except RowError:
        return written(config, edited=False).get(model, {})


def names(config: BackendConfig) -> tuple[str, ...]:
    """Return the models of a backend, as its rows or else as its adapter name them."""
    if has_rows(config):
        return tuple(written(config))
    backends, _problems = make([config])
    return tuple(caps.model for backend in backends for caps in backend.models())


def _unknown(backend: str, model: str) -> NotFound:
    message = _("The backend %(name)s has no model %(model)s.") % {"name": backend, "model": model[:200]}
    return NotFound("providers.unknown_model", message, model=model[:200])


async def _row(session: AsyncSession, backend: str, model: str) -> CatalogueRow:
    """Return what is changed of a model, made when nothing was."""
    row = await repository.row(session, backend, model)
    if row is None:
        row = CatalogueRow(backend=backend, model=model, values={}, enabled=True)
        session.add(row)
    return row


async def _tidy(session: AsyncSession, row: CatalogueRow, *, shipped: bool) -> None:
    """Write a row, or forget it when it says nothing any more."""
    await session.flush()
    if shipped and not row.values and row.enabled:
        await session.delete(row)


def _check(config: BackendConfig, edit: ModelEdit) -> None:
    """Raise ``Invalid`` with a sentence for each field of the model that makes no sense."""
    others = tuple(one for one in config.edits if one.model != edit.model)
    try:
        catalogue.plain(catalogue.written(replace(config, edits=(*others, edit)))[edit.model])
    except RowError as error:
        fault = Invalid("providers.row", _("Some fields of this model need another look."), fields=error.faults)
    except ConfigError as error:
        fault = Invalid("providers.row", str(error), fields={"like": str(error)})
    else:
        return
    raise fault


def _audit(session: AsyncSession, actor: Actor, action: str, backend: str, model: str, **facts: Any) -> None:
    audit.record(
        session,
        action,
        actor_id=actor.id,
        actor_name=actor.name,
        subject_kind="model",
        subject_id=None,
        backend=backend,
        model=model,
        **facts,
    )
