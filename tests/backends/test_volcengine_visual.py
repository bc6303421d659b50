"""Volcengine Visual: the contract suite, its signature, what each req_key is told, and its two ways to fail."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import httpx
import pytest
from pydantic import SecretStr

from app.backends.base import Asset, CancelResult, GenRequest, Phase
from app.backends.capabilities import Task
from app.backends.config import BackendConfig, parse_configs
from app.backends.errors import BackendError, ConfigError, Fault, Kind
from app.backends.testing.contract import BackendContract, FakeControl, Subject
from app.backends.testing.contract.subject import context_for
from app.backends.testing.fake_volcengine_visual import VolcengineVisualFake, visual_signature
from app.backends.testing.server import serve
from app.backends.volcengine_visual import Signature, VolcengineVisualBackend
from app.core import clock
from app.core.frames import FrameRate
from app.core.money import Money

KEY_ID, SECRET = "AKLTcontract0123", "SKcontract0123456789"
PRICE = {"currency": "CNY", "per_second": "0.5"}
PRO, OMNI = "jimeng_ti2v_v30_pro", "jimeng_realman_avatar_picture_omni_v15"
ACTOR, TAIL = "jimeng_dreamactor_m20_gen_video", "jimeng_i2v_first_tail_v30"
MODELS = [PRO, *({"like": one, "price": PRICE} for one in (OMNI, ACTOR, TAIL, "jimeng_t2v_v30"))]
WISH = GenRequest(Task.TEXT, PRO, "A lighthouse.", 48, FrameRate(24), width=720, height=1280)
KINDS = {"voice": "audio/mpeg", "motion": "video/mp4"}


def configured(entry: dict[str, Any]) -> BackendConfig:
    return parse_configs(json.dumps({"jimeng": {"kind": "volcengine_visual", "api_key": SECRET} | entry}))[0]


def backend_at(url: str, **options: Any) -> VolcengineVisualBackend:
    own = {"self_hosted": True, "read_timeout_s": 1.5, "hosts": [f"localhost:{urlsplit(url).port}"]}
    options = own | {"models": MODELS, "access_key": KEY_ID} | options
    return VolcengineVisualBackend.from_config(configured({"base_url": url, "options": options}))


@contextmanager
def server(**arguments: Any) -> Iterator[tuple[VolcengineVisualFake, FakeControl]]:
    fake = VolcengineVisualFake(**{"key_id": KEY_ID, "key": SECRET} | arguments)
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


async def sent(wish: GenRequest) -> dict[str, Any]:
    """Submit a wish and return the create that arrived."""
    with server() as (_, control):
        backend = backend_at(control.url)
        await backend.submit(wish, context_for(backend, wish))
        await backend.aclose()
        (create,) = [entry for entry in control.requests() if entry["creates"]]
    return create


class TestJimeng(BackendContract):
    http_errors: ClassVar[bool] = False

    def wish(self, folder: Path) -> GenRequest:
        return WISH

    @pytest.fixture
    def subject(self, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Subject]:
        wish = self.wish(tmp_path_factory.mktemp("inputs"))
        with server(http_errors=self.http_errors) as (_, control):
            yield Subject(
                make=backend_at,
                request=lambda prompt: replace(wish, prompt=prompt),
                fake=control,
                secrets=(SECRET,),
                not_applicable={"backward": "it tells no progress"},
            )


class TestJimengWithHttpErrors(TestJimeng):
    http_errors = True


class TestOmniHuman(TestJimeng):
    def wish(self, folder: Path) -> GenRequest:
        return replace(WISH, task=Task.AUDIO, model=OMNI, assets=inputs(folder, "reference", "voice"))


VECTOR = "0c4d83f7f719cd3f7fd35631e2b642fb12e440ae6e0fc683ce9edf2f6ec5de99"


def test_the_signature_is_the_one_of_the_sheet() -> None:
    body, query = b'{"req_key":"jimeng_t2v_v30","prompt":"hello"}', "Action=CVSync2AsyncSubmitTask&Version=2022-08-31"
    headers = {"content-type": "application/json", "host": "visual.volcengineapi.com", "x-date": "20261123T020320Z"}
    assert visual_signature("SKtest", query, headers, body) == VECTOR
    kind = {"content-type": "application/json"}
    request = httpx.Request("POST", f"https://visual.volcengineapi.com/?{query}", content=body, headers=kind)
    auth = Signature("AKtest", SecretStr("SKtest"))
    with clock.turned(datetime(2026, 11, 23, 2, 3, 20, tzinfo=UTC)):
        signed = next(auth.auth_flow(request))
    scope, names = "20261123/cn-north-1/cv/request", "content-type;host;x-content-sha256;x-date"
    assert signed.headers["x-date"] == "20261123T020320Z"
    assert signed.headers["x-content-sha256"] == "b0dbf458ea0d67ee0fa119588ece970cc00656cdf296eb3b9328f89a85c5616b"
    assert signed.headers["authorization"] == (
        f"HMAC-SHA256 Credential=AKtest/{scope}, SignedHeaders={names}, Signature={VECTOR}"
    )
    assert "SKtest" not in repr(auth) + str(signed.headers)


async def test_a_wrong_secret_is_refused_and_nothing_is_made() -> None:
    with server(key="another") as (_, control):
        backend = backend_at(control.url)
        with pytest.raises(BackendError) as caught:
            await backend.submit(WISH, context_for(backend, WISH))
        await backend.aclose()
        assert control.jobs() == []
    assert (caught.value.kind, caught.value.provider_code) == (Kind.AUTH, "SignatureDoesNotMatch")
    assert not caught.value.outcome_unknown


@pytest.mark.parametrize("http_errors", [False, True])
@pytest.mark.parametrize("model", [PRO, {"like": OMNI, "price": PRICE}])
async def test_a_key_is_checked_at_no_cost(model: Any, http_errors: bool) -> None:
    for key, proves in ((SECRET, True), ("another", False)):
        with server(key=key, http_errors=http_errors) as (_, control):
            backend = backend_at(control.url, models=[model])
            if proves:
                assert "signed with this key" in await backend.check()
            else:
                with pytest.raises(BackendError) as caught:
                    await backend.check()
                assert caught.value.kind is Kind.AUTH
            await backend.aclose()
            assert control.creates() == 0


async def test_text_is_asked_in_frames_and_a_shape() -> None:
    create = await sent(replace(WISH, duration_frames=24 * 6, seed=7, width=1920, height=1080))
    assert create["query"] == {"Action": "CVSync2AsyncSubmitTask", "Version": "2022-08-31"}
    assert create["body"] == {
        "req_key": PRO,
        "prompt": "A lighthouse.",
        "seed": 7,
        "frames": 241,
        "aspect_ratio": "16:9",
    }


async def test_a_first_frame_gives_the_shape(tmp_path: Path) -> None:
    create = await sent(replace(WISH, task=Task.FIRST_FRAME, assets=inputs(tmp_path, "first")))
    urls = ["https://reel.example/first"]
    assert create["body"] == {"req_key": PRO, "prompt": "A lighthouse.", "frames": 121, "image_urls": urls}


async def test_the_first_of_two_frames_comes_first(tmp_path: Path) -> None:
    wish = replace(WISH, task=Task.FIRST_AND_LAST, model=TAIL, assets=inputs(tmp_path, "last", "first"))
    assert (await sent(wish))["body"]["image_urls"] == ["https://reel.example/first", "https://reel.example/last"]


async def test_a_photograph_moves_as_a_clip_does(tmp_path: Path) -> None:
    wish = replace(WISH, task=Task.PERFORMANCE, model=ACTOR, assets=inputs(tmp_path, "motion", "reference"))
    create = await sent(wish)
    assert create["query"]["Action"] == "CVSync2AsyncSubmitTask"
    photo, clip = ["https://reel.example/reference"], "https://reel.example/motion"
    assert create["body"] == {"req_key": ACTOR, "image_urls": photo, "video_url": clip}


@pytest.mark.parametrize(("role", "height", "resolution"), [("reference", 1280, 720), ("first", 1920, 1080)])
async def test_a_photograph_speaks_a_recording(tmp_path: Path, role: str, height: int, resolution: int) -> None:
    assets, size = inputs(tmp_path, role, "voice"), {"width": height * 9 // 16, "height": height}
    wish = replace(WISH, task=Task.AUDIO, model=OMNI, assets=assets, extra={"pe_fast_mode": True}, **size)
    create = await sent(wish)
    assert create["query"]["Action"] == "CVSubmitTask"
    assert create["body"] == {
        "req_key": OMNI,
        "image_url": f"https://reel.example/{role}",
        "audio_url": "https://reel.example/voice",
        "prompt": "A lighthouse.",
        "output_resolution": resolution,
        "pe_fast_mode": True,
    }


async def test_a_setting_of_one_model_is_none_of_another() -> None:
    backend = backend_at("http://127.0.0.1:1")
    with pytest.raises(BackendError) as caught:
        await backend.submit(replace(WISH, extra={"pe_fast_mode": True}), context_for(backend, WISH))
    await backend.aclose()
    assert (caught.value.kind, caught.value.field) == (Kind.INVALID, "extra.pe_fast_mode")


async def test_what_it_cannot_fetch_is_not_sent(tmp_path: Path) -> None:
    photo, voice = inputs(tmp_path, "reference", "voice")
    wish = replace(WISH, task=Task.AUDIO, model=OMNI)
    cases = (
        ((replace(photo, url=None), voice), Fault.IMAGE, "REELROOM_PUBLIC_URL"),
        ((photo, replace(voice, url="http://10.0.0.7/voice")), Fault.AUDIO, "REELROOM_PUBLIC_URL"),
        ((voice,), Fault.IMAGE, "needs a reference input"),
    )
    with server() as (_, control):
        backend = backend_at(control.url)
        for assets, fault, says in cases:
            with pytest.raises(BackendError, match=says) as caught:
                await backend.submit(replace(wish, assets=assets), context_for(backend, wish))
            assert (caught.value.kind, caught.value.fault, caught.value.field) == (Kind.INVALID, fault, "assets")
        await backend.aclose()
        assert control.requests() == []


async def test_a_task_that_ran_out_is_lost_and_one_without_a_video_is_asked_again() -> None:
    with server() as (fake, control):
        backend = backend_at(control.url)
        expired, empty = (replace(WISH, prompt=f"[[fake:{name}]]") for name in ("expired", "no_video"))
        handles = [await backend.submit(one, context_for(backend, one)) for one in (expired, empty)]
        fake.clock.advance(60)
        state = await backend.poll(handles[0])
        assert (state.phase, state.raw_status) == (Phase.LOST, "expired")
        with pytest.raises(BackendError) as caught:
            await backend.poll(handles[1])
        assert caught.value.kind is Kind.TRANSIENT
        assert await backend.cancel(handles[1]) is CancelResult.UNSUPPORTED
        await backend.aclose()


async def test_an_internal_error_told_with_success_leaves_the_outcome_open() -> None:
    with server() as (_, control):
        backend = backend_at(control.url)
        wish = replace(WISH, prompt="[[fake:500_after]]")
        with pytest.raises(BackendError) as caught:
            await backend.submit(wish, context_for(backend, wish))
        await backend.aclose()
        assert len(control.jobs()) == 1
    assert caught.value.outcome_unknown
    assert (caught.value.http_status, caught.value.provider_code, caught.value.charged) == (200, "50500", None)


async def test_the_one_known_price_is_the_estimate() -> None:
    backend = VolcengineVisualBackend.from_config(configured({"options": {"access_key": KEY_ID}}))
    assert [caps.model for caps in backend.models()] == [PRO]
    assert backend.estimate(WISH).high == Money.of("0.25", "USD")
    await backend.aclose()


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"api_key": "", "options": {"access_key": KEY_ID}}, "needs an api_key"),
        ({}, "needs the option 'access_key'"),
        ({"options": {"access_key": "two words"}}, "needs the option 'access_key'"),
        ({"options": {"access_key": KEY_ID, "models": [OMNI]}}, "needs a price"),
        ({"options": {"access_key": KEY_ID, "models": ["jimeng_none"]}}, "the catalogue has no"),
        ({"options": {"access_key": KEY_ID, "models": [{"like": PRO, "tasks": []}]}}, "at least one task"),
        ({"options": {"access_key": KEY_ID, "region": "x"}}, "no option 'region'"),
    ],
)
def test_a_wrong_configuration_is_told(entry: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says) as caught:
        VolcengineVisualBackend.from_config(configured(entry))
    assert SECRET not in str(caught.value)
