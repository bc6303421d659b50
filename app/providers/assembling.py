"""What is configured: the backends of the setting and those of the tables, with what owners changed of their models."""

from __future__ import annotations

from dataclasses import replace

from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncSession

from app.backends.config import BackendConfig, ModelEdit, parse_configs, read_limits
from app.backends.errors import ConfigError
from app.backends.registry import Problem, with_animatic
from app.core.config import Settings
from app.core.errors import ReelroomError
from app.core.i18n import _
from app.core.sealing import Seal, SealBroken
from app.providers import repository
from app.providers.models import ProviderAccount


async def configured(
    session: AsyncSession, settings: Settings
) -> tuple[tuple[BackendConfig, ...], tuple[Problem, ...]]:
    """Return every configured backend, and the accounts that cannot be read, with why.

    A backend of the setting wins over an account of the same name; what owners changed of models lies over both.
    """
    found = {config.name: config for config in of_setting(settings)}
    problems: list[Problem] = []
    for account in await repository.accounts(session):
        if account.name in found:
            continue
        try:
            found[account.name] = config_of(account, settings)
        except SealBroken:
            why = _("Its key was encrypted with an encryption key that is not configured any more: enter it again.")
            problems.append(Problem(account.name, account.kind, "", why))
        except (ConfigError, ReelroomError) as error:
            problems.append(Problem(account.name, account.kind, "", str(error)))
    edits: dict[str, list[ModelEdit]] = {}
    for row in await repository.rows(session):
        edits.setdefault(row.backend, []).append(ModelEdit(row.model, row.values, row.enabled))
    return tuple(replace(one, edits=tuple(edits.get(one.name, ()))) for one in found.values()), tuple(problems)


def of_setting(settings: Settings) -> tuple[BackendConfig, ...]:
    """Return the backends of the setting, and the animatic; raise ``ConfigError`` when it cannot be read."""
    return with_animatic(parse_configs(settings.backends))


def config_of(account: ProviderAccount, settings: Settings) -> BackendConfig:
    """Return an account as backends are configured, without edits; raise ``ConfigError`` or ``SealBroken``."""
    sealed = (account.sealed_api_key, account.sealed_webhook_secret)
    seal = Seal(settings.sealing_keys) if any(sealed) else None

    def opened(secret: str | None) -> SecretStr | None:
        return seal.open(secret) if seal is not None and secret else None

    return BackendConfig(
        name=account.name,
        kind=account.kind,
        base_url=account.base_url,
        profile=account.profile,
        api_key=opened(account.sealed_api_key),
        webhook_secret=opened(account.sealed_webhook_secret),
        account=account.account,
        region=account.region,
        limits=read_limits(account.name, account.limits),
        options=account.options,
        enabled=account.enabled,
    )
