"""Kling's old API: one address per task, the model a field of a flat body (the fact sheets, china §2.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import quote

import httpx

from app.backends.adapter import Wish, public_address
from app.backends.base import Asset, GenRequest, Handle, Phase, SubmitContext
from app.backends.capabilities import Task
from app.backends.config import BackendConfig
from app.backends.errors import Fault
from app.backends.kling.access import SignedToken
from app.backends.kling.account import KlingAccount
from app.backends.kling.answers import RemoteTask, code_of, text_id
from app.backends.kling.settings import (
    aspect_ratio,
    camera_in,
    elements_in,
    invalid,
    number_in,
    orientation_in,
    raw_base64,
    resolution,
    shots_in,
    texts_in,
)

IMAGE_BYTES = 10 * 1024 * 1024
VOICE_BYTES = 5 * 1024 * 1024
MOST_ELEMENTS = 3
MODES: Mapping[str, str] = {"720p": "std", "1080p": "pro"}
OMNI, FROM_IMAGE, FROM_TEXT = "omni-video", "image2video", "text2video"
PRODUCTS: Mapping[Task, str] = {
    Task.PERFORMANCE: "motion-control",
    Task.AUDIO: "avatar/image2video",
    Task.EXTEND: "video-extend",
}
SCENE = frozenset({"elements", "cfg_scale", "camera_control", "voice_ids"})
FRAME_TYPES: Mapping[str, str] = {"first": "first_frame", "last": "end_frame"}


class OldKling(KlingAccount):
    """An account of the old API; with option ``access_key`` its ``api_key`` is the secret that signs tokens."""

    options = KlingAccount.options | {"access_key"}
    extras = SCENE | {"shots", "character_orientation", "video_id"}
    task_settings: ClassVar[Mapping[Task, frozenset[str]]] = {
        **dict.fromkeys((Task.TEXT, Task.FIRST_FRAME, Task.FIRST_AND_LAST, Task.REFERENCES), SCENE),
        Task.MULTI_SHOT: SCENE | {"shots"},
        Task.PERFORMANCE: frozenset({"elements", "character_orientation"}),
        Task.EXTEND: frozenset({"video_id", "cfg_scale"}),
    }
    phases: ClassVar[Mapping[str, Phase]] = {
        "submitted": Phase.QUEUED,
        "processing": Phase.RUNNING,
        "succeed": Phase.SUCCEEDED,
        "failed": Phase.FAILED,
    }

    def auth(self, config: BackendConfig) -> httpx.Auth:
        """Return the key as a bearer's, or a maker of signed tokens."""
        access_key = config.option("access_key", str, "")
        if not access_key or config.api_key is None:
            return super().auth(config)
        return SignedToken(access_key, config.api_key)

    async def order(self, wish: Wish, context: SubmitContext) -> tuple[str, dict[str, Any]]:
        """Return the path and the body of the create that fulfils a wish."""
        product = self._product(wish.request)
        body: dict[str, Any] = {"external_task_id": str(context.attempt_id)}
        if context.webhook_url:
            body["callback_url"] = context.webhook_url
        if wish.request.task is Task.PERFORMANCE:
            body |= await _performance(wish)
        elif wish.request.task is Task.AUDIO:
            body |= await _avatar(wish)
        elif wish.request.task is Task.EXTEND:
            body |= _extension(wish)
        else:
            body |= await _scene(wish, product)
        return f"/v1/videos/{product}", body

    def task_data(self, request: GenRequest) -> dict[str, Any]:
        """Return at which address the task is asked for."""
        return {"product": self._product(request)}

    def asking(self, handle: Handle) -> tuple[str, dict[str, str]]:
        """Return the path that asks for a task."""
        return f"/v1/videos/{handle.data['product']}/{quote(handle.remote_id, safe='')}", {}

    def asking_by_our_id(self, request: GenRequest, external_id: str) -> tuple[str, dict[str, str]]:
        """Return the path that asks for the task an attempt created: our id stands where the provider's does."""
        return f"/v1/videos/{self._product(request)}/{quote(external_id, safe='')}", {}

    def read_tasks(self, body: Any) -> list[RemoteTask]:
        """Return the task of an answer."""
        return [_task(body)] if isinstance(body, dict) and text_id(body.get("task_id")) else []

    def _product(self, request: GenRequest) -> str:
        """Return the address of a task; a model that takes references has one, whatever it starts from."""
        if request.task in PRODUCTS:
            return PRODUCTS[request.task]
        if Task.REFERENCES in self.row(request.model).caps.tasks:
            return OMNI
        return FROM_IMAGE if {"first", "last"} & {asset.role for asset in request.assets} else FROM_TEXT


def _task(told: Mapping[str, Any]) -> RemoteTask:
    """Return a task without its cost: the old API tells units of a pack, or an amount without a currency."""
    result = told.get("task_result")
    listed = result.get("videos") if isinstance(result, dict) else None
    videos = [one for one in (listed if isinstance(listed, list) else []) if isinstance(one, dict)]
    return RemoteTask(
        id=text_id(told.get("task_id")),
        status=str(told.get("task_status")),
        message=str(told.get("task_status_msg") or ""),
        code=code_of(told),
        videos=[one for one in videos if isinstance(one.get("url"), str) and one["url"]],
        ended=told.get("updated_at"),
    )


