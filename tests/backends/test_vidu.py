"""Vidu: the contract suite, the tasks it is asked for, its credits, and its signed deliveries."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from PIL import Image

from app.backends.base import Asset, CancelResult, Delivery, GenRequest, Phase
from app.backends.capabilities import Task
from app.backends.config import BackendConfig, parse_configs
from app.backends.errors import BackendError, ConfigError, Fault, Kind, WebhookRefused
from app.backends.http import Answer
from app.backends.testing.contract import BackendContract, FakeControl, Subject
from app.backends.testing.contract.subject import context_for
from app.backends.testing.fake_vidu import ViduFake, callback_signature
from app.backends.testing.server import serve
from app.backends.vidu import ViduBackend
from app.core import clock
from app.core.frames import FrameRate
from app.core.money import Money

KEY = "vda_contract_0123456789"
PRO = {"like": "viduq3-pro", "price": {"currency": "CNY", "per_second": "0.5"}}
WISH = GenRequest(Task.TEXT, "viduq3-pro", "A lighthouse.", 48, FrameRate(24), width=720, height=1280, sound=False)


def backend_at(url: str, **options: Any) -> ViduBackend:
    own = {"self_hosted": True, "read_timeout_s": 1.5, "hosts": [f"localhost:{urlsplit(url).port}"]}
    models = {"models": [PRO, "viduq3-drama"], "credit_price": {"currency": "CNY", "amount": "0.03"}}
    entry = {"kind": "vidu", "base_url": url, "api_key": KEY, "options": own | models | options}
    return ViduBackend.from_config(configured(entry))


def configured(entry: dict[str, Any]) -> BackendConfig:
    return parse_configs(json.dumps({"vidu": entry}))[0]


@contextmanager
def server(**arguments: Any) -> Iterator[tuple[ViduFake, FakeControl]]:
    fake = ViduFake(**{"key": KEY} | arguments)
    with serve(fake.app) as running:
        yield fake, FakeControl(running.url)


async def sent(wish: GenRequest, webhook_url: str | None = None, **options: Any) -> dict[str, Any]:
    """Submit a wish and return the create that arrived."""
    with server() as (_, control):
        backend = backend_at(control.url, **options)
        await backend.submit(wish, replace(context_for(backend, wish), webhook_url=webhook_url))
        await backend.aclose()
        (create,) = [entry for entry in control.requests() if entry["creates"]]
    return create


def picture(folder: Path, role: str, size: tuple[int, int] = (180, 320)) -> Asset:
    path = folder / f"{role}-{size[0]}.png"
    Image.new("RGB", size, (200, 80, 40)).save(path)
    return Asset(role, "0" * 64, "image/png", path)


class TestContract(BackendContract):
    @pytest.fixture
    def subject(self) -> Iterator[Subject]:
        with server() as (_, control):
            yield Subject(
                make=backend_at,
                request=lambda prompt: replace(WISH, prompt=prompt),
                fake=control,
                secrets=(KEY,),
            )

    async def test_an_altered_delivery_is_refused(self, subject: Subject) -> None:
        """Vidu signs method, path, query, date and named headers, not the body: those cannot be altered."""
        async with subject.opened() as backend:
            assert isinstance(backend, ViduBackend)
            handle = await subject.submit(backend)
            genuine = subject.server.webhook(handle.remote_id, "genuine")
            for wrong in (
                replace(genuine, path="/webhooks/y"),
                replace(genuine, query="a=b"),
                replace(genuine, method="GET"),
                replace(genuine, headers={}),
                replace(genuine, headers={**genuine.headers, "x-request-nonce": "another"}),
                replace(genuine, headers={**genuine.headers, "x-hmac-signed-headers": "Date"}),
                replace(genuine, body=b""),
            ):
                with pytest.raises(WebhookRefused):
                    await backend.parse_webhook(wrong)


async def test_text_is_asked_with_a_shape_a_resolution_and_the_attempt_as_payload() -> None:
    create = await sent(replace(WISH, duration_frames=24 * 4 + 1, seed=7, sound=True))
    assert create["path"] == "/ent/v2/text2video"
    assert create["headers"]["authorization"] == f"Token {KEY}"
    payload = create["body"].pop("payload")
    assert len(payload) == 36
    assert create["body"] == {
        "model": "viduq3-pro",
        "prompt": "A lighthouse.",
        "duration": 5,
        "resolution": "720p",
        "aspect_ratio": "9:16",
        "seed": 7,
        "audio": True,
    }


@pytest.mark.parametrize(
    ("task", "roles", "path"),
    [
        (Task.FIRST_FRAME, ["first"], "/ent/v2/img2video"),
        (Task.FIRST_AND_LAST, ["first", "last"], "/ent/v2/start-end2video"),
    ],
)
async def test_frames_go_as_data_and_give_the_shape(tmp_path: Path, task: Task, roles: list[str], path: str) -> None:
    assets = tuple(picture(tmp_path, role) for role in roles)
    create = await sent(replace(WISH, task=task, assets=assets[::-1]))
    assert create["path"] == path
    expected = [f"data:image/png;base64,{base64.b64encode(one.path.read_bytes()).decode()}" for one in assets]
    assert create["body"]["images"] == expected, "The first frame comes first."
    assert "aspect_ratio" not in create["body"]


async def test_references_keep_their_order(tmp_path: Path) -> None:
    assets = tuple(picture(tmp_path, "reference", (200 + number, 200)) for number in range(7))
    create = await sent(replace(WISH, task=Task.REFERENCES, model="viduq3-drama", assets=assets, width=960, height=720))
    assert create["path"] == "/ent/v2/reference2video"
    assert len(create["body"]["images"]) == 7
    assert (create["body"]["aspect_ratio"], create["body"]["resolution"]) == ("4:3", "720p")


async def test_settings_and_callback_are_passed_on() -> None:
    wish = replace(WISH, extra={"watermark": False, "meta_data": "{}", "movement_amplitude": "small"})
    body = (await sent(wish, "https://reel.example/webhooks/x", off_peak=True))["body"]
    assert (body["watermark"], body["meta_data"], body["movement_amplitude"]) == (False, "{}", "small")
    assert body["callback_url"] == "https://reel.example/webhooks/x"
    assert body["off_peak"] is True


async def test_off_peak_work_may_take_two_days() -> None:
    backend = backend_at("http://127.0.0.1:1", off_peak=True)
    assert {caps.deadline_s for caps in backend.models()} == {48 * 3600}
    await backend.aclose()


async def test_pictures_vidu_does_not_take_are_not_sent(tmp_path: Path) -> None:
    gif, huge = tmp_path / "a.gif", tmp_path / "huge.png"
    gif.write_bytes(b"GIF89a")
    with huge.open("wb") as file:
        file.truncate(30_000_000)
    with server() as (_, control):
        backend = backend_at(control.url)
        for asset in (Asset("first", "0" * 64, "image/gif", gif), Asset("first", "0" * 64, "image/png", huge)):
            wish = replace(WISH, task=Task.FIRST_FRAME, assets=(asset,))
            with pytest.raises(BackendError) as caught:
                await backend.submit(wish, context_for(backend, wish))
            assert (caught.value.kind, caught.value.fault) == (Kind.INVALID, Fault.IMAGE)
        assert control.requests() == []
        wish = replace(WISH, task=Task.FIRST_FRAME, assets=(replace(asset, url="https://reel.example/huge.png"),))
        await backend.submit(wish, context_for(backend, wish))
        await backend.aclose()
        assert control.requests()[0]["body"]["images"] == ["https://reel.example/huge.png"]


async def test_a_picture_the_provider_refuses_was_not_bought(tmp_path: Path) -> None:
    with server() as (_, control):
        backend = backend_at(control.url)
        wish = replace(WISH, task=Task.FIRST_FRAME, assets=(picture(tmp_path, "first", (100, 100)),))
        with pytest.raises(BackendError) as caught:
            await backend.submit(wish, context_for(backend, wish))
        await backend.aclose()
        assert control.jobs() == []
    assert (caught.value.kind, caught.value.charged) == (Kind.INVALID, False)
    assert caught.value.provider_code == "FieldInvalid"


async def test_the_word_is_token() -> None:
    with server() as (_, control):
        answer = httpx.post(f"{control.url}/ent/v2/text2video", json={}, headers={"authorization": f"Bearer {KEY}"})
    assert (answer.status_code, answer.json()["reason"]) == (401, "Unauthorized")


async def test_credits_become_money() -> None:
    """The told clips: 5 s at 720p are 100 credits, 8 s at 1080p are 192 (china §7)."""
    backend = backend_at("http://127.0.0.1:1")
    drama = replace(WISH, task=Task.REFERENCES, model="viduq3-drama")
    five, eight = replace(drama, duration_frames=120), replace(drama, duration_frames=192, width=1080, height=1920)
    assert backend.estimate(five).high == Money.of("3.00", "CNY")
    assert backend.estimate(eight).high == Money.of("5.76", "CNY")
    assert backend.estimate(replace(WISH, duration_frames=120)).high == Money.of("2.5", "CNY")
    await backend.aclose()


async def test_what_it_cost_is_what_the_provider_counted(tmp_path: Path) -> None:
    wish = replace(WISH, task=Task.REFERENCES, model="viduq3-drama", duration_frames=120)
    wish = replace(wish, assets=(picture(tmp_path, "reference"),))
    for options, cost in (({}, Money.of("3.00", "CNY")), ({"credit_price": {}, "models": [PRO]}, None)):
        with server() as (fake, control):
            backend = backend_at(control.url, **options)
            asked = wish if cost else WISH
            handle = await backend.submit(asked, context_for(backend, asked))
            fake.clock.advance(60)
            assert (await backend.poll(handle)).cost == cost
            await backend.aclose()


async def test_a_key_is_checked_at_no_cost_and_a_delivery_is_enough_to_go_on() -> None:
    with server() as (fake, control):
        backend = backend_at(control.url)
        assert "credits of this key" in await backend.check()
        assert control.creates() == 0
        context = context_for(backend, WISH)
        lost = replace(WISH, prompt="[[fake:drop_after]]")
        with pytest.raises(BackendError):
            await backend.submit(lost, context)
        (task,) = control.jobs()
        assert task["payload"] == str(context.attempt_id), "A person finds it in the console."
        handle = backend.adopt(lost, context, task["id"])
        fake.clock.advance(60)
        assert (await backend.poll(handle)).outputs
        await backend.aclose()
    with server(key="another") as (_, control):
        backend = backend_at(control.url)
        with pytest.raises(BackendError) as caught:
            await backend.check()
        await backend.aclose()
    assert caught.value.kind is Kind.AUTH


async def test_as_many_tasks_as_may_run_are_a_reason_to_wait() -> None:
    with server(concurrency=1) as (_, control):
        backend = backend_at(control.url)
        await backend.submit(WISH, context_for(backend, WISH))
        with pytest.raises(BackendError) as caught:
            await backend.submit(WISH, context_for(backend, WISH))
        await backend.aclose()
    assert (caught.value.kind, caught.value.provider_code) == (Kind.RATE_LIMIT, "QuotaExceeded")
    assert not caught.value.outcome_unknown


async def test_what_waits_is_asked_to_stop_and_what_runs_goes_on() -> None:
    with server() as (fake, control):
        backend = backend_at(control.url)
        waiting = await backend.submit(WISH, context_for(backend, WISH))
        assert await backend.cancel(waiting) is CancelResult.ASKED
        assert (await backend.poll(waiting)).phase is Phase.FAILED
        running = await backend.submit(WISH, context_for(backend, WISH))
        fake.clock.advance(6)
        assert await backend.cancel(running) is CancelResult.TOO_LATE
        assert (await backend.poll(running)).phase is Phase.RUNNING
        await backend.aclose()


async def test_a_reason_wins_over_a_status_and_a_failing_server_over_both() -> None:
    backend = backend_at("http://127.0.0.1:1")
    told = {"code": 400, "reason": "CreditInsufficient", "message": "no credits left", "metadata": {}}
    assert backend.read_error(Answer(400, {}, told)).kind is Kind.QUOTA
    assert backend.read_error(Answer(503, {}, {**told, "reason": "SystemThrottling"})).kind is Kind.TRANSIENT
    assert backend.read_error(Answer(403, {}, None)).kind is Kind.AUTH
    await backend.aclose()


async def test_a_success_without_a_video_is_asked_about_again() -> None:
    with server() as (fake, control):
        backend = backend_at(control.url)
        wish = replace(WISH, prompt="A lighthouse. [[fake:no_video]]")
        handle = await backend.submit(wish, context_for(backend, wish))
        fake.clock.advance(60)
        with pytest.raises(BackendError) as caught:
            await backend.poll(handle)
        await backend.aclose()
    assert caught.value.kind is Kind.TRANSIENT


VECTOR = "2UO3+o/A7S+dbvga5WpU0mWtuv1F6rLhStWxUriHdgY="
DATE = "Mon, 23 Nov 2026 02:03:20 GMT"


async def test_the_signature_is_the_one_of_the_sheet() -> None:
    assert callback_signature("vda_test", "/hooks/vidu", "", DATE, "n1") == VECTOR
    headers = {
        "x-hmac-signature": VECTOR,
        "x-hmac-algorithm": "hmac-sha256",
        "x-hmac-access-key": "vidu",
        "x-hmac-signed-headers": "Date;x-request-nonce",
        "date": DATE,
        "x-request-nonce": "n1",
    }
    delivery = Delivery("/hooks/vidu", "", headers, b'{"id":"760532","state":"success","err_code":""}')
    options = {"models": [PRO]}
    backend = ViduBackend.from_config(configured({"kind": "vidu", "api_key": "vda_test", "options": options}))
    sent_at = clock.now().replace(year=2026, month=11, day=23, hour=2, minute=3, second=20, microsecond=0)
    for late, fresh in ((timedelta(minutes=4), True), (timedelta(minutes=6), False)):
        with clock.turned(sent_at + late):
            if fresh:
                assert (await backend.parse_webhook(delivery)).remote_id == "760532"
            else:
                with pytest.raises(WebhookRefused, match="stale"):
                    await backend.parse_webhook(delivery)
    await backend.aclose()


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"api_key": ""}, "needs an api_key"),
        ({"options": {}}, "priced in credits"),
        ({"options": {"models": ["viduq3-pro"]}}, "needs a price"),
        ({"options": {"models": ["vidu-none"]}}, "the catalogue has no"),
        ({"options": {"credit_price": {"currency": "CNY"}}}, "credit_price"),
        ({"options": {"credit_price": {"currency": "CNY", "amount": "-1"}}}, "credit_price"),
        ({"options": {"credit_price": {"currency": "XXX", "amount": "1"}}}, "credit_price"),
        ({"options": {"credit_price": "0.03"}}, "wrong type"),
        ({"options": {"creditprice": {}}}, "no option 'creditprice'"),
        ({"options": {"models": [PRO | {"durations": [-1]}]}}, "durations"),
    ],
)
def test_a_wrong_configuration_is_told(entry: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        ViduBackend.from_config(configured({"kind": "vidu", "api_key": KEY, **entry}))
