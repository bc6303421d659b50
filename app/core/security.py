"""Secrets: random tokens, their hashes, and passwords."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

# 19 MiB, two passes: OWASP's least for argon2id; the library's default takes eight times as long.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def new_token() -> str:
    """Return a fresh random token of 256 bits, safe in an address."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


async def hash_password(password: str) -> str:
    """Return the argon2id hash of a password, reckoned off the event loop."""
    return await asyncio.to_thread(_hasher.hash, password)


@cache
def _nobody() -> str:
    return _hasher.hash(secrets.token_urlsafe(16))


def _verify(stored: str | None, password: str) -> bool:
    try:
        return _hasher.verify(stored or _nobody(), password) and stored is not None
    except (VerifyMismatchError, InvalidHashError):
        return False


async def verify_password(stored: str | None, password: str) -> bool:
    """Tell whether a password is right; an unknown account costs the same time as a wrong password."""
    return await asyncio.to_thread(_verify, stored, password)
