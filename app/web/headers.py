"""What every answer carries, how large a request may be, and the number each one is known by."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.errors import PayloadTooLarge
from app.core.i18n import gettext as _
from app.core.ids import new_id
from app.web.formats import size
from app.web.problems import problem_response

log = structlog.get_logger(__name__)

UPLOAD_PATH = re.compile(r"/uploads?(/|$)")
STYLE_NONCE = "style_nonce"  # of the request's state
QUIET = ("/static/", "/healthz", "/readyz", "/metrics")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


def content_security_policy(media_origins: Sequence[str] = (), style_nonce: str = "") -> str:
    """Return the policy of every page: our own files only; pictures and films from ``media_origins`` as well.

    A library that writes its own style sheet, as the script editor's does, may do so with ``style_nonce``.
    """
    styles = f"'self' 'nonce-{style_nonce}'" if style_nonce else "'self'"
    media = " ".join(["'self'", "blob:", "data:", *media_origins])
    return "; ".join(
        [
            "default-src 'self'",
            "script-src 'self'",
            f"style-src {styles}",
            f"img-src {media}",
            f"media-src {media}",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )


class SecurityHeadersMiddleware:
    """Give every answer the headers of a site that trusts nobody; what a route set itself stays."""

    def __init__(self, app: ASGIApp, *, https: bool, media_origins: Sequence[str] = ()) -> None:
        self.app = app
        self.media_origins = media_origins
        self.headers = {
            "Content-Security-Policy": content_security_policy(media_origins),
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "private, no-cache",
        }
        if https:
            self.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add what is missing when the answer starts."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if nonce := scope.get("state", {}).get(STYLE_NONCE):
                    headers["Content-Security-Policy"] = content_security_policy(self.media_origins, nonce)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, with_headers)


class BodyLimitMiddleware:
    """Refuse a body that is too large, by its announced length or while it arrives.

    A path with a segment ``upload`` or ``uploads`` takes ``upload_limit`` bytes, every other one ``limit``.
    """

    def __init__(self, app: ASGIApp, *, limit: int, upload_limit: int) -> None:
        self.app = app
        self.limit = limit
        self.upload_limit = upload_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what arrives, and raise ``PayloadTooLarge`` where it is read."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self.upload_limit if UPLOAD_PATH.search(scope["path"]) else self.limit
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdecimal() and int(announced) > limit:
            await problem_response(Request(scope), _too_large(limit))(scope, receive, send)
            return
        arrived = 0

        async def counted() -> Message:
            nonlocal arrived
            message = await receive()
            arrived += len(message.get("body", b""))
            if arrived > limit:
                raise _too_large(limit)
            return message

        await self.app(scope, counted, send)


def _too_large(limit: int) -> PayloadTooLarge:
    message = _("This is larger than the %(limit)s that are taken here. Make it smaller, or send it in parts.")
    return PayloadTooLarge("web.too_large", message % {"limit": size(limit)}, limit=limit)


class RequestIdMiddleware:
    """Number every request, bind the number to its log lines, answer it as X-Request-ID and log the outcome."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Keep the number a proxy gave, when it looks like one."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        if scope["type"] == "websocket":
            scope["reelroom.wire"] = (receive, send)  # for those who send so many frames that layers would cost
        given = Headers(scope=scope).get("x-request-id", "")
        number = given if _REQUEST_ID.fullmatch(given) else new_id().hex
        scope["reelroom.request_id"] = number
        started, status = time.perf_counter(), 0

        async def numbered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = number
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=number):
            try:
                await self.app(scope, receive, numbered)
            finally:
                if scope["type"] == "http" and not scope["path"].startswith(QUIET):
                    took = round(1000 * (time.perf_counter() - started), 1)
                    log.info("http.answered", method=scope["method"], path=scope["path"], status=status, ms=took)
