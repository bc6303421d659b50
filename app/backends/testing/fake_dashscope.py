"""A fake DashScope, written from the provider's fact sheet (china §3) alone.

It shares no code with the adapter, refuses what it does not know, and keeps the traps: the asynchronous header, the
capital P of resolutions, one L in CANCELED, and HTTP 200 for tasks that failed or that nobody remembers.
"""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response

from app.backends.testing.faults import Refusal, after_creating, before_creating, downloading, polling
from app.backends.testing.skeleton import Fake, plain, result_video

PENDING_S, RENDERED_S, LIFETIME_S = 2.0, 12.0, 24 * 3600.0
SERVICES = "/api/v1/services/aigc"
VIDEO = f"{SERVICES}/video-generation/video-synthesis"
PHOTO = f"{SERVICES}/image2video/video-synthesis"
SIDES = {
    "480P": {"16:9": "832x480", "9:16": "480x832", "1:1": "624x624", "4:3": "624x480", "3:4": "480x624"},
    "720P": {"16:9": "1280x720", "9:16": "720x1280", "1:1": "960x960", "4:3": "1088x832", "3:4": "832x1088"},
    "1080P": {"16:9": "1920x1080", "9:16": "1080x1920", "1:1": "1440x1440", "4:3": "1632x1248", "3:4": "1248x1632"},
}
WAN3_MEDIA = {
    "first_frame": 1,
    "last_frame": 1,
    "reference_image": 10,
    "reference_video": 5,
    "reference_audio": 5,
    "file": 1,
    "link": 1,
}
WAN27_MEDIA = {
    "t2v": {},
    "i2v": {"first_frame": 1, "last_frame": 1, "first_clip": 1, "driving_audio": 1},
    "r2v": {"reference_image": 10, "reference_video": 5},
}
SPOKEN = {
    "invalid_api_key": (401, "InvalidApiKey"),
    "payment_required": (400, "Arrearage"),
    "insufficient_quota": (403, "Arrearage"),
    "permission_denied": (403, "AccessDenied"),
    "rate_limit_exceeded": (429, "Throttling.RateQuota"),
    "invalid_value": (400, "InvalidParameter"),
    "moderation_blocked": (400, "DataInspectionFailed"),
    "model_not_found": (404, "ModelNotFound"),
    "server_error": (500, "InternalError"),
    "unavailable": (503, "ServiceUnavailable"),
}


@dataclass(slots=True)
class DashTask:
    """One task on the server."""

    id: str
    body: dict[str, Any]
    created: float
    scenario: dict[str, str]
    polls: int = 0
    cancelled: bool = False

    @property
    def rendered_s(self) -> float:
        """How long it takes, in virtual seconds."""
        return float(self.scenario.get("slow") or RENDERED_S)


