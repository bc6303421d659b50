"""fal: the contract suite, and what is particular to its queue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.backends.base import Asset, CancelResult, Delivery, GenRequest, Phase, RemoteState
from app.backends.capabilities import Task
from app.backends.config import parse_configs
from app.backends.errors import BackendError, ConfigError, Fault, Kind, WebhookRefused
from app.backends.fal import FalBackend
from app.backends.testing.clips import clip
from app.backends.testing.contract import BackendContract, FakeControl, Subject
from app.backends.testing.contract.subject import check_artifact, context_for, sink_in
from app.backends.testing.fake_fal import FalFake, sign
from app.backends.testing.server import serve
from app.core import clock
from app.core.frames import FrameRate
from app.core.money import Money

KEY = "0123abcd-key-id:0123456789abcdef-key-secret"
MODEL = "bytedance/seedance-2.0/text-to-video"
PICTURES = "bytedance/seedance-2.0/image-to-video"
PRICE = '{ currency = "USD", per_second = "0.10" }'
PLAIN = f'tasks = ["t2v"], durations = [5], any_frame = true, price = {PRICE}, inputs = {{ prompt = "$prompt" }}'
MODELS = f"""
    "{MODEL}", "{PICTURES}", "minimax/h3-max/image-to-video",
    {{ like = "minimax/h3-max/reference-to-video", price = {PRICE}, max_images = 4 }},
    {{ like = "kling-motion-control", model = "fal-ai/kling-video/motion-control", price = {PRICE} }},
    {{ model = "workflows/team/shot/variant", {PLAIN} }},
    {{ model = "nobody/knows/this", {PLAIN} }},
