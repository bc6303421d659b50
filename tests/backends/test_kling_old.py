"""What Kling's old API is sent, beyond the shared contract, and the tokens it may be asked with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from kling_support import (
    ACCESS_KEY,
    OLD,
    SECRET_KEY,
    Rig,
    account_at,
    inline,
    media,
    picture,
    rigged,
)
from pydantic import SecretStr

from app.backends.capabilities import Task
from app.backends.errors import BackendError, Fault, Kind
from app.backends.kling.access import signed_token
from app.core import clock
from app.core.money import Money

CLIP = "https://reel.example.com/inputs/clip.mp4"
SHEET_TOKEN = (
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJBS3Rlc3QiLCJleHAiOjE3OTU0MDAwMDAsIm5iZiI6MTc5NTM5ODE5NX0."
    "-33acfqWr2lRErRXkFHTvCxByCf-xwlD2RQIX1BJXsU"
)


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with rigged("old", access_key=ACCESS_KEY, secret_key=SECRET_KEY) as made:
        yield made


async def test_text_is_a_flat_body_with_the_duration_as_text(rig: Rig) -> None:
    create = await rig.sent(replace(OLD, negative="rain", extra={"cfg_scale": 0.7}))
    assert create["path"] == "/v1/videos/text2video"
    assert create["body"] == {
        "model_name": "kling-v3",
        "prompt": "A lighthouse.",
        "negative_prompt": "rain",
        "cfg_scale": 0.7,
        "mode": "std",
        "duration": "5",
        "sound": "on",
        "aspect_ratio": "9:16",
    }


async def test_a_silent_model_is_sent_no_switch_for_sound(rig: Rig) -> None:
    body = (await rig.sent(replace(OLD, model="kling-v2-6", width=1920, height=1080, duration_frames=24 * 7)))["body"]
    assert "sound" not in body
    assert (body["mode"], body["duration"], body["aspect_ratio"]) == ("pro", "10", "16:9")


async def test_frames_travel_as_raw_base64(rig: Rig, tmp_path: Path) -> None:
    first, last = picture(tmp_path, "first"), picture(tmp_path, "last")
    create = await rig.sent(replace(OLD, task=Task.FIRST_AND_LAST, assets=(first, last)))
    assert create["path"] == "/v1/videos/image2video"
    assert (create["body"]["image"], create["body"]["image_tail"]) == (inline(first), inline(last))
    assert "aspect_ratio" not in create["body"]
    create = await rig.sent(replace(OLD, model="kling-v2-6", task=Task.FIRST_FRAME, assets=(first,)))
    assert "image_tail" not in create["body"]
    error = await rig.refused(replace(OLD, model="kling-v2-6", task=Task.FIRST_FRAME, assets=(first, last)))
    assert error.kind is Kind.INVALID


async def test_shots_are_a_list_and_replace_the_cut_the_model_would_make(rig: Rig) -> None:
    shots = [{"seconds": 2, "prompt": "灯塔，雨夜。"}, {"seconds": 3, "prompt": "She turns."}]
    body = (await rig.sent(replace(OLD, task=Task.MULTI_SHOT, extra={"shots": shots})))["body"]
    assert (body["multi_shot"], body["shot_type"]) == (True, "customize")
    assert body["multi_prompt"] == [
        {"index": 1, "prompt": "灯塔，雨夜。", "duration": "2"},
        {"index": 2, "prompt": "She turns.", "duration": "3"},
    ]
    body = (await rig.sent(replace(OLD, task=Task.MULTI_SHOT)))["body"]
    assert (body["multi_shot"], body["shot_type"]) == (True, "intelligence")


async def test_elements_and_voices_are_named_by_their_ids(rig: Rig) -> None:
    body = (await rig.sent(replace(OLD, extra={"elements": {"lin": "el-77"}, "voice_ids": ["vo-1"]})))["body"]
    assert (body["element_list"], body["voice_list"]) == ([{"element_id": "el-77"}], [{"voice_id": "vo-1"}])


async def test_references_frames_and_a_clip_are_lists_of_the_omni_model(rig: Rig, tmp_path: Path) -> None:
    first, look = picture(tmp_path, "first"), picture(tmp_path, "reference")
    clip = media(tmp_path, "motion", "video/mp4", CLIP)
    wish = replace(OLD, model="kling-v3-omni", task=Task.REFERENCES, assets=(first, look, clip))
    create = await rig.sent(wish)
    assert create["path"] == "/v1/videos/omni-video"
    body = create["body"]
    assert body["image_list"] == [
        {"image_url": inline(first), "type": "first_frame"},
        {"image_url": inline(look)},
    ]
    assert body["video_list"] == [{"video_url": CLIP, "refer_type": "feature", "keep_original_sound": "no"}]
    assert not {"sound", "aspect_ratio"} & set(body)
    body = (await rig.sent(replace(wish, assets=(look,))))["body"]
    assert (body["sound"], body["aspect_ratio"]) == ("on", "9:16")


async def test_a_picture_moves_as_in_a_clip(rig: Rig, tmp_path: Path) -> None:
    look, clip = picture(tmp_path, "reference"), media(tmp_path, "motion", "video/mp4", CLIP)
    create = await rig.sent(replace(OLD, model="motion-control", task=Task.PERFORMANCE, assets=(look, clip)))
    assert create["path"] == "/v1/videos/motion-control"
    assert create["body"] == {
        "prompt": "A lighthouse.",
        "image_url": inline(look),
        "video_url": CLIP,
        "character_orientation": "video",
        "mode": "std",
        "keep_original_sound": "yes",
    }


async def test_a_portrait_speaks_a_recording(rig: Rig, tmp_path: Path) -> None:
    portrait, voice = picture(tmp_path, "reference"), media(tmp_path, "voice", "audio/mpeg")
    wish = replace(OLD, model="avatar", task=Task.AUDIO, assets=(portrait, voice))
    create = await rig.sent(wish)
    assert create["path"] == "/v1/videos/avatar/image2video"
    assert create["body"] == {
        "prompt": "A lighthouse.",
        "image": inline(portrait),
        "sound_file": inline(voice),
        "mode": "std",
    }
    error = await rig.refused(replace(wish, assets=(voice,)))
    assert (error.kind, error.fault) == (Kind.INVALID, Fault.IMAGE)


async def test_a_video_of_the_account_is_extended(rig: Rig) -> None:
    handle = await rig.account.submit(OLD, rig.context(OLD))
    rig.fake.clock.advance(60)
    state = await rig.account.poll(handle)
    extra = {"video_id": state.outputs[0].data["video_id"]}
    wish = replace(OLD, model="video-extend", task=Task.EXTEND, extra=extra, negative="rain")
    create = await rig.sent(wish)
    assert create["path"] == "/v1/videos/video-extend"
    assert create["body"] == {"video_id": f"v{handle.remote_id}", "prompt": "A lighthouse.", "negative_prompt": "rain"}
    unknown = await rig.refused(replace(wish, extra={"video_id": "v-of-another"}))
    assert (unknown.kind, unknown.model_gone) == (Kind.NOT_FOUND, False)
    missing = await rig.refused(replace(wish, extra={}))
    assert (missing.kind, missing.field) == (Kind.INVALID, "extra.video_id")


async def test_every_task_is_asked_for_at_its_own_address(rig: Rig, tmp_path: Path) -> None:
    voice = media(tmp_path, "voice", "audio/wav")
    speaking = replace(OLD, model="avatar", task=Task.AUDIO, assets=(picture(tmp_path, "first"), voice))
    handle = await rig.account.submit(speaking, rig.context(speaking))
    rig.fake.clock.advance(60)
    state = await rig.account.poll(handle)
    assert state.outputs
    assert state.cost is None, "Units of a pack are no money."
    assert rig.control.requests()[-1]["path"] == f"/v1/videos/avatar/image2video/{handle.remote_id}"


async def test_inputs_too_large_for_the_old_api_are_refused_before_anything_is_sent(rig: Rig, tmp_path: Path) -> None:
    huge = media(tmp_path, "first", "image/jpeg", size=10 * 1024 * 1024 + 1)
    error = await rig.refused(replace(OLD, task=Task.FIRST_FRAME, assets=(huge,)))
    assert (error.kind, error.fault) == (Kind.INVALID, Fault.IMAGE)
    voice = media(tmp_path, "voice", "audio/mpeg", size=5 * 1024 * 1024 + 1)
    wish = replace(OLD, model="avatar", task=Task.AUDIO, assets=(picture(tmp_path, "reference"), voice))
    error = await rig.refused(wish)
    assert (error.kind, error.fault) == (Kind.INVALID, Fault.AUDIO)
    assert rig.control.requests() == []


@pytest.mark.parametrize(
    "move",
    [
        {"type": "simple", "config": {"pan": 5, "zoom": 0}},
        {"type": "down_back"},
    ],
)
async def test_a_camera_moves_along_one_axis(rig: Rig, move: dict[str, Any]) -> None:
    assert (await rig.sent(replace(OLD, extra={"camera_control": move})))["body"]["camera_control"] == move


@pytest.mark.parametrize(
    ("extra", "field"),
    [
        ({"camera_control": {"type": "simple"}}, "extra.camera_control"),
        ({"camera_control": {"type": "simple", "config": {"pan": 5, "zoom": 1}}}, "extra.camera_control"),
        ({"camera_control": {"type": "simple", "config": {"orbit": 5}}}, "extra.camera_control"),
        ({"camera_control": {"type": "simple", "config": {"pan": 11}}}, "extra.camera_control"),
        ({"camera_control": {"type": "spin"}}, "extra.camera_control"),
        ({"camera_control": {"type": "down_back", "config": {"pan": 1}}}, "extra.camera_control"),
        ({"camera_control": "left"}, "extra.camera_control"),
        ({"cfg_scale": 1.5}, "extra.cfg_scale"),
        ({"cfg_scale": True}, "extra.cfg_scale"),
        ({"voice_ids": ["a", "b", "c"]}, "extra.voice_ids"),
        ({"voice_ids": "a"}, "extra.voice_ids"),
        ({"elements": {"a": "1", "b": "2", "c": "3", "d": "4"}}, "extra.elements"),
        ({"shots": [{"seconds": 5, "prompt": "One."}]}, "extra.shots"),
        ({"video_id": "v1"}, "extra.video_id"),
    ],
)
async def test_settings_that_cannot_be_are_refused_before_anything_is_sent(
    rig: Rig, extra: dict[str, Any], field: str
) -> None:
    error = await rig.refused(replace(OLD, extra=extra))
    assert (error.kind, error.field) == (Kind.INVALID, field)
    assert rig.control.requests() == []


async def test_a_camera_move_and_a_last_frame_exclude_one_another(rig: Rig, tmp_path: Path) -> None:
    frames = (picture(tmp_path, "first"), picture(tmp_path, "last"))
    extra = {"camera_control": {"type": "forward_up"}}
    error = await rig.refused(replace(OLD, task=Task.FIRST_AND_LAST, assets=frames, extra=extra))
    assert error.field == "extra.camera_control"


async def test_the_old_api_makes_no_4k() -> None:
    models = [{"like": "kling-v3", "frames": ["2160x3840"]}]
    async with rigged("old", options={"models": models}) as rig:
        error = await rig.refused(OLD)
        assert (error.kind, error.field) == (Kind.INVALID, "size")


def test_a_signed_token_is_the_one_of_the_documentation() -> None:
    assert signed_token("AKtest", "SKtest", 1795398200) == SHEET_TOKEN


async def test_the_fake_takes_the_token_of_the_documentation_while_it_holds() -> None:
    async with rigged("old", access_key="AKtest", secret_key="SKtest") as rig:

        def asked(second: int, token: str = SHEET_TOKEN, path: str = "/v1/videos/text2video/1") -> tuple[int, int]:
            with clock.turned(datetime.fromtimestamp(second, UTC)):
                answer = httpx.get(f"{rig.control.url}{path}", headers={"authorization": f"Bearer {token}"})
            return answer.status_code, answer.json()["code"]

        assert asked(1795398200) == (404, 1203)
        assert asked(1795398194) == (401, 1003)
        assert asked(1795400000) == (401, 1004)
        assert asked(1795398200, SHEET_TOKEN[:-2] + "xx") == (401, 1000)
        assert asked(1795398200, path="/tasks?task_ids=1") == (401, 1002), "The new API takes keys only."


async def test_a_wrong_secret_key_is_an_account_at_fault(rig: Rig) -> None:
    account = account_at(
        rig.control.url, "old", api_key=SecretStr("SK-of-somebody-else"), options={"access_key": ACCESS_KEY}
    )
    with pytest.raises(BackendError) as caught:
        await account.submit(OLD, rig.context(OLD))
    await account.aclose()
    assert (caught.value.kind, caught.value.provider_code) == (Kind.AUTH, "1000")
    assert "eyJ" not in caught.value.message, "The token that the provider echoes is hidden."


async def test_prices_are_the_catalogues(rig: Rig) -> None:
    def price(model: str, **changes: Any) -> Money:
        return rig.account.estimate(replace(OLD, model=model, **changes)).high

    assert price("kling-v3") == Money.of("0.63", "USD")
    assert price("kling-v3", sound=False) == Money.of("0.42", "USD")
    assert price("kling-v2-6", width=1080, height=1920) == Money.of("0.35", "USD")
    assert price("kling-v2-5-turbo", duration_frames=24 * 6) == Money.of("0.42", "USD")