class DashScopeFake(Fake):
    """The server; ``key`` is the account's, ``default_scenario`` serves models that take no prompt."""

    def __init__(self, *, key: str = "sk-fake-dashscope", frozen: bool = True) -> None:
        super().__init__(frozen=frozen)
        self.key = key
        self._tasks: dict[str, DashTask] = {}
        self.app.post(VIDEO)(self._create)
        self.app.post(PHOTO)(self._create)
        self.app.get("/api/v1/tasks/{task_id}")(self._retrieve)
        self.app.post("/api/v1/tasks/{task_id}/cancel")(self._cancel)
        self.app.get("/results/{task_id}.mp4")(self._result)

    def envelope(self, refusal: Refusal) -> Any:
        """Return ``{"code", "message", "request_id"}``."""
        return {"code": refusal.code, "message": refusal.message, "request_id": str(uuid.uuid4())}

    def jobs(self) -> list[dict[str, Any]]:
        """Return every task."""
        return [{"task_id": task.id, "task_status": self._status(task)} for task in self._tasks.values()]

    async def stored(self, key: str) -> bytes:
        """Return the bytes of a result on the content network."""
        return await self._video(self._tasks[key])

    def _authorise(self, request: Request) -> None:
        if request.headers.get("authorization") != f"Bearer {self.key}":
            raise Refusal(401, "InvalidApiKey", "Invalid API-key provided.")

    async def _create(self, request: Request) -> Response:
        request.state.entry["creates"] = True
        self._authorise(request)
        if request.headers.get("x-dashscope-async") != "enable":
            raise Refusal(403, "AccessDenied", "current user api does not support synchronous calls.")
        body = request.state.entry["body"] = await request.json()
        resolves = request.headers.get("x-dashscope-ossresourceresolve") == "enable"
        check(body, request.url.path, resolves_oss=resolves)
        scenario = self.scenario(body["input"].get("prompt", ""))
        try:
            before_creating(request, scenario, self.clock.now(), self.key)
            task = DashTask(str(uuid.uuid4()), body, self.clock.now(), scenario)
            self._tasks[task.id] = task
            lost = await after_creating(request, scenario)
        except Refusal as refusal:
            raise spoken(refusal) from None
        output = {"task_id": task.id, "task_status": "PENDING"}
        return lost or plain(200, {"output": output, "request_id": str(uuid.uuid4())})

    def _status(self, task: DashTask) -> str:
        age = self.clock.now() - task.created
        if task.cancelled:
            return "CANCELED"
        if age < PENDING_S:
            return "PENDING"
        if "unknown_status" in task.scenario:
            return "HIBERNATING"
        if age < task.rendered_s or "stuck" in task.scenario:
            return "RUNNING"
        return "FAILED" if {"fail", "moderation_output"} & set(task.scenario) else "SUCCEEDED"

    async def _retrieve(self, request: Request, task_id: str) -> Response:
        self._authorise(request)
        task = self._tasks.get(task_id)
        expired = task is not None and self.clock.now() > task.created + LIFETIME_S and "stuck" not in task.scenario
        if task is None or expired or "lost" in task.scenario:
            return plain(200, {"request_id": str(uuid.uuid4()), "output": _unknown(task_id)})
        task.polls += 1
        try:
            polling(request, task.scenario, task.polls)
        except Refusal as refusal:
            raise spoken(refusal) from None
        return plain(200, {"request_id": str(uuid.uuid4()), **self._told(task, request.url.port)})

    def _told(self, task: DashTask, port: int | None) -> dict[str, Any]:
        """Return output and usage of a task as it stands."""
        status = self._status(task)
        output: dict[str, Any] = {"task_id": task.id, "task_status": status, "submit_time": _stamp(task.created)}
        if status == "FAILED":
            words = {"code": "InternalError", "message": "An internal error has occurred, please try again later."}
            if "moderation_output" in task.scenario:
                words = {"code": "DataInspectionFailed", "message": "Output data may contain inappropriate content."}
            output |= words
        told: dict[str, Any] = {"output": output}
        if status == "SUCCEEDED":
            done = task.created + task.rendered_s
            url = f"http://localhost:{port}/results/{task.id}.mp4?Expires={int(done + LIFETIME_S)}&Signature=abcdefgh"
            output |= {"scheduled_time": _stamp(task.created + PENDING_S), "end_time": _stamp(done), "video_url": url}
            if "prompt" in task.body["input"]:
                output["orig_prompt"] = task.body["input"]["prompt"]
            told["usage"] = _usage(task.body)
        if "extra_fields" in task.scenario:
            output["queue_position"] = 3
            told["metrics"] = {"gpu": [1, 2]}
        return told

    async def _cancel(self, request: Request, task_id: str) -> Response:
        self._authorise(request)
        task = self._tasks.get(task_id)
        if task is None or self._status(task) != "PENDING":
            raise Refusal(400, "InvalidParameter", "Only a task that is pending can be cancelled.")
        task.cancelled = True
        return plain(200, {"request_id": str(uuid.uuid4())})

    async def _result(self, request: Request, task_id: str) -> Response:
        """Serve a signed address as an object store does: no key is wanted, and none after it ran out."""
        task = self._tasks.get(task_id)
        if "authorization" in request.headers:
            return Response("InvalidArgument: only one auth mechanism allowed", 400)
        ran_out = self.clock.now() > float(request.query_params.get("Expires", "0"))
        if task is None or ran_out or "url_expired" in task.scenario:
            return Response("AccessDenied: Request has expired.", 403)
        return downloading(request, task.scenario, await self._video(task), task.id)

    async def _video(self, task: DashTask) -> bytes:
        return await result_video(_size(task.body), float(_usage(task.body)["output_video_duration"]))


