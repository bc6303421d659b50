"""What providers announce: only to who knows the address, only what is signed, once, and never more than "look now"."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from app.backends.config import BackendConfig
from app.backends.registry import Registry
from app.backends.testing.fake_paid import PaidFake
from app.backends.testing.paid import FakePaidBackend
from app.backends.testing.server import serve
from app.core import clock
from app.jobs import buying, deliveries
from app.jobs.models import Attempt, WebhookDelivery
from app.jobs.polling import Poller
from tests.jobs.conftest import Bought

SECRET = "whsec_" + base64.b64encode(b"a secret of the fake provider").decode()


@pytest.fixture
def fake():
    """The provider, which signs what it announces."""
    made = PaidFake(webhook_secret=SECRET)
    with serve(made.app) as running:
        yield made, running.url


@dataclass
class Announced:
    """A shot bought from a provider that announces, and the web app that listens."""

    bought: Bought
    client: httpx.AsyncClient
    url: str

    async def submitted(self, scenario: str = "") -> Attempt:
        """Buy the shot, and return the attempt as it is after the create."""
        await self.bought.budget("10")
        job_id = await self.bought.wish(scenario)
        await buying.advance(self.bought.engine, job_id)
        (attempt,) = await self.bought.attempts(job_id)
        return attempt

    async def delivery(self, remote_id: str, form: str = "genuine") -> dict[str, Any]:
        """Return what the provider would post."""
        async with httpx.AsyncClient(trust_env=False) as provider:
            answer = await provider.get(f"{self.url}/__fake/webhook/{remote_id}", params={"form": form})
        return {"headers": answer.json()["headers"], "content": answer.json()["body"]}

    async def post(self, path: str, told: dict[str, Any]) -> httpx.Response:
        """Post as a provider does: without a cookie or an origin."""
        return await self.client.post(path, **told)

    def path(self, attempt: Attempt) -> str:
        """Return the attempt's own address."""
        return f"/webhooks/attempts/{attempt.id}/{deliveries.token_of(attempt.id)}"

    async def now(self, attempt: Attempt) -> Attempt:
        """Return the attempt as it is now."""
        async with self.bought.engine.database.transaction() as session:
            return await session.get_one(Attempt, attempt.id)

    async def kept(self) -> int:
        """Return how many deliveries are written down."""
        async with self.bought.engine.database.transaction() as session:
            return await session.scalar(select(func.count()).select_from(WebhookDelivery)) or 0


@pytest.fixture
async def announced(bought, fake, app, settings, monkeypatch) -> AsyncIterator[Announced]:
    _provider, url = fake
    config = BackendConfig(
        "paid", "fake_paid", url, api_key=SecretStr("fake-paid-key"), webhook_secret=SecretStr(SECRET)
    )
    backend = FakePaidBackend.from_config(config)
    bought.engine = replace(bought.engine, registry=Registry([backend], configs=[config]))
    app.state.registry = bought.engine.registry
    public = settings.model_copy(update={"public_url": "https://reelroom.example"})
    monkeypatch.setattr(deliveries, "get_settings", lambda: public)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=settings.base_url) as client:
        yield Announced(bought, client, url)
    await backend.aclose()


async def test_the_provider_is_told_the_attempts_own_address(announced, fake):
    attempt = await announced.submitted()
    (sent,) = [entry for entry in fake[0].requests if entry["creates"]]
    assert sent["body"]["callback_url"] == "https://reelroom.example" + announced.path(attempt)


async def test_a_delivery_makes_the_attempt_due_at_once(announced, fake):
    attempt = await announced.submitted()
    remote_id = attempt.handle["remote_id"]
    with clock.turned(timedelta(seconds=0.5)):
        await Poller(announced.bought.engine).drain()
        assert (await announced.now(attempt)).state == "submitted", "It is not due by itself yet."
        fake[0].clock.advance(60)
        answer = await announced.post(announced.path(attempt), await announced.delivery(remote_id))
        assert (answer.status_code, answer.json()) == (200, {"received": True})
        await Poller(announced.bought.engine).drain()
    assert (await announced.now(attempt)).state == "fetching"