def _words(wish: Wish) -> dict[str, Any]:
    """Return the prompts, and how freely the model follows them."""
    words: dict[str, Any] = {"prompt": wish.request.prompt}
    if wish.request.negative and wish.row.caps.negative_prompt:
        words["negative_prompt"] = wish.request.negative
    scale = number_in(wish.request.extra, "cfg_scale", 0, 1)
    return words if scale is None else words | {"cfg_scale": scale}


def _mode(wish: Wish) -> str:
    name = resolution(wish.frame)
    if name not in MODES:
        raise invalid("size", f"The old API makes {' and '.join(MODES)}, not {name}.")
    return MODES[name]


def _elements(wish: Wish) -> dict[str, Any]:
    elements = elements_in(wish.request.extra)
    if len(elements) > MOST_ELEMENTS:
        raise invalid("extra.elements", f"The old API takes {MOST_ELEMENTS} elements, not {len(elements)}.")
    return {"element_list": [{"element_id": one} for one in elements.values()]} if elements else {}


async def _scene(wish: Wish, product: str) -> dict[str, Any]:
    """Return what is imagined, from text, frames or references."""
    first, last = wish.asset("first"), wish.asset("last")
    if last and (not first or Task.FIRST_AND_LAST not in wish.row.caps.tasks):
        raise invalid("assets", "A last frame needs a first one, and a model that takes both.")
    body: dict[str, Any] = {
        "model_name": wish.row.caps.model,
        **_words(wish),
        **_shots(wish),
        **_elements(wish),
        "mode": _mode(wish),
        "duration": f"{wish.seconds:g}",
    }
    if wish.row.caps.native_sound and wish.asset("motion") is None:
        body["sound"] = "on" if wish.request.sound else "off"
    voices = texts_in(wish.request.extra, "voice_ids", 2)
    if voices:
        body["voice_list"] = [{"voice_id": one} for one in voices]
    camera = camera_in(wish.request.extra)
    if camera is not None:
        if last:
            raise invalid("extra.camera_control", "A camera move and a last frame exclude one another.")
        body["camera_control"] = camera
    if first is None and wish.asset("motion") is None:
        body["aspect_ratio"] = aspect_ratio(wish.frame)
    return body | (await _references(wish) if product == OMNI else await _frames(first, last))


def _shots(wish: Wish) -> dict[str, Any]:
    """Return how the take is cut: as given, or for several shots without given ones, as the model likes."""
    if wish.request.task is not Task.MULTI_SHOT:
        return {}
    shots = shots_in(wish.request.extra, wish.seconds)
    if not shots:
        return {"multi_shot": True, "shot_type": "intelligence"}
    listed = [
        {"index": number, "prompt": one.prompt, "duration": str(one.seconds)} for number, one in enumerate(shots, 1)
    ]
    return {"multi_shot": True, "shot_type": "customize", "multi_prompt": listed}


async def _frames(first: Asset | None, last: Asset | None) -> dict[str, Any]:
    frames = {"image": first, "image_tail": last}
    return {key: await raw_base64(asset, IMAGE_BYTES) for key, asset in frames.items() if asset is not None}


async def _references(wish: Wish) -> dict[str, Any]:
    """Return frames and references as one list, and a clip whose look or movement is followed."""
    pictures = [asset for asset in wish.request.assets if asset.role != "motion"]
    if len(pictures) > wish.row.caps.max_images:
        raise invalid("assets", f"The model takes {wish.row.caps.max_images} pictures, the frames among them.")
    listed = []
    for asset in pictures:
        kind = {"type": FRAME_TYPES[asset.role]} if asset.role in FRAME_TYPES else {}
        listed.append({"image_url": await raw_base64(asset, IMAGE_BYTES), **kind})
    body: dict[str, Any] = {"image_list": listed} if listed else {}
    clip = wish.asset("motion")
    if clip is not None:
        followed = {"video_url": public_address(clip), "refer_type": "feature", "keep_original_sound": "no"}
        body["video_list"] = [followed]
    return body


async def _performance(wish: Wish) -> dict[str, Any]:
    """Return a picture that moves as somebody does in a clip; the clip tells the duration."""
    picture, clip = wish.asset("reference"), wish.asset("motion")
    assert picture is not None
    assert clip is not None
    elements = elements_in(wish.request.extra)
    return {
        "prompt": wish.request.prompt,
        "image_url": await raw_base64(picture, IMAGE_BYTES),
        "video_url": public_address(clip),
        "character_orientation": orientation_in(wish.request.extra, wish.seconds, elements),
        "mode": _mode(wish),
        "keep_original_sound": "yes" if wish.request.sound else "no",
        **_elements(wish),
    }


async def _avatar(wish: Wish) -> dict[str, Any]:
    """Return a portrait that speaks a recording, which tells the duration."""
    voice, portrait = wish.asset("voice"), wish.asset("first") or wish.asset("reference")
    assert voice is not None
    if portrait is None:
        raise invalid("assets", "A speaking portrait needs a picture: a first frame or a reference.", Fault.IMAGE)
    return {
        "prompt": wish.request.prompt,
        "image": await raw_base64(portrait, IMAGE_BYTES),
        "sound_file": await raw_base64(voice, VOICE_BYTES),
        "mode": _mode(wish),
    }


def _extension(wish: Wish) -> dict[str, Any]:
    """Return the continuation of a video that the account made."""
    video = text_id(wish.request.extra.get("video_id"))
    if not video:
        raise invalid("extra.video_id", "An extension names the video it continues, by the provider's id.")
    return {"video_id": video, **_words(wish)}
