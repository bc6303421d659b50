"""No key is ever seen: not in a repr, an error, its context, a log line or a handle."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from app.backends.base import VideoBackend
from app.backends.errors import BackendError
from app.backends.testing.contract.subject import Subject, sink_in

LOUD = ("401", "invalid", "500_after", "drop_after", "poll_500", "truncated", "html", "redirect_private", "fail")


def traces(error: BaseException | None) -> list[str]:
    """Return all that an error shows: itself, what it holds, and everything it was raised from or during."""
    seen: list[str] = []
    while error is not None:
        seen += [repr(error), str(error), repr(vars(error))]
        request: Any = getattr(error, "_request", None)
        if request is not None:
            seen += [str(request.url), *(value.decode("latin-1") for _, value in request.headers.raw)]
        error = error.__cause__ or error.__context__
    return seen


async def everything_said(subject: Subject, backend: VideoBackend, prompt: str, folder: Path) -> list[str]:
    """Go the whole way with ``prompt`` and return whatever became visible on it."""
    said: list[str] = []
    try:
        handle = await subject.submit(backend, prompt)
        said += [repr(handle), json.dumps(handle.to_json())]
        for _ in range(3):
            subject.server.advance(subject.done_s)
            state = await backend.poll(handle)
            said += [repr(state), *traces(state.error)]
        for output in state.outputs:
            said.append(repr(await backend.fetch(handle, output, sink_in(folder))))
    except BackendError as error:
        said += [*traces(error), json.dumps(error.facts())]
    return said


class SecretsContract:
    """The keys given to the backend appear nowhere, even when the provider echoes them."""

    async def test_no_secret_is_seen(self, subject: Subject, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        if not subject.secrets:
            pytest.skip("it has no secret")
        with caplog.at_level(logging.DEBUG):
            async with subject.opened() as backend:
                said = [repr(backend), repr(vars(backend)), repr(backend.models())]
                for scenario in LOUD:
                    if scenario not in subject.not_applicable:
                        said += await everything_said(subject, backend, subject.prompt(scenario), tmp_path)
        said += [*caplog.messages, caplog.text]
        for secret in subject.secrets:
            assert not [one for one in said if secret in one]
