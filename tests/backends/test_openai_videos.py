"""The /v1/videos dialect beyond the shared contract: what each server wants, tells and hides."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from pydantic import SecretStr

from app.backends.base import Asset, CancelResult, GenRequest, Phase
from app.backends.capabilities import Cancel, Task
from app.backends.config import BackendConfig
from app.backends.errors import BackendError, ConfigError, Fault, Kind
from app.backends.http import Answer
from app.backends.openai_videos import OpenAIVideosBackend
from app.backends.openai_videos.answers import read_error, read_words
from app.backends.testing.contract.subject import FakeControl, check_artifact, context_for, sink_in
from app.backends.testing.fake_openai_videos import OpenAIVideosFake
from app.backends.testing.server import serve
from app.core import clock
from app.core.frames import FrameRate
from app.core.money import Money

PRICE = {"currency": "USD", "per_second": "0.10", "per_second_by_size": {"1280x720": "0.50"}}
OPEN = {"like": "open-weights", "model": "fake-video", "tasks": ["t2v", "i2v", "ref2v", "performance"], "max_images": 3}
SHAPED = {"like": "openai-shape", "model": "fake-video", "price": PRICE}
MODELS = {"cloud": SHAPED, "litellm": SHAPED, "vllm": OPEN, "sglang": OPEN | {"max_clips": 1}}
WISH = GenRequest(Task.TEXT, "fake-video", "A lighthouse.", 48, FrameRate(24), width=720, height=1280)


def configured(profile: str, url: str, **options: Any) -> OpenAIVideosBackend:
    options = {"models": [MODELS[profile]], "self_hosted": True, "read_timeout_s": 1.5} | options
    return OpenAIVideosBackend.from_config(
        BackendConfig("farm", "openai_videos", url, profile, SecretStr("sk-test-farm-12345678"), options=options)
    )


@contextmanager
def server(profile: str) -> Iterator[tuple[OpenAIVideosFake, FakeControl]]:
    fake = OpenAIVideosFake(profile, key="sk-test-farm-12345678")
    with serve(fake.app) as running:
        yield fake, FakeControl(running.url)


async def sent(profile: str, wish: GenRequest, **options: Any) -> dict[str, Any]:
    """Submit a wish and return the create that arrived."""
    with server(profile) as (_, control):
        backend = configured(profile, control.url, **options)
        await backend.submit(wish, context_for(backend, wish))
        await backend.aclose()
        (create,) = [entry for entry in control.requests() if entry["creates"]]
    return create


def picture(folder: Path, size: tuple[int, int], role: str = "first") -> Asset:
    path = folder / f"{role}.jpg"
    Image.new("RGB", size, (200, 80, 40)).save(path)
    return Asset(role=role, sha256="0" * 64, mime="image/jpeg", path=path)


async def test_the_cloud_shape_is_json_with_seconds_as_text() -> None:
    create = await sent("cloud", replace(WISH, duration_frames=24 * 5, width=1080, height=1920))
    assert create["headers"]["content-type"] == "application/json"
    assert create["path"] == "/v1/videos"
    assert create["body"] == {"prompt": "A lighthouse.", "model": "fake-video", "seconds": "8", "size": "720x1280"}


async def test_a_reseller_that_wants_forms_gets_forms() -> None:
    create = await sent("cloud", WISH, always_multipart=True)
    assert create["headers"]["content-type"].startswith("multipart/form-data")


async def test_a_server_of_ones_own_gets_seed_negative_prompt_and_known_settings() -> None:
    wish = replace(WISH, seed=7, negative="text, watermark", extra={"num_inference_steps": 30, "guidance_scale": 4.5})
    create = await sent("vllm", wish)
    assert create["headers"]["content-type"].startswith("multipart/form-data")
    assert create["body"] == {
        "prompt": "A lighthouse.",
        "model": "fake-video",
        "seconds": "2",
        "size": "720x1280",
        "seed": "7",
        "negative_prompt": "text, watermark",
        "num_inference_steps": "30",
        "guidance_scale": "4.5",
    }


async def test_the_sound_switch_is_sent_where_the_server_has_one() -> None:
    create = await sent("vllm", replace(WISH, sound=False), models=[OPEN | {"native_sound": True}])
    assert create["body"]["generate_sound"] == "false"


async def test_a_first_frame_is_cut_to_the_size_the_cloud_shape_wants(tmp_path: Path) -> None:
    wish = replace(WISH, task=Task.FIRST_FRAME, assets=(picture(tmp_path, (1600, 900)),))
    create = await sent("cloud", wish)
    assert create["body"]["size"] == "720x1280", "The fake refuses a picture of another size."
    assert create["body"]["input_reference"]["size"] > 0


async def test_inputs_go_to_the_fields_of_the_server(tmp_path: Path) -> None:
    first = picture(tmp_path, (64, 64))
    create = await sent("vllm", replace(WISH, task=Task.FIRST_FRAME, assets=(first,)))
    assert create["body"]["input_reference"]["size"] == first.path.stat().st_size
    wish = replace(WISH, task=Task.REFERENCES, assets=(picture(tmp_path, (64, 64), "reference"),))
    assert "input_references" in (await sent("vllm", wish))["body"]
    clip = tmp_path / "motion.mp4"
    clip.write_bytes(b"a clip")
    motion = Asset("motion", "0" * 64, "video/mp4", clip)
    wish = replace(WISH, task=Task.PERFORMANCE, assets=(picture(tmp_path, (64, 64), "reference"), motion))
    assert {"input_reference", "video_reference"} <= set((await sent("sglang", wish))["body"])


async def test_inputs_that_cannot_be_are_refused_before_anything_is_sent(tmp_path: Path) -> None:
    huge = tmp_path / "huge.jpg"
    with huge.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    garbage = tmp_path / "garbage.jpg"
    garbage.write_bytes(b"not a picture")
    with server("cloud") as (_, control):
        backend = configured("cloud", control.url)
        for path in (huge, garbage, tmp_path / "missing.jpg"):
            wish = replace(WISH, task=Task.FIRST_FRAME, assets=(Asset("first", "0" * 64, "image/jpeg", path),))
            with pytest.raises(BackendError) as caught:
                await backend.submit(wish, context_for(backend, wish))
            assert (caught.value.kind, caught.value.fault) == (Kind.INVALID, Fault.IMAGE)
        wish = replace(WISH, task=Task.FIRST_FRAME)
        with pytest.raises(BackendError, match="needs a first input"):
            await backend.submit(wish, context_for(backend, wish))
        await backend.aclose()
        assert control.requests() == []


async def test_vllm_tells_a_failed_job_with_an_http_error() -> None:
    with server("vllm") as (fake, control):
        backend = configured("vllm", control.url)
        wish = replace(WISH, prompt="[[fake:fail]]")
        handle = await backend.submit(wish, context_for(backend, wish))
        fake.clock.advance(60)
        assert httpx.get(f"{control.url}/v1/videos/{handle.remote_id}", headers=_key()).status_code == 500
        state = await backend.poll(handle)
        await backend.aclose()
    assert state.phase is Phase.FAILED
    assert state.error is not None
    assert state.error.charged is False
    assert state.cost == Money(0, "USD")


@pytest.mark.parametrize(
    ("profile", "phase"), [("vllm", Phase.LOST), ("sglang", Phase.LOST), ("litellm", Phase.QUEUED)]
)
async def test_a_restart_loses_jobs_where_they_live_in_memory(profile: str, phase: Phase) -> None:
    with server(profile) as (fake, control):
        backend = configured(profile, control.url)
        handle = await backend.submit(WISH, context_for(backend, WISH))
        fake.restart()
        state = await backend.poll(handle)
        await backend.aclose()
    assert state.phase is phase
    assert state.cost == (Money(0, "USD") if phase is Phase.LOST else None)


async def test_sglang_results_in_declared_object_storage_are_fetched_there(tmp_path: Path) -> None:
    with server("sglang") as (fake, control):
        port = httpx.URL(control.url).port
        declared = configured("sglang", control.url, hosts=[f"localhost:{port}"])
        undeclared = configured("sglang", control.url)
        wish = replace(WISH, prompt="[[fake:object_storage]]", width=180, height=320)
        handle = await declared.submit(wish, context_for(declared, wish))
        fake.clock.advance(60)
        state, sink = await declared.poll(handle), sink_in(tmp_path)
        check_artifact(await declared.fetch(handle, state.outputs[0], sink), sink)
        state = await undeclared.poll(handle)
        with pytest.raises(BackendError, match="add that host to the option 'hosts'") as caught:
            await undeclared.fetch(handle, state.outputs[0], sink_in(tmp_path, "other.mp4"))
        await declared.aclose()
        await undeclared.aclose()
    assert caught.value.kind is Kind.PERMANENT
    assert "abcdef" not in caught.value.message, "The signature in the server's words is hidden."


async def test_a_cancel_that_comes_as_the_output_is_finalised_is_only_asked() -> None:
    with server("vllm") as (_, control):
        backend = configured("vllm", control.url)
        wish = replace(WISH, prompt="[[fake:cancel_late]]")
        handle = await backend.submit(wish, context_for(backend, wish))
        assert await backend.cancel(handle) is CancelResult.ASKED
        await backend.aclose()
    assert [caps.cancel for caps in configured("sglang", "http://farm:8000").models()] == [Cancel.NONE]


async def test_two_videos_that_could_be_the_lost_one_are_left_to_a_person() -> None:
    with server("cloud") as (_, control):
        backend = configured("cloud", control.url)
        wish = replace(WISH, prompt="Twice. [[fake:drop_after]]")
        context = context_for(backend, wish)
        for _ in range(2):
            with pytest.raises(BackendError):
                await backend.submit(wish, context)
        with pytest.raises(BackendError, match="2 videos") as caught:
            await backend.find(wish, context)
        first, second = (job["id"] for job in control.jobs())
        found = await backend.find(wish, replace(context, known_remote_ids=frozenset({first})))
        await backend.aclose()
    assert caught.value.outcome_unknown
    assert caught.value.retry_after is None
    assert found is not None
    assert found.remote_id == second


async def test_a_lost_answer_is_found_behind_several_pages_of_newer_work() -> None:
    with server("vllm") as (fake, control):
        backend = configured("vllm", control.url)
        wish = replace(WISH, prompt="The lost one. [[fake:drop_after]]")
        context = context_for(backend, wish)
        with pytest.raises(BackendError):
            await backend.submit(wish, context)
        for number in range(230):
            fake._make({"prompt": f"Another, {number}.", "model": "fake-video"}, {})
        found = await backend.find(wish, context)
        lists = [entry for entry in control.requests() if entry["method"] == "GET"]
        await backend.aclose()
    assert found is not None
    assert len(lists) == 3


async def test_older_work_with_the_same_words_is_not_taken() -> None:
    with server("cloud") as (_, control):
        backend = configured("cloud", control.url)
        await backend.submit(WISH, context_for(backend, WISH))
        later = replace(context_for(backend, WISH), submitted_at=clock.now() + timedelta(hours=2))
        with clock.turned(timedelta(hours=3)):
            assert await backend.find(WISH, later) is None
        await backend.aclose()


def test_prices_come_from_the_catalogue_and_the_configuration() -> None:
    paid = configured("cloud", "https://api.example.com")
    wide = replace(WISH, width=1920, height=1080, duration_frames=24 * 9)
    assert paid.estimate(WISH).high == Money.of("0.40", "USD")
    assert paid.estimate(wide).high == Money.of("6.00", "USD")
    free = configured("vllm", "http://farm:8000")
    assert free.estimate(WISH).high.micros == 0
    assert [(caps.free, caps.resubmit_safe) for caps in free.models()] == [(True, True)]
    metered = configured(
        "vllm", "http://farm:8000", models=[OPEN | {"price": {"currency": "CNY", "per_second": "0.02"}}]
    )
    assert metered.estimate(WISH).high == Money.of("0.04", "CNY")
    assert [(caps.free, caps.resubmit_safe) for caps in metered.models()] == [(False, True)]
    assert [caps.resubmit_safe for caps in paid.models()] == [False]


async def test_a_retired_model_is_refused_before_it_is_asked() -> None:
    with server("cloud") as (_, control):
        backend = configured("cloud", control.url, models=[SHAPED | {"retires_on": "2020-01-01"}])
        with pytest.raises(BackendError, match="withdrawn on 2020-01-01") as caught:
            await backend.submit(WISH, context_for(backend, WISH))
        await backend.aclose()
        assert control.requests() == []
    assert caught.value.model_gone


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"profile": "azure"}, "profile"),
        ({"base_url": ""}, "base_url"),
        ({"options": {"modells": []}}, "modells"),
        ({"options": {}}, "models"),
        ({"options": {"models": [{"like": "openai-shape", "model": "x"}]}}, "price"),
        ({"options": {"models": ["no-such-row"]}}, "no-such-row"),
        ({"options": {"models": [SHAPED | {"durations": ["long"]}]}}, "durations"),
        ({"options": {"models": [SHAPED], "read_timeout_s": "fast"}}, "read_timeout_s"),
        ({"options": {"models": [SHAPED], "hosts": "cdn.example.com"}}, "hosts"),
        ({"webhook_secret": SecretStr("not-a-secret-of-that-form"), "options": {"models": [SHAPED]}}, "whsec_"),
    ],
)
def test_a_wrong_configuration_says_what_is_wrong(changes: dict[str, Any], words: str) -> None:
    good = BackendConfig("reseller", "openai_videos", "https://api.example.com", "cloud", options={"models": [SHAPED]})
    OpenAIVideosBackend.from_config(good)
    with pytest.raises(ConfigError, match=words) as caught:
        OpenAIVideosBackend.from_config(replace(good, **changes))
    assert "not-a-secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "body", "kind", "field"),
    [
        (400, {"error": {"message": "bad", "param": "size", "code": "invalid_value"}}, Kind.INVALID, "size"),
        (422, {"detail": [{"loc": ["body", "seconds"], "msg": "not an integer"}]}, Kind.INVALID, "seconds"),
        (401, {"error": "Unauthorized"}, Kind.AUTH, ""),
        (503, {"detail": "warming up"}, Kind.TRANSIENT, ""),
        (429, {"error": {"code": "insufficient_quota"}}, Kind.QUOTA, ""),
        (400, {"error": {"type": "budget_exceeded", "message": "Budget has been exceeded"}}, Kind.QUOTA, ""),
        (400, {"error": {"message": "insufficient resolution"}}, Kind.INVALID, ""),
        (400, {"detail": "The model `x` does not exist"}, Kind.PERMANENT, ""),
        (404, {"detail": "Video not found"}, Kind.NOT_FOUND, ""),
        (403, {"error": {"message": "Blocked by our content policy"}}, Kind.MODERATION, ""),
        (502, None, Kind.TRANSIENT, ""),
        (400, [], Kind.INVALID, ""),
    ],
)
def test_every_envelope_of_the_dialect_is_read(status: int, body: Any, kind: Kind, field: str) -> None:
    error = read_error(Answer(status, {}, body), read_words(body, str))
    assert (error.kind, error.field) == (kind, field)


def _key() -> dict[str, str]:
    return {"authorization": "Bearer sk-test-farm-12345678"}


@pytest.mark.parametrize(
    ("named", "used"),
    [
        ("https://eu.cdn.example.com/v.mp4?sig=1", True),
        ("https://elsewhere.example.org/v.mp4", False),
        ("https://api.example.com/v1/files/v.mp4", False),
        ("http://[::1", False),
        (7, False),
    ],
)
def test_a_named_result_is_used_only_on_another_declared_host(named: Any, used: bool) -> None:
    backend = configured("cloud", "https://api.example.com", hosts=["*.cdn.example.com"])
    assert backend._output({"video_url": named}).data == ({"url": named} if used else {})