def spoken(refusal: Refusal) -> Refusal:
    """Return a shared fault in this provider's words."""
    status, code = SPOKEN.get(refusal.code, (refusal.status, refusal.code))
    message = "Input data may contain inappropriate content." if code == "DataInspectionFailed" else refusal.message
    return Refusal(status, code, message, **refusal.headers)


def check(body: Any, path: str, *, resolves_oss: bool) -> None:
    """Raise what the provider says to a create it does not take."""
    if not isinstance(body, dict) or set(body) != {"model", "input", "parameters"}:
        raise _invalid("model, input and parameters are wanted, and nothing else.")
    model, told, parameters = body["model"], body["input"], body["parameters"]
    if not isinstance(told, dict) or not isinstance(parameters, dict):
        raise _invalid("input and parameters are objects.")
    photo = {"wan2.2-animate-move", "wan2.2-animate-mix", "wan2.2-s2v"}
    if path != (PHOTO if model in photo else VIDEO):
        raise _invalid("url error, please check url.")
    urls = [value for key, value in told.items() if key.endswith("_url")]
    if model in {"wan3.0-video", "wan3.0-video-prime"}:
        urls += _check_wan3(told, parameters)
    elif model in {f"{name}-{kind}" for name in ("wan2.7", "happyhorse-1.1") for kind in WAN27_MEDIA}:
        urls += _check_wan27(model, told, parameters)
    elif model in photo - {"wan2.2-s2v"}:
        _check_fields(told, {"image_url", "video_url"}, set(), "input")
        _check_fields(parameters, {"mode"}, {"check_image"}, "parameters")
        _one_of(parameters, "mode", {"wan-std", "wan-pro"})
        _typed(parameters, "check_image", bool)
    elif model == "wan2.2-s2v":
        _check_fields(told, {"image_url", "audio_url"}, set(), "input")
        _check_fields(parameters, {"resolution"}, set(), "parameters")
        _one_of(parameters, "resolution", {"480P", "720P"})
    else:
        raise Refusal(404, "ModelNotFound", f"The model {model} does not exist.")
    _check_urls(urls, resolves_oss=resolves_oss)


def _check_wan3(told: Mapping[str, Any], parameters: Mapping[str, Any]) -> list[Any]:
    _check_fields(told, {"prompt"}, {"media"}, "input")
    switches = {"audio", "prompt_extend", "watermark", "enable_thinking"}
    _check_fields(parameters, set(), {"duration", "resolution", "ratio", "seed", *switches}, "parameters")
    _check_prompt(told, 20_000)
    if parameters.get("duration") != -1:
        _within(parameters, 2, 30)
    _one_of(parameters, "resolution", {"480P", "720P", "1080P"})
    _one_of(parameters, "ratio", {"adaptive", "16:9", "9:16", "1:1", "4:3", "3:4"})
    for name in switches:
        _typed(parameters, name, bool)
    _typed(parameters, "seed", int)
    counts, urls = _media(told, WAN3_MEDIA, {"type", "url"})
    frames = {"first_frame", "last_frame"} & set(counts)
    if frames and set(counts) - frames:
        raise _invalid("frames cannot be used together with references, file or link.")
    if {"file", "link"} <= set(counts):
        raise _invalid("file and link exclude each other.")
    return urls


def _check_wan27(model: str, told: Mapping[str, Any], parameters: Mapping[str, Any]) -> list[Any]:
    family, kind = model.rpartition("-")[::2]
    older = family == "happyhorse-1.1"
    _check_fields(told, {"prompt"}, {"media"} if older else {"media", "negative_prompt"}, "input")
    _check_fields(parameters, set(), {"duration", "resolution", "ratio", "seed", "watermark"}, "parameters")
    _check_prompt(told, 5000)
    _within(parameters, 3 if older else 2, 15)
    _one_of(parameters, "resolution", {"480P", "720P", "1080P"} if older else {"720P", "1080P"})
    _one_of(parameters, "ratio", {"16:9", "9:16", "1:1", "4:3", "3:4"})
    _typed(parameters, "watermark", bool)
    counts, urls = _media(told, WAN27_MEDIA[kind], {"type", "url", *({"reference_voice"} if kind == "r2v" else ())})
    if (kind == "i2v" and not {"first_frame", "first_clip"} & set(counts)) or (kind == "r2v" and not counts):
        raise _invalid("media is missing.")
    return urls


