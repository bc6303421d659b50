"""What may be entered of an account: each fault is said at its field, and never with the value of a secret."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import structlog
from pydantic import SecretStr

from app.backends.base import Configurable
from app.backends.config import checked_url, read_limits, read_secret
from app.backends.errors import ConfigError
from app.backends.guard import is_public
from app.backends.registry import adapters
from app.core.config import Settings
from app.core.errors import Conflict, Invalid
from app.core.i18n import _
from app.providers.assembling import of_setting

log = structlog.get_logger(__name__)
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
LIKE_A_SECRET = re.compile(r"key|secret|token|password", re.IGNORECASE)
NAMES_OF_SECRETS = frozenset({"access_key", "secret_id", "keys_url"})
"""Options that look like secrets and are not: they name the key that has its own field, or a public address."""
LONGEST_SECRET = 4096
FOR_TESTS = "app.backends.testing."


def kinds_to_add(settings: Settings) -> list[str]:
    """Return the kinds of backends an owner can add: those with something to configure, in order."""
    return sorted(kind for kind, points in adapters().items() if len(points) == 1 and _addable(points[0], settings))


def _addable(point: Any, settings: Settings) -> bool:
    if point.value.startswith(FOR_TESTS) and settings.environment != "test":
        return False
    try:
        return isinstance(point.load(), Configurable)
    except Exception as error:  # noqa: BLE001  # an outside package may raise anything, and stops no other
        log.warning("providers.kind_unusable", kind=point.name, error=f"{type(error).__name__}: {error}")
        return False


def check_name(settings: Settings, name: str) -> None:
    """Raise ``Invalid`` for a name that cannot be, ``Conflict`` for one that the setting has already."""
    if not NAME.fullmatch(name) or name == "new":
        message = _("A name has up to 40 small letters, digits, hyphens and underscores, such as studio-kling.")
        raise Invalid("providers.name", message, field="name")
    if name in {config.name for config in of_setting(settings)}:
        message = _("%(name)s is configured in REELROOM_BACKENDS already, and that wins: choose another name.")
        raise Conflict("providers.name_taken", message % {"name": name}, field="name")


def check_kind(settings: Settings, kind: str) -> None:
    """Raise ``Invalid`` for a kind that no installed package offers."""
    points = adapters().get(kind, [])
    if len(points) != 1 or not _addable(points[0], settings):
        known = kinds_to_add(settings)
        message = _("There is no kind of backend %(kind)s. There are: %(known)s.")
        raise Invalid("providers.kind", message % {"kind": kind, "known": ", ".join(known)}, field="kind")


def check_address(name: str, base_url: str, options: Mapping[str, Any]) -> str:
    """Return an address as it is kept; raise ``Invalid`` unless it is a plain one that may be spoken to."""
    try:
        address = checked_url(name, base_url)
    except ConfigError as error:
        message = _("An address begins with https:// and names a host, without user, query or fragment.")
        raise Invalid("providers.address", message, field="base_url") from error
    if address and options.get("self_hosted") is not True and not _is_public(address):
        message = _("This address is private or plain http. If the server is your own, say that it is self-hosted.")
        raise Invalid("providers.private_address", message, field="base_url")
    return address


def _is_public(address: str) -> bool:
    parts = urlsplit(address)
    host = parts.hostname or ""
    try:
        return parts.scheme == "https" and is_public(str(ipaddress.ip_address(host)))
    except ValueError:
        return parts.scheme == "https" and host != "localhost" and not host.endswith((".localhost", ".local"))


def check_secret(name: str, field: str, secret: SecretStr | None) -> SecretStr | None:
    """Return a secret without the spaces around it; raise ``Invalid``, never with its value."""
    if secret is None:
        return None
    text = secret.get_secret_value().strip()
    try:
        read_secret(name, field, text)
        usable = len(text) <= LONGEST_SECRET
    except ConfigError:
        usable = False
    if not usable:
        message = _("A key is one line of plain letters, digits and signs. Copy it from the provider's page again.")
        raise Invalid("providers.secret", message, field=field)
    return SecretStr(text)


def check_limits(name: str, limits: Mapping[str, Any]) -> dict[str, Any]:
    """Return limits as they are kept; raise ``Invalid`` at the one that is wrong."""
    given = {key: value for key, value in limits.items() if value not in (None, "")}
    for key, value in given.items():
        try:
            read_limits(name, {key: value})
        except ConfigError as error:
            message = _("A limit is a whole number from 1; of money it is an amount such as 200.00.")
            raise Invalid("providers.limit", message, field=key) from error
    return given


def check_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options as they are kept; raise ``Invalid`` for one that looks like a secret: these are shown."""
    secret = next((key for key in options if LIKE_A_SECRET.search(key) and key not in NAMES_OF_SECRETS), None)
    if secret is not None:
        message = _("%(option)s looks like a secret, and these settings are shown: keys have their own field.")
        raise Invalid("providers.option", message % {"option": secret}, field="options")
    return dict(options)
