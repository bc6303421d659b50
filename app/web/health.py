"""What operators ask: is it alive, is it ready, and its metrics."""

from __future__ import annotations

import asyncio
import hmac
import time

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core.config import get_settings
from app.core.metrics import REQUEST_SECONDS, REQUESTS

router = APIRouter(include_in_schema=False)
LOCAL = frozenset({"127.0.0.1", "::1"})


@router.get("/healthz")
async def healthz() -> Response:
    """Answer that this process lives."""
    return PlainTextResponse("ok")


@router.get("/readyz")
async def readyz(request: Request) -> Response:
    """Answer 200 when database, Redis and storage answer, else 503 with the names of those that do not."""
    state = request.app.state
    checks = {"database": state.database.ping(), "redis": state.redis.ping(), "storage": state.storage.size("probe/0")}
    results = await asyncio.gather(*checks.values(), return_exceptions=True)
    failed = [name for name, result in zip(checks, results, strict=True) if isinstance(result, Exception)]
    return JSONResponse({"ready": not failed, "failed": failed}, status_code=503 if failed else 200)


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Answer with Prometheus metrics, to this host only or to whoever has the token."""
    token = get_settings().metrics_token.get_secret_value()
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    allowed = (
        hmac.compare_digest(given, token) if token else request.client is not None and request.client.host in LOCAL
    )
    if not allowed:
        return PlainTextResponse("This takes the metrics token.", status_code=403)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


class MetricsMiddleware:
    """Count requests and their time by route, never by address: addresses hold ids."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Measure one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, sending)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            REQUESTS.labels(scope["method"], route, str(status)).inc()
            REQUEST_SECONDS.labels(route).observe(time.perf_counter() - began)
