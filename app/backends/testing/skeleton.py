"""What every fake server has: a virtual clock, a log of requests, scenarios named in prompts, shared faults."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from app.backends.testing.clips import clip
from app.backends.testing.faults import Refusal

MARKER = re.compile(r"\[\[fake:([a-z0-9_]+)(?:=([^\]]*))?\]\]")


class FakeClock:
    """Unix seconds that stand still until they are advanced, or run with the real ones when not ``frozen``."""

    def __init__(self, *, frozen: bool) -> None:
        self._frozen_at = time.time() if frozen else None
        self._shift = 0.0

    def now(self) -> float:
        """Return the virtual time."""
        return (time.time() if self._frozen_at is None else self._frozen_at) + self._shift

    def advance(self, seconds: float) -> None:
        """Let ``seconds`` pass."""
        self._shift += seconds


class Fake:
    """The common parts; a dialect inherits, adds its routes to ``app`` and answers faults in its own words.

    Every request but those to ``/__fake`` is logged. A prompt chooses its scenario by ``[[fake:name]]`` or
    ``[[fake:name=value]]``; ``POST /__fake/scenario`` chooses one for prompts that name none.
    """

    def __init__(self, *, frozen: bool) -> None:
        self.clock = FakeClock(frozen=frozen)
        self.requests: list[dict[str, Any]] = []
        self.default_scenario: dict[str, str] = {}
        self.app = FastAPI(openapi_url=None)
        self.app.add_middleware(_Log, fake=self)
        self.app.get("/__fake/clock")(self._clock)
        self.app.post("/__fake/clock")(self._advance)
        self.app.get("/__fake/requests")(self._requests)
        self.app.post("/__fake/scenario")(self._scenario)
        self.app.post("/__fake/restart")(self._restart)
        self.app.get("/__fake/jobs")(self._jobs)
        self.app.get("/__cdn/{key}")(self._cdn)
        self.app.add_exception_handler(Refusal, self._refused)

    def restart(self) -> None:
        """Behave as after a restart of the server; a dialect that keeps jobs in memory loses them here."""

    def jobs(self) -> list[dict[str, Any]]:
        """Return the work that exists on the server, as plain JSON."""
        raise NotImplementedError

    async def stored(self, key: str) -> bytes:
        """Return the bytes that the fake's content network holds under ``key``; raise KeyError without."""
        raise KeyError(key)

    def envelope(self, refusal: Refusal) -> Any:
        """Return a refusal as the JSON of this dialect."""
        raise NotImplementedError

    def scenario(self, prompt: str) -> dict[str, str]:
        """Return the scenarios a prompt asks for, by name."""
        return dict(MARKER.findall(prompt)) or dict(self.default_scenario)

    def log(self, scope: Mapping[str, Any]) -> dict[str, Any]:
        """Write down a request; its route fills in ``body`` once read, and ``creates`` when it is to create work."""
        entry = {
            "method": scope["method"],
            "path": scope["path"],
            "query": dict(parse_qsl(scope["query_string"].decode())),
            "headers": {name.decode(): value.decode("latin-1") for name, value in scope["headers"]},
            "at": self.clock.now(),
            "creates": False,
            "body": None,
        }
        self.requests.append(entry)
        return entry

    async def _clock(self) -> dict[str, float]:
        return {"now": self.clock.now()}

    async def _advance(self, body: dict[str, float]) -> dict[str, float]:
        self.clock.advance(body["advance"])
        return {"now": self.clock.now()}

    async def _requests(self) -> list[dict[str, Any]]:
        return self.requests

    async def _scenario(self, body: dict[str, str]) -> dict[str, str]:
        self.default_scenario = body
        return body

    async def _restart(self) -> dict[str, bool]:
        self.restart()
        return {"restarted": True}

    async def _jobs(self) -> list[dict[str, Any]]:
        return self.jobs()

    async def _refused(self, request: Request, refusal: Exception) -> Response:
        assert isinstance(refusal, Refusal)
        return plain(refusal.status, self.envelope(refusal), refusal.headers)

    async def _cdn(self, request: Request, key: str) -> Response:
        """A content network, which refuses a key that is not meant for it as object stores do."""
        if "authorization" in request.headers:
            return Response("Only one auth mechanism allowed", 400)
        try:
            return Response(await self.stored(key), media_type="video/mp4")
        except KeyError:
            return Response("NoSuchKey", 404)


class _Log:
    """Logs every request that is not to the controls."""

    def __init__(self, app: Any, fake: Fake) -> None:
        self._app = app
        self._fake = fake

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "http" and not scope["path"].startswith("/__fake"):
            scope.setdefault("state", {})["entry"] = self._fake.log(scope)
        await self._app(scope, receive, send)


async def result_video(size: str, seconds: float) -> bytes:
    """Return the result of a job: a video of the asked size and duration."""
    width, _, height = size.partition("x")
    return await asyncio.to_thread(clip, int(width), int(height), seconds)


def plain(status: int, body: Any, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Return a JSON answer."""
    return JSONResponse(body, status, headers=dict(headers or {}))
