"""One shape of error: problem+json for programs, a notice for htmx, a page for people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.errors import Forbidden, Invalid, NotFound, ReelroomError, TooManyRequests, Unauthenticated
from app.core.i18n import gettext as _
from app.web.forms import message_of
from app.web.htmx import current_path, is_htmx
from app.web.nav import sign_in_path
from app.web.templating import render

log = structlog.get_logger(__name__)
FOR_PROGRAMS = ("/api/", "/webhooks/")


class Unexpected(ReelroomError):
    """Something broke that should not; the log knows what, under the request's number."""


class NotAllowedHere(Invalid):
    """The address exists, for another method."""

    status = 405


def wants(request: Request) -> str:
    """Return what the asker can read: "json", "fragment" (htmx) or "page"."""
    accepted = request.headers.get("accept", "")
    if request.url.path.startswith(FOR_PROGRAMS) or ("json" in accepted and "text/html" not in accepted):
        return "json"
    return "fragment" if is_htmx(request) else "page"


def problem_response(request: Request, error: ReelroomError) -> Response:
    """Return the answer to a request that ended in ``error``."""
    form = wants(request)
    if form == "json":
        return _json(request, error)
    if isinstance(error, Unauthenticated):
        path = sign_in_path(current_path(request))
        if form == "fragment":
            return Response(status_code=401, headers={"HX-Redirect": path})
        return RedirectResponse(path, 303)
    if form == "fragment":
        headers = {"HX-Retarget": "#notices", "HX-Reswap": "innerHTML", **_headers(error)}
        return render(request, "errors/_notice.html", status=error.status, headers=headers, message=error.message)
    return render(
        request,
        "errors/error.html",
        status=error.status,
        headers={"Cache-Control": "no-store", **_headers(error)},
        title=title_of(error),
        message=error.message,
        lines=lines_of(error.details),
        problem_status=error.status,
        way_back=_way_back(request, error),
        request_id=request_id(request),
    )


def _json(request: Request, error: ReelroomError) -> Response:
    body = {
        "type": f"urn:reelroom:problem:{error.code}",
        "title": title_of(error),
        "status": error.status,
        "detail": error.message,
        "code": error.code,
        "instance": request.url.path,
        "request_id": request_id(request),
        "details": error.details,
    }
    text = json.dumps(body, ensure_ascii=False, default=str)
    return Response(
        text, error.status, {"Cache-Control": "no-store", **_headers(error)}, media_type="application/problem+json"
    )


def request_id(request: Request) -> str:
    """Return the number of this request, which its log lines carry too."""
    return str(request.scope.get("reelroom.request_id", ""))


def title_of(error: ReelroomError) -> str:
    """Return the family of ``error`` in a few words."""
    titles = {
        401: _("Sign in first"),
        403: _("You may not do this"),
        404: _("Nothing is here"),
        405: _("Not in this way"),
        409: _("It changed meanwhile"),
        413: _("Too large"),
        422: _("Something needs another look"),
        428: _("Say which version you changed"),
        429: _("Too often"),
        503: _("Busy just now"),
    }
    return titles.get(error.status) or _("Something broke here")


def lines_of(details: Mapping[str, Any]) -> list[str]:
    """Return the lists among ``details`` as lines for a page; facts for programs stay out."""
    lines: list[str] = []
    for value in details.values():
        if isinstance(value, list | tuple):
            lines += [str(item.get("message", "")) if isinstance(item, Mapping) else str(item) for item in value]
    return [line for line in lines if line]


def _headers(error: ReelroomError) -> dict[str, str]:
    headers = {}
    if isinstance(error, TooManyRequests) and "retry_after" in error.details:
        headers["Retry-After"] = str(error.details["retry_after"])
    if isinstance(error, NotAllowedHere) and "allowed" in error.details:
        headers["Allow"] = str(error.details["allowed"])
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return headers


def _way_back(request: Request, error: ReelroomError) -> tuple[str, str]:
    """Return where to go from an error page: the project one was in, where there is one, else home."""
    parts = request.url.path.strip("/").split("/")
    inside = len(parts) > 2 and parts[0] == "projects"
    if inside and error.status != 404:
        return f"/projects/{parts[1]}", _("Back to the project")
    return "/", _("All projects")


def from_http(error: HTTPException) -> ReelroomError:
    """Return the framework's own refusal as one of our errors."""
    if isinstance(error.__cause__, ReelroomError):
        return error.__cause__  # raised while the body was read
    if error.status_code == 404:
        return NotFound("web.no_such_page", _("There is no page at this address. It may have moved, or been removed."))
    if error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "")
        return NotAllowedHere("web.wrong_method", _("This address does not take that request."), allowed=allowed)
    if error.status_code == 401:
        return Unauthenticated("web.sign_in", _("Sign in to see this."))
    if error.status_code == 403:
        return Forbidden("web.forbidden", _("Your role does not allow this."))
    named = Invalid("web.refused", str(error.detail or HTTPStatus(error.status_code).phrase))
    named.status = error.status_code  # type: ignore[misc]  # the framework's number stays what it is
    return named


def from_validation(error: RequestValidationError) -> Invalid:
    """Return the framework's validation errors as one of ours, with a sentence per field."""
    fields = [
        {
            "field": ".".join(str(part) for part in fault["loc"]),
            "message": message_of(fault["type"], fault.get("ctx", {}), fault["msg"]),
        }
        for fault in error.errors()
    ]
    return Invalid("web.invalid_input", _("Some of what was sent is missing or wrong."), fields=fields)


async def _on_reelroom(request: Request, error: Exception) -> Response:
    assert isinstance(error, ReelroomError)
    return problem_response(request, error)


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return problem_response(request, from_http(error))


async def _on_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return problem_response(request, from_validation(error))


def install_handlers(app: FastAPI) -> None:
    """Answer every error of ``app`` in the one shape."""
    app.add_exception_handler(ReelroomError, _on_reelroom)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_validation)


class UnexpectedMiddleware:
    """Turn what nobody expected into a 500 that names the request and nothing else; the log gets the traceback."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; answer for it when it breaks before anything was sent."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except ReelroomError as error:
            if started:
                raise
            await problem_response(Request(scope), error)(scope, receive, send)
        except ClientDisconnect:
            log.info("http.gone", path=scope["path"])  # nobody is left to answer
        except Exception:
            log.exception("http.unexpected", path=scope["path"])
            if started:
                raise
            await problem_response(Request(scope), unexpected())(scope, receive, send)


def unexpected() -> Unexpected:
    """Return the error people see when something broke that should not."""
    return Unexpected(
        "web.unexpected",
        _("This is our fault, not yours, and nothing you did is lost unless it says so. Try again in a moment."),
    )
