"""What PixVerse is sent and tells, beyond the shared contract."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from pixverse_support import KEY, WISH, Rig, backend_at, picture, rigged
from pydantic import SecretStr

from app.backends.base import Asset, CancelResult, Phase
from app.backends.capabilities import Recover, Task
from app.backends.config import BackendConfig
from app.backends.errors import BackendError, ConfigError, Fault, Kind
from app.backends.http import Answer
from app.backends.pixverse import PixVerseBackend
from app.core.money import Money

PRICE = {"currency": "USD", "per_second": "0.10"}


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with rigged() as made:
        yield made


def uploads(rig: Rig) -> list[dict[str, Any]]:
    return [entry for entry in rig.control.requests() if entry["path"] == "/openapi/v2/image/upload"]


async def test_text_is_sent_with_the_attempts_id_as_trace(rig: Rig) -> None:
    context = rig.context()
    await rig.backend.submit(replace(WISH, negative="rain", seed=7), context)
    (create,) = rig.control.requests()
    assert create["path"] == "/openapi/v2/video/text/generate"
    assert (create["headers"]["api-key"], create["headers"]["ai-trace-id"]) == (KEY, str(context.attempt_id))
    assert create["body"] == {
        "prompt": "A lighthouse.",
        "model": "v6",
        "duration": 5,
        "quality": "720p",
        "negative_prompt": "rain",
        "seed": 7,
        "aspect_ratio": "9:16",
        "water_mark": False,
    }


async def test_every_other_request_has_a_trace_of_its_own(rig: Rig) -> None:
    handle = await rig.backend.submit(WISH, rig.context())
    for _ in range(2):
        await rig.backend.poll(handle)
    traces = [entry["headers"]["ai-trace-id"] for entry in rig.control.requests()]
    assert len({UUID(trace) for trace in traces}) == 3


async def test_the_same_attempt_sent_twice_is_one_video(rig: Rig) -> None:
    context = rig.context()
    first, second = [await rig.backend.submit(WISH, context) for _ in range(2)]
    assert first == second
    assert len(rig.control.jobs()) == 1
    assert [(caps.recover, caps.resubmit_safe) for caps in rig.backend.models()] == [(Recover.NONE, False)]


async def test_frames_are_uploaded_before_the_one_create(rig: Rig, tmp_path: Path) -> None:
    first, last = picture(tmp_path, "first"), picture(tmp_path, "last")
    create = await rig.sent(replace(WISH, task=Task.FIRST_FRAME, assets=(first,)))
    assert create["path"] == "/openapi/v2/video/img/generate"
    assert isinstance(create["body"]["img_id"], int)
    assert "aspect_ratio" not in create["body"]
    create = await rig.sent(replace(WISH, task=Task.FIRST_AND_LAST, assets=(last, first)))
    assert create["path"] == "/openapi/v2/video/transition/generate"
    assert create["body"]["first_frame_img"] < create["body"]["last_frame_img"]
    assert len(uploads(rig)) == 3


async def test_references_are_named_and_cited(tmp_path: Path) -> None:
    async with rigged() as rig:
        backend = backend_at(rig.control.url, models=[{"like": "v6", "max_images": 2}])
        looks = tuple(picture(tmp_path, "reference", name) for name in ("lin", "mo"))
        wish = replace(WISH, task=Task.REFERENCES, prompt="@ref2 waits in the rain.", assets=looks)
        await backend.submit(wish, rig.context())
        with pytest.raises(BackendError) as caught:
            await backend.submit(replace(wish, prompt="x" * 2047), rig.context())
        await backend.aclose()
        (create,) = [entry for entry in rig.control.requests() if entry["creates"]]
    assert create["path"] == "/openapi/v2/video/fusion/generate"
    assert create["body"]["prompt"] == "@ref2 waits in the rain. @ref1"
    named = [(one["type"], one["ref_name"]) for one in create["body"]["image_references"]]
    assert named == [("subject", "ref1"), ("subject", "ref2")]
    assert (caught.value.kind, caught.value.field) == (Kind.INVALID, "prompt")


async def test_a_video_is_extended_by_its_id(rig: Rig) -> None:
    handle = await rig.backend.submit(WISH, rig.context())
    rig.fake.clock.advance(60)
    wish = replace(WISH, task=Task.EXTEND, extra={"video_id": handle.remote_id})
    create = await rig.sent(wish)
    assert create["path"] == "/openapi/v2/video/extend/generate"
    assert create["body"]["source_video_id"] == int(handle.remote_id)
    missing = await rig.refused(replace(wish, extra={}))
    assert (missing.kind, missing.field) == (Kind.INVALID, "extra.video_id")
    unknown = await rig.refused(replace(wish, extra={"video_id": "1"}))
    assert (unknown.kind, unknown.model_gone, unknown.charged) == (Kind.NOT_FOUND, False, False)


async def test_a_picture_that_cannot_be_uploaded_buys_nothing(rig: Rig, tmp_path: Path) -> None:
    path = tmp_path / "first.jpg"
    path.write_bytes(b"not a picture")
    broken = Asset("first", "0" * 64, "image/jpeg", path)
    error = await rig.refused(replace(WISH, task=Task.FIRST_FRAME, assets=(broken,)))
    assert (error.kind, error.fault, error.charged) == (Kind.INVALID, Fault.IMAGE, False)
    assert not error.outcome_unknown
    assert rig.control.creates() == 0


async def test_an_input_the_task_has_no_use_for_is_refused(rig: Rig, tmp_path: Path) -> None:
    wish = replace(WISH, assets=(picture(tmp_path, "reference"),))
    for bad in (wish, replace(wish, task=Task.EXTEND, extra={"video_id": "1"})):
        error = await rig.refused(bad)
        assert (error.kind, error.field) == (Kind.INVALID, "assets")
    assert rig.control.requests() == []


async def test_settings_of_the_provider_are_passed_on(rig: Rig) -> None:
    extra = {"motion_mode": "fast", "style": "anime", "camera_movement": "zoom_in", "template_id": 3}
    body = (await rig.sent(replace(WISH, extra=extra)))["body"]
    assert {key: body[key] for key in extra} == extra


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"extra": {"motion_mode": "slow"}}, "extra.motion_mode"),
        ({"extra": {"style": 7}}, "extra.style"),
        ({"extra": {"template_id": True}}, "extra.template_id"),
        ({"extra": {"video_id": "1"}}, "extra.video_id"),
        ({"extra": {"water_mark": True}}, "extra.water_mark"),
        ({"prompt": "x" * 50_000}, "prompt"),
        ({"prompt": "a\x00b"}, "prompt"),
        ({"model": "v99"}, "model"),
        ({"task": Task.PERFORMANCE}, "task"),
    ],
)
async def test_what_cannot_be_asked_is_not_sent(rig: Rig, changes: dict[str, Any], field: str) -> None:
    error = await rig.refused(replace(WISH, **changes))
    assert (error.kind, error.field, error.charged) == (Kind.INVALID, field, False)
    assert rig.control.requests() == []


@pytest.mark.parametrize(
    ("code", "kind", "unknown"),
    [
        (400012, Kind.AUTH, False),
        (400018, Kind.INVALID, False),
        (400099, Kind.INVALID, False),
        (500020, Kind.AUTH, False),
        (500044, Kind.RATE_LIMIT, False),
        (500063, Kind.MODERATION, False),
        (500069, Kind.RATE_LIMIT, False),
        (500090, Kind.QUOTA, False),
        (500999, Kind.TRANSIENT, True),
        (99999, Kind.TRANSIENT, True),
    ],
)
async def test_a_refusal_that_comes_as_a_success_is_read(rig: Rig, code: int, kind: Kind, unknown: bool) -> None:
    error = await rig.refused(replace(WISH, prompt=f"[[fake:code={code}]]"))
    assert (error.kind, error.outcome_unknown, error.provider_code) == (kind, unknown, str(code))
    assert error.charged is (None if unknown else False)


async def test_more_videos_at_once_than_allowed_have_to_wait() -> None:
    async with rigged(slots=1) as rig:
        await rig.backend.submit(WISH, rig.context())
        assert (await rig.refused(WISH)).kind is Kind.RATE_LIMIT
        rig.fake.clock.advance(60)
        await rig.backend.submit(WISH, rig.context())


async def test_a_status_is_a_number(rig: Rig) -> None:
    handle = await rig.backend.submit(WISH, rig.context())
    seen = [await rig.backend.poll(handle)]
    for seconds in (5, 60):
        rig.fake.clock.advance(seconds)
        seen.append(await rig.backend.poll(handle))
    httpx.post(f"{rig.control.url}/__fake/delete/{handle.remote_id}").raise_for_status()
    seen.append(await rig.backend.poll(handle))
    assert [(state.phase, state.raw_status) for state in seen] == [
        (Phase.QUEUED, "2"),
        (Phase.RUNNING, "5"),
        (Phase.SUCCEEDED, "1"),
        (Phase.LOST, "6"),
    ]
    assert await rig.backend.cancel(handle) is CancelResult.UNSUPPORTED


async def test_a_wrong_key_is_an_account_at_fault(rig: Rig) -> None:
    backend = backend_at(rig.control.url, key="pixverse-key-of-somebody-else")
    with pytest.raises(BackendError) as caught:
        await backend.submit(WISH, rig.context())
    await backend.aclose()
    assert (caught.value.kind, caught.value.charged) == (Kind.AUTH, False)
    assert "somebody" not in caught.value.message


def test_a_model_is_gone_only_where_the_words_say_so() -> None:
    backend = backend_at("http://127.0.0.1:1")
    gone = backend.read_error(Answer(200, {}, {"ErrCode": 400017, "ErrMsg": "invalid model v1"}))
    assert (gone.kind, gone.model_gone) == (Kind.PERMANENT, True)
    wrong = backend.read_error(Answer(200, {}, {"ErrCode": 400017, "ErrMsg": "model v5 does not take 8 s at 1080p"}))
    assert (wrong.kind, wrong.model_gone) == (Kind.INVALID, False)


def test_prices_are_the_catalogues() -> None:
    backend = backend_at("http://127.0.0.1:1")
    assert backend.estimate(WISH).high == Money.of("0.30", "USD")
    assert backend.estimate(replace(WISH, width=1440, height=1080)).high == Money.of("0.575", "USD")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"api_key": None}, "api_key"),
        ({"profile": "new"}, "models"),
        ({"options": {"models": ["v5.6"]}}, "needs a price"),
        ({"options": {"models": ["v9"]}}, "v9"),
        ({"options": {"modells": []}}, "modells"),
        ({"options": {"models": [{"like": "v6", "durations": ["long"]}]}}, "durations"),
    ],
)
def test_a_wrong_configuration_says_what_is_wrong(changes: dict[str, Any], words: str) -> None:
    good = BackendConfig("pixverse", "pixverse", "", api_key=SecretStr(KEY))
    assert "app-api.pixverse.ai" in PixVerseBackend.from_config(good).hosts
    PixVerseBackend.from_config(replace(good, options={"models": [{"like": "v5.6", "price": PRICE}]}))
    with pytest.raises(ConfigError, match=words):
        PixVerseBackend.from_config(replace(good, **changes))
