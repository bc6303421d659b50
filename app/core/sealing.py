"""Sealing: secrets that a program must be able to use again, such as a provider's key, encrypted for the database."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import SecretStr


class SealBroken(ValueError):
    """A sealed secret was made with a key that is not there any more, or was changed since."""


class Seal:
    """Seals with the newest of its keys, the first, and opens what any of them has sealed."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._fernet = MultiFernet([Fernet(_derived(key)) for key in keys])

    def close(self, secret: SecretStr) -> str:
        """Return a secret as it may be stored."""
        return self._fernet.encrypt(secret.get_secret_value().encode()).decode()

    def open(self, sealed: str) -> SecretStr:
        """Return what was sealed; raise ``SealBroken``."""
        try:
            return SecretStr(self._fernet.decrypt(sealed.encode()).decode())
        except InvalidToken:
            fault = SealBroken("The secret was sealed with an encryption key that is not configured.")
        raise fault

    def renew(self, sealed: str) -> str:
        """Return the same secret sealed with the newest key; raise ``SealBroken``."""
        try:
            return self._fernet.rotate(sealed.encode()).decode()
        except InvalidToken:
            fault = SealBroken("The secret was sealed with an encryption key that is not configured.")
        raise fault

    def __repr__(self) -> str:
        return "Seal([hidden])"


def _derived(key: str) -> bytes:
    """Return a Fernet key for a key of any length, so that an operator may use whatever makes random text."""
    made = HKDF(hashes.SHA256(), length=32, salt=None, info=b"reelroom sealing").derive(key.encode())
    return base64.urlsafe_b64encode(made)
