"""Tencent VCLM: the contract suite, its signature, what each action is told, and errors that come with HTTP 200."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from pydantic import SecretStr

from app.backends.base import Asset, CancelResult, GenRequest
from app.backends.capabilities import Task
from app.backends.config import BackendConfig, parse_configs
from app.backends.errors import BackendError, ConfigError, Fault, Kind
from app.backends.http import Answer
from app.backends.tencent_vclm import Signature, TencentVclmBackend
from app.backends.testing.contract import BackendContract, FakeControl, Subject
from app.backends.testing.contract.subject import context_for
from app.backends.testing.fake_tencent_vclm import TencentVclmFake, tc3_signature
from app.backends.testing.server import serve
from app.core import clock
from app.core.frames import FrameRate
from app.core.money import Money

KEY_ID, SECRET = "AKIDcontract0123", "SKcontract0123456789"
PRICE = {"currency": "CNY", "per_second": "0.5"}
HUNYUAN, GENERAL, MOTION, ACTOR = "HunyuanToVideo", "ImageToVideoGeneral", "MotionControlKling/kling-v3", "HumanActor"
MODELS = [{"like": one, "price": PRICE} for one in (HUNYUAN, GENERAL, MOTION, ACTOR)]
WISH = GenRequest(Task.TEXT, HUNYUAN, "A lighthouse.", 48, FrameRate(24), width=720, height=1280)
KINDS = {"voice": "audio/mpeg", "motion": "video/mp4"}
INLINE = base64.b64encode(b"bytes").decode()


def configured(entry: dict[str, Any]) -> BackendConfig:
    return parse_configs(json.dumps({"tencent": {"kind": "tencent_vclm", "api_key": SECRET} | entry}))[0]


def backend_at(url: str, **options: Any) -> TencentVclmBackend:
    own = {"self_hosted": True, "read_timeout_s": 1.5, "hosts": [f"localhost:{urlsplit(url).port}"]}
    options = own | {"models": MODELS, "secret_id": KEY_ID} | options
    return TencentVclmBackend.from_config(configured({"base_url": url, "options": options}))


@contextmanager
def server(**arguments: Any) -> Iterator[tuple[TencentVclmFake, FakeControl]]:
    fake = TencentVclmFake(**{"key_id": KEY_ID, "key": SECRET} | arguments)
    with serve(fake.app) as running:
        yield fake, FakeControl(running.url)


def inputs(folder: Path, *roles: str) -> tuple[Asset, ...]:
    """Return inputs that the provider can fetch, one of each role."""
    made = []
    for role in roles:
        path = folder / role
        path.write_bytes(b"bytes")
        url = f"https://reel.example/{role}"
        made.append(Asset(role, "0" * 64, KINDS.get(role, "image/png"), path, url))
    return tuple(made)


async def sent(wish: GenRequest, webhook_url: str | None = None, **options: Any) -> dict[str, Any]:
    """Submit a wish and return the create that arrived."""
    with server() as (_, control):
        backend = backend_at(control.url, **options)
        await backend.submit(wish, replace(context_for(backend, wish), webhook_url=webhook_url))
        await backend.aclose()
        (create,) = [entry for entry in control.requests() if entry["creates"]]
    return create


class TestHunyuan(BackendContract):
    def wish(self, folder: Path) -> GenRequest:
        return WISH

    @pytest.fixture
    def subject(self, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Subject]:
        wish = self.wish(tmp_path_factory.mktemp("inputs"))
        with server() as (_, control):
            yield Subject(
                make=backend_at,
                request=lambda prompt: replace(wish, prompt=prompt),
                fake=control,
                secrets=(SECRET,),
                not_applicable={
                    "backward": "it tells no progress",
                    "unsigned_webhook": "Tencent signs no callback: the secret of its address is the proof",
                },
            )


class TestMotionControl(TestHunyuan):
    def wish(self, folder: Path) -> GenRequest:
        return replace(WISH, task=Task.PERFORMANCE, model=MOTION, assets=inputs(folder, "reference", "motion"))


class TestHumanActor(TestHunyuan):
    def wish(self, folder: Path) -> GenRequest:
        return replace(WISH, task=Task.AUDIO, model=ACTOR, assets=inputs(folder, "reference", "voice"))


VECTOR = "8b0f83bcba0ead97d04672f4220a14e8890fd57ae56f8879e965bc769b041e4d"


def test_the_signature_is_the_one_of_the_sheet() -> None:
    body, host = b'{"Prompt":"hello"}', "vclm.tencentcloudapi.com"
    assert tc3_signature("SKtest", host, "application/json", "1795398200", body) == VECTOR
    kind = {"content-type": "application/json"}
    request = httpx.Request("POST", f"https://{host}/", content=body, headers=kind)
    auth = Signature("AKIDtest", SecretStr("SKtest"), "ap-guangzhou")
    with clock.turned(datetime.fromtimestamp(1795398200, UTC)):
        signed = next(auth.auth_flow(request))
    scope = "2026-11-23/vclm/tc3_request"
    assert signed.headers["x-tc-timestamp"] == "1795398200"
    assert signed.headers["authorization"] == (
        f"TC3-HMAC-SHA256 Credential=AKIDtest/{scope}, SignedHeaders=content-type;host, Signature={VECTOR}"
    )
    assert "SKtest" not in repr(auth) + str(signed.headers)


async def test_a_wrong_secret_is_refused_and_nothing_is_made() -> None:
    with server(key="another") as (_, control):
        backend = backend_at(control.url)
        with pytest.raises(BackendError) as caught:
            await backend.submit(WISH, context_for(backend, WISH))
        await backend.aclose()
        assert control.jobs() == []
    assert (caught.value.kind, caught.value.provider_code, caught.value.http_status) == (Kind.AUTH, "AuthFailure", 200)
    assert not caught.value.outcome_unknown


async def test_a_key_is_checked_at_no_cost() -> None:
    for key, proves in ((SECRET, True), ("another", False)):
        with server(key=key) as (_, control):
            backend = backend_at(control.url)
            if proves:
                assert "signed with this key" in await backend.check()
            else:
                with pytest.raises(BackendError) as caught:
                    await backend.check()
                assert caught.value.kind is Kind.AUTH
            await backend.aclose()
            assert control.creates() == 0


async def test_a_callback_is_enough_to_go_on(tmp_path: Path) -> None:
    wish = replace(WISH, task=Task.PERFORMANCE, model=MOTION, assets=inputs(tmp_path, "reference", "motion"))
    wish = replace(wish, prompt="[[fake:drop_after]]")
    with server() as (fake, control):
        backend = backend_at(control.url)
        context = context_for(backend, wish)
        with pytest.raises(BackendError):
            await backend.submit(wish, context)
        fake.clock.advance(60)
        hint = await backend.parse_webhook(control.webhook(next(iter(fake._made)), "genuine"))
        assert hint.status == "DONE"
        assert (await backend.poll(backend.adopt(wish, context, hint.remote_id))).outputs
        await backend.aclose()


async def test_text_is_asked_with_a_resolution() -> None:
    create = await sent(replace(WISH, extra={"LogoAdd": 0}), region="ap-shanghai")
    headers = create["headers"]
    assert headers["x-tc-action"] == "SubmitHunyuanToVideoJob"
    assert (headers["x-tc-version"], headers["x-tc-region"]) == ("2024-05-23", "ap-shanghai")
    assert create["body"] == {"Prompt": "A lighthouse.", "Resolution": "720p", "LogoAdd": 0}


async def test_a_first_frame_travels_within_the_request(tmp_path: Path) -> None:
    wish = replace(WISH, task=Task.FIRST_FRAME, model=GENERAL, assets=inputs(tmp_path, "first"), extra={"Fps": 24})
    create = await sent(replace(wish, width=480, height=854))
    assert create["headers"]["x-tc-action"] == "SubmitImageToVideoGeneralJob"
    image = {"Base64": INLINE}
    assert create["body"] == {"Prompt": "A lighthouse.", "Image": image, "Resolution": "480p", "Fps": 24}


@pytest.mark.parametrize(
    ("seconds", "height", "turned", "mode"), [(10, 1280, "image", "std"), (11, 1920, "video", "pro")]
)
async def test_a_photograph_moves_as_a_clip_does(
    tmp_path: Path, seconds: int, height: int, turned: str, mode: str
) -> None:
    wish = replace(WISH, task=Task.PERFORMANCE, model=MOTION, assets=inputs(tmp_path, "reference", "motion"))
    wish = replace(wish, duration_frames=24 * seconds, width=height * 9 // 16, height=height, sound=False)
    create = await sent(wish, "https://reel.example/webhooks/x")
    assert create["headers"]["x-tc-action"] == "SubmitMotionControlKlingJob"
    assert len(create["body"].pop("ExternalTaskId")) == 36
    assert create["body"] == {
        "Prompt": "A lighthouse.",
        "Model": "kling-v3",
        "Image": {"Base64": INLINE},
        "Video": {"Url": "https://reel.example/motion"},
        "Mode": mode,
        "KeepOriginalSound": "no",
        "CharacterOrientation": turned,
        "CallbackUrl": "https://reel.example/webhooks/x",
    }


async def test_a_photograph_speaks_a_recording(tmp_path: Path) -> None:
    wish = replace(WISH, task=Task.AUDIO, model=ACTOR, assets=inputs(tmp_path, "first", "voice"))
    create = await sent(replace(wish, prompt="She waits. #3#She turns.", extra={"FrameRate": 50}))
    assert create["headers"]["x-tc-action"] == "SubmitHumanActorJob"
    assert create["body"] == {
        "Prompt": "She waits. #3#She turns.",
        "ImageBase64": INLINE,
        "AudioUrl": "https://reel.example/voice",
        "Resolution": "720p",
        "FrameRate": 50,
    }


async def test_a_setting_of_one_action_is_none_of_another() -> None:
    backend = backend_at("http://127.0.0.1:1")
    with pytest.raises(BackendError) as caught:
        await backend.submit(replace(WISH, extra={"FrameRate": 50}), context_for(backend, WISH))
    await backend.aclose()
    assert (caught.value.kind, caught.value.field) == (Kind.INVALID, "extra.FrameRate")


async def test_what_it_cannot_fetch_is_not_sent(tmp_path: Path) -> None:
    photo, voice = inputs(tmp_path, "reference", "voice")
    cases = (
        ((photo, replace(voice, url=None)), Fault.AUDIO, "REELROOM_PUBLIC_URL"),
        ((voice,), Fault.IMAGE, "needs a reference input"),
    )
    with server() as (_, control):
        backend = backend_at(control.url)
        for assets, fault, says in cases:
            wish = replace(WISH, task=Task.AUDIO, model=ACTOR, assets=assets)
            with pytest.raises(BackendError, match=says) as caught:
                await backend.submit(wish, context_for(backend, wish))
            assert (caught.value.kind, caught.value.fault, caught.value.field) == (Kind.INVALID, fault, "assets")
        await backend.aclose()
        assert control.requests() == []


async def test_a_second_job_at_once_has_to_wait() -> None:
    with server(concurrency=1) as (_, control):
        backend = backend_at(control.url)
        await backend.submit(WISH, context_for(backend, WISH))
        with pytest.raises(BackendError) as caught:
            await backend.submit(WISH, context_for(backend, WISH))
        await backend.aclose()
    assert (caught.value.kind, caught.value.charged) == (Kind.RATE_LIMIT, False)
    assert caught.value.provider_code == "RequestLimitExceeded.JobNumExceed"
    assert not caught.value.outcome_unknown


@pytest.mark.parametrize(
    ("code", "kind", "fault"),
    [
        ("InvalidParameterValue.TooManyFaces", Kind.INVALID, Fault.IMAGE),
        ("InvalidParameterValue.InvalidAudioDuration", Kind.INVALID, Fault.AUDIO),
        ("FailedOperation.ImageDownloadError", Kind.INVALID, Fault.IMAGE),
        ("FailedOperation.ModerationAudioFailed", Kind.MODERATION, Fault.AUDIO),
        ("ResourceInsufficient", Kind.RATE_LIMIT, Fault.UNKNOWN),
        ("FailedOperation.InnerError", Kind.TRANSIENT, Fault.UNKNOWN),
        ("FailedOperation.SomethingNew", Kind.TRANSIENT, Fault.UNKNOWN),
    ],
)
async def test_a_code_says_what_went_wrong(code: str, kind: Kind, fault: Fault) -> None:
    backend = backend_at("http://127.0.0.1:1")
    told = {"Response": {"Error": {"Code": code, "Message": "It did not work."}, "RequestId": "1"}}
    error = backend.read_error(Answer(200, {}, told))
    await backend.aclose()
    assert (error.kind, error.fault, error.provider_code) == (kind, fault, code)


async def test_an_internal_error_told_with_success_leaves_the_outcome_open() -> None:
    with server() as (_, control):
        backend = backend_at(control.url)
        wish = replace(WISH, prompt="[[fake:500_after]]")
        with pytest.raises(BackendError) as caught:
            await backend.submit(wish, context_for(backend, wish))
        await backend.aclose()
        assert len(control.jobs()) == 1
    assert caught.value.outcome_unknown
    assert (caught.value.http_status, caught.value.provider_code, caught.value.charged) == (200, "InternalError", None)


async def test_a_success_without_a_video_is_asked_about_again_and_nothing_is_stopped() -> None:
    with server() as (fake, control):
        backend = backend_at(control.url)
        wish = replace(WISH, prompt="[[fake:no_video]]")
        handle = await backend.submit(wish, context_for(backend, wish))
        fake.clock.advance(60)
        with pytest.raises(BackendError) as caught:
            await backend.poll(handle)
        assert await backend.cancel(handle) is CancelResult.UNSUPPORTED
        await backend.aclose()
    assert caught.value.kind is Kind.TRANSIENT


async def test_only_motion_control_is_called_back_and_the_price_is_the_configured_one() -> None:
    backend = backend_at("http://127.0.0.1:1")
    assert [caps.model for caps in backend.models() if caps.webhook] == [MOTION]
    assert backend.estimate(WISH).high == Money.of("2.5", "CNY")
    await backend.aclose()


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"api_key": "", "options": {"secret_id": KEY_ID, "models": MODELS}}, "needs an api_key"),
        ({"options": {"models": MODELS}}, "needs the option 'secret_id'"),
        ({"options": {"secret_id": "two words", "models": MODELS}}, "needs the option 'secret_id'"),
        ({"options": {"secret_id": KEY_ID}}, "the option 'models'"),
        ({"options": {"secret_id": KEY_ID, "models": [ACTOR]}}, "needs a price"),
        ({"options": {"secret_id": KEY_ID, "models": ["NoActor"]}}, "the catalogue has no"),
        ({"options": {"secret_id": KEY_ID, "models": MODELS, "region": "Über"}}, "region"),
        (
            {"options": {"secret_id": KEY_ID, "models": [MODELS[0] | {"price": {"currency": "CNY", "per_s": 1}}]}},
            "per_s",
        ),
    ],
)
def test_a_wrong_configuration_is_told(entry: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says) as caught:
        TencentVclmBackend.from_config(configured(entry))
    assert SECRET not in str(caught.value)
