"""Who may ask: an API key as it is, or, in the old API, a token signed with an older pair of keys."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from app.backends.testing.faults import Refusal
from app.core import clock

LONGEST_S = 1800


def authorise(header: str | None, api_key: str, access_key: str, secret_key: str, *, tokens: bool) -> None:
    """Raise the provider's refusal (401) unless ``header`` proves the account; ``tokens``: signed ones count too."""
    if not header:
        raise Refusal(401, "1001", "Authorization is empty")
    scheme, _, credential = header.partition(" ")
    if scheme != "Bearer":
        raise Refusal(401, "1002", "Authorization is invalid")
    if hmac.compare_digest(credential.encode(), api_key.encode()):
        return
    if not (tokens and secret_key and credential.count(".") == 2):
        raise Refusal(401, "1002", f"Authorization is invalid: {credential}")
    _verify(credential, access_key, secret_key)


def _verify(token: str, access_key: str, secret_key: str) -> None:
    head, claims, signature = token.split(".")
    expected = hmac.new(secret_key.encode(), f"{head}.{claims}".encode(), hashlib.sha256).digest()
    if not hmac.compare_digest(_decoded(signature), expected):
        raise Refusal(401, "1000", f"Authentication failed: {token}")
    if _read(head) != {"alg": "HS256", "typ": "JWT"}:
        raise Refusal(401, "1002", "The header of the token is not supported")
    told, now = _read(claims), clock.now().timestamp()
    if list(told) != ["iss", "exp", "nbf"] or told["iss"] != access_key:
        raise Refusal(401, "1002", "The claims of the token are not these of the account")
    if told["nbf"] > now:
        raise Refusal(401, "1003", "The token is not yet valid")
    if told["exp"] <= now or told["exp"] > now + LONGEST_S + 1:
        raise Refusal(401, "1004", "The token is expired")


def _decoded(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return b""


def _read(text: str) -> dict[str, Any]:
    try:
        told = json.loads(_decoded(text))
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise Refusal(401, "1002", "The token is not readable")
    return told
