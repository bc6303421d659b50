"""Gemini Omni within and beyond the shared contract: how wishes are told, and what its answers mean."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import httpx
import pytest
from PIL import Image
from pydantic import SecretStr

from app.backends.base import Asset, CancelResult, Delivery, GenRequest, Phase
from app.backends.capabilities import Recover, Task
from app.backends.config import BackendConfig
from app.backends.errors import BackendError, ConfigError, Fault, Kind, WebhookRefused
from app.backends.gemini_omni import GeminiOmniBackend
from app.backends.testing.clips import clip
from app.backends.testing.contract import BackendContract, FakeControl, Subject
from app.backends.testing.contract.subject import check_artifact, context_for, sink_in
from app.backends.testing.fake_gemini_omni import GeminiOmniFake
from app.backends.testing.server import serve
from app.core import clock
from app.core.frames import FrameRate
from app.core.money import Money

KEY = "AIza-gemini-key-0123456789"
SECRET = "whsec_" + base64.b64encode(b"a secret for deliveries").decode()
HOME = {"x-goog-api-key": KEY}


def wish(prompt: str = "A lighthouse.", **changes: Any) -> GenRequest:
    made = GenRequest(Task.TEXT, "gemini-omni-1.1-flash", prompt, 48, FrameRate(24), width=180, height=320)
    return replace(made, **changes)


def backend_at(url: str, secret: str = "", key: str = KEY, **options: Any) -> GeminiOmniBackend:
    options = {"self_hosted": True} | options
    webhook = SecretStr(secret) if secret else None
    return GeminiOmniBackend.from_config(
        BackendConfig("google", "gemini_omni", f"{url}/v1beta", "", SecretStr(key), webhook, options=options)
    )


@contextmanager
def google(**options: Any) -> Iterator[tuple[GeminiOmniFake, FakeControl, GeminiOmniBackend]]:
    fake = GeminiOmniFake(key=KEY)
    with serve(fake.app) as running:
        yield fake, FakeControl(running.url), backend_at(running.url, **options)


def still(folder: Path, role: str, name: str = "") -> Asset:
    path = folder / f"{name or role}.png"
    Image.new("RGB", (64, 64), (len(name), 80, 40)).save(path)
    return Asset(role, name or role, "image/png", path)


async def sent(request: GenRequest, webhook_url: str | None = None, secret: str = "") -> dict[str, Any]:
    """Submit a request and return the body of the create that arrived."""
    with serve(GeminiOmniFake(key=KEY).app) as running:
        backend = backend_at(running.url, secret)
        await backend.submit(request, replace(context_for(backend, request), webhook_url=webhook_url))
        await backend.aclose()
        (create,) = [entry for entry in FakeControl(running.url).requests() if entry["creates"]]
    body: dict[str, Any] = create["body"]
    return body


class TestWithASubscription(BackendContract):
    secret: ClassVar[str] = SECRET
    not_applicable: ClassVar[dict[str, str]] = {"backward": "it tells no progress"}

    @pytest.fixture
    def subject(self) -> Iterator[Subject]:
        clip(360, 640, 3.0)  # Made before it is asked for, because the read timeout is short.
        with serve(GeminiOmniFake(key=KEY, webhook_secret=self.secret).app) as running:
            hosts = [f"localhost:{urlsplit(running.url).port}"]
            yield Subject(
                make=lambda url: backend_at(url or running.url, self.secret, hosts=hosts, read_timeout_s=2),
                request=wish,
                fake=FakeControl(running.url),
                secrets=tuple(one for one in (KEY, self.secret) if one),
                not_applicable=self.not_applicable,
            )


class TestWithDeliveriesByRequest(TestWithASubscription):
    secret = ""
    not_applicable: ClassVar[dict[str, str]] = {
        "backward": "it tells no progress",
        "unsigned_webhook": "deliveries asked for by a create are signed in a form nobody describes",
    }


async def test_a_wish_becomes_a_background_interaction() -> None:
    body = await sent(wish("雨夜。", width=1080, height=1920, duration_frames=24 * 5 - 10))
    attempt = body.pop("labels")["attempt"]
    assert len(attempt) == 36
    assert body == {
        "model": "gemini-omni-1.1-flash",
        "input": [{"type": "text", "text": "雨夜。"}],
        "background": True,
        "store": True,
        "response_format": {
            "type": "video",
            "aspect_ratio": "9:16",
            "resolution": "1080p",
            "duration": "5s",
            "delivery": "uri",
        },
        "generation_config": {"video_config": {"task": "text_to_video"}},
    }


@pytest.mark.parametrize(
    ("task", "roles", "told", "binding"),
    [
        (Task.FIRST_FRAME, ["first"], "image_to_video", "[# Sources <FIRST_FRAME>@Image1] "),
        (
            Task.FIRST_AND_LAST,
            ["last", "first"],
            "image_to_video",
            "[# Sources <FIRST_FRAME>@Image1 <LAST_FRAME>@Image2] ",
        ),
        (
            Task.REFERENCES,
            ["reference", "reference"],
            "reference_to_video",
            "[# References <IMAGE_REF_0>@Image1 <IMAGE_REF_1>@Image2] ",
        ),
    ],
)
async def test_pictures_are_bound_by_the_first_words(
    tmp_path: Path, task: Task, roles: list[str], told: str, binding: str
) -> None:
    assets = tuple(still(tmp_path, role, f"{role}{index}") for index, role in enumerate(roles))
    body = await sent(wish(task=task, assets=assets))
    *media, text = body["input"]
    assert [part["type"] for part in media] == ["image"] * len(roles)
    assert text == {"type": "text", "text": f"{binding}A lighthouse."}
    assert body["generation_config"]["video_config"]["task"] == told


async def test_a_clip_is_extended_by_the_interaction_that_made_it(tmp_path: Path) -> None:
    with google() as (fake, control, backend):
        first = await backend.submit(wish(), context_for(backend, wish()))
        fake.clock.advance(60)
        more = wish("On.", task=Task.EXTEND, extra={"previous_interaction_id": first.remote_id})
        second = await backend.submit(more, context_for(backend, more))
        fake.clock.advance(60)
        state = await backend.poll(second)
        check_artifact(await backend.fetch(second, state.outputs[0], sink := sink_in(tmp_path)), sink)
        created = [entry["body"] for entry in control.requests() if entry["creates"]]
        lengths = [one.seconds for one in fake._made.values()]
        await backend.aclose()
    assert created[1]["previous_interaction_id"] == first.remote_id
    assert lengths == [3, 6], "The result holds the entire clip."


async def test_a_chain_has_an_end() -> None:
    with google() as (fake, _, backend):
        handle = await backend.submit(wish(), context_for(backend, wish()))
        with pytest.raises(BackendError, match="longer than 40 s") as caught:
            while True:
                fake.clock.advance(60)
                extra = {"previous_interaction_id": handle.remote_id}
                more = wish(task=Task.EXTEND, duration_frames=240, extra=extra)
                handle = await backend.submit(more, context_for(backend, more))
        await backend.aclose()
    assert (caught.value.kind, caught.value.charged) == (Kind.INVALID, False)


async def test_deliveries_are_asked_for_where_there_is_no_subscription() -> None:
    body = await sent(wish(), "https://reelroom.example/webhooks/secret")
    assert body["webhook_config"]["uris"] == ["https://reelroom.example/webhooks/secret"]
    assert body["webhook_config"]["user_metadata"] == body["labels"]
    assert "webhook_config" not in await sent(wish(), "https://reelroom.example/webhooks/secret", SECRET)


async def test_a_key_is_checked_at_no_cost_and_a_delivery_is_enough_to_go_on() -> None:
    with google() as (fake, control, backend):
        assert "knows this key" in await backend.check()
        assert control.creates() == 0
        lost = wish("[[fake:drop_after]]")
        context = context_for(backend, lost)
        with pytest.raises(BackendError):
            await backend.submit(lost, context)
        (job,) = control.jobs()
        assert job["labels"] == {"attempt": str(context.attempt_id)}
        fake.clock.advance(60)
        assert (await backend.poll(backend.adopt(lost, context, job["id"]))).outputs
        wrong = backend_at(control.url, key="AIza-another-0123456789")
        with pytest.raises(BackendError) as caught:
            await wrong.check()
        await backend.aclose()
        await wrong.aclose()
    assert caught.value.kind is Kind.AUTH


def test_a_lost_create_is_found_only_by_a_delivery_of_its_own() -> None:
    home = "https://generativelanguage.googleapis.com"
    assert {caps.recover for caps in backend_at(home).models()} == {Recover.WEBHOOK_TAG}
    assert {caps.recover for caps in backend_at(home, SECRET).models()} == {Recover.NONE}


async def test_inputs_of_no_use_are_refused_before_anything_is_sent(tmp_path: Path) -> None:
    first, photo = still(tmp_path, "first"), still(tmp_path, "reference")
    large = tmp_path / "large.png"
    with large.open("wb") as file:
        file.truncate(25 * 1024 * 1024)
    bad = [
        wish(task=Task.FIRST_FRAME, assets=(first, photo)),
        wish(task=Task.REFERENCES, assets=(first, photo)),
        wish(task=Task.REFERENCES, assets=(photo,) * 7),
        wish(task=Task.FIRST_FRAME, assets=(replace(first, path=large),)),
        wish(task=Task.EXTEND),
        wish(task=Task.EXTEND, extra={"previous_interaction_id": 7}),
        wish(extra={"previous_interaction_id": "v1_x"}),
        wish("灯" * 50_000),
        wish("a\x1bb"),
    ]
    with google() as (_, control, backend):
        for one in bad:
            with pytest.raises(BackendError) as caught:
                await backend.submit(one, context_for(backend, wish()))
            assert (caught.value.kind, caught.value.outcome_unknown) == (Kind.INVALID, False)
        await backend.aclose()
        assert control.requests() == []


@pytest.mark.parametrize(
    ("scenario", "phase", "kind", "fault"),
    [
        ("moderation_output", Phase.REFUSED, Kind.MODERATION, Fault.PROVIDER),
        ("input_blocked", Phase.REFUSED, Kind.MODERATION, Fault.IMAGE),
        ("nothing", Phase.FAILED, Kind.TRANSIENT, Fault.UNKNOWN),
        ("ends=incomplete", Phase.FAILED, Kind.PERMANENT, Fault.UNKNOWN),
        ("ends=budget_exceeded", Phase.FAILED, Kind.QUOTA, Fault.UNKNOWN),
        ("ends=requires_action", Phase.UNRECOGNISED, None, None),
        ("ends=requires_continuation", Phase.UNRECOGNISED, None, None),
        ("inline", Phase.UNRECOGNISED, None, None),
    ],
)
async def test_every_end_is_told_apart(scenario: str, phase: Phase, kind: Kind | None, fault: Fault | None) -> None:
    with google() as (fake, _, backend):
        one = wish(f"[[fake:{scenario}]]")
        handle = await backend.submit(one, context_for(backend, one))
        fake.clock.advance(60)
        state = await backend.poll(handle)
        await backend.aclose()
    assert (state.phase, state.error and state.error.kind, state.error and state.error.fault) == (phase, kind, fault)
    assert state.error is None or state.error.message


async def test_the_last_video_of_all_steps_is_taken_with_the_key(tmp_path: Path) -> None:
    with google() as (fake, control, backend):
        handle = await backend.submit(wish(), context_for(backend, wish()))
        fake.clock.advance(60)
        state = await backend.poll(handle)
        check_artifact(await backend.fetch(handle, state.outputs[0], sink := sink_in(tmp_path)), sink)
        asked = control.requests()[-1]
        await backend.aclose()
    assert asked["query"] == {"alt": "media"}
    assert asked["headers"]["x-goog-api-key"] == KEY


async def test_files_are_gone_after_two_days(tmp_path: Path) -> None:
    with google() as (fake, _, backend):
        handle = await backend.submit(wish(), context_for(backend, wish()))
        fake.clock.advance(60)
        state = await backend.poll(handle)
        fake.clock.advance(49 * 3600)
        with pytest.raises(BackendError) as caught:
            await backend.fetch(handle, state.outputs[0], sink_in(tmp_path))
        await backend.aclose()
    assert caught.value.kind is Kind.EXPIRED


async def test_an_early_blip_of_the_poll_is_an_absence_that_may_pass() -> None:
    with google() as (_, _control, backend):
        one = wish("[[fake:blip]]")
        handle = await backend.submit(one, context_for(backend, one))
        for _ in range(2):
            with pytest.raises(BackendError) as caught:
                await backend.poll(handle)
            assert caught.value.kind is Kind.NOT_FOUND
        assert (await backend.poll(handle)).phase is Phase.QUEUED
        await backend.aclose()


async def test_a_cancel_says_what_the_interaction_says() -> None:
    with google() as (fake, _, backend):
        handle = await backend.submit(wish(), context_for(backend, wish()))
        done = await backend.submit(wish(), context_for(backend, wish()))
        assert await backend.cancel(handle) is CancelResult.CANCELLED
        fake.clock.advance(60)
        assert (await backend.poll(handle)).phase is Phase.CANCELLED
        assert await backend.cancel(done) is CancelResult.TOO_LATE
        with pytest.raises(BackendError):
            await backend.cancel(replace(handle, remote_id="v1_" + "0" * 32))
        await backend.aclose()


async def test_events_about_something_else_name_no_work() -> None:
    with serve(GeminiOmniFake(key=KEY, webhook_secret=SECRET).app) as running:
        backend = backend_at(running.url, SECRET)
        told = httpx.get(f"{running.url}/__fake/webhook/x?kind=video.generated").json()
        hint = await backend.parse_webhook(Delivery("/w", "", told["headers"], told["body"].encode()))
        await backend.aclose()
    assert (hint.remote_id, hint.status) == ("", "video.generated")


async def test_the_signature_of_the_published_vector_is_accepted() -> None:
    secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
    headers = {
        "webhook-id": "msg_test_1",
        "webhook-timestamp": "1795392000",
        "webhook-signature": "v1,TYd+TZOeuU9Uqvop4ZD0TmDhW2/FmK987FeAsJvhVuU=",
    }
    backend = backend_at("https://generativelanguage.googleapis.com", secret)
    delivery = Delivery("/w", "", headers, b'{"id":"p1","status":"succeeded"}')
    with clock.turned(timedelta(seconds=1795392000 - clock.now().timestamp())):
        with pytest.raises(WebhookRefused, match="not understood"):
            await backend.parse_webhook(delivery)
        with pytest.raises(WebhookRefused, match="signature"):
            await backend.parse_webhook(replace(delivery, body=b"{}"))
    await backend.aclose()


async def test_a_create_that_is_not_in_the_background_would_block() -> None:
    fake = GeminiOmniFake(key=KEY)
    with serve(fake.app) as running:
        before = fake.clock.now()
        body = {"model": "gemini-omni-1.1-flash", "input": "A lighthouse.", "response_format": {"type": "video"}}
        answer = httpx.post(f"{running.url}/v1beta/interactions", json=body, headers=HOME)
        number = {**body, "response_format": {"type": "video", "duration": 5}}
        refused = httpx.post(f"{running.url}/v1beta/interactions", json=number, headers=HOME)
    assert answer.json()["status"] == "completed"
    assert fake.clock.now() > before
    assert refused.status_code == 400


def test_prices_come_from_the_catalogue() -> None:
    backend = backend_at("https://generativelanguage.googleapis.com")
    assert backend.estimate(wish(width=720, height=1280, duration_frames=120)).high == Money.of("0.5068", "USD")
    assert backend.estimate(wish(width=2160, height=3840, duration_frames=240)).high == Money.of("3.0408", "USD")
    assert not any(caps.seed or caps.negative_prompt or caps.free or caps.resubmit_safe for caps in backend.models())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"api_key": None}, "api_key"),
        ({"webhook_secret": SecretStr("nonsense-secret")}, "whsec_"),
        ({"options": {"modells": []}}, "modells"),
        ({"options": {"models": ["gemini-omni-9"]}}, "gemini-omni-9"),
        ({"options": {"models": [{"model": "x", "tasks": ["sing"], "durations": [5], "any_frame": True}]}}, "tasks"),
    ],
)
def test_a_wrong_configuration_says_what_is_wrong(changes: dict[str, Any], words: str) -> None:
    good = BackendConfig("google", "gemini_omni", api_key=SecretStr(KEY))
    assert GeminiOmniBackend.from_config(good).hosts == {"generativelanguage.googleapis.com"}
    with pytest.raises(ConfigError, match=words) as caught:
        GeminiOmniBackend.from_config(replace(good, **changes))
    assert "nonsense" not in str(caught.value)
