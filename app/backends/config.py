"""How backends are configured: a table of names, read from a TOML or JSON text."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from app.backends.errors import ConfigError

TEXTS = frozenset({"kind", "base_url", "profile", "api_key", "webhook_secret", "account", "region"})
KEYS = TEXTS | {"options", "limits"}
LARGEST_LIMIT = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """What an account may be asked at most; None is no limit.

    ``concurrency`` counts generations in flight, ``per_minute`` creates; ``spend_per_day`` is in the currency of the
    backend's prices and counts what is reserved and paid since midnight UTC.
    """

    concurrency: int | None = None
    per_minute: int | None = None
    spend_per_day: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ModelEdit:
    """What an owner changed of one model: ``values`` over its catalogue row, or a whole row of a model it has not.

    A model that is not ``enabled`` is not offered; what runs already is still followed.
    """

    model: str
    values: Mapping[str, Any] = field(default_factory=dict)
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class BackendConfig:
    """One configured backend: ``kind`` names the adapter, ``options`` is checked by the adapter and never shown.

    Backends with the same ``account`` share its limits; without one a backend is an account of its own. ``region`` is
    a word of the team's own choice, such as "cn", that routing policies ask for. A backend that is not ``enabled``
    gets no new work; what runs already is still followed.
    """

    name: str
    kind: str
    base_url: str = ""
    profile: str = ""
    api_key: SecretStr | None = None
    webhook_secret: SecretStr | None = None
    account: str = ""
    region: str = ""
    limits: Limits = Limits()
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    edits: tuple[ModelEdit, ...] = ()
    enabled: bool = True

    def option(self, key: str, expected: type | tuple[type, ...], default: Any) -> Any:
        """Return option ``key``, or ``default`` without it; raise ``ConfigError`` when it is of another type."""
        value = self.options.get(key, default)
        wrong = not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool)
        if key in self.options and wrong:
            raise ConfigError(f"Option {key!r} of backend {self.name!r} has the wrong type.")
        return value

    def texts(self, key: str) -> list[str]:
        """Return option ``key`` as a list of texts, empty without it; raise ``ConfigError`` for anything else."""
        values: list[str] = self.option(key, list, [])
        if not all(isinstance(value, str) and value for value in values):
            raise ConfigError(f"Option {key!r} of backend {self.name!r} must be a list of texts.")
        return values

    def known_options(self, allowed: frozenset[str]) -> None:
        """Raise ``ConfigError`` when an option is not in ``allowed``: a typing error must not pass silently."""
        unknown = sorted(set(self.options) - allowed)
        if unknown:
            raise ConfigError(
                f"Backend {self.name!r} has no option {unknown[0]!r}; it has {', '.join(sorted(allowed))}."
            )


def parse_configs(text: str) -> tuple[BackendConfig, ...]:
    """Read a TOML or JSON table of backends by name; an empty text configures none.

    ``[farm]`` with ``kind = "openai_videos"`` in TOML is ``{"farm": {"kind": "openai_videos"}}`` in JSON.
    Raises ``ConfigError`` with the name and the key at fault, never a value: values may be secrets.
    """
    return tuple(_config(name, entry) for name, entry in read_table(text, "backends'").items())


def read_table(text: str, whose: str) -> dict[str, Any]:
    """Read a setting that is a TOML or JSON table by name, in its order; raise ``ConfigError``, never with a value."""
    if not text.strip():
        return {}
    return _json(text, whose) if text.lstrip().startswith("{") else _toml(text, whose)


def _toml(text: str, whose: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        fault = f"The {whose} setting is not valid TOML (nor JSON, which begins with a brace): {error}."
    raise ConfigError(fault)


def _json(text: str, whose: str) -> dict[str, Any]:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        table = dict(pairs)
        if len(table) != len(pairs):
            raise ConfigError(f"The {whose} setting names something twice.")
        return table

    try:
        table: dict[str, Any] = json.loads(text, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        fault = f"The {whose} setting is not valid JSON at line {error.lineno}, column {error.colno}."
    else:
        return table
    raise ConfigError(fault)


def _config(name: str, entry: Any) -> BackendConfig:
    if not isinstance(entry, dict):
        raise ConfigError(f"Backend {name!r} must be a table with at least a kind.")
    unknown = sorted(set(entry) - KEYS)
    if unknown:
        raise ConfigError(f"Backend {name!r} has no setting {unknown[0]!r}; it has {', '.join(sorted(KEYS))}.")
    for key in TEXTS:
        if not isinstance(entry.get(key, ""), str):
            raise ConfigError(f"Setting {key!r} of backend {name!r} must be text.")
    if not isinstance(entry.get("options", {}), dict):
        raise ConfigError(f"Setting 'options' of backend {name!r} must be a table.")
    if not entry.get("kind"):
        raise ConfigError(f"Backend {name!r} needs a kind, such as 'openai_videos'.")
    return BackendConfig(
        name=name,
        kind=entry["kind"],
        base_url=checked_url(name, entry.get("base_url", "")),
        profile=entry.get("profile", ""),
        api_key=read_secret(name, "api_key", entry.get("api_key", "")),
        webhook_secret=read_secret(name, "webhook_secret", entry.get("webhook_secret", "")),
        account=entry.get("account", ""),
        region=entry.get("region", ""),
        limits=read_limits(name, entry.get("limits", {})),
        options=entry.get("options", {}),
    )


def read_limits(name: str, given: Any) -> Limits:
    """Read a backend's limits; raise ``ConfigError`` naming the one at fault."""
    names = {"concurrency", "per_minute", "spend_per_day"}
    if not isinstance(given, dict) or set(given) - names:
        raise ConfigError(f"The limits of backend {name!r} are a table of {', '.join(sorted(names))}.")
    for key in ("concurrency", "per_minute"):
        value = given.get(key, 1)
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= LARGEST_LIMIT:
            raise ConfigError(f"The limit {key} of backend {name!r} must be a whole number from 1.")
    return Limits(given.get("concurrency"), given.get("per_minute"), _spend(name, given.get("spend_per_day")))


def _spend(name: str, given: Any) -> Decimal | None:
    if given is None:
        return None
    try:
        amount = Decimal(given) if isinstance(given, str | int) else Decimal("NaN")
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or not 0 <= amount <= 100 * LARGEST_LIMIT:
        raise ConfigError(f"The limit spend_per_day of backend {name!r} must be an amount as text, such as '200.00'.")
    return amount


def read_secret(name: str, key: str, text: str, *, of: str = "backend") -> SecretStr | None:
    """Return a secret, None for an empty one; raise ``ConfigError`` for one that no header could carry."""
    if not (text.isascii() and text.isprintable()):
        raise ConfigError(f"The {key} of {of} {name!r} must be printable ASCII, without line breaks.")
    return SecretStr(text) if text else None


def checked_url(name: str, url: str, *, of: str = "backend") -> str:
    """Return ``url`` without a trailing slash; raise ``ConfigError`` unless it is empty or a plain http(s) address."""
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ConfigError(f"The base_url of {of} {name!r} must begin with http:// or https:// and name a host.")
    if parts.username is not None or parts.query or parts.fragment:
        raise ConfigError(f"The base_url of {of} {name!r} must hold no user, query or fragment; keys go to api_key.")
    return url.rstrip("/")
