"""DashScope beyond the shared contract: what each family is asked, told and charged, and the provider's traps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from app.backends.base import Asset, CancelResult, GenRequest, Phase, SubmitContext
from app.backends.capabilities import Cancel, Recover, Task
from app.backends.config import BackendConfig, parse_configs
from app.backends.dashscope import DashScopeBackend
from app.backends.errors import BackendError, ConfigError, Fault, Kind
from app.backends.http import Answer
from app.backends.testing.contract.subject import FakeControl, context_for
from app.backends.testing.fake_dashscope import DashScopeFake
from app.backends.testing.server import serve
from app.core import clock
from app.core.frames import FrameRate
from app.core.ids import new_id
from app.core.money import Money

KEY = "sk-test-dashscope-12345678"
HEADERS = {"authorization": f"Bearer {KEY}", "x-dashscope-async": "enable"}
VIDEO = "/api/v1/services/aigc/video-generation/video-synthesis"
PHOTO = "/api/v1/services/aigc/image2video/video-synthesis"
WISH = GenRequest(Task.TEXT, "wan3.0-video", "女主推门而入", 240, FrameRate(24), width=720, height=1280)
TYPES = {"voice": "audio/wav", "motion": "video/mp4"}
SPEAKING = {"like": "wan2.2-s2v", "price": {"currency": "USD", "per_second": "0.10"}}


def backend_at(url: str, *, profile: str = "", **options: Any) -> DashScopeBackend:
    options = {"self_hosted": True, "read_timeout_s": 1.5} | options
    return DashScopeBackend.from_config(
        BackendConfig("wan", "dashscope", url, profile, SecretStr(KEY), options=options)
    )


@contextmanager
def server() -> Iterator[tuple[DashScopeFake, FakeControl]]:
    fake = DashScopeFake(key=KEY)
    with serve(fake.app) as running:
        yield fake, FakeControl(running.url)


def asset(folder: Path, role: str, name: str = "", url: str | None = "") -> Asset:
    path = folder / (name or role)
    path.write_bytes(b"content")
    public = f"https://reelroom.example/media/{name or role}" if url == "" else url
    return Asset(role, "0" * 64, TYPES.get(role, "image/png"), path, public)


async def sent(wish: GenRequest, **options: Any) -> dict[str, Any]:
    """Submit a wish and return the create that arrived: the fake took it."""
    with server() as (_, control):
        backend = backend_at(control.url, **options)
        await backend.submit(wish, context_for(backend, wish))
        await backend.aclose()
        (create,) = control.requests()
    return create


async def refused(wish: GenRequest, **options: Any) -> BackendError:
    """Submit a wish that must not be sent, and return the error."""
    with server() as (_, control):
        backend = backend_at(control.url, **options)
        with pytest.raises(BackendError) as caught:
            await backend.submit(wish, SubmitContext(new_id(), Money(0, "USD"), clock.now()))
        await backend.aclose()
        assert control.requests() == []
    return caught.value


async def test_text_becomes_a_task_whose_prompt_is_not_rewritten() -> None:
    create = await sent(replace(WISH, seed=42, negative="text"))
    assert create["path"] == VIDEO
    assert create["headers"]["x-dashscope-async"] == "enable"
    assert create["body"] == {
        "model": "wan3.0-video",
        "input": {"prompt": "女主推门而入"},
        "parameters": {
            "resolution": "720P",
            "ratio": "9:16",
            "duration": 10,
            "audio": True,
            "seed": 42,
            "prompt_extend": False,
        },
    }


async def test_settings_of_a_request_replace_what_is_sent_unasked() -> None:
    wish = replace(WISH, sound=False, extra={"prompt_extend": True, "watermark": True, "enable_thinking": False})
    parameters = (await sent(wish))["body"]["parameters"]
    assert parameters["audio"] is False
    assert (parameters["prompt_extend"], parameters["watermark"], parameters["enable_thinking"]) == (True, True, False)


@pytest.mark.parametrize(
    ("task", "roles", "types"),
    [
        (Task.FIRST_FRAME, ["first"], ["first_frame"]),
        (Task.FIRST_AND_LAST, ["first", "last"], ["first_frame", "last_frame"]),
        (
            Task.REFERENCES,
            ["reference", "reference", "motion"],
            ["reference_image", "reference_image", "reference_video"],
        ),
        (Task.AUDIO, ["reference", "voice"], ["reference_image", "reference_audio"]),
    ],
)
async def test_inputs_of_wan3_go_to_its_media_list(
    task: Task, roles: list[str], types: list[str], tmp_path: Path
) -> None:
    assets = tuple(asset(tmp_path, role, f"{index}-{role}") for index, role in enumerate(roles))
    media = (await sent(replace(WISH, task=task, assets=assets)))["body"]["input"]["media"]
    assert media == [{"type": kind, "url": one.url} for kind, one in zip(types, assets, strict=True)]


@pytest.mark.parametrize(
    ("task", "roles", "types"),
    [
        (Task.FIRST_AND_LAST, ["first", "last"], ["first_frame", "last_frame"]),
        (Task.EXTEND, ["motion"], ["first_clip"]),
        (Task.AUDIO, ["first", "voice"], ["first_frame", "driving_audio"]),
    ],
)
async def test_inputs_of_wan27_go_to_its_media_list(
    task: Task, roles: list[str], types: list[str], tmp_path: Path
) -> None:
    assets = tuple(asset(tmp_path, role) for role in roles)
    wish = replace(WISH, model="wan2.7-i2v", task=task, assets=assets, negative="blurred")
    body = (await sent(wish))["body"]
    assert [item["type"] for item in body["input"]["media"]] == types
    assert body["input"]["negative_prompt"] == "blurred"
    assert body["parameters"] == {"resolution": "720P", "ratio": "9:16", "duration": 10}


async def test_a_voice_of_wan27_belongs_to_its_reference(tmp_path: Path) -> None:
    person, voice = asset(tmp_path, "reference"), asset(tmp_path, "voice")
    wish = replace(WISH, model="wan2.7-r2v", task=Task.REFERENCES, assets=(person, voice))
    (item,) = (await sent(wish))["body"]["input"]["media"]
    assert item == {"type": "reference_image", "url": person.url, "reference_voice": voice.url}
    error = await refused(replace(wish, assets=(voice,), task=Task.REFERENCES))
    assert error.kind is Kind.INVALID


async def test_shots_of_wan27_are_told_in_the_prompt() -> None:
    wish = replace(
        WISH, model="wan2.7-t2v", task=Task.MULTI_SHOT, prompt="镜头一：门。镜头二：灯塔。", width=1080, height=1920
    )
    body = (await sent(wish))["body"]
    assert body["input"] == {"prompt": "镜头一：门。镜头二：灯塔。"}
    assert body["parameters"]["resolution"] == "1080P"


@pytest.mark.parametrize(("width", "height", "mode"), [(480, 832, "wan-std"), (720, 1280, "wan-pro")])
async def test_a_photograph_is_made_to_move_as_a_clip(width: int, height: int, mode: str, tmp_path: Path) -> None:
    assets = (asset(tmp_path, "reference"), asset(tmp_path, "motion"))
    wish = replace(WISH, model="wan2.2-animate-move", task=Task.PERFORMANCE, assets=assets, width=width, height=height)
    create = await sent(wish)
    assert create["path"] == PHOTO
    assert create["body"] == {
        "model": "wan2.2-animate-move",
        "input": {"image_url": assets[0].url, "video_url": assets[1].url},
        "parameters": {"mode": mode, "check_image": True},
    }


@pytest.mark.parametrize("role", ["first", "reference"])
async def test_a_photograph_is_made_to_speak_a_recording(role: str, tmp_path: Path) -> None:
    assets = (asset(tmp_path, role), asset(tmp_path, "voice"))
    create = await sent(replace(WISH, model="wan2.2-s2v", task=Task.AUDIO, assets=assets), models=[SPEAKING])
    assert create["path"] == PHOTO
    assert create["body"]["input"] == {"image_url": assets[0].url, "audio_url": assets[1].url}
    assert create["body"]["parameters"] == {"resolution": "720P"}


async def test_a_photograph_that_is_missing_or_double_is_told(tmp_path: Path) -> None:
    voice = asset(tmp_path, "voice")
    wish = replace(WISH, model="wan2.2-s2v", task=Task.AUDIO, assets=(voice,))
    assert "photograph" in (await refused(wish, models=[SPEAKING])).message
    both = replace(wish, assets=(asset(tmp_path, "first"), asset(tmp_path, "reference"), voice))
    assert "one image_url" in (await refused(both, models=[SPEAKING])).message


async def test_frames_and_references_are_not_mixed(tmp_path: Path) -> None:
    mixed = (asset(tmp_path, "first"), asset(tmp_path, "voice"))
    assert "not both" in (await refused(replace(WISH, task=Task.FIRST_FRAME, assets=mixed))).message
    alone = (asset(tmp_path, "reference"), asset(tmp_path, "last"))
    assert "first frame" in (await refused(replace(WISH, task=Task.REFERENCES, assets=alone))).message


async def test_an_input_the_provider_cannot_fetch_is_not_sent(tmp_path: Path) -> None:
    for url in (None, "http://10.0.0.7/first.png"):
        wish = replace(WISH, task=Task.FIRST_FRAME, assets=(asset(tmp_path, "first", url=url),))
        error = await refused(wish)
        assert (error.kind, error.fault, error.field) == (Kind.INVALID, Fault.IMAGE, "assets")
        assert "REELROOM_PUBLIC_URL" in error.message


async def test_what_cannot_be_asked_is_not_sent(tmp_path: Path) -> None:
    huge = asset(tmp_path, "first")
    with huge.path.open("wb") as file:
        file.truncate(60 * 1024 * 1024)
    for wish in (
        replace(WISH, prompt="灯" * 50_000),
        replace(WISH, extra={"watermark": "yes"}),
        replace(WISH, model="wan2.7-t2v", extra={"enable_thinking": True}),
        replace(WISH, model="wan2.7-t2v", task=Task.EXTEND),
        replace(WISH, model="wan2.7-i2v", task=Task.EXTEND),
        replace(WISH, task=Task.FIRST_FRAME, assets=(huge,)),
    ):
        assert (await refused(wish)).kind is Kind.INVALID


async def test_a_create_that_is_not_asynchronous_is_refused_by_the_provider() -> None:
    with server() as (_, control):
        body = {"model": "wan3.0-video", "input": {"prompt": "x"}, "parameters": {"resolution": "720P"}}
        answer = httpx.post(control.url + VIDEO, json=body, headers={"authorization": HEADERS["authorization"]})
        assert (answer.status_code, answer.json()["code"]) == (403, "AccessDenied")
        body["parameters"] = {"resolution": "720p"}
        answer = httpx.post(control.url + VIDEO, json=body, headers=HEADERS)
        assert (answer.status_code, answer.json()["code"]) == (400, "InvalidParameter")
        assert control.jobs() == []


async def test_a_wrong_key_is_told_without_being_shown() -> None:
    with serve(DashScopeFake(key="sk-another-key-12345678").app) as running:
        backend = backend_at(running.url)
        with pytest.raises(BackendError) as caught:
            await backend.submit(WISH, context_for(backend, WISH))
        await backend.aclose()
        assert FakeControl(running.url).jobs() == []
    assert (caught.value.kind, caught.value.outcome_unknown) == (Kind.AUTH, False)
    assert KEY not in str(caught.value.facts())


async def test_a_task_nobody_remembers_is_told_with_success() -> None:
    with server() as (fake, control):
        backend = backend_at(control.url)
        handle = await backend.submit(WISH, context_for(backend, WISH))
        fake.clock.advance(25 * 3600)
        with pytest.raises(BackendError) as caught:
            await backend.poll(handle)
        await backend.aclose()
    assert caught.value.kind is Kind.NOT_FOUND
    assert caught.value.http_status == 200


async def test_what_waits_is_cancelled_and_what_runs_is_not() -> None:
    with server() as (fake, control):
        backend = backend_at(control.url)
        waiting = await backend.submit(WISH, context_for(backend, WISH))
        assert await backend.cancel(waiting) is CancelResult.CANCELLED
        state = await backend.poll(waiting)
        assert (state.phase, state.raw_status) == (Phase.CANCELLED, "CANCELED")
        running = await backend.submit(WISH, context_for(backend, WISH))
        fake.clock.advance(5)
        assert await backend.cancel(running) is CancelResult.TOO_LATE
        await backend.aclose()
    assert {caps.cancel for caps in backend.models()} == {Cancel.BEST_EFFORT}
    assert {caps.recover for caps in backend.models()} == {Recover.NONE}


async def test_the_seconds_the_provider_counted_are_the_cost() -> None:
    with server() as (fake, control):
        backend = backend_at(control.url)
        handle = await backend.submit(WISH, context_for(backend, WISH))
        created = fake.clock.now()
        fake.clock.advance(60)
        state = await backend.poll(handle)
        await backend.aclose()
    assert state.cost == Money.of("0.8250", "USD")
    assert state.outputs[0].expires_at == datetime.fromtimestamp(int(created + 12 + 24 * 3600), UTC)


async def test_moderation_blames_the_prompt_only_where_nothing_else_was_sent(tmp_path: Path) -> None:
    with server() as (_, control):
        backend = backend_at(control.url)
        text = replace(WISH, prompt="[[fake:moderation_input]]")
        picture = replace(text, task=Task.FIRST_FRAME, assets=(asset(tmp_path, "first"),))
        faults = []
        for wish in (text, picture):
            with pytest.raises(BackendError) as caught:
                await backend.submit(wish, context_for(backend, wish))
            faults.append((caught.value.kind, caught.value.fault, caught.value.charged))
        await backend.aclose()
    assert faults == [(Kind.MODERATION, Fault.PROMPT, False), (Kind.MODERATION, Fault.UNKNOWN, False)]


def test_prices_are_those_of_the_region() -> None:
    china, singapore = backend_at(""), backend_at("", profile="singapore")
    assert china.estimate(WISH).high == Money.of("0.8250", "USD")
    assert singapore.estimate(WISH).high == Money.of("1.00", "USD")
    assert (china.hosts, singapore.hosts) == (
        {"dashscope.aliyuncs.com", "*.aliyuncs.com"},
        {"dashscope-intl.aliyuncs.com", "*.aliyuncs.com"},
    )
    assert "wan2.7-t2v" not in {caps.model for caps in singapore.models()}
    assert all(row.price and row.price.per_second for row in (*china.rows.values(), *singapore.rows.values()))


def test_an_estimate_covers_what_lasts_as_long_as_its_input() -> None:
    backend = backend_at("")
    move = backend.estimate(replace(WISH, model="wan2.2-animate-move", task=Task.PERFORMANCE, duration_frames=120))
    assert (move.low, move.high) == (Money.of("0.40", "USD"), Money.of("1.20", "USD"))
    extend = backend.estimate(replace(WISH, model="wan2.7-i2v", task=Task.EXTEND, duration_frames=120))
    assert (extend.low, extend.high) == (Money.of("0.43", "USD"), Money.of("1.72", "USD"))


@pytest.mark.parametrize(
    ("status", "code", "kind", "gone"),
    [
        (401, "InvalidApiKey", Kind.AUTH, False),
        (403, "AccessDenied.Unpurchased", Kind.AUTH, False),
        (403, "Model.AccessDenied", Kind.AUTH, False),
        (403, "Arrearage", Kind.QUOTA, False),
        (400, "Arrearage", Kind.QUOTA, False),
        (400, "InvalidParameter.DataInspection", Kind.INVALID, False),
        (400, "InvalidURL", Kind.INVALID, False),
        (404, "Model.NotExist", Kind.PERMANENT, True),
        (429, "Throttling.AllocationQuota", Kind.RATE_LIMIT, False),
        (504, "GatewayTimeout", Kind.TRANSIENT, False),
        (500, "DataInspectionFailed", Kind.TRANSIENT, False),
    ],
)
def test_every_code_has_its_kind(status: int, code: str, kind: Kind, gone: bool) -> None:
    error = backend_at("").read_error(Answer(status, {}, {"code": code, "message": "Told."}))
    assert (error.kind, error.model_gone, error.provider_code) == (kind, gone, code)


@pytest.mark.parametrize("body", [None, [], {"code": 7}, {"message": ["x"]}, "x"])
def test_an_answer_that_is_not_the_providers_is_survived(body: Any) -> None:
    assert backend_at("").read_error(Answer(403, {}, body)).kind is Kind.AUTH


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ('profile = "mars"', "profile"),
        ("options = { modells = [] }", "modells"),
        ('options = { models = ["wan9"] }', "wan9"),
        ('options = { models = ["wan2.2-s2v"] }', "price"),
        ('options = { models = [{ like = "wan3.0-video", dialect = "klingon" }] }', "dialect"),
        ('options = { models = [{ like = "wan3.0-video", max_images = -1 }] }', "less than zero"),
        ('base_url = "ftp://example.com"', "base_url"),
        ('api_key = ""', "api_key"),
    ],
)
def test_a_wrong_configuration_says_what_is_wrong(table: str, words: str) -> None:
    lines = {"kind": 'kind = "dashscope"', "api_key": f'api_key = "{KEY}"', table.split(" = ")[0]: table}
    with pytest.raises(ConfigError, match=words) as caught:
        (config,) = parse_configs("\n".join(["[wan]", *lines.values()]))
        DashScopeBackend.from_config(config)
    assert KEY not in str(caught.value)
