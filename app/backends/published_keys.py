"""Verifying deliveries that are signed with a provider's published ED25519 keys (source: international §1.2)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from app.backends.errors import BackendError, ConfigError, WebhookRefused
from app.backends.guard import HostPolicy, authority_of
from app.backends.http import BackendClient, Words, error_from_status
from app.core import clock

TOLERANCE_S = 300
KEPT = timedelta(hours=24)
FRESH = timedelta(minutes=5)


class PublishedKeys:
    """A provider's set of keys at an address, kept for a day; read again when none of them fits a delivery."""

    def __init__(self, name: str, address: str, *, self_hosted: bool) -> None:
        if authority_of(address) is None:
            raise ConfigError(f"Option 'keys_url' of backend {name!r} is the address of the keys.")
        url = httpx.URL(address)
        base = str(url.copy_with(raw_path=b"/"))
        policy = HostPolicy.of(base, self_hosted=self_hosted)
        self.hosts = policy.hosts
        self._path = url.raw_path.decode()
        self._client = BackendClient(base, policy=policy, read_error=lambda answer: error_from_status(answer, Words()))
        self._keys: list[Ed25519PublicKey] = []
        self._read_at: datetime | None = None

    async def verify(self, parts: Sequence[str], signature: str, body: bytes) -> None:
        """Check that ``parts``, the last of them a Unix time, and the body were signed; raise ``WebhookRefused``."""
        stamp = parts[-1]
        if not all(parts) or not (stamp.isascii() and stamp.isdigit()) or len(stamp) > 12:
            raise WebhookRefused("The delivery has no id or no timestamp.")
        try:
            signed = bytes.fromhex(signature)
        except ValueError:
            signed = b""
        if len(signed) != 64:
            raise WebhookRefused("The delivery has no signature.")
        message = "\n".join([*parts, hashlib.sha256(body).hexdigest()]).encode()
        if not await self._fits(signed, message):
            raise WebhookRefused("The signature is not the provider's.")
        if abs(clock.now().timestamp() - int(stamp)) > TOLERANCE_S:
            raise WebhookRefused("The delivery is stale.")

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _fits(self, signed: bytes, message: bytes) -> bool:
        if self._older_than(KEPT):
            await self._read()
        if any(_verifies(key, signed, message) for key in self._keys):
            return True
        if not self._older_than(FRESH):
            return False
        await self._read()
        return any(_verifies(key, signed, message) for key in self._keys)

    def _older_than(self, age: timedelta) -> bool:
        return self._read_at is None or clock.now() - self._read_at > age

    async def _read(self) -> None:
        try:
            answer = await self._client.request("GET", self._path)
        except BackendError as error:
            raise WebhookRefused("The provider's keys could not be read: it will deliver again.") from error
        listed = answer.body.get("keys") if answer.ok and isinstance(answer.body, dict) else None
        keys = [key for key in map(_key, listed if isinstance(listed, list) else []) if key is not None]
        if not keys:
            raise WebhookRefused("The provider's keys could not be read: it will deliver again.")
        self._keys, self._read_at = keys, clock.now()


def _key(told: Any) -> Ed25519PublicKey | None:
    """Return a JSON web key as a key, or None when it is of another kind."""
    if not isinstance(told, dict) or told.get("kty") != "OKP" or told.get("crv") != "Ed25519":
        return None
    text = str(told.get("x", ""))
    try:
        return Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError):
        return None


def _verifies(key: Ed25519PublicKey, signed: bytes, message: bytes) -> bool:
    try:
        key.verify(signed, message)
    except InvalidSignature:
        return False
    return True
