"""The kind ``kling``: the profile chooses which of the provider's two APIs an account speaks."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from app.backends.config import BackendConfig
from app.backends.errors import ConfigError
from app.backends.kling.account import KlingAccount
from app.backends.kling.new_api import NewKling
from app.backends.kling.old_api import OldKling

PROFILES: Mapping[str, type[KlingAccount]] = {"new": NewKling, "old": OldKling}
RETIRED_HOST = "api.klingai.com"


class KlingBackend:
    """What a configuration names: the account class of its profile."""

    @classmethod
    def from_config(cls, config: BackendConfig) -> KlingAccount:
        """Return the account that ``config`` describes; raise ``ConfigError`` for what is missing or unknown."""
        account = PROFILES.get(config.profile)
        if account is None:
            raise ConfigError(f"Backend {config.name!r} needs a profile: one of {', '.join(PROFILES)}.")
        if urlsplit(config.base_url).hostname == RETIRED_HOST:
            raise ConfigError(
                f"The base_url of backend {config.name!r} is the provider's retired host: leave it out for "
                f"{KlingAccount.base_url}, or give https://api-beijing.klingai.com for keys of mainland China."
            )
        return account.from_config(config)
