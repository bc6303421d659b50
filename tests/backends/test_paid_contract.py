"""The contract suite over the fake paid provider, with and without recovery, and what its ledger counts."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import ClassVar
from urllib.parse import urlsplit

import httpx
import pytest
from pydantic import SecretStr

from app.backends.base import GenRequest
from app.backends.capabilities import Task
from app.backends.config import BackendConfig
from app.backends.errors import BackendError, Kind
from app.backends.testing.contract import BackendContract, FakeControl, Subject
from app.backends.testing.contract.subject import context_for
from app.backends.testing.fake_paid import PaidFake
from app.backends.testing.paid import FakePaidBackend
from app.backends.testing.server import serve, serve_in_process
from app.core.frames import FrameRate

KEY = "fake-paid-key-9876543210"


def request(prompt: str, model: str = "paid-fast") -> GenRequest:
    return GenRequest(Task.TEXT, model, prompt, duration_frames=48, rate=FrameRate(24), width=180, height=320)


def backend_at(url: str, webhook_secret: str = "", **options: object) -> FakePaidBackend:
    port = urlsplit(url).port
    options = {"read_timeout_s": 1.5, "hosts": [f"localhost:{port}"], **options}
    signed = SecretStr(webhook_secret) if webhook_secret else None
    return FakePaidBackend.from_config(
        BackendConfig("paid", "fake_paid", url, api_key=SecretStr(KEY), webhook_secret=signed, options=options)
    )


class TestPaid(BackendContract):
    recover: ClassVar[bool] = False

    @pytest.fixture
    def subject(self) -> Iterator[Subject]:
        with serve(PaidFake(key=KEY, recover=self.recover).app) as running:
            yield Subject(
                make=lambda url: backend_at(url or running.url, recover=self.recover),
                request=request,
                fake=FakeControl(running.url),
                secrets=(KEY,),
            )


class TestPaidWithRecovery(TestPaid):
    recover = True


class TestPaidWithDeliveries(BackendContract):
    @pytest.fixture
    def subject(self) -> Iterator[Subject]:
        secret = "whsec_" + base64.b64encode(b"a secret of the fake provider").decode()
        with serve(PaidFake(key=KEY, webhook_secret=secret).app) as running:
            yield Subject(
                make=lambda url: backend_at(url or running.url, webhook_secret=secret),
                request=request,
                fake=FakeControl(running.url),
                secrets=(KEY, secret),
            )


async def test_the_ledger_counts_creates_and_charges_by_attempt() -> None:
    fake = PaidFake(key=KEY)
    with serve(fake.app) as running:
        backend = backend_at(running.url)
        lost, done, refused = (request(f"[[fake:{name}]]") for name in ("drop_after", "ok", "moderation_output"))
        contexts = [context_for(backend, one) for one in (lost, done, refused)]
        with pytest.raises(BackendError):
            await backend.submit(lost, contexts[0])
        await backend.submit(done, contexts[1])
        await backend.submit(refused, contexts[2])
        fake.clock.advance(60)
        ledger = fake.ledger()
        await backend.aclose()
    attempts = [str(context.attempt_id) for context in contexts]
    assert ledger["creates"] == dict.fromkeys(attempts, 1)
    assert [ledger["charged"][attempt] for attempt in attempts] == [100_000, 100_000, 0]


async def test_a_busy_provider_sells_after_a_while() -> None:
    with serve(PaidFake(key=KEY).app) as running:
        backend = backend_at(running.url)
        wish = request("[[fake:busy=1]]")
        context = context_for(backend, wish)
        with pytest.raises(BackendError) as caught:
            await backend.submit(wish, context)
        handle = await backend.submit(wish, context)
        await backend.aclose()
    assert caught.value.kind is Kind.RATE_LIMIT
    assert caught.value.retry_after == 1
    assert handle.attempt_id == context.attempt_id


async def test_a_fake_runs_in_a_process_of_its_own_and_ends_with_its_context() -> None:
    factory = "app.backends.testing.fake_paid:create_app"
    with serve_in_process(factory, {"key": KEY, "render_s": 0.0, "frozen": False}) as running:
        backend = backend_at(running.url)
        wish = request("A lighthouse.")
        handle = await backend.submit(wish, context_for(backend, wish))
        state = await backend.poll(handle)
        await backend.aclose()
        assert FakeControl(running.url).creates() == 1
    assert state.outputs
    with pytest.raises(httpx.ConnectError):
        FakeControl(running.url).creates()


async def test_a_scenario_can_be_set_for_prompts_that_name_none() -> None:
    fake = PaidFake(key=KEY)
    with serve(fake.app) as running:
        httpx.post(f"{running.url}/__fake/scenario", json={"401": ""}).raise_for_status()
        backend = backend_at(running.url)
        wish = request("A lighthouse.")
        with pytest.raises(BackendError) as caught:
            await backend.submit(wish, context_for(backend, wish))
        await backend.aclose()
    assert caught.value.kind is Kind.AUTH
