"""Links to media: short-lived, and bound to the session of whoever got the page; no database is asked to serve one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from jinja2 import pass_context
from jinja2.runtime import Context
from starlette.responses import Response, StreamingResponse

from app.accounts.access import SignedLink, cookie_name
from app.core.config import get_settings
from app.core.errors import NotFound
from app.core.i18n import _
from app.core.security import token_hash
from app.media.serve import answer, link_expiry, sign, verify
from app.media.storage import Storage

router = APIRouter()
ANYBODY = "nobody"
LENT = timedelta(hours=24)


def scope_of(request: Request) -> str:
    """Return what a media link is bound to: the session or token of this request, never the secret itself."""
    secret = request.headers.get("authorization", "") or request.cookies.get(cookie_name(), "")
    return token_hash(secret)[:32] if secret else ANYBODY


def media_links(request: Request) -> Callable[[str | None], str]:
    """Return what makes links for this session: ``media_url`` for many keys, its secret and expiry looked up once."""
    secret, expires_at, scope = get_settings().signing_key.hex(), link_expiry(), scope_of(request)

    def link(key: str | None) -> str:
        if not key:
            return ""
        return f"/media/{quote(key)}?t={sign(key, secret=secret, expires_at=expires_at, scope=scope)}"

    return link


def media_url(request: Request, key: str | None) -> str:
    """Return a link that lets this session read ``key`` for an hour or so; "" without a key."""
    return media_links(request)(key) if key else ""


def lent_url(key: str) -> str | None:
    """Return an address at which a provider can read ``key`` for a day, without a session.

    None where this installation has no https address that providers can reach.
    """
    settings = get_settings()
    if not settings.public_url.startswith("https://"):
        return None
    token = sign(key, secret=settings.signing_key.hex(), expires_at=link_expiry(LENT), scope=ANYBODY)
    return f"{settings.public_url.rstrip('/')}/media/{quote(key)}?t={token}"


@pass_context
def media(context: Context, key: str | None) -> str:
    """Return ``media_url`` for the request a page is rendered for: ``{{ media(shot.poster_key) }}``."""
    request: Any = context["request"]
    return media_url(request, key)


@router.get("/media/{key:path}", dependencies=[Depends(SignedLink())])
async def serve(request: Request, key: str, t: str = "") -> Response:
    """Stream what a signed link points at, by ranges."""
    verify(key, t, secret=get_settings().signing_key.hex(), scope=scope_of(request))
    return await send_stored(request, key)


async def send_stored(
    request: Request, key: str, *, media_type: str | None = None, download_as: str | None = None
) -> Response:
    """Return the response that streams a stored object, whole or the range that was asked for."""
    storage: Storage = request.app.state.storage
    size = await storage.size(key)
    if size is None:
        raise NotFound("media.missing", _("This file is not in the store any more."))
    found = answer(
        key,
        size,
        range_header=request.headers.get("range"),
        if_none_match=request.headers.get("if-none-match"),
        if_range=request.headers.get("if-range"),
        media_type=media_type,
        download_as=download_as,
    )
    if found.status == 304 or request.method == "HEAD":
        return Response(status_code=found.status, headers=found.headers)
    return StreamingResponse(storage.stream(key, found.start, found.end), found.status, found.headers)
