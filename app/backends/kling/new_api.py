"""Kling's new API: the model is in the path, inputs are ``contents`` (the fact sheets, china §2.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from app.backends.adapter import Wish, public_address
from app.backends.base import Asset, GenRequest, Handle, Phase, SubmitContext
from app.backends.capabilities import Task
from app.backends.fit import MAX_ASSET_BYTES
from app.backends.kling.account import KlingAccount
from app.backends.kling.answers import RemoteTask, cash, code_of, text_id
from app.backends.kling.settings import (
    aspect_ratio,
    elements_in,
    invalid,
    orientation_in,
    raw_base64,
    resolution,
    shots_in,
)

PERFORMANCE, OMNI, FROM_IMAGE, FROM_TEXT = "motion-control", "omni-video", "image-to-video", "text-to-video"
CONTENT_TYPES: Mapping[str, str] = {"first": "first_frame", "last": "last_frame", "reference": "refer_image"}


class NewKling(KlingAccount):
    """An account of the new API. A row's model may name its endpoint too: ``motion-control/kling-3.0``."""

    extras = frozenset({"shots", "elements", "character_orientation"})
    task_settings: ClassVar[Mapping[Task, frozenset[str]]] = {
        **dict.fromkeys((Task.TEXT, Task.FIRST_FRAME, Task.FIRST_AND_LAST, Task.REFERENCES), frozenset({"elements"})),
        Task.MULTI_SHOT: frozenset({"elements", "shots"}),
        Task.PERFORMANCE: frozenset({"elements", "character_orientation"}),
    }
    phases: ClassVar[Mapping[str, Phase]] = {
        "submitted": Phase.QUEUED,
        "processing": Phase.RUNNING,
        "succeeded": Phase.SUCCEEDED,
        "failed": Phase.FAILED,
    }

    async def order(self, wish: Wish, context: SubmitContext) -> tuple[str, dict[str, Any]]:
        """Return the path and the body of the create that fulfils a wish."""
        endpoint = _endpoint(wish)
        body = _performance(wish) if endpoint == PERFORMANCE else _scene(wish, endpoint)
        words, elements = _words(wish), elements_in(wish.request.extra)
        if endpoint == FROM_TEXT:
            if elements:
                raise invalid("extra.elements", "Elements need a first frame, or a model that takes references.")
            body["prompt"] = words
        else:
            cited = [{"type": "element", "element_id": one, "id": name} for name, one in elements.items()]
            body["contents"] = [{"type": "prompt", "text": words}, *await _inputs(wish, endpoint), *cited]
        body["options"] = {"external_task_id": str(context.attempt_id)}
        if context.webhook_url:
            body["options"]["callback_url"] = context.webhook_url
        return f"/{endpoint}/{wish.row.caps.model.rpartition('/')[2]}", body

    def task_data(self, request: GenRequest) -> dict[str, Any]:
        """Return nothing: the new API asks for every task at one address."""
        return {}

    def asking(self, handle: Handle) -> tuple[str, dict[str, str]]:
        """Return the path and the query that ask for a task."""
        return "/tasks", {"task_ids": handle.remote_id}

    def asking_by_our_id(self, request: GenRequest, external_id: str) -> tuple[str, dict[str, str]]:
        """Return the path and the query that ask for the task an attempt created."""
        return "/tasks", {"external_task_ids": external_id}

    def read_tasks(self, body: Any) -> list[RemoteTask]:
        """Return the tasks of an answer: a create and a delivery tell one, a poll a list."""
        told = body if isinstance(body, list) else [body]
        return [_task(one) for one in told if isinstance(one, dict) and text_id(one.get("id"))]


def _task(told: Mapping[str, Any]) -> RemoteTask:
    outputs = told.get("outputs")
    videos = [
        one
        for one in (outputs if isinstance(outputs, list) else [])
        if isinstance(one, dict) and one.get("type") == "video" and isinstance(one.get("url"), str) and one["url"]
    ]
    return RemoteTask(
        id=text_id(told.get("id")),
        status=str(told.get("status")),
        message=str(told.get("message") or ""),
        code=code_of(told),
        videos=videos,
        ended=told.get("update_time"),
        cost=cash(told.get("billing")),
    )


def _endpoint(wish: Wish) -> str:
    """Return the endpoint: a model that takes references is spoken to in one way, whatever it starts from."""
    if wish.request.task is Task.PERFORMANCE:
        return PERFORMANCE
    if Task.REFERENCES in wish.row.caps.tasks:
        return OMNI
    return FROM_IMAGE if wish.asset("first") or wish.asset("last") else FROM_TEXT


def _words(wish: Wish) -> str:
    """Return the prompt, which for shots of given lengths is a text in the provider's own syntax."""
    shots = shots_in(wish.request.extra, wish.seconds)
    if not shots:
        return wish.request.prompt
    words = " ".join(f"shot {number}, {one.seconds}, {one.prompt};" for number, one in enumerate(shots, 1))
    if len(words) > wish.row.caps.prompt_max:
        message = f"The shots have {len(words)} characters together and the model takes {wish.row.caps.prompt_max}."
        raise invalid("extra.shots", message)
    return words


def _scene(wish: Wish, endpoint: str) -> dict[str, Any]:
    """Return the settings of what is imagined; a clip to follow goes with several shots and without native sound."""
    first, last, clip = wish.asset("first"), wish.asset("last"), wish.asset("motion")
    if last and (not first or Task.FIRST_AND_LAST not in wish.row.caps.tasks):
        raise invalid("assets", "A last frame needs a first one, and a model that takes both.")
    if endpoint == OMNI and sum(1 for one in wish.request.assets if one is not clip) > wish.row.caps.max_images:
        raise invalid("assets", f"The model takes {wish.row.caps.max_images} pictures, the frames among them.")
    sound = wish.request.sound and wish.row.caps.native_sound and clip is None
    settings = {
        # The provider cuts every take into shots unless it is told not to.
        "multi_shot": wish.request.task is Task.MULTI_SHOT or clip is not None,
        "audio": "native" if sound else "off",
        "resolution": resolution(wish.frame),
        "duration": round(wish.seconds),
    }
    if first is None and clip is None:
        settings["aspect_ratio"] = aspect_ratio(wish.frame)
    return {"settings": settings}


def _performance(wish: Wish) -> dict[str, Any]:
    """Return the settings of a picture that moves as somebody does in a clip; the clip tells the duration."""
    elements = elements_in(wish.request.extra)
    settings = {
        "character_orientation": orientation_in(wish.request.extra, wish.seconds, elements),
        "audio": "original" if wish.request.sound else "off",
        "resolution": resolution(wish.frame),
    }
    return {"settings": settings}


async def _inputs(wish: Wish, endpoint: str) -> list[dict[str, str]]:
    return [await _content(asset, endpoint) for asset in wish.request.assets]


async def _content(asset: Asset, endpoint: str) -> dict[str, str]:
    """Return one input: pictures travel within the request, clips are fetched by the provider."""
    if asset.role == "motion":
        return {"type": "video" if endpoint == PERFORMANCE else "feature_video", "url": public_address(asset)}
    kind = CONTENT_TYPES.get(asset.role)
    if kind is None or (endpoint == PERFORMANCE and asset.role != "reference"):
        raise invalid("assets", f"The provider takes no {asset.role} input here.")
    url = await raw_base64(asset, MAX_ASSET_BYTES)
    return {"type": "image" if endpoint == PERFORMANCE else kind, "url": url}