"""
WISH = GenRequest(Task.TEXT, MODEL, "A lighthouse.", 96, FrameRate(24), width=1080, height=1920)


def backend_at(url: str, fake: str = "") -> FalBackend:
    fake = fake or url
    (config,) = parse_configs(f"""
        [fal]
        kind = "fal"
        base_url = "{url}"
        api_key = "{KEY}"
        [fal.options]
        self_hosted = true
        read_timeout_s = 1.5
        hosts = ["localhost:{urlsplit(fake).port}"]
        keys_url = "{fake}/.well-known/jwks.json"
        models = [{MODELS}]
    """)
    return FalBackend.from_config(config)


class TestFal(BackendContract):
    @pytest.fixture
    def subject(self) -> Iterator[Subject]:
        # The fake renders its result once for all tests, not within a read timeout.
        clip(180, 320, 4.0)
        with serve(FalFake(key=KEY).app) as running:
            yield Subject(
                make=lambda url: backend_at(url, running.url),
                request=lambda prompt: replace(WISH, prompt=prompt),
                fake=FakeControl(running.url),
                secrets=(KEY,),
            )


@pytest.fixture
def control() -> Iterator[FakeControl]:
    with serve(FalFake(key=KEY).app) as running:
        yield FakeControl(running.url)


def asset(folder: Path, role: str, content: bytes = b"some bytes", url: str | None = None) -> Asset:
    kind = {"motion": "video/mp4", "voice": "audio/mpeg"}.get(role, "image/png")
    path = folder / f"{role}-{len(list(folder.iterdir()))}"
    path.write_bytes(content)
    return Asset(role, "0" * 64, kind, path, url)


async def sent(control: FakeControl, wish: GenRequest, webhook_url: str | None = None) -> dict[str, Any]:
    """Submit a wish and return the create that arrived."""
    backend = backend_at(control.url)
    await backend.submit(wish, replace(context_for(backend, wish), webhook_url=webhook_url))
    await backend.aclose()
    (create,) = [entry for entry in control.requests() if entry["creates"]]
    return create


async def ended(control: FakeControl, scenario: str) -> RemoteState:
    """Return the last state of a request that goes as ``scenario`` says."""
    backend = backend_at(control.url)
    wish = replace(WISH, prompt=f"A lighthouse. [[fake:{scenario}]]")
    handle = await backend.submit(wish, context_for(backend, wish))
    control.advance(60)
    first = await backend.poll(handle)
    assert (first.phase, first.raw_status) == (Phase.RUNNING, "COMPLETED"), "That it ended does not say how."
    state = await backend.poll(handle)
    await backend.aclose()
    return state


async def test_the_body_is_the_models_input_and_the_queue_runs_it_once(control: FakeControl) -> None:
    create = await sent(control, replace(WISH, seed=7, sound=False), "https://reel.example/hooks/abc?attempt=1")
    assert create["path"] == f"/{MODEL}"
    assert create["body"] == {
        "prompt": "A lighthouse.",
        "resolution": "720p",
        "duration": "4",
        "aspect_ratio": "9:16",
        "generate_audio": False,
        "seed": 7,
    }
    assert create["query"] == {"fal_webhook": "https://reel.example/hooks/abc?attempt=1"}
    assert create["headers"]["authorization"] == f"Key {KEY}"
    assert create["headers"]["x-fal-no-retry"] == "1"
    assert create["headers"]["x-fal-object-lifecycle-preference"] == '{"expiration_duration_seconds": 86400}'


async def test_without_a_public_address_no_delivery_is_asked_for(control: FakeControl) -> None:
    assert (await sent(control, WISH))["query"] == {}


async def test_frames_go_by_address_or_along(control: FakeControl, tmp_path: Path) -> None:
    frames = (asset(tmp_path, "first"), asset(tmp_path, "last", url="https://reel.example/last.png"))
    wish = replace(WISH, task=Task.FIRST_AND_LAST, model="minimax/h3-max/image-to-video", assets=frames)
    body = (await sent(control, wish))["body"]
    assert body.pop("image_url").startswith("data:image/png;base64,")
    assert body == {
        "prompt": "A lighthouse.",
        "prompt_expansion_mode": "balanced",
        "end_image_url": "https://reel.example/last.png",
        "duration": 5,
        "resolution": "768P",
        "enable_safety_checker": True,
    }


async def test_references_and_voices_are_lists(control: FakeControl, tmp_path: Path) -> None:
    inputs = tuple(asset(tmp_path, role) for role in ("reference", "reference", "voice"))
    wish = replace(WISH, task=Task.REFERENCES, model="minimax/h3-max/reference-to-video", assets=inputs)
    body = (await sent(control, wish))["body"]
    assert len(body["reference_image_urls"]) == 2
    assert body["reference_audio_urls"][0].startswith("data:audio/mpeg;base64,")
    assert body["aspect_ratio"] == "9:16"


async def test_a_performance_is_driven_by_a_clip_that_the_cap_covers(control: FakeControl, tmp_path: Path) -> None:
    inputs = (asset(tmp_path, "reference"), asset(tmp_path, "motion", clip(96, 160, 4.0)))
    wish = replace(WISH, task=Task.PERFORMANCE, model="fal-ai/kling-video/motion-control", assets=inputs)
    body = (await sent(control, wish))["body"]
    assert body["video_url"].startswith("data:video/mp4;base64,")
    assert (body["character_orientation"], body["keep_original_sound"], body["mode"]) == ("video", True, "std")
    backend = backend_at(control.url)
    dearer = replace(wish, extra={"mode": "pro"})
    with pytest.raises(BackendError, match="'mode' is not one"):
        await backend.submit(dearer, context_for(backend, dearer))
    short = replace(wish, duration_frames=72)
    with pytest.raises(BackendError, match=r"lasts 4\.0 s"):
        await backend.submit(short, context_for(backend, short))
    await backend.aclose()


@pytest.mark.parametrize(
    ("model", "app"), [(MODEL, "bytedance/seedance-2.0"), ("workflows/team/shot/variant", "workflows/team/shot")]
)
@pytest.mark.parametrize("scenario", ["ok", "foreign_places"])
async def test_what_follows_drops_the_sub_path_and_stays_with_the_queue(
    control: FakeControl, model: str, app: str, scenario: str
) -> None:
    backend = backend_at(control.url)
    wish = replace(WISH, model=model, prompt=f"[[fake:{scenario}]]")
    handle = await backend.submit(wish, context_for(backend, wish))
    await backend.poll(handle)
    await backend.cancel(handle)
    control.advance(60)
    await backend.poll(handle)
    assert (await backend.poll(handle)).phase is Phase.SUCCEEDED
    await backend.aclose()
    place = f"/{app}/requests/{handle.remote_id}"
    asked = [entry["path"] for entry in control.requests()[1:]]
    assert asked == [f"{place}/status", f"{place}/cancel", f"{place}/status", place]
    assert dict(handle.data) == {"status": f"{place}/status", "response": place, "cancel": f"{place}/cancel"}


@pytest.mark.parametrize(
    ("scenario", "phase", "kind", "fault", "charged"),
    [
        ("fail", Phase.FAILED, Kind.TRANSIENT, Fault.UNKNOWN, False),
        ("runner", Phase.FAILED, Kind.TRANSIENT, Fault.UNKNOWN, False),
        ("downstream", Phase.FAILED, Kind.TRANSIENT, Fault.UNKNOWN, None),
        ("small_image", Phase.FAILED, Kind.INVALID, Fault.IMAGE, None),
        ("moderation_output", Phase.REFUSED, Kind.MODERATION, Fault.PROMPT, None),
        ("moderation_picture", Phase.REFUSED, Kind.MODERATION, Fault.IMAGE, None),
    ],
)
async def test_a_completed_request_may_have_failed(
    control: FakeControl, scenario: str, phase: Phase, kind: Kind, fault: Fault, charged: bool | None
) -> None:
    state = await ended(control, scenario)
    assert state.error is not None
    assert (state.phase, state.error.kind, state.error.fault, state.error.charged) == (phase, kind, fault, charged)
    assert state.cost == (Money(0, "USD") if charged is False else None)


@pytest.mark.parametrize(("scenario", "kind"), [("result_429", Kind.RATE_LIMIT), ("result_down", Kind.TRANSIENT)])
async def test_a_look_at_the_result_that_fails_is_repeated(control: FakeControl, scenario: str, kind: Kind) -> None:
    backend = backend_at(control.url)
    wish = replace(WISH, prompt=f"[[fake:{scenario}]]")
    handle = await backend.submit(wish, context_for(backend, wish))
    control.advance(60)
    await backend.poll(handle)
    with pytest.raises(BackendError) as caught:
        await backend.poll(handle)
    state = await backend.poll(handle)
    await backend.aclose()
    assert caught.value.kind is kind
    assert state.phase is Phase.SUCCEEDED


async def test_another_process_learns_of_the_end_by_itself(control: FakeControl, tmp_path: Path) -> None:
    first, other = backend_at(control.url), backend_at(control.url)
    wish = replace(WISH, prompt="[[fake:several]]")
    handle = await first.submit(wish, context_for(first, wish))
    control.advance(60)
    assert (await first.poll(handle)).phase is Phase.RUNNING
    assert (await other.poll(handle)).phase is Phase.RUNNING
    state, sink = await other.poll(handle), sink_in(tmp_path)
    check_artifact(await other.fetch(handle, state.outputs[0], sink), sink)
    await first.aclose()
    await other.aclose()


async def test_a_cancel_has_three_answers(control: FakeControl) -> None:
    backend = backend_at(control.url)
    handle = await backend.submit(WISH, context_for(backend, WISH))
    assert await backend.cancel(handle) is CancelResult.ASKED
    control.advance(60)
    assert await backend.cancel(handle) is CancelResult.TOO_LATE
    with pytest.raises(BackendError) as caught:
        await backend.cancel(
            replace(handle, data={**handle.data, "cancel": "/bytedance/seedance-2.0/requests/x/cancel"})
        )
    await backend.aclose()
    assert caught.value.kind is Kind.NOT_FOUND


async def test_an_endpoint_that_is_gone_disables_its_model(control: FakeControl) -> None:
    backend = backend_at(control.url)
    wish = replace(WISH, model="nobody/knows/this")
    with pytest.raises(BackendError) as caught:
        await backend.submit(wish, context_for(backend, wish))
    await backend.aclose()
    assert (caught.value.kind, caught.value.model_gone, caught.value.outcome_unknown) == (Kind.PERMANENT, True, False)


async def test_a_locked_account_is_not_a_wrong_key(control: FakeControl) -> None:
    backend = backend_at(control.url)
    poor = replace(WISH, prompt="[[fake:402]]")
    with pytest.raises(BackendError) as caught:
        await backend.submit(poor, context_for(backend, poor))
    await backend.aclose()
    assert (caught.value.kind, caught.value.http_status) == (Kind.QUOTA, 403)


VECTOR = {
    "x-fal-webhook-request-id": "r1",
    "x-fal-webhook-user-id": "u1",
    "x-fal-webhook-timestamp": "1795392000",
    "x-fal-webhook-signature": "819caa8a0a7c36a785695d21b7eb5d6b8cceebb71071aadaccc81fd17e16d018"
    "0879a0fd5bd9d2003cc788c0ad171b2e4569f05420169ba39ea156c5da646a02",
}
VECTOR_BODY = b'{"request_id":"r1","status":"OK"}'


def test_the_fake_signs_as_the_known_vector() -> None:
    signed = sign("r1", "u1", "1795392000", VECTOR_BODY, Ed25519PrivateKey.from_private_bytes(bytes([1]) * 32))
    assert {name.lower(): value for name, value in signed.items()} == VECTOR


async def test_the_known_vector_is_accepted_in_its_time_and_read_from_kept_keys(control: FakeControl) -> None:
    backend = backend_at(control.url)
    then = datetime.fromtimestamp(1795392000, UTC) - clock.now()
    with clock.turned(then):
        for body in (VECTOR_BODY, VECTOR_BODY):
            hint = await backend.parse_webhook(Delivery("/hooks/x", "", VECTOR, body))
            assert (hint.event_id, hint.remote_id, hint.status) == ("r1:OK", "r1", "OK")
        with pytest.raises(WebhookRefused, match="not the provider"):
            await backend.parse_webhook(
                Delivery("/hooks/x", "", {**VECTOR, "x-fal-webhook-user-id": "u2"}, VECTOR_BODY)
            )
    assert len(control.requests()) == 1, "The keys are kept."
    with clock.turned(then + timedelta(seconds=301)), pytest.raises(WebhookRefused, match="stale"):
        await backend.parse_webhook(Delivery("/hooks/x", "", VECTOR, VECTOR_BODY))
    with clock.turned(then + timedelta(hours=25)), pytest.raises(WebhookRefused, match="stale"):
        await backend.parse_webhook(Delivery("/hooks/x", "", VECTOR, VECTOR_BODY))
    assert len(control.requests()) == 2, "After a day they are read again."
    assert not any("authorization" in entry["headers"] for entry in control.requests())
    await backend.aclose()


async def test_a_failure_is_announced_too_and_keys_that_cannot_be_read_accept_nothing(control: FakeControl) -> None:
    backend, blind = backend_at(control.url), backend_at(control.url, "http://127.0.0.1:9")
    delivery = control.webhook("r1", "failed")
    assert (await backend.parse_webhook(delivery)).status == "ERROR"
    with pytest.raises(WebhookRefused, match="could not be read"):
        await blind.parse_webhook(delivery)
    await backend.aclose()
    await blind.aclose()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ('models = ["no-such"]', "no-such"),
        ('models = ["minimax/h3-max/reference-to-video"]', "needs a price"),
        ('models = [{ model = "a/b", tasks = ["t2v"], durations = [5], any_frame = true }]', "needs a price"),
        (
            f'models = [{{ model = "a/b", tasks = ["t2v"], durations = [5], any_frame = true, price = {PRICE} }}]',
            "inputs",
        ),
        ('keys_url = "nowhere"', "keys_url"),
        ("moderation = 1", "moderation"),
    ],
)
def test_a_wrong_configuration_says_what_is_wrong(options: str, words: str) -> None:
    (config,) = parse_configs(f'[fal]\nkind = "fal"\napi_key = "{KEY}"\n[fal.options]\n{options}')
    with pytest.raises(ConfigError, match=words):
        FalBackend.from_config(config)


def test_shipped_models_are_priced_at_every_size() -> None:
    (config,) = parse_configs(f'[fal]\nkind = "fal"\napi_key = "{KEY}"')
    backend = FalBackend.from_config(config)
    for row in backend.rows.values():
        for frame in row.caps.frames:
            assert row.price is not None
            assert row.price.cost(5, frame).micros > 0
    assert {"queue.fal.run", "*.fal.media", "rest.fal.ai"} <= backend.hosts
