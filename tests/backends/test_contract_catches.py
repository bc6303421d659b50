"""The contract suite catches backends that break it: each of these is wrong in one way, and one test says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr

from app.backends.base import CancelResult, GenRequest, Handle, Phase, RemoteState, Sink, SubmitContext
from app.backends.capabilities import Task
from app.backends.config import BackendConfig
from app.backends.errors import BackendError
from app.backends.testing.contract import BackendContract, FakeControl, Subject
from app.backends.testing.fake_paid import PaidFake
from app.backends.testing.paid import FakePaidBackend, RecoverableFakePaidBackend
from app.backends.testing.server import serve
from app.core.frames import FrameRate

KEY = "fake-paid-key-9876543210"


class SendsAgain(FakePaidBackend):
    async def submit(self, request: GenRequest, context: SubmitContext) -> Handle:
        try:
            return await super().submit(request, context)
        except BackendError:
            return await super().submit(request, context)


class HidesTheDoubt(FakePaidBackend):
    async def submit(self, request: GenRequest, context: SubmitContext) -> Handle:
        try:
            return await super().submit(request, context)
        except BackendError as error:
            error.outcome_unknown = False
            raise


class HopesForTheBest(FakePaidBackend):
    async def poll(self, handle: Handle) -> RemoteState:
        state = await super().poll(handle)
        return replace(state, phase=Phase.RUNNING) if state.phase is Phase.UNRECOGNISED else state


class PollsTwice(FakePaidBackend):
    async def poll(self, handle: Handle) -> RemoteState:
        await super().poll(handle)
        return await super().poll(handle)


class ClaimsToCancel(FakePaidBackend):
    async def cancel(self, handle: Handle) -> CancelResult:
        return CancelResult.CANCELLED


class ShortensPrompts(FakePaidBackend):
    async def submit(self, request: GenRequest, context: SubmitContext) -> Handle:
        return await super().submit(replace(request, prompt=request.prompt[:20]), context)


class TellsItsKey(FakePaidBackend):
    async def submit(self, request: GenRequest, context: SubmitContext) -> Handle:
        try:
            return await super().submit(request, context)
        except BackendError as error:
            error.message += f" The key was {KEY}."
            raise


class TakesWhatIsNotItsOwn(RecoverableFakePaidBackend):
    async def find(self, request: GenRequest, context: SubmitContext) -> Handle | None:
        return await super().find(request, replace(context, known_remote_ids=frozenset()))


class KeepsHalves(FakePaidBackend):
    async def fetch(self, handle: Handle, output: Any, sink: Sink) -> Any:
        try:
            return await super().fetch(handle, output, sink)
        except BackendError:
            sink.path.write_bytes(b"half")
            raise


WRONG: list[tuple[type[FakePaidBackend], str, dict[str, Any]]] = [
    (SendsAgain, "test_a_lost_answer_is_an_unknown_outcome", {"scenario": "drop_after"}),
    (SendsAgain, "test_a_lost_answer_is_an_unknown_outcome", {"scenario": "500_before"}),
    (HidesTheDoubt, "test_a_lost_answer_is_an_unknown_outcome", {"scenario": "hang_after"}),
    (HopesForTheBest, "test_a_status_nobody_knows_is_not_progress", {}),
    (PollsTwice, "test_one_submit_is_one_create_and_one_poll_one_request", {}),
    (ClaimsToCancel, "test_running_work_is_cancelled_or_said_not_to_be", {}),
    (ShortensPrompts, "test_the_prompt_arrives_whole", {}),
    (TellsItsKey, "test_no_secret_is_seen", {"tmp_path": None, "caplog": None}),
    (TakesWhatIsNotItsOwn, "test_work_that_another_attempt_owns_is_never_taken", {}),
    (KeepsHalves, "test_what_is_no_whole_video_is_refused", {"scenario": "html", "tmp_path": None}),
]


@pytest.fixture
def served() -> Iterator[str]:
    with serve(PaidFake(key=KEY, recover=True).app) as running:
        yield running.url


@pytest.mark.parametrize(("backend", "test", "arguments"), WRONG)
async def test_a_wrong_backend_is_caught(
    served: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    backend: type[FakePaidBackend],
    test: str,
    arguments: dict[str, Any],
) -> None:
    def make(url: str) -> FakePaidBackend:
        port = urlsplit(served).port
        recover = issubclass(backend, RecoverableFakePaidBackend)
        options = {"read_timeout_s": 1.5, "hosts": [f"localhost:{port}"], "recover": recover}
        return backend(BackendConfig("wrong", "fake_paid", url, api_key=SecretStr(KEY), options=options))

    def request(prompt: str) -> GenRequest:
        return GenRequest(Task.TEXT, "paid-fast", prompt, 48, FrameRate(24), 180, 320)

    fixtures = {"tmp_path": tmp_path, "caplog": caplog}
    subject = Subject(make=make, request=request, fake=FakeControl(served), secrets=(KEY,))
    given = {**arguments, **{name: value for name, value in fixtures.items() if name in arguments}}
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        await getattr(BackendContract(), test)(
            subject, **{name: given.get(name, value) for name, value in arguments.items()}
        )