async def test_a_delivery_decides_nothing_itself(announced):
    attempt = await announced.submitted()
    remote_id = attempt.handle["remote_id"]
    await announced.post(announced.path(attempt), await announced.delivery(remote_id))
    await Poller(announced.bought.engine).drain()
    assert (await announced.now(attempt)).state in {"submitted", "running"}


async def test_a_repeated_delivery_changes_nothing(announced):
    attempt = await announced.submitted()
    told = await announced.delivery(attempt.handle["remote_id"])
    for _time in range(3):
        assert (await announced.post(announced.path(attempt), told)).status_code == 200
    assert await announced.kept() == 1


@pytest.mark.parametrize("form", ["forged", "stale"])
async def test_a_delivery_that_is_not_genuine_is_refused_and_not_kept(announced, form):
    attempt = await announced.submitted()
    told = await announced.delivery(attempt.handle["remote_id"], form)
    answer = await announced.post(announced.path(attempt), told)
    assert (answer.status_code, answer.json()["code"]) == (422, "webhooks.refused")
    assert await announced.kept() == 0


async def test_an_unknown_address_tells_nothing(announced):
    attempt = await announced.submitted()
    told = await announced.delivery(attempt.handle["remote_id"])
    wrong = [
        f"/webhooks/attempts/{attempt.id}/{'0' * 40}",
        f"/webhooks/attempts/{announced.bought.shot_id}/{deliveries.token_of(announced.bought.shot_id)}",
        f"/webhooks/accounts/paid/{deliveries.token_of(attempt.id)}",
        f"/webhooks/accounts/nobody/{deliveries.token_of('nobody')}",
    ]
    for path in wrong:
        answer = await announced.post(path, told)
        assert (answer.status_code, answer.json()["code"]) == (404, "webhooks.unknown_address")
    assert await announced.kept() == 0


async def test_a_delivery_larger_than_any_is_refused(announced):
    attempt = await announced.submitted()
    answer = await announced.post(announced.path(attempt), {"content": b"x" * 1_000_001})
    assert (answer.status_code, answer.json()["code"]) == (422, "webhooks.too_large")


async def test_an_account_announces_at_one_address(announced):
    attempt = await announced.submitted()
    told = await announced.delivery(attempt.handle["remote_id"])
    path = f"/webhooks/accounts/paid/{deliveries.token_of('paid')}"
    assert deliveries.address("paid") == "https://reelroom.example" + path
    with clock.turned(timedelta(seconds=0.5)):
        assert (await announced.post(path, told)).status_code == 200
        assert (await announced.now(attempt)).next_due_at <= clock.now()


async def test_a_delivery_that_overtakes_the_answer_is_remembered(announced, fake, monkeypatch):
    recorded = buying.submitted

    async def overtaken(engine, attempt_id, handle):
        told = await announced.delivery(handle.remote_id)
        path = f"/webhooks/attempts/{attempt_id}/{deliveries.token_of(attempt_id)}"
        assert (await announced.post(path, told)).status_code == 200
        await recorded(engine, attempt_id, handle)

    monkeypatch.setattr(buying, "submitted", overtaken)
    attempt = await announced.submitted()
    assert attempt.next_due_at <= clock.now()


async def test_a_delivery_finds_what_a_lost_answer_bought(announced, fake):
    attempt = await announced.submitted("drop_after")
    await announced.bought.step(attempt.job_id)
    assert (await announced.bought.job(attempt.job_id)).state == "unknown"
    (made,) = fake[0].jobs()
    assert (await announced.post(announced.path(attempt), await announced.delivery(made["id"]))).status_code == 200
    job = await announced.bought.run(attempt.job_id, seconds=60)
    assert job.state == "done"
    assert list(announced.bought.creates().values()) == [1]
