"""Verifying deliveries: the Standard Webhooks signature (source: the providers' fact sheets, international §1.1)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping

from pydantic import SecretStr

from app.backends.errors import ConfigError, WebhookRefused
from app.core import clock

TOLERANCE_S = 300


class StandardWebhooks:
    """Verifies deliveries signed with ``secret`` (``whsec_`` and base64); raises ``ConfigError`` for another form."""

    def __init__(self, secret: SecretStr) -> None:
        text = secret.get_secret_value()
        try:
            self._key = base64.b64decode(text.removeprefix("whsec_"), validate=True)
        except (binascii.Error, ValueError):
            self._key = b""
        if not text.startswith("whsec_") or not self._key:
            raise ConfigError("A webhook secret is whsec_ followed by base64.")

    def verify(self, headers: Mapping[str, str], body: bytes) -> str:
        """Return the delivery's id, the same on every redelivery; raise ``WebhookRefused`` when forged or stale."""
        given = {name.lower(): value for name, value in headers.items()}
        event, stamp = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
        if not event or not (stamp.isascii() and stamp.isdigit()) or len(stamp) > 12:
            raise WebhookRefused("The delivery has no id or no timestamp.")
        signed = f"{event}.{stamp}.".encode() + body
        expected = base64.b64encode(hmac.digest(self._key, signed, hashlib.sha256))
        versions = (one.partition(",") for one in given.get("webhook-signature", "").split())
        if not any(version == "v1" and hmac.compare_digest(value.encode(), expected) for version, _, value in versions):
            raise WebhookRefused("The signature is not ours.")
        if abs(clock.now().timestamp() - int(stamp)) > TOLERANCE_S:
            raise WebhookRefused("The delivery is stale.")
        return event

    def __repr__(self) -> str:
        return "StandardWebhooks([hidden])"
