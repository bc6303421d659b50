"""The reader's language: what they chose in this browser, else their account's, else what the browser asks for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from functools import cache
from http.cookies import CookieError, SimpleCookie
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.errors import NotFound
from app.core.i18n import CATALOGUES, LOCALES, speaking
from app.core.i18n import gettext as _
from app.web.exits import exits
from app.web.preferences import LOCALE_COOKIE


def negotiate(accepted: str) -> str:
    """Return the locale that an Accept-Language header prefers; "en" when it names none of ours."""
    wishes = []
    for place, item in enumerate(accepted.split(",")):
        tag, _semicolon, weight = item.strip().partition(";q=")
        language = tag.strip().lower().partition("-")[0]
        try:
            quality = float(weight or 1)
        except ValueError:
            continue
        if language in LOCALES and quality > 0:
            wishes.append((-quality, place, language))
    return min(wishes)[2] if wishes else LOCALES[0]


def _cookie(headers: Headers) -> str:
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(LOCALE_COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


class LanguageMiddleware:
    """Speak the reader's language while a request is answered."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Choose by cookie, then by Accept-Language; ``adopt`` may choose again."""
        if scope["type"] not in {"http", "websocket"}:
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        chosen = _cookie(headers)
        locale = chosen if chosen in LOCALES else negotiate(headers.get("accept-language", ""))
        with speaking(locale):
            await self.app(scope, receive, send)


def adopt(request: Request, locale: str | None) -> None:
    """Speak ``locale``, the language of the account, unless another was chosen here; call it from async code.

    Signing in chooses the account's language, so the menu can change it; a program has no cookie.
    """
    if locale in LOCALES and _cookie(request.headers) not in LOCALES:
        exits(request).enter_context(speaking(str(locale)))


@cache
def _words(locale: str) -> tuple[bytes, str]:
    path = CATALOGUES / locale / "words.json"
    body = path.read_bytes() if path.is_file() else b"{}"
    return body, hashlib.sha256(body).hexdigest()[:12]


def words_url(locale: str) -> str:
    """Return the address of the strings that JavaScript shows in ``locale``."""
    return f"/locale/{locale}.json?v={_words(locale)[1]}"


async def words(request: Request) -> Response:
    """Answer the strings of JavaScript in one language, as JSON; anybody may read them."""
    locale = request.path_params["locale"]
    if locale not in LOCALES:
        raise NotFound("web.no_such_language", _("Reelroom does not speak that language: ask for en or zh."))
    body, digest = _words(locale)
    fresh = request.query_params.get("v") == digest
    cache_control = "public, max-age=31536000, immutable" if fresh else "no-cache"
    return Response(body, headers={"Cache-Control": cache_control}, media_type="application/json")


def as_words(messages: Iterable[tuple[str, Any]]) -> str:
    """Return translated messages as the JSON that ``t`` and ``tn`` of JavaScript read."""
    table = {msgid: list(text) if isinstance(text, tuple | list) else text for msgid, text in messages}
    return json.dumps(table, ensure_ascii=False, indent=0, sort_keys=True) + "\n"