def _media(told: Mapping[str, Any], most: Mapping[str, int], keys: set[str]) -> tuple[Counter[str], list[Any]]:
    """Return how many there are of each type, and every address in the list."""
    items = told.get("media", [])
    if not isinstance(items, list) or ("media" in told and not items):
        raise _invalid("media is a list that is not empty.")
    counts: Counter[str] = Counter()
    for item in items:
        if not isinstance(item, dict) or not {"type", "url"} <= set(item) <= keys:
            raise _invalid("an item of media has type and url.")
        counts[item["type"]] += 1
    for name, count in counts.items():
        if count > most.get(name, 0):
            raise _invalid(f"media takes at most {most.get(name, 0)} {name}.")
    if "last_frame" in counts and "first_frame" not in counts:
        raise _invalid("a last frame needs a first frame.")
    return counts, [value for item in items for key, value in item.items() if key != "type"]


def _check_urls(urls: list[Any], *, resolves_oss: bool) -> None:
    for url in urls:
        if not isinstance(url, str) or not url.startswith(("http://", "https://", "oss://")):
            raise Refusal(400, "InvalidURL", "The url is not valid.")
        if url.startswith("oss://") and not resolves_oss:
            raise Refusal(400, "InvalidURL", "An oss url needs the header X-DashScope-OssResourceResolve.")


def _check_fields(told: Mapping[str, Any], needed: set[str], allowed: set[str], where: str) -> None:
    if not needed <= set(told) <= needed | allowed:
        wrong = min(needed - set(told) or set(told) - needed - allowed)
        raise _invalid(f"{where}.{wrong} is missing or not known.")


def _check_prompt(told: Mapping[str, Any], longest: int) -> None:
    if not isinstance(told["prompt"], str) or not 0 < len(told["prompt"]) <= longest:
        raise _invalid(f"the prompt is text of at most {longest} characters.")


def _within(parameters: Mapping[str, Any], low: int, high: int) -> None:
    if type(parameters.get("duration", low)) is not int or not low <= parameters.get("duration", low) <= high:
        raise _invalid(f"duration is a whole number from {low} to {high}.")


def _one_of(parameters: Mapping[str, Any], name: str, values: set[str]) -> None:
    if name in parameters and parameters[name] not in values:
        raise _invalid(f"{name} is one of {', '.join(sorted(values))}.")


def _typed(parameters: Mapping[str, Any], name: str, kind: type) -> None:
    if name in parameters and type(parameters[name]) is not kind:
        raise _invalid(f"{name} is of another type.")


def _invalid(message: str) -> Refusal:
    return Refusal(400, "InvalidParameter", message)


def _unknown(task_id: str) -> dict[str, Any]:
    return {"task_id": task_id, "task_status": "UNKNOWN"}


def _stamp(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S.000", time.gmtime(at))


def _size(body: Mapping[str, Any]) -> str:
    parameters = body["parameters"]
    resolution = {"wan-std": "480P", "wan-pro": "720P"}.get(parameters.get("mode", ""), parameters.get("resolution"))
    return SIDES[resolution or "720P"].get(parameters.get("ratio", "9:16"), "720x1280")


def _usage(body: Mapping[str, Any]) -> dict[str, Any]:
    seconds = body["parameters"].get("duration", 5)
    width, _, height = _size(body).partition("x")
    told = {"duration": seconds, "output_video_duration": seconds, "input_video_duration": 0, "video_count": 1}
    return {**told, "SR": min(int(width), int(height)), "ratio": body["parameters"].get("ratio", "9:16"), "fps": 30}


def create_app(**arguments: Any) -> FastAPI:
    """Return the application, for ``serve`` and ``serve_in_process``; see ``DashScopeFake`` for the arguments."""
    return DashScopeFake(**arguments).app
