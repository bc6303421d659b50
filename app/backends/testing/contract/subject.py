"""What a package gives the contract suite: how to make its backend and ask of it, and the fake it talks to."""

from __future__ import annotations

import hashlib
import json
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from app.backends.base import (
    Artifact,
    Delivery,
    GenRequest,
    Handle,
    Phase,
    RemoteState,
    Sink,
    SubmitContext,
    VideoBackend,
)
from app.backends.capabilities import ModelCaps
from app.backends.errors import BackendError
from app.core import clock
from app.core.ids import new_id

LARGEST = 200 * 1024 * 1024
MOST_POLLS = 50
NO_FAKE = "it has no server to misbehave: it works on this machine"


@dataclass(frozen=True, slots=True)
class FakeControl:
    """The controls every fake server has under ``/__fake``; ``url`` has no trailing slash."""

    url: str

    def requests(self) -> list[dict[str, Any]]:
        """Return everything the fake received, oldest first."""
        return list(self._call("GET", "requests"))

    def creates(self) -> int:
        """Return how many requests to create work arrived."""
        return sum(1 for entry in self.requests() if entry["creates"])

    def jobs(self) -> list[dict[str, Any]]:
        """Return the work that exists on the fake."""
        return list(self._call("GET", "jobs"))

    def advance(self, seconds: float) -> None:
        """Let virtual seconds pass."""
        self._call("POST", "clock", {"advance": seconds})

    def restart(self) -> None:
        """Make the fake behave as after a restart."""
        self._call("POST", "restart")

    def webhook(self, remote_id: str, form: str) -> Delivery:
        """Return a delivery about ``remote_id``: ``genuine``, ``forged`` or ``stale``.

        ``GET /__fake/webhook/ID?form=…`` tells ``headers`` and ``body`` (text), and may tell ``path`` and ``query``.
        """
        told = self._call("GET", f"webhook/{quote(remote_id, safe='')}?form={form}")
        headers = {name.lower(): value for name, value in told["headers"].items()}
        return Delivery(told.get("path", "/webhooks/x"), told.get("query", ""), headers, told["body"].encode())

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        with httpx.Client(trust_env=False, timeout=30) as client:
            answer = client.request(method, f"{self.url}/__fake/{path}", json=body)
        return answer.raise_for_status().json()


@dataclass(frozen=True, slots=True)
class Subject:
    """One backend under test.

    ``make`` returns a new instance that talks to the address given (an outage is tried with a dead one); its read
    timeout must be short, since the fake stays silent once. ``request`` returns a request with the prompt given.
    ``done_s`` virtual seconds are enough for a render. ``secrets`` must never be seen. ``not_applicable`` names
    scenarios the provider cannot have, with why; ``unsigned_webhook`` there says that its deliveries carry no proof.
    """

    make: Callable[[str], VideoBackend]
    request: Callable[[str], GenRequest]
    fake: FakeControl | None = None
    secrets: tuple[str, ...] = ()
    done_s: float = 60.0
    not_applicable: Mapping[str, str] = field(default_factory=dict)

    @property
    def server(self) -> FakeControl:
        """The fake; the test is skipped where there is none."""
        if self.fake is None:
            pytest.skip(NO_FAKE)
        return self.fake

    def prompt(self, scenario: str) -> str:
        """Return a prompt that brings about ``scenario``; the test is skipped where it cannot happen."""
        if self.fake is None or scenario.partition("=")[0] in self.not_applicable:
            pytest.skip(NO_FAKE if self.fake is None else self.not_applicable[scenario.partition("=")[0]])
        return f"A lighthouse in the rain. [[fake:{scenario}]]"

    @asynccontextmanager
    async def opened(self, url: str | None = None) -> AsyncIterator[VideoBackend]:
        """Give a new instance of the backend, as another process would have, and close it."""
        backend = self.make(url if url is not None else self.fake.url if self.fake else "")
        try:
            yield backend
        finally:
            await backend.aclose()

    def caps(self, backend: VideoBackend) -> ModelCaps:
        """Return the capabilities of the model that ``request`` asks for."""
        model = self.request("A lighthouse.").model
        return next(caps for caps in backend.models() if caps.model == model)

    async def submit(self, backend: VideoBackend, prompt: str = "A lighthouse in the rain.") -> Handle:
        """Submit one request."""
        request = self.request(prompt)
        return await backend.submit(request, context_for(backend, request))

    async def refused(self, prompt: str) -> BackendError:
        """Submit ``prompt`` and return the error it must end in."""
        async with self.opened() as backend:
            with pytest.raises(BackendError) as caught:
                await self.submit(backend, prompt)
        return caught.value

    async def finished(self, backend: VideoBackend, handle: Handle) -> RemoteState:
        """Poll until the work has ended, letting virtual time pass, and return the last state."""
        for _ in range(MOST_POLLS):
            state = await backend.poll(handle)
            if state.phase not in {Phase.QUEUED, Phase.RUNNING}:
                return state
            if self.fake is not None:
                self.fake.advance(self.done_s)
        raise AssertionError(f"The work did not end within {MOST_POLLS} polls.")

    async def ready(self, backend: VideoBackend, prompt: str) -> tuple[Handle, RemoteState]:
        """Submit ``prompt``, wait until it is done, and return the handle with the state that holds the outputs."""
        handle = await self.submit(backend, prompt)
        state = await self.finished(backend, handle)
        assert state.phase is Phase.SUCCEEDED, f"{state.phase}: {state.error or state.raw_status}"
        assert state.outputs, "A finished job has an output."
        return handle, state


def context_for(backend: VideoBackend, request: GenRequest) -> SubmitContext:
    """Return the surroundings of a new attempt, capped at its estimate."""
    return SubmitContext(attempt_id=new_id(), price_cap=backend.estimate(request).high, submitted_at=clock.now())


def sink_in(folder: Path, name: str = "take.mp4", max_bytes: int = LARGEST) -> Sink:
    """Return a sink that writes into ``folder`` and listens to no progress."""

    async def unheard(_: float) -> None:
        return None

    return Sink(path=folder / name, max_bytes=max_bytes, progress=unheard)


def names_in(folder: Path) -> list[str]:
    """Return the names of what lies in ``folder``."""
    return sorted(one.name for one in folder.iterdir())


def check_artifact(artifact: Artifact, sink: Sink) -> None:
    """Assert that an artifact tells the truth about the file it names, and that the file is all that was left."""
    content = sink.path.read_bytes()
    assert artifact.path == sink.path
    assert artifact.size == len(content) > 0
    assert artifact.sha256 == hashlib.sha256(content).hexdigest()
    assert artifact.mime.startswith("video/")


def through_json(handle: Handle) -> Handle:
    """Return the handle as another process reads it from the database."""
    return Handle.from_json(json.loads(json.dumps(handle.to_json())))


def dead_address() -> str:
    """Return an address of this machine at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        port = one.getsockname()[1]
    return f"http://127.0.0.1:{port}"


def texts_in(value: Any) -> list[str]:
    """Return every text within a JSON value."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for one in value.values() for text in texts_in(one)]
    if isinstance(value, list):
        return [text for one in value for text in texts_in(one)]
    return []
