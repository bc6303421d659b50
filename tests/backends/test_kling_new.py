"""What Kling's new API is sent, beyond the shared contract."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from kling_support import NEW, PRICE, Rig, inline, media, picture, rigged

from app.backends.capabilities import Task
from app.backends.errors import Kind
from app.core.money import Money

CLIP = "https://reel.example.com/inputs/clip.mp4"


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with rigged("new") as made:
        yield made


async def test_text_goes_out_as_one_take(rig: Rig) -> None:
    create = await rig.sent(NEW)
    assert create["path"] == "/text-to-video/kling-3.0"
    assert create["body"] == {
        "prompt": "A lighthouse.",
        "settings": {
            "multi_shot": False,
            "audio": "native",
            "resolution": "720p",
            "aspect_ratio": "9:16",
            "duration": 5,
        },
        "options": {},
    }


async def test_our_id_and_the_address_for_deliveries_are_sent(rig: Rig) -> None:
    context = rig.context(NEW, webhook_url="https://reel.example.com/webhooks/kling/secret")
    await rig.account.submit(NEW, context)
    (create,) = rig.control.requests()
    assert create["body"]["options"] == {
        "external_task_id": str(context.attempt_id),
        "callback_url": "https://reel.example.com/webhooks/kling/secret",
    }


@pytest.mark.parametrize(
    ("size", "resolution", "shape"),
    [((1920, 1080), "1080p", "16:9"), ((2160, 3840), "4k", "9:16"), ((1000, 1000), "1080p", "1:1")],
)
async def test_a_size_is_a_resolution_and_a_shape(rig: Rig, size: tuple[int, int], resolution: str, shape: str) -> None:
    settings = (await rig.sent(replace(NEW, width=size[0], height=size[1], sound=False)))["body"]["settings"]
    assert (settings["resolution"], settings["aspect_ratio"], settings["audio"]) == (resolution, shape, "off")


async def test_frames_travel_as_raw_base64(rig: Rig, tmp_path: Path) -> None:
    first, last = picture(tmp_path, "first"), picture(tmp_path, "last")
    create = await rig.sent(replace(NEW, task=Task.FIRST_FRAME, assets=(first,)))
    assert create["path"] == "/image-to-video/kling-3.0"
    assert create["body"]["contents"] == [
        {"type": "prompt", "text": "A lighthouse."},
        {"type": "first_frame", "url": inline(first)},
    ]
    assert "aspect_ratio" not in create["body"]["settings"], "The video has the shape of its first frame."
    create = await rig.sent(replace(NEW, task=Task.FIRST_AND_LAST, assets=(first, last)))
    assert create["body"]["contents"][2] == {"type": "last_frame", "url": inline(last)}


async def test_elements_are_cited_beside_a_first_frame_only(rig: Rig, tmp_path: Path) -> None:
    extra = {"elements": {"lin": "el-77"}}
    wish = replace(NEW, prompt="@lin turns.", extra=extra)
    create = await rig.sent(replace(wish, task=Task.FIRST_FRAME, assets=(picture(tmp_path, "first"),)))
    assert create["body"]["contents"][-1] == {"type": "element", "element_id": "el-77", "id": "lin"}
    error = await rig.refused(wish)
    assert (error.kind, error.field) == (Kind.INVALID, "extra.elements")


async def test_shots_are_written_in_the_providers_syntax(rig: Rig) -> None:
    shots = [{"seconds": 2, "prompt": "灯塔，雨夜。"}, {"seconds": 3, "prompt": "She turns, slowly."}]
    body = (await rig.sent(replace(NEW, task=Task.MULTI_SHOT, extra={"shots": shots})))["body"]
    assert body["prompt"] == "shot 1, 2, 灯塔，雨夜。; shot 2, 3, She turns, slowly.;"
    assert body["settings"]["multi_shot"] is True
    body = (await rig.sent(replace(NEW, task=Task.MULTI_SHOT, prompt="Two friends meet.")))["body"]
    assert (body["prompt"], body["settings"]["multi_shot"]) == ("Two friends meet.", True)


async def test_references_go_to_the_omni_model(rig: Rig, tmp_path: Path) -> None:
    pictures = tuple(picture(tmp_path, "reference", name=f"r{number}") for number in range(7))
    wish = replace(NEW, model="kling-3.0-omni", task=Task.REFERENCES, assets=pictures)
    create = await rig.sent(wish)
    assert create["path"] == "/omni-video/kling-3.0-omni"
    assert [one["type"] for one in create["body"]["contents"]] == ["prompt", *["refer_image"] * 7]
    assert create["body"]["settings"]["aspect_ratio"] == "9:16"
    error = await rig.refused(replace(wish, assets=(*pictures, picture(tmp_path, "first"))))
    assert (error.kind, error.field) == (Kind.INVALID, "assets")


async def test_the_omni_model_is_spoken_to_in_one_way(rig: Rig, tmp_path: Path) -> None:
    wish = replace(NEW, model="kling-3.0-omni")
    assert (await rig.sent(wish))["path"] == "/omni-video/kling-3.0-omni"
    create = await rig.sent(replace(wish, task=Task.FIRST_FRAME, assets=(picture(tmp_path, "first"),)))
    assert "aspect_ratio" not in create["body"]["settings"]


async def test_a_clip_to_follow_goes_with_several_shots_and_without_sound(rig: Rig, tmp_path: Path) -> None:
    clip, look = media(tmp_path, "motion", "video/mp4", CLIP), picture(tmp_path, "reference")
    wish = replace(NEW, model="kling-3.0-omni", task=Task.REFERENCES, assets=(look, clip))
    body = (await rig.sent(wish))["body"]
    assert body["contents"][-1] == {"type": "feature_video", "url": CLIP}
    assert body["settings"] == {"multi_shot": True, "audio": "off", "resolution": "720p", "duration": 5}


async def test_a_picture_moves_as_in_a_clip(rig: Rig, tmp_path: Path) -> None:
    look, clip = picture(tmp_path, "reference"), media(tmp_path, "motion", "video/mp4", CLIP)
    wish = replace(NEW, model="motion-control/kling-3.0", task=Task.PERFORMANCE, assets=(look, clip))
    create = await rig.sent(wish)
    assert create["path"] == "/motion-control/kling-3.0"
    assert create["body"] == {
        "contents": [
            {"type": "prompt", "text": "A lighthouse."},
            {"type": "image", "url": inline(look)},
            {"type": "video", "url": CLIP},
        ],
        "settings": {"character_orientation": "video", "audio": "original", "resolution": "720p"},
        "options": {},
    }
    wish = replace(wish, extra={"character_orientation": "image"}, sound=False)
    settings = (await rig.sent(wish))["body"]["settings"]
    assert (settings["character_orientation"], settings["audio"]) == ("image", "off")
    error = await rig.refused(replace(wish, duration_frames=24 * 11))
    assert error.field == "extra.character_orientation"


async def test_a_clip_without_a_public_address_is_refused(rig: Rig, tmp_path: Path) -> None:
    assets = (picture(tmp_path, "reference"), media(tmp_path, "motion", "video/mp4"))
    error = await rig.refused(replace(NEW, model="motion-control/kling-3.0", task=Task.PERFORMANCE, assets=assets))
    assert (error.kind, error.field) == (Kind.INVALID, "assets")
    assert rig.control.requests() == []


async def test_turbo_takes_no_last_frame(rig: Rig, tmp_path: Path) -> None:
    wish = replace(NEW, model="kling-3.0-turbo", task=Task.FIRST_FRAME, assets=(picture(tmp_path, "first"),))
    assert (await rig.sent(wish))["path"] == "/image-to-video/kling-3.0-turbo"
    for task in (Task.FIRST_FRAME, Task.FIRST_AND_LAST):
        error = await rig.refused(replace(wish, task=task, assets=(*wish.assets, picture(tmp_path, "last"))))
        assert error.kind is Kind.INVALID


async def test_a_model_that_comes_later_is_a_row() -> None:
    listed = [{"like": "kling-4.0", "price": PRICE}]
    async with rigged("new", options={"models": listed}, newer_models=("kling-4.0",)) as rig:
        create = await rig.sent(replace(NEW, model="kling-4.0", duration_frames=24 * 20))
    assert create["path"] == "/text-to-video/kling-4.0"
    assert create["body"]["settings"]["duration"] == 20


@pytest.mark.parametrize(
    ("extra", "field"),
    [
        ({"shots": []}, "extra.shots"),
        ({"shots": [{"seconds": 4, "prompt": "Too short together."}]}, "extra.shots"),
        ({"shots": [{"seconds": 5, "prompt": "One; two."}]}, "extra.shots"),
        ({"shots": [{"seconds": 5, "prompt": "x" * 513}]}, "extra.shots"),
        ({"shots": [{"seconds": 5.0, "prompt": "x"}]}, "extra.shots"),
        ({"shots": [{"seconds": 5}]}, "extra.shots"),
        ({"shots": [{"seconds": 1, "prompt": "x"}] * 7}, "extra.shots"),
        ({"shots": [{"seconds": 5, "prompt": "a\x00b"}]}, "extra.shots"),
        ({"shots": "two"}, "extra.shots"),
        ({"elements": ["el-1"]}, "extra.elements"),
        ({"character_orientation": "video"}, "extra.character_orientation"),
        ({"cfg_scale": 0.5}, "extra.cfg_scale"),
    ],
)
async def test_settings_that_cannot_be_are_refused_before_anything_is_sent(
    rig: Rig, extra: dict[str, Any], field: str
) -> None:
    error = await rig.refused(replace(NEW, task=Task.MULTI_SHOT, extra=extra))
    assert (error.kind, error.field, error.charged) == (Kind.INVALID, field, False)
    assert rig.control.requests() == []


async def test_what_was_charged_is_told_in_money(rig: Rig) -> None:
    wish = replace(NEW, sound=False)
    handle = await rig.account.submit(wish, rig.context(wish))
    rig.fake.clock.advance(60)
    state = await rig.account.poll(handle)
    assert state.cost == Money.of("0.42", "USD") == rig.account.estimate(wish).high
    (output,) = state.outputs
    assert output.expires_at is not None
    assert output.data["video_id"] == f"v{handle.remote_id}"


async def test_prices_are_the_catalogues(rig: Rig) -> None:
    def price(**changes: Any) -> Money:
        return rig.account.estimate(replace(NEW, **changes)).high

    assert price() == Money.of("0.63", "USD")
    assert price(width=1080, height=1920) == Money.of("0.84", "USD")
    assert price(width=1080, height=1920, sound=False) == Money.of("0.56", "USD")
    assert price(width=3840, height=2160, sound=False) == Money.of("2.10", "USD")
    assert price(model="kling-3.0-turbo", duration_frames=24) == Money.of("0.42", "USD"), "3 s is the shortest."
    assert price(model="motion-control/kling-3.0", duration_frames=24 * 10) == Money.of("1.26", "USD")


def test_characters_come_from_a_motion_or_a_text(rig: Rig) -> None:
    able = {caps.model: (caps.character_from_motion, caps.character_from_text) for caps in rig.account.models()}
    assert able["kling-3.0"] == (False, True)
    assert able["motion-control/kling-3.0"] == (True, False)
