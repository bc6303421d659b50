"""The fake Kling is as strict as its documentation: what the provider refuses, it refuses."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from kling_support import KEY
from PIL import Image

from app.backends.testing.fake_kling import KlingFake
from app.backends.testing.server import serve

SETTINGS = {"aspect_ratio": "9:16", "duration": 5}
TEXT = {"prompt": "A lighthouse.", "settings": SETTINGS}
FLAT = {"model_name": "kling-v3", "prompt": "A lighthouse."}
URL = "https://reel.example.com/first.jpg"
VIDEO = "https://reel.example.com/clip.mp4"


def encoded(size: tuple[int, int]) -> str:
    buffer = io.BytesIO()
    Image.new("RGB", size).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def contents(*listed: dict[str, str], **settings: Any) -> dict[str, Any]:
    return {"contents": [{"type": "prompt", "text": "A lighthouse."}, *listed], "settings": settings}


def frame(kind: str = "first_frame", url: str = URL) -> dict[str, str]:
    return {"type": kind, "url": url}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serve(KlingFake(key=KEY).app) as running:
        yield running.url


def asked(address: str, path: str, body: Any) -> tuple[int, int]:
    answer = httpx.post(f"{address}{path}", json=body, headers={"authorization": f"Bearer {KEY}"})
    return answer.status_code, answer.json()["code"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/text-to-video/kling-3.0", TEXT),
        ("/text-to-video/kling-3.0", TEXT | {"prompt": "shot 1, 2, One; shot 2, 3, Two;"}),
        ("/image-to-video/kling-3.0", contents(frame(), frame("last_frame"))),
        ("/image-to-video/kling-3.0", contents(frame(url=encoded((300, 500))))),
        ("/omni-video/kling-3.0-omni", contents(frame("base_video", VIDEO), audio="off", multi_shot=False)),
        ("/v1/videos/text2video", FLAT),
        ("/v1/videos/image2video", FLAT | {"image": URL, "image_tail": URL}),
    ],
)
def test_what_the_documentation_allows_is_taken(address: str, path: str, body: Any) -> None:
    assert asked(address, path, body) == (200, 0)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/text-to-video/kling-3.0", TEXT | {"seed": 7}),
        ("/text-to-video/kling-3.0", {"settings": SETTINGS}),
        ("/text-to-video/kling-3.0", TEXT | {"settings": SETTINGS | {"duration": "5"}}),
        ("/text-to-video/kling-3.0", TEXT | {"settings": SETTINGS | {"duration": 16}}),
        ("/text-to-video/kling-3.0", TEXT | {"settings": SETTINGS | {"resolution": "720P"}}),
        ("/text-to-video/kling-3.0", TEXT | {"prompt": "shot 1, 2, One; shot 2, 2, Two;"}),
        ("/text-to-video/kling-3.0", TEXT | {"prompt": "x" * 3073}),
        ("/text-to-video/kling-3.0-turbo", TEXT | {"settings": SETTINGS | {"resolution": "4k"}}),
        ("/image-to-video/kling-3.0", contents(frame("last_frame"))),
        ("/image-to-video/kling-3.0", contents(frame(), aspect_ratio="9:16")),
        ("/image-to-video/kling-3.0", contents(frame(url="data:image/png;base64," + encoded((300, 500))))),
        ("/image-to-video/kling-3.0", contents(frame(url=encoded((200, 500))))),
        ("/image-to-video/kling-3.0", contents(frame(url=encoded((300, 900))))),
        ("/image-to-video/kling-3.0-turbo", contents(frame(), frame("last_frame"))),
        ("/omni-video/kling-3.0-omni", contents(frame("refer_image"))),
        ("/omni-video/kling-3.0-omni", contents(*[frame("refer_image")] * 8, aspect_ratio="1:1")),
        ("/omni-video/kling-3.0-omni", contents(frame("feature_video", VIDEO), audio="native")),
        ("/omni-video/kling-3.0-omni", contents(frame("feature_video", VIDEO), multi_shot=False)),
        ("/omni-video/kling-3.0-omni", contents(frame("base_video", VIDEO), multi_shot=True)),
        ("/omni-video/kling-3.0-omni", contents(frame("base_video", VIDEO), frame(), multi_shot=False)),
        ("/motion-control/kling-3.0", contents(frame("image"), character_orientation="video")),
        ("/v1/videos/text2video", FLAT | {"duration": 5}),
        ("/v1/videos/text2video", FLAT | {"model_name": "kling-v2-6", "duration": "7"}),
        ("/v1/videos/text2video", FLAT | {"model_name": "kling-v1-6", "sound": "on"}),
        ("/v1/videos/text2video", FLAT | {"multi_prompt": []}),
        ("/v1/videos/text2video", FLAT | {"settings": {}}),
        ("/v1/videos/image2video", FLAT | {"image_tail": URL}),
        ("/v1/videos/image2video", FLAT | {"image": URL, "image_tail": URL, "camera_control": {"type": "down_back"}}),
        ("/v1/videos/avatar/image2video", {"image": URL, "sound_file": URL, "audio_id": "a"}),
        ("/v1/videos/text2video", []),
    ],
)
def test_what_the_documentation_forbids_is_refused(address: str, path: str, body: Any) -> None:
    assert asked(address, path, body) == (400, 1201)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/text-to-video/kling-9", TEXT),
        ("/omni-video/kling-3.0", contents(frame())),
        ("/v1/videos/text2video", FLAT | {"model_name": "kling-v3-omni"}),
    ],
)
def test_a_model_that_is_not_there_is_missing(address: str, path: str, body: Any) -> None:
    assert asked(address, path, body) == (404, 1203)


@pytest.mark.parametrize("query", ["", "task_ids=1&external_task_ids=2", "ids=1"])
def test_tasks_are_asked_for_by_one_kind_of_id(address: str, query: str) -> None:
    answer = httpx.get(f"{address}/tasks?{query}", headers={"authorization": f"Bearer {KEY}"})
    assert (answer.status_code, answer.json()["code"]) == (400, 1201)
