"""A client and a small server that several tests of the HTTP layer share."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response
from pydantic import SecretStr

from app.backends.guard import HostPolicy
from app.backends.http import BackendClient, Bearer, Timeouts, Words, error_from_status

KEY = SecretStr("sk-test-http-0123456789abcdef")


def client(url: str, policy: HostPolicy | None = None, **settings: Any) -> BackendClient:
    return BackendClient(
        url,
        policy=policy or HostPolicy.of(url, self_hosted=True),
        read_error=lambda answer: error_from_status(answer, Words()),
        auth=Bearer(KEY),
        secrets=(KEY,),
        timeouts=settings.pop("timeouts", Timeouts(connect=2, read=0.5)),
        **settings,
    )


def answering(calls: list[str], answer: Any) -> FastAPI:
    """Return a server that answers everything under /videos with ``answer()``."""
    app = FastAPI()

    @app.get("/__fake/clock")
    async def alive() -> dict[str, str]:
        return {}

    @app.api_route("/{path:path}", methods=["GET", "POST"])
    async def any_path(request: Request, path: str) -> Response:
        calls.append(f"{request.method} /{path}")
        made: Response = answer()
        return made

    return app
