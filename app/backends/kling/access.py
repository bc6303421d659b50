"""The signed tokens of Kling's older access keys (source: the fact sheets, china §2.1 and §20.1)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

import httpx
from pydantic import SecretStr

from app.core import clock

LIFETIME_S = 1800
SKEW_S = 5


def signed_token(access_key: str, secret_key: str, now: int) -> str:
    """Return the JWT that proves the account from 5 s before ``now`` (Unix seconds) until 1800 s after it."""
    claims = {"iss": access_key, "exp": now + LIFETIME_S, "nbf": now - SKEW_S}
    signed = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(claims)}"
    return f"{signed}.{_text(hmac.digest(secret_key.encode(), signed.encode(), hashlib.sha256))}"


def _part(value: Mapping[str, Any]) -> str:
    return _text(json.dumps(value, separators=(",", ":")).encode())


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


class SignedToken(httpx.Auth):
    """``Authorization: Bearer <JWT>``, made anew for every request; never shows the key."""

    def __init__(self, access_key: str, secret_key: SecretStr) -> None:
        self._access_key, self._secret_key = access_key, secret_key

    def auth_flow(self, request: httpx.Request) -> Any:
        """Add the header."""
        now = int(clock.now().timestamp())
        token = signed_token(self._access_key, self._secret_key.get_secret_value(), now)
        request.headers["Authorization"] = f"Bearer {token}"
        yield request

    def __repr__(self) -> str:
        return "SignedToken([hidden])"
