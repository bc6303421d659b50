"""Luma's Agents API within and beyond the shared contract: what is sent, what it costs, how results are fetched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image
from pydantic import SecretStr

from app.backends.base import Asset, CancelResult, GenRequest, Phase
from app.backends.capabilities import Cancel, Recover, Task
from app.backends.config import BackendConfig
from app.backends.errors import BackendError, ConfigError, Fault, Kind
from app.backends.http import Answer
from app.backends.luma import LumaBackend
from app.backends.testing.clips import clip
from app.backends.testing.contract import BackendContract, FakeControl, Subject
from app.backends.testing.contract.subject import check_artifact, context_for, sink_in
from app.backends.testing.fake_luma import LumaFake
from app.backends.testing.server import serve
from app.core.frames import FrameRate
from app.core.money import Money

KEY = "luma-api-0123456789abcdef"


def wish(prompt: str = "A lighthouse.", **changes: Any) -> GenRequest:
    made = GenRequest(Task.TEXT, "ray-3.2", prompt, 96, FrameRate(24), width=270, height=480)
    return replace(made, **changes)


def backend_at(url: str, **options: Any) -> LumaBackend:
    hosts = [f"localhost:{urlsplit(url).port}"]
    options = {"self_hosted": True, "hosts": hosts} | options
    return LumaBackend.from_config(BackendConfig("luma", "luma", f"{url}/v1", api_key=SecretStr(KEY), options=options))


@contextmanager
def luma(**options: Any) -> Iterator[tuple[LumaFake, FakeControl, LumaBackend]]:
    fake = LumaFake(key=KEY)
    with serve(fake.app) as running:
        yield fake, FakeControl(running.url), backend_at(running.url, **options)


async def sent(request: GenRequest) -> dict[str, Any]:
    """Submit a request and return the body of the create that arrived."""
    with luma() as (_, control, backend):
        await backend.submit(request, context_for(backend, request))
        await backend.aclose()
        (create,) = [entry for entry in control.requests() if entry["creates"]]
    body: dict[str, Any] = create["body"]
    return body


def still(folder: Path, role: str) -> Asset:
    path = folder / f"{role}.png"
    Image.new("RGB", (64, 64), (len(role), 80, 40)).save(path)
    return Asset(role, role, "image/png", path)


class TestLuma(BackendContract):
    @pytest.fixture
    def subject(self) -> Iterator[Subject]:
        clip(540, 960, 5.0)  # Made before it is asked for, because the read timeout is short.
        with serve(LumaFake(key=KEY).app) as running:
            hosts = [f"localhost:{urlsplit(running.url).port}"]
            yield Subject(
                make=lambda url: backend_at(url or running.url, hosts=hosts, read_timeout_s=2),
                request=wish,
                fake=FakeControl(running.url),
                secrets=(KEY,),
                not_applicable={
                    "backward": "it tells no progress",
                    "429_no_money": "an account without money is told so by 402; both its texts of 429 are of rates",
                },
            )


async def test_a_wish_becomes_a_generation() -> None:
    body = await sent(wish("雨夜。", width=1080, height=1920, duration_frames=24 * 7))
    assert len(body.pop("user_id")) == 36
    assert body == {
        "model": "ray-3.2",
        "type": "video",
        "prompt": "雨夜。",
        "aspect_ratio": "9:16",
        "video": {"duration": "10s", "resolution": "1080p"},
    }


@pytest.mark.parametrize(
    ("size", "aspect", "resolution"),
    [
        ((1080, 1920), "9:16", "1080p"),
        ((1920, 1080), "16:9", "1080p"),
        ((720, 720), "1:1", "720p"),
        ((2520, 1080), "21:9", "1080p"),
        ((720, 540), "4:3", "540p"),
        ((180, 240), "3:4", "540p"),
    ],
)
async def test_sizes_are_told_as_shape_and_resolution(size: tuple[int, int], aspect: str, resolution: str) -> None:
    body = await sent(wish(width=size[0], height=size[1]))
    assert (body["aspect_ratio"], body["video"]["resolution"]) == (aspect, resolution)


async def test_a_first_frame_goes_along_as_data(tmp_path: Path) -> None:
    body = await sent(wish(task=Task.FIRST_FRAME, assets=(still(tmp_path, "first"),)))
    assert set(body["video"]) == {"duration", "resolution", "start_frame"}
    assert body["video"]["start_frame"]["media_type"] == "image/png"


async def test_a_last_frame_goes_with_five_seconds_and_becomes_a_keyframe_beyond(tmp_path: Path) -> None:
    frames = (still(tmp_path, "last"), still(tmp_path, "first"))
    short = await sent(wish(task=Task.FIRST_AND_LAST, assets=frames))
    assert set(short["video"]) == {"duration", "resolution", "start_frame", "end_frame"}
    long = await sent(wish(task=Task.FIRST_AND_LAST, assets=frames, duration_frames=24 * 8))
    assert set(long["video"]) == {"duration", "resolution", "keyframes", "keyframe_indexes"}
    assert long["video"]["keyframe_indexes"] == [0, 240]
    assert long["video"]["keyframes"] == [short["video"]["start_frame"], short["video"]["end_frame"]]


async def test_an_extension_adds_five_seconds_and_is_billed_for_them(tmp_path: Path) -> None:
    with luma() as (fake, control, backend):
        first = await backend.submit(wish(), context_for(backend, wish()))
        fake.clock.advance(60)
        more = wish(task=Task.EXTEND, duration_frames=240, extra={"generation_id": first.remote_id})
        second = await backend.submit(more, context_for(backend, more))
        fake.clock.advance(60)
        state = await backend.poll(second)
        check_artifact(await backend.fetch(second, state.outputs[0], sink := sink_in(tmp_path)), sink)
        video = [entry["body"]["video"] for entry in control.requests() if entry["creates"]][1]
        price = backend.estimate(more).high
        await backend.aclose()
    assert video == {"duration": "5s", "resolution": "540p", "start_frame": {"generation_id": first.remote_id}}
    assert fake.billed() == [5, 5]
    assert price == Money.of("0.15", "USD")


async def test_a_result_is_fetched_long_after_its_address_ran_out_and_without_the_key(tmp_path: Path) -> None:
    with luma() as (fake, control, backend):
        handle = await backend.submit(wish(), context_for(backend, wish()))
        fake.clock.advance(60)
        state = await backend.poll(handle)
        fake.clock.advance(3 * 3600)
        check_artifact(await backend.fetch(handle, state.outputs[0], sink := sink_in(tmp_path)), sink)
        media = [entry for entry in control.requests() if entry["path"].startswith("/media")]
        await backend.aclose()
    assert state.outputs[0].expires_at is not None
    assert "signature" not in repr(state), "A signed address is not kept."
    assert [KEY in str(entry) for entry in media] == [False]


async def test_a_result_on_a_host_nobody_declared_is_not_fetched(tmp_path: Path) -> None:
    with luma(hosts=["elsewhere.example"]) as (fake, control, backend):
        handle = await backend.submit(wish(), context_for(backend, wish()))
        fake.clock.advance(60)
        state = await backend.poll(handle)
        with pytest.raises(BackendError, match="is not declared") as caught:
            await backend.fetch(handle, state.outputs[0], sink_in(tmp_path))
        await backend.aclose()
        assert not [entry for entry in control.requests() if entry["path"].startswith("/media")]
    assert caught.value.kind is Kind.PERMANENT


@pytest.mark.parametrize(
    ("code", "phase", "kind", "fault"),
    [
        ("content_moderated", Phase.REFUSED, Kind.MODERATION, Fault.UNKNOWN),
        ("generation_failed", Phase.FAILED, Kind.TRANSIENT, Fault.UNKNOWN),
        ("budget_exhausted", Phase.FAILED, Kind.QUOTA, Fault.UNKNOWN),
        ("output_not_found", Phase.FAILED, Kind.TRANSIENT, Fault.UNKNOWN),
        ("image_too_large", Phase.FAILED, Kind.INVALID, Fault.IMAGE),
        ("unsupported_format", Phase.FAILED, Kind.INVALID, Fault.IMAGE),
        ("corrupt_input", Phase.FAILED, Kind.INVALID, Fault.IMAGE),
        ("invalid_request", Phase.FAILED, Kind.INVALID, Fault.UNKNOWN),
        ("rate_limited", Phase.FAILED, Kind.TRANSIENT, Fault.UNKNOWN),
        ("something_new", Phase.FAILED, Kind.TRANSIENT, Fault.UNKNOWN),
    ],
)
async def test_every_failure_is_told_apart(code: str, phase: Phase, kind: Kind, fault: Fault) -> None:
    with luma() as (fake, _, backend):
        one = wish(f"[[fake:failure={code}]]")
        handle = await backend.submit(one, context_for(backend, one))
        fake.clock.advance(60)
        state = await backend.poll(handle)
        await backend.aclose()
    assert state.error is not None
    assert (state.phase, state.error.kind, state.error.fault) == (phase, kind, fault)
    assert (state.error.provider_code, state.error.charged) == (code, None)


async def test_a_clip_without_an_address_is_left_to_a_person() -> None:
    with luma() as (fake, _, backend):
        one = wish("[[fake:no_address]]")
        handle = await backend.submit(one, context_for(backend, one))
        fake.clock.advance(60)
        state = await backend.poll(handle)
        await backend.aclose()
    assert state.phase is Phase.UNRECOGNISED


async def test_nothing_can_be_stopped_and_nothing_looked_for() -> None:
    with luma() as (_, control, backend):
        handle = await backend.submit(wish(), context_for(backend, wish()))
        before = len(control.requests())
        assert await backend.cancel(handle) is CancelResult.UNSUPPORTED
        assert len(control.requests()) == before
        (caps,) = backend.models()
        await backend.aclose()
    assert (caps.cancel, caps.recover, caps.webhook) == (Cancel.NONE, Recover.NONE, False)


async def test_what_cannot_be_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    first, last = still(tmp_path, "first"), still(tmp_path, "last")
    huge = tmp_path / "huge.png"
    with huge.open("wb") as file:
        file.truncate(60 * 1024 * 1024)
    bad = [
        wish(task=Task.FIRST_FRAME, assets=(first, last)),
        wish(task=Task.FIRST_AND_LAST, assets=(first,)),
        wish(task=Task.FIRST_FRAME, assets=(replace(first, path=huge),)),
        wish(task=Task.FIRST_FRAME, assets=(replace(first, mime="text/html"),)),
        wish(task=Task.REFERENCES, assets=(replace(first, role="reference"),)),
        wish(task=Task.EXTEND),
        wish(task=Task.EXTEND, extra={"generation_id": ""}),
        wish(extra={"generation_id": "x"}),
        wish("灯" * 50_000),
        wish("a\x1bb"),
    ]
    with luma() as (_, control, backend):
        for one in bad:
            with pytest.raises(BackendError) as caught:
                await backend.submit(one, context_for(backend, wish()))
            assert (caught.value.kind, caught.value.outcome_unknown) == (Kind.INVALID, False)
        await backend.aclose()
        assert control.requests() == []


async def test_a_key_is_checked_at_no_cost() -> None:
    with luma() as (_, control, backend):
        assert "knows this key" in await backend.check()
        await backend.aclose()
        assert control.creates() == 0


async def test_a_wrong_key_is_told_and_not_shown() -> None:
    with serve(LumaFake(key="luma-api-another").app) as running:
        backend = backend_at(running.url)
        with pytest.raises(BackendError, match="HTTP 401"):
            await backend.check()
        with pytest.raises(BackendError) as caught:
            await backend.submit(wish(), context_for(backend, wish()))
        await backend.aclose()
    assert (caught.value.kind, caught.value.charged) == (Kind.AUTH, False)
    assert KEY not in caught.value.message


@pytest.mark.parametrize(
    ("size", "seconds", "price"),
    [
        ((540, 960), 5, "0.15"),
        ((720, 1280), 5, "0.30"),
        ((1080, 1920), 5, "1.20"),
        ((960, 540), 10, "0.45"),
        ((1680, 720), 10, "0.90"),
        ((1080, 1080), 10, "3.60"),
    ],
)
def test_a_clip_has_its_list_price(size: tuple[int, int], seconds: int, price: str) -> None:
    one = wish(width=size[0], height=size[1], duration_frames=24 * seconds)
    assert backend_at("https://agents.lumalabs.ai").estimate(one).high == Money.of(price, "USD")


def test_every_offered_clip_has_a_price() -> None:
    (row,) = backend_at("https://agents.lumalabs.ai").rows.values()
    assert row.price is not None
    for frame in row.caps.frames:
        assert all(row.price.cost(seconds, frame).micros for seconds in row.caps.durations)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"api_key": None}, "api_key"),
        ({"options": {"modells": []}}, "modells"),
        ({"options": {"models": ["ray-9"]}}, "ray-9"),
        ({"options": {"models": [{"like": "ray-3.2", "model": "ray-4", "price": {"currency": "$"}}]}}, "currency"),
        ({"options": {"hosts": "cdn.example.com"}}, "wrong type"),
        ({"options": {}}, "needs the option 'hosts'"),
    ],
)
def test_a_wrong_configuration_says_what_is_wrong(changes: dict[str, Any], words: str) -> None:
    hosts = ["*.results.example"]
    good = BackendConfig("luma", "luma", api_key=SecretStr(KEY), options={"hosts": hosts})
    assert LumaBackend.from_config(good).hosts == {"agents.lumalabs.ai", "*.results.example"}
    with pytest.raises(ConfigError, match=words):
        LumaBackend.from_config(replace(good, **changes))


@pytest.mark.parametrize(
    ("status", "body", "kind", "field"),
    [
        (422, {"detail": [{"loc": ["body", "prompt"], "msg": "too long", "type": "value"}]}, Kind.INVALID, "prompt"),
        (422, {"detail": [{"msg": "bad"}]}, Kind.INVALID, ""),
        (400, {"detail": "This model does not support end_frame"}, Kind.INVALID, ""),
        (404, {"detail": "generation not found"}, Kind.NOT_FOUND, ""),
        (404, {"detail": "The model ray-3.2 is no longer available"}, Kind.PERMANENT, ""),
        (402, {"detail": "Insufficient credits"}, Kind.QUOTA, ""),
        (429, {"detail": "Rate limit exceeded"}, Kind.RATE_LIMIT, ""),
        (429, {"detail": "Too many concurrent jobs"}, Kind.RATE_LIMIT, ""),
        (400, {"detail": ["?"]}, Kind.INVALID, ""),
        (400, [], Kind.INVALID, ""),
        (502, None, Kind.TRANSIENT, ""),
    ],
)
def test_every_error_is_read(status: int, body: Any, kind: Kind, field: str) -> None:
    error = backend_at("https://agents.lumalabs.ai").read_error(Answer(status, {}, body))
    assert (error.kind, error.field) == (kind, field)
