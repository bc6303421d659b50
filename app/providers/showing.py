"""Backends as pages and programs see them: how they are configured, what stands in their way, what they offer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request

from app.backends.capabilities import ModelCaps
from app.backends.config import BackendConfig
from app.backends.registry import Registry
from app.core.config import Settings
from app.core.errors import NotFound
from app.core.i18n import _
from app.providers import catalogue, service
from app.providers.assembling import of_setting
from app.providers.models import ProviderAccount, ProviderCheck
from app.providers.registry import LiveRegistry
from app.providers.retirement import Retirements, retirements


@dataclass(frozen=True, slots=True)
class ShownModel:
    """One model; ``why`` it gets no new work, ``origin`` "catalogue", "changed" or "added", and its row's values.

    ``caps`` are None where the backend cannot be made, perhaps because of this very row.
    """

    model: str
    caps: ModelCaps | None
    why: str
    code: str
    enabled: bool
    origin: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """One backend; ``source`` is "built_in", "setting" or "account"; only accounts can be changed here."""

    name: str
    kind: str
    source: str
    enabled: bool
    problem: str
    config: BackendConfig | None
    account: ProviderAccount | None
    models: Sequence[ShownModel]
    check: ProviderCheck | None
    retirements: Retirements

    @property
    def offered(self) -> int:
        """How many models new work can be given to."""
        return 0 if self.problem else sum(model.caps is not None and not model.why for model in self.models)

    @property
    def has_rows(self) -> bool:
        """Whether its models can be changed."""
        return self.config is not None and catalogue.has_rows(self.config)


def settings_of(request: Request) -> Settings:
    """Return the settings of this process."""
    found: Settings = request.app.state.settings
    return found


async def current(request: Request) -> LiveRegistry:
    """Return the registry of this process as the tables are now."""
    registry: LiveRegistry = request.app.state.registry
    await registry.refresh()
    return registry


async def backends(session: AsyncSession, settings: Settings, registry: Registry) -> list[Shown]:
    """Return every backend: the built-in one, those of the setting, and accounts by name."""
    rows = {row.name: row for row in await service.accounts(session)}
    set_names = [config.name for config in of_setting(settings)]
    names = [*set_names, *(name for name in rows if name not in set_names)]
    checks = await service.checks(session, names)
    gone = retirements(registry)
    return [_shown(registry, name, rows.get(name), set_names, checks.get(name), gone.of(name)) for name in names]


async def backend(session: AsyncSession, settings: Settings, registry: Registry, name: str) -> Shown:
    """Return one backend; raise ``NotFound``."""
    for one in await backends(session, settings, registry):
        if one.name == name:
            return one
    raise NotFound("providers.unknown", _("There is no backend %(name)s.") % {"name": name[:80]}, backend=name[:80])


def _shown(
    registry: Registry,
    name: str,
    account: ProviderAccount | None,
    set_names: Sequence[str],
    check: ProviderCheck | None,
    gone: Retirements,
) -> Shown:
    config, problem = registry.config(name), registry.problem(name)
    source = "account"
    if name in set_names:
        source = "built_in" if config is not None and config.kind == "animatic" else "setting"
    return Shown(
        name=name,
        kind=account.kind if account and source == "account" else config.kind if config else "",
        source=source,
        enabled=account.enabled if account and source == "account" else True,
        problem=problem.message if problem else "",
        config=config,
        account=account if source == "account" else None,
        models=_models(registry, name, config),
        check=check,
        retirements=gone,
    )


def _models(registry: Registry, name: str, config: BackendConfig | None) -> list[ShownModel]:
    """Return the models that are loaded, or those of the rows where the backend could not be made of them."""
    edits = {edit.model: edit for edit in config.edits} if config else {}
    rows = catalogue.written(config) if config else {}
    shipped = catalogue.written(config, edited=False) if config else {}
    loaded = {offer.caps.model: offer.caps for offer in registry.all_models() if offer.backend == name}
    found = []
    for model in rows or loaded:
        caps, edit = loaded.get(model), edits.get(model)
        why = registry.withheld(name, caps) if caps else None
        origin = "changed" if edit is not None and edit.values else "catalogue"
        found.append(
            ShownModel(
                model=model,
                caps=caps,
                why=why.message if why else "",
                code=why.code if why else "",
                enabled=edit.enabled if edit else True,
                origin=origin if model in shipped or not rows else "added",
                values=rows.get(model, {}),
            )
        )
    return found
