"""Runway: the contract suite, and what is particular to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image

from app.backends.base import Asset, CancelResult, GenRequest, Phase
from app.backends.capabilities import Recover, Task
from app.backends.catalogue import shipped
from app.backends.config import parse_configs
from app.backends.errors import BackendError, ConfigError, Fault, Kind
from app.backends.runway import RunwayBackend
from app.backends.testing.clips import clip
from app.backends.testing.contract import BackendContract, FakeControl, Subject
from app.backends.testing.contract.subject import context_for
from app.backends.testing.fake_runway import RunwayFake
from app.backends.testing.server import serve
from app.core.frames import FrameRate
from app.core.money import Money

KEY = "key_0123456789abcdef0123456789abcdef"
PRICE = '{ currency = "USD", per_second = "0.10" }'
MORE_MODELS = f"""
    "gen4.5", "gen4_turbo", "act_two", "veo3.1", "seedance2", "seedance2_5", "gemini_omni_flash_1.1",
    {{ like = "kling3.0_standard", price = {PRICE} }},
    {{ like = "recipes/multi_shot_video", price = {PRICE}, frames = ["1280x720", "720x1280"] }},
"""
WISH = GenRequest(Task.TEXT, "gen4.5", "A lighthouse.", 48, FrameRate(24), width=1080, height=1920)
ASYNCHRONOUS = "Runway moderates a task after it was created, and tells it by the task"


def backend_at(url: str, port: int | None = None, options: str = f"models = [{MORE_MODELS}]") -> RunwayBackend:
    (config,) = parse_configs(f"""
        [runway]
        kind = "runway"
        base_url = "{url}"
        api_key = "{KEY}"
        [runway.options]
        self_hosted = true
        read_timeout_s = 1.5
        hosts = ["localhost:{port or urlsplit(url).port}"]
        {options}
    """)
    return RunwayBackend.from_config(config)


def asset(folder: Path, role: str, content: bytes | None = None, url: str | None = None) -> Asset:
    kind = {"motion": "video/mp4", "voice": "audio/mpeg"}.get(role, "image/png")
    path = folder / f"{role}-{len(list(folder.iterdir()))}"
    if content is None and kind == "image/png":
        Image.new("RGB", (16, 16)).save(path, "PNG")
    else:
        path.write_bytes(content or b"sound")
    return Asset(role, "0" * 64, kind, path, url)


class TestRunway(BackendContract):
    @pytest.fixture
    def subject(self) -> Iterator[Subject]:
        # The fake renders its result once for all tests, not within a read timeout.
        clip(720, 1280, 2.0)
        with serve(RunwayFake(key=KEY).app) as running:
            yield Subject(
                make=lambda url: backend_at(url, urlsplit(running.url).port),
                request=lambda prompt: replace(WISH, prompt=prompt),
                fake=FakeControl(running.url),
                secrets=(KEY,),
                not_applicable={"moderation_input": ASYNCHRONOUS, "moderation_image": ASYNCHRONOUS},
            )


@pytest.fixture
def control() -> Iterator[FakeControl]:
    with serve(RunwayFake(key=KEY).app) as running:
        yield FakeControl(running.url)


async def sent(control: FakeControl, wish: GenRequest) -> tuple[str, dict[str, Any]]:
    """Submit a wish and return the path and body of the create that arrived."""
    backend = backend_at(control.url)
    await backend.submit(wish, context_for(backend, wish))
    await backend.aclose()
    (create,) = [entry for entry in control.requests() if entry["creates"]]
    return create["path"], create["body"]


async def refusal(control: FakeControl, wish: GenRequest) -> BackendError:
    """Submit a wish and return the error it must end in."""
    backend = backend_at(control.url)
    with pytest.raises(BackendError) as caught:
        await backend.submit(wish, context_for(backend, wish))
    await backend.aclose()
    return caught.value


async def ended(control: FakeControl, scenario: str) -> Any:
    """Return the last state of a task that goes as ``scenario`` says."""
    backend = backend_at(control.url)
    wish = replace(WISH, prompt=f"A lighthouse. [[fake:{scenario}]]")
    handle = await backend.submit(wish, context_for(backend, wish))
    control.advance(60)
    state = await backend.poll(handle)
    await backend.aclose()
    return state


async def test_text_is_sent_with_the_version_and_without_what_the_model_lacks(control: FakeControl) -> None:
    wish = replace(WISH, seed=7, negative="text", extra={"contentModeration": {"publicFigureThreshold": "low"}})
    path, body = await sent(control, wish)
    assert path == "/v1/text_to_video"
    assert body == {
        "model": "gen4.5",
        "promptText": "A lighthouse.",
        "ratio": "720:1280",
        "duration": 2,
        "seed": 7,
        "contentModeration": {"publicFigureThreshold": "low"},
    }
    (create,) = control.requests()
    assert create["headers"]["x-runway-version"] == "2024-11-06"
    assert "x-runway-on-behalf-of" not in create["headers"]


async def test_an_account_can_ask_on_behalf_of_another(control: FakeControl) -> None:
    backend = backend_at(control.url, options='on_behalf_of = "team-7"')
    await backend.submit(WISH, context_for(backend, WISH))
    await backend.aclose()
    assert control.requests()[0]["headers"]["x-runway-on-behalf-of"] == "team-7"


async def test_first_and_last_frame_have_their_positions(control: FakeControl, tmp_path: Path) -> None:
    frames = (asset(tmp_path, "first"), asset(tmp_path, "last", url="https://reel.example/last.png"))
    wish = replace(WISH, task=Task.FIRST_AND_LAST, model="veo3.1", assets=frames, negative="text", sound=False)
    path, body = await sent(control, wish)
    first, last = body.pop("promptImage")
    assert path == "/v1/image_to_video"
    assert first["position"] == "first"
    assert first["uri"].startswith("data:image/png;base64,")
    assert last == {"uri": "https://reel.example/last.png", "position": "last"}
    assert body == {
        "model": "veo3.1",
        "promptText": "A lighthouse.",
        "ratio": "1080:1920",
        "duration": 4,
        "audio": False,
        "negativePrompt": "text",
    }


async def test_references_have_no_position_and_voices_a_list_of_their_own(control: FakeControl, tmp_path: Path) -> None:
    inputs = (asset(tmp_path, "reference"), asset(tmp_path, "reference"), asset(tmp_path, "voice"))
    wish = replace(WISH, task=Task.REFERENCES, model="seedance2", assets=inputs)
    path, body = await sent(control, wish)
    assert path == "/v1/image_to_video"
    assert [set(one) for one in body["promptImage"]] == [{"uri"}, {"uri"}]
    assert [one["type"] for one in body["referenceAudio"]] == ["audio"]
    assert body["audio"] is True


async def test_what_extends_a_clip_asks_for_no_shape(control: FakeControl, tmp_path: Path) -> None:
    source = asset(tmp_path, "motion", b"a clip")
    wish = replace(WISH, task=Task.EXTEND, model="seedance2_5", assets=(source,))
    path, body = await sent(control, wish)
    assert path == "/v1/video_to_video"
    assert body["mode"] == "extend"
    assert body["promptVideo"].startswith("data:video/mp4;base64,")
    assert "ratio" not in body
    assert (await refusal(control, replace(wish, assets=()))).field == "assets"


async def test_the_recipe_divides_a_prompt_or_takes_its_shots(control: FakeControl, tmp_path: Path) -> None:
    wish = replace(WISH, task=Task.MULTI_SHOT, model="recipes/multi_shot_video", assets=(asset(tmp_path, "first"),))
    path, body = await sent(control, wish)
    assert path == "/v1/recipes/multi_shot_video"
    assert body.pop("firstFrame")["uri"].startswith("data:image/png")
    common = {"version": "2026-06", "duration": 5, "ratio": "720:1280", "audio": True}
    assert body == {**common, "mode": "auto", "prompt": "A lighthouse."}
    shots = [{"prompt": f"Shot {number}", "duration": 1} for number in range(5)]
    backend = backend_at(control.url)
    divided = replace(wish, assets=(), extra={"shots": shots})
    await backend.submit(divided, context_for(backend, divided))
    await backend.aclose()
    assert control.requests()[-1]["body"] == {**common, "mode": "custom", "shots": shots}


async def test_kling_takes_shots_in_its_own_settings(control: FakeControl) -> None:
    shots = [{"prompt": "One", "duration": 2}, {"prompt": "Two", "duration": 3}]
    wish = replace(WISH, task=Task.MULTI_SHOT, model="kling3.0_standard", extra={"shots": shots}, duration_frames=120)
    path, body = await sent(control, wish)
    assert path == "/v1/text_to_video"
    assert body["providerSettings"] == {"shotType": "customize", "multiPrompt": shots}
    longer = [{"prompt": "One", "duration": 6}]
    for wrong in ([{"prompt": "One"}], [{"prompt": "One", "duration": "2"}], "One", longer):
        error = await refusal(control, replace(wish, extra={"shots": wrong}))
        assert (error.kind, error.field) == (Kind.INVALID, "extra.shots")
    assert control.creates() == 1


async def test_a_performance_has_its_character_and_its_driver(control: FakeControl, tmp_path: Path) -> None:
    driver = clip(96, 160, 4.0)
    inputs = (asset(tmp_path, "reference"), asset(tmp_path, "motion", driver))
    wish = replace(WISH, task=Task.PERFORMANCE, model="act_two", assets=inputs, duration_frames=24 * 4)
    path, body = await sent(control, replace(wish, extra={"bodyControl": True, "expressionIntensity": 4}))
    assert path == "/v1/character_performance"
    assert body["character"]["type"] == "image"
    assert body["reference"]["type"] == "video"
    assert body["reference"]["uri"].startswith("data:video/mp4;base64,")
    assert {key: body[key] for key in ("model", "ratio", "bodyControl", "expressionIntensity")} == {
        "model": "act_two",
        "ratio": "720:1280",
        "bodyControl": True,
        "expressionIntensity": 4,
    }
    assert "promptText" not in body


@pytest.mark.parametrize(("seconds", "asked"), [(6.0, 4), (2.0, 3)])
async def test_a_driver_that_costs_more_than_was_reserved_is_not_sent(
    control: FakeControl, tmp_path: Path, seconds: float, asked: int
) -> None:
    inputs = (asset(tmp_path, "reference"), asset(tmp_path, "motion", clip(96, 160, seconds)))
    wish = replace(WISH, task=Task.PERFORMANCE, model="act_two", assets=inputs, duration_frames=24 * asked)
    error = await refusal(control, wish)
    assert error.kind is Kind.INVALID
    assert f"lasts {seconds:.1f} s" in error.message
    broken = (inputs[0], asset(tmp_path, "motion", b"no clip"))
    assert (await refusal(control, replace(wish, assets=broken))).kind is Kind.INVALID
    assert control.requests() == []


async def test_what_is_too_large_to_be_sent_along_needs_a_public_address(control: FakeControl, tmp_path: Path) -> None:
    large = asset(tmp_path, "first", b"\x89PNG" + bytes(5 * 1024 * 1024))
    wish = replace(WISH, task=Task.FIRST_FRAME, model="gen4_turbo", assets=(large,))
    error = await refusal(control, wish)
    assert (error.kind, error.field, error.fault) == (Kind.INVALID, "assets", Fault.IMAGE)
    enormous = replace(asset(tmp_path, "first", bytes(17 * 1024 * 1024)), url="https://reel.example/first.png")
    assert (await refusal(control, replace(wish, assets=(enormous,)))).field == "assets"
    assert control.requests() == []
    addressed = replace(large, url="https://reel.example/first.png")
    _, body = await sent(control, replace(wish, assets=(addressed,)))
    assert body["promptImage"] == [{"uri": "https://reel.example/first.png", "position": "first"}]


async def test_a_prompt_is_counted_as_runway_counts_it(control: FakeControl) -> None:
    assert (await refusal(control, replace(WISH, prompt="🗼" * 501))).field == "prompt"
    assert (await refusal(control, replace(WISH, prompt="灯" * 50_000))).field == "prompt"
    _, body = await sent(control, replace(WISH, prompt="🗼" * 500))
    assert body["promptText"] == "🗼" * 500


async def test_a_cap_on_the_day_is_waited_out(control: FakeControl) -> None:
    error = await refusal(control, replace(WISH, prompt="[[fake:429_daily]]"))
    assert (error.kind, error.retry_after) == (Kind.RATE_LIMIT, 3600)
    assert not error.outcome_unknown


async def test_a_refused_body_names_its_field(control: FakeControl) -> None:
    error = await refusal(control, replace(WISH, extra={"contentModeration": None}, prompt="[[fake:invalid]]"))
    assert error.kind is Kind.INVALID
    backend = backend_at(control.url, options='models = [{ like = "gen4.5", frames = ["1000x1000"] }]')
    with pytest.raises(BackendError) as caught:
        await backend.submit(WISH, context_for(backend, WISH))
    await backend.aclose()
    assert (caught.value.kind, caught.value.field) == (Kind.INVALID, "ratio")


async def test_a_task_that_waits_for_its_turn_is_queued_and_tells_its_cost_in_the_end(control: FakeControl) -> None:
    backend = backend_at(control.url)
    wish = replace(WISH, prompt="[[fake:throttled]]")
    handle = await backend.submit(wish, context_for(backend, wish))
    waiting = await backend.poll(handle)
    control.advance(6)
    running = await backend.poll(handle)
    control.advance(60)
    done, again = await backend.poll(handle), await backend.poll(handle)
    await backend.aclose()
    assert (waiting.phase, waiting.raw_status) == (Phase.QUEUED, "THROTTLED")
    assert running.progress == pytest.approx(0.5, abs=0.1)
    assert done.cost == Money.of("0.24", "USD") == backend.estimate(WISH).high
    assert done.outputs[0].data != again.outputs[0].data, "Each look gives a fresh address."


@pytest.mark.parametrize(
    ("scenario", "phase", "kind", "fault", "charged"),
    [
        ("fail", Phase.FAILED, Kind.TRANSIENT, Fault.PROVIDER, False),
        ("fail_silently", Phase.FAILED, Kind.TRANSIENT, Fault.PROVIDER, False),
        ("third_party", Phase.FAILED, Kind.TRANSIENT, Fault.PROVIDER, False),
        ("asset_invalid", Phase.FAILED, Kind.INVALID, Fault.IMAGE, False),
        ("moderation_output", Phase.REFUSED, Kind.MODERATION, Fault.PROVIDER, True),
        ("safety_text", Phase.REFUSED, Kind.MODERATION, Fault.PROMPT, True),
        ("safety_image", Phase.REFUSED, Kind.MODERATION, Fault.IMAGE, True),
        ("safety_image]][[fake:no_cost", Phase.REFUSED, Kind.MODERATION, Fault.IMAGE, True),
        ("fail]][[fake:no_cost", Phase.FAILED, Kind.TRANSIENT, Fault.PROVIDER, None),
    ],
)
async def test_a_failure_says_whose_it_is_and_whether_it_is_paid(
    control: FakeControl, scenario: str, phase: Phase, kind: Kind, fault: Fault, charged: bool | None
) -> None:
    state = await ended(control, scenario)
    assert (state.phase, state.error.kind, state.error.fault) == (phase, kind, fault)
    assert state.error.charged is charged


async def test_a_finished_task_is_never_deleted(control: FakeControl) -> None:
    backend = backend_at(control.url)
    handle = await backend.submit(WISH, context_for(backend, WISH))
    control.advance(60)
    assert await backend.cancel(handle) is CancelResult.TOO_LATE
    assert [entry["method"] for entry in control.requests()] == ["POST", "GET"]
    await backend.aclose()


async def test_a_cancelled_task_is_gone_for_another_process_too(control: FakeControl) -> None:
    backend, other = backend_at(control.url), backend_at(control.url)
    handle = await backend.submit(WISH, context_for(backend, WISH))
    assert await backend.cancel(handle) is CancelResult.CANCELLED
    assert (await backend.poll(handle)).phase is Phase.CANCELLED
    with pytest.raises(BackendError) as caught:
        await other.poll(handle)
    assert caught.value.kind is Kind.NOT_FOUND
    assert await other.cancel(handle) is CancelResult.CANCELLED
    await backend.aclose()
    await other.aclose()


def test_the_shipped_models_are_priced_at_every_size_and_know_no_look_up() -> None:
    (config,) = parse_configs(f'[r]\nkind = "runway"\napi_key = "{KEY}"\noptions = {{ hosts = ["cdn.example"] }}')
    backend = RunwayBackend.from_config(config)
    listed = {row["model"] for row in shipped() if row["kind"] == "runway" and not row.get("template")}
    assert {caps.model for caps in backend.models()} == listed
    for row in backend.rows.values():
        assert row.caps.recover is Recover.NONE
        for frame in row.caps.frames:
            assert row.price is not None
            assert row.price.cost(5, frame).micros > 0, f"{row.caps.model} at {frame}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "needs an api_key"),
        ('api_key = "k"', "'hosts'"),
        ('api_key = "k"\noptions = { hosts = ["a.example"], mode = 1 }', "no option 'mode'"),
        ('api_key = "k"\noptions = { hosts = ["a.example"], models = ["kling2.5_turbo_pro"] }', "needs a price"),
        ('api_key = "k"\noptions = { hosts = ["a.example"], models = ["no-such"] }', "no-such"),
        (
            'api_key = "k"\n[r.options]\nhosts = ["a.example"]\nmodels = [{ like = "gen4.5", inputs = { a = "$b" } }]',
            r"no value \$b",
        ),
        (
            'api_key = "k"\n[r.options]\nhosts = ["a.example"]\nmodels = [{ like = "gen4.5", inputs = {} }]',
            "needs inputs",
        ),
        (
            'api_key = "k"\n[r.options]\nhosts = ["a.example"]\nmodels = [{ like = "gen4.5", durations = [-1] }]',
            "durations",
        ),
    ],
)
def test_a_wrong_configuration_says_what_is_wrong(text: str, words: str) -> None:
    (config,) = parse_configs(f'[r]\nkind = "runway"\n{text}')
    with pytest.raises(ConfigError, match=words):
        RunwayBackend.from_config(config)


async def test_a_wrong_key_and_no_money_are_told_apart(control: FakeControl) -> None:
    (config,) = parse_configs(
        f'[r]\nkind = "runway"\nbase_url = "{control.url}"\napi_key = "wrong"\noptions = {{ self_hosted = true }}'
    )
    backend = RunwayBackend.from_config(config)
    with pytest.raises(BackendError) as caught:
        await backend.submit(WISH, context_for(backend, WISH))
    await backend.aclose()
    assert caught.value.kind is Kind.AUTH
    assert "wrong" not in caught.value.message
    poor = await refusal(control, replace(WISH, prompt="[[fake:429_no_money]]"))
    assert (poor.kind, poor.http_status) == (Kind.QUOTA, 400)
