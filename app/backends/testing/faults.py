"""The faults every fake offers; a dialect puts them into its own words."""

from __future__ import annotations

import email.utils
from collections.abc import AsyncIterator, Mapping

from fastapi import Request
from fastapi.responses import RedirectResponse, Response, StreamingResponse

PRIVATE_PLACE = "http://169.254.169.254/latest/meta-data"
PAGE = "<!doctype html><title>Sign in</title>" * 20

REFUSED_CREATES: Mapping[str, tuple[int, str, str]] = {
    "401": (401, "invalid_api_key", "Incorrect API key provided: {key}."),
    "402": (402, "payment_required", "Payment required."),
    "403": (403, "permission_denied", "Your key may not use this model."),
    "409": (409, "conflict", "The request conflicts with another."),
    "429": (429, "rate_limit_exceeded", "Rate limit reached."),
    "429_no_money": (429, "insufficient_quota", "You exceeded your current quota, please check your plan."),
    "invalid": (400, "invalid_value", "The value is not allowed."),
    "moderation_input": (400, "moderation_blocked", "Your request was blocked by our moderation system."),
    "moderation_image": (400, "moderation_blocked", "The image was blocked by our moderation system."),
    "model_gone": (404, "model_not_found", "The model does not exist or you do not have access to it."),
    "500_before": (500, "server_error", "The server had an error."),
    "503_warming": (503, "unavailable", "The server is warming up."),
}
PARAMETERS = {"moderation_input": "prompt", "moderation_image": "input_reference"}


class Refusal(Exception):
    """An answer other than success."""

    def __init__(self, status: int, code: str, message: str, param: str | None = None, **headers: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.param, self.headers = status, code, message, param, headers


def drop(request: Request) -> None:
    """Cut the connection of ``request`` at once."""
    request.scope["drop_connection"]()


def retry_headers(form: str, now: float) -> dict[str, str]:
    """Return Retry-After as ``seconds``, ``date`` (both 7 s), or none at all for ``bare``."""
    if form == "seconds":
        return {"retry-after": "7"}
    if form == "date":
        return {"retry-after": email.utils.formatdate(now + 7, usegmt=True)}
    return {}


def before_creating(request: Request, scenario: Mapping[str, str], now: float, key: str | None) -> None:
    """Fail a create before anything exists, as ``scenario`` says; ``key`` is echoed as careless providers do."""
    if "drop_before" in scenario:
        drop(request)
        raise Refusal(500, "dropped", "Nobody hears this.")
    for name, (status, code, message) in REFUSED_CREATES.items():
        if name in scenario:
            headers = retry_headers(scenario[name], now) if name == "429" else {}
            raise Refusal(status, code, message.format(key=key), PARAMETERS.get(name), **headers)


async def after_creating(request: Request, scenario: Mapping[str, str]) -> Response | None:
    """Lose the answer of a create that happened, as ``scenario`` says; None lets it be answered."""
    if "drop_after" in scenario:
        drop(request)
    if "hang_after" in scenario:
        while (await request.receive())["type"] != "http.disconnect":
            continue
    if "500_after" in scenario:
        raise Refusal(500, "server_error", "The server had an error.")
    return Response("<html>Welcome</html>", media_type="text/html") if "html_create" in scenario else None


def polling(request: Request, scenario: Mapping[str, str], polls: int) -> None:
    """Fail the first poll, or every one for ``lost``, as ``scenario`` says."""
    if "lost" in scenario:
        raise Refusal(404, "not_found", "There is no such generation.")
    if polls == 1 and "poll_500" in scenario:
        raise Refusal(500, "server_error", "The server had an error.")
    if polls == 1 and "poll_429" in scenario:
        raise Refusal(429, "rate_limit_exceeded", "Rate limit reached.", **{"retry-after": "3"})
    if polls == 1 and "poll_drop" in scenario:
        drop(request)


def downloading(request: Request, scenario: Mapping[str, str], content: bytes, key: str) -> Response:
    """Return the download of ``content``, decent or as ``scenario`` spoils it; ``key`` names it on the network."""
    port = request.url.port
    places = {
        "redirect_private": PRIVATE_PLACE,
        "redirect_undeclared": f"http://127.0.0.2:{port}/__cdn/{key}",
        "redirect_declared": f"http://localhost:{port}/__cdn/{key}",
        "redirect_loop": str(request.url),
    }
    for name, place in places.items():
        if name in scenario:
            return RedirectResponse(place, 302)
    if "html" in scenario:
        return Response(PAGE, media_type="text/html")
    if "html_as_mp4" in scenario:
        return Response(PAGE, media_type="video/mp4")
    if "truncated" in scenario:
        length = {"content-length": str(len(content))}
        return StreamingResponse(_cut(request, content), media_type="video/mp4", headers=length)
    if "empty" in scenario:
        content = b""
    elif "short" in scenario:
        content = content[: len(content) // 2]
    return Response(content, media_type="video/mp4")


async def _cut(request: Request, content: bytes) -> AsyncIterator[bytes]:
    yield content[: len(content) // 2]
    drop(request)
