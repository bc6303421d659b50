"""What goes into providers and comes out of them, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr


@dataclass(frozen=True, slots=True)
class AccountInput:
    """What an owner enters of an account. A secret that is None is kept as it is; an empty one is forgotten."""

    base_url: str = ""
    profile: str = ""
    account: str = ""
    region: str = ""
    limits: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    api_key: SecretStr | None = None
    webhook_secret: SecretStr | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """What a test of a connection found; ``passed`` is None where the provider has nothing harmless to ask."""

    passed: bool | None
    words: str
