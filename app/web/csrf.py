"""No other site may act in a reader's name: told by Sec-Fetch-Site and Origin, with no token in any page."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from app.core.errors import Forbidden
from app.core.i18n import gettext as _
from app.web.problems import problem_response

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
WEBHOOKS = "/webhooks/"
"""Providers post here without a cookie, to addresses that are secrets: a forged request could use nobody's session."""


class CsrfMiddleware:
    """Refuse unsafe requests, and every websocket, that a browser sends from another site.

    ``origins`` are the addresses the server is known by beside the Host header ("https://reelroom.example").
    """

    def __init__(self, app: ASGIApp, origins: Sequence[str] = ()) -> None:
        self.app = app
        self.hosts = frozenset(host for host in map(_host, origins) if host)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is safe, our own, or carries a bearer token, which no browser sends by itself."""
        risky = scope["type"] == "websocket" or (scope["type"] == "http" and scope["method"] not in SAFE_METHODS)
        if not risky or scope["path"].startswith(WEBHOOKS) or self._is_trusted(scope["type"], Headers(scope=scope)):
            await self.app(scope, receive, send)
            return
        if scope["type"] == "websocket":
            await WebSocketClose(4403, "other site")(scope, receive, send)
            return
        await problem_response(Request(scope), _refusal())(scope, receive, send)

    def _is_trusted(self, kind: str, headers: Headers) -> bool:
        # a browser names its page's origin whenever it opens a socket: without one it is a program
        program = kind == "websocket" and "origin" not in headers and "sec-fetch-site" not in headers
        return program or self.is_ours(headers)

    def is_ours(self, headers: Headers) -> bool:
        """Return whether these headers come from our own page or from a program with a token."""
        if headers.get("authorization", "").lower().startswith("bearer "):
            return True
        origin = _host(headers.get("origin", ""))
        if origin and origin in self.hosts:
            return True
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site in {"same-origin", "none"}
        return bool(origin) and origin == headers.get("host", "").lower()


def _host(address: str) -> str:
    return urlsplit(address).netloc.lower()


def _refusal() -> Forbidden:
    return Forbidden(
        "web.other_site",
        _("This came from another site, so nothing was done. Open the page here and try again, or use an API token."),
    )
