"""A sentence that waits for the next page: what a form just did, shown once."""

from __future__ import annotations

from urllib.parse import quote, unquote

from jinja2 import pass_context
from jinja2.runtime import Context
from starlette.requests import Request
from starlette.responses import Response

COOKIE = "reelroom_note"
SECONDS = 20
LONGEST = 400


def leave_note(response: Response, text: str) -> Response:
    """Let the next page show ``text`` once, and return the response."""
    response.set_cookie(COOKIE, quote(text[:LONGEST]), max_age=SECONDS, path="/", httponly=False, samesite="lax")
    return response


@pass_context
def note(context: Context) -> str:
    """Return the sentence that waits for this page, or ""; the page's script forgets the cookie."""
    request: Request = context["request"]
    return unquote(request.cookies.get(COOKIE, ""))[:LONGEST]
