"""What htmx 4 says in its request headers, and what the server may answer in its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response


def is_htmx(request: Request) -> bool:
    """Return whether htmx sent this, and so swaps what comes back into a page."""
    return request.headers.get("hx-request") == "true"


def current_path(request: Request) -> str:
    """Return path and query of the page the reader is on: for htmx and for a form, not the address asked for."""
    if is_htmx(request):
        here = request.headers.get("hx-current-url", "")
    elif request.method in {"GET", "HEAD"}:
        here = str(request.url)
    else:
        here = request.headers.get("referer", "")
    parts = urlsplit(here)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def redirect(request: Request, path: str) -> Response:
    """Send the reader to ``path``: 303 for a form, HX-Redirect for htmx."""
    if is_htmx(request):
        return Response(status_code=204, headers={"HX-Redirect": path})
    return RedirectResponse(path, 303)


def triggers(**events: Any) -> dict[str, str]:
    """Return the header that makes htmx fire ``events`` in the page: name (``_`` becomes ``:``) to detail."""
    named = {name.replace("_", ":"): detail for name, detail in events.items()}
    return {"HX-Trigger": json.dumps(named, ensure_ascii=True)}


def toast(text: str, status: str = "done") -> Mapping[str, str]:
    """Return the header that shows ``text`` for some seconds; only for what the page itself cannot show."""
    return triggers(reelroom_toast={"text": text, "status": status})
