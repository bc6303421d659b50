"""A fake Volcengine Ark with Seedance, written from the provider's fact sheet (china §4) alone.

It shares no code with the adapter and refuses what it does not know. Its traps: one code family for each kind of input
that moderation can blame, HTTP 429 for three different things, a DELETE that cancels what waits, refuses what runs and
forgets what has ended, one frame more than the whole seconds in the bill, and deliveries nobody signs.
"""

from __future__ import annotations

import io
import json
import re
import time
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response
from PIL import Image

from app.backends.testing.faults import Refusal, after_creating, before_creating, downloading, polling
from app.backends.testing.skeleton import Fake, plain, result_video

QUEUED_S, RENDERED_S, LIFETIME_S, CLIP_S = 2.0, 12.0, 24 * 3600.0, 5
PATH = "/api/v3/contents/generations/tasks"
HEIGHTS = {"480p", "720p", "1080p", "4k"}
SIZES = {
    "480p": {"16:9": "864x496", "9:16": "496x864"},
    "720p": {
        "16:9": "1280x720",
        "9:16": "720x1280",
        "4:3": "1112x834",
        "3:4": "834x1112",
        "1:1": "960x960",
        "21:9": "1470x630",
    },
    "1080p": {"16:9": "1920x1080", "9:16": "1080x1920"},
    "4k": {"16:9": "3840x2160", "9:16": "2160x3840"},
}
RATIOS = {"16:9", "4:3", "1:1", "3:4", "9:16", "21:9", "adaptive"}
ITEMS = {
    "image_url": {"first_frame", "last_frame", "reference_image"},
    "video_url": {"reference_video"},
    "audio_url": {"reference_audio"},
}
SWITCHES = {"generate_audio", "watermark", "camera_fixed", "draft", "return_last_frame"}
CHOICES = {
    "ratio": RATIOS,
    "resolution": HEIGHTS,
    "service_tier": {"default", "flex"},
    "omni_reference_task_type": {"auto", "reference", "edit", "extend"},
}
NUMBERS = {"duration", "frames", "seed", "execution_expires_after", "priority"}
TEXTS = {"callback_url", "safety_identifier", "output_format"}
FIELDS = {"model", "content", "tools", *SWITCHES, *CHOICES, *NUMBERS, *TEXTS}
SPOKEN = {
    "invalid_api_key": (401, "AuthenticationError"),
    "payment_required": (403, "AccountOverdueError"),
    "permission_denied": (403, "AccessDenied"),
    "rate_limit_exceeded": (429, "ModelAccountRpmRateLimitExceeded"),
    "insufficient_quota": (429, "QuotaExceeded"),
    "invalid_value": (400, "InvalidParameter"),
    "model_not_found": (404, "InvalidEndpoint.NotFound"),
    "not_found": (404, "NotFound"),
    "server_error": (500, "InternalServiceError"),
}


@dataclass(frozen=True, slots=True)
class Family:
    """What one generation of Seedance takes."""

    resolutions: frozenset[str]
    seconds: tuple[int, int]
    references: Mapping[str, int]
    audio_alone: bool = False


SMALL, ALL = frozenset({"480p", "720p"}), frozenset(HEIGHTS)
NINE = {"reference_image": 9, "reference_video": 3, "reference_audio": 3}
THIRTY = {"reference_image": 30, "reference_video": 10, "reference_audio": 10}
FAMILIES = {
    "seedance-2-5-260628": Family(SMALL, (4, 30), THIRTY, audio_alone=True),
    "seedance-2-0-260128": Family(ALL, (4, 15), NINE),
    "seedance-2-0-fast-260128": Family(SMALL, (4, 15), NINE),
    "seedance-2-0-mini-260615": Family(SMALL, (4, 15), NINE),
    "seedance-1-5-pro-251215": Family(ALL - {"4k"}, (4, 12), {}),
    "seedance-1-0-pro-250528": Family(ALL - {"4k"}, (2, 12), {}),
}


@dataclass(slots=True)
class ArkTask:
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


class ArkFake(Fake):
    """The server; ``key`` is the account's, ``vendor`` what its models' names begin with.

    ``[[fake:seedless]]`` keeps a task's seed to itself, ``[[fake:seedless=queued]]`` only until it has ended;
    ``[[fake:expired]]`` lets its time run out.
    """

    def __init__(self, *, key: str = "ark-fake-key", vendor: str = "doubao", frozen: bool = True) -> None:
        super().__init__(frozen=frozen)
        self.key = key
        self.vendor = vendor
        self._tasks: dict[str, ArkTask] = {}
        self.app.post(PATH)(self._create)
        self.app.get(PATH)(self._list)
        self.app.get(PATH + "/{task_id}")(self._retrieve)
        self.app.delete(PATH + "/{task_id}")(self._delete)
        self.app.get("/results/{task_id}.mp4")(self._result)
        self.app.get("/results/{task_id}.png")(self._last_frame)
        self.app.get("/__fake/webhook/{task_id}")(self._webhook)

    def envelope(self, refusal: Refusal) -> Any:
        """Return ``{"error": {"code", "message", "param", "type"}}``."""
        kind = "BadRequest" if refusal.status == 400 else "Error"
        return {"error": {"code": refusal.code, "message": refusal.message, "param": refusal.param or "", "type": kind}}

    def jobs(self) -> list[dict[str, Any]]:
        """Return every task."""
        return [self._object(task, None) for task in self._tasks.values()]

    async def stored(self, key: str) -> bytes:
        """Return the bytes of a result on the content network."""
        return await self._video(self._tasks[key])

    def _authorise(self, request: Request) -> None:
        if request.headers.get("authorization") != f"Bearer {self.key}":
            raise Refusal(401, "AuthenticationError", "The API key in the request is missing or invalid.")

    async def _create(self, request: Request) -> Response:
        request.state.entry["creates"] = True
        self._authorise(request)
        body = request.state.entry["body"] = await request.json()
        check(body, self.vendor)
        text = next((item["text"] for item in body["content"] if item["type"] == "text"), "")
        scenario = self.scenario(text)
        try:
            before_creating(request, scenario, self.clock.now(), self.key)
            stamp = time.strftime("%Y%m%d%H%M%S", time.gmtime(self.clock.now()))
            task = ArkTask(f"cgt-{stamp}-{uuid.uuid4().hex[:12]}", body, self.clock.now(), scenario)
            self._tasks[task.id] = task
            lost = await after_creating(request, scenario)
        except Refusal as refusal:
            raise spoken(refusal) from None
        return lost or plain(200, {"id": task.id}, {"x-request-id": uuid.uuid4().hex})

    def _status(self, task: ArkTask) -> str:
        age = self.clock.now() - task.created
        if task.cancelled:
            return "cancelled"
        if age < QUEUED_S:
            return "queued"
        if "unknown_status" in task.scenario:
            return "hibernating"
        if age < task.rendered_s or "stuck" in task.scenario:
            return "running"
        if "expired" in task.scenario:
            return "expired"
        return "failed" if {"fail", "moderation_output"} & set(task.scenario) else "succeeded"

    def _object(self, task: ArkTask, port: int | None) -> dict[str, Any]:
        body, status = task.body, self._status(task)
        told: dict[str, Any] = {
            "id": task.id,
            "model": body["model"],
            "status": status,
            "created_at": int(task.created),
            "updated_at": int(min(self.clock.now(), task.created + task.rendered_s)),
            "seed": body.get("seed", 7),
            "resolution": body.get("resolution", "720p"),
            "ratio": body.get("ratio", "adaptive"),
            "duration": body.get("duration", 5),
            "framespersecond": 24,
            "generate_audio": body.get("generate_audio", True),
            "service_tier": body.get("service_tier", "default"),
            "execution_expires_after": body.get("execution_expires_after", 172800),
            "draft": body.get("draft", False),
        }
        if task.scenario.get("seedless") == "" or ("seedless" in task.scenario and status in {"queued", "running"}):
            del told["seed"]
        if status == "succeeded":
            place = f"http://localhost:{port}/results/{task.id}"
            told["content"] = {"video_url": f"{place}.mp4?X-Tos-Signature=abcdefgh"}
            if body.get("return_last_frame"):
                told["content"]["last_frame_url"] = f"{place}.png?X-Tos-Signature=abcdefgh"
            tokens = _tokens(body)
            told["usage"] = {"completion_tokens": tokens, "total_tokens": tokens}
        if status == "failed":
            told["error"] = {"code": "InternalServiceError", "message": "The service encountered an internal error."}
            if "moderation_output" in task.scenario:
                code = "OutputVideoSensitiveContentDetected"
                told["error"] = {"code": code, "message": "The output video may contain sensitive information."}
        return told | ({"queue_position": 3, "metrics": {"gpu": [1]}} if "extra_fields" in task.scenario else {})

    def _task(self, request: Request, task_id: str) -> ArkTask:
        self._authorise(request)
        if task_id not in self._tasks:
            raise Refusal(404, "NotFound", "The specified task does not exist.")
        return self._tasks[task_id]

    async def _retrieve(self, request: Request, task_id: str) -> Response:
        task = self._task(request, task_id)
        task.polls += 1
        try:
            polling(request, task.scenario, task.polls)
        except Refusal as refusal:
            raise spoken(refusal) from None
        return plain(200, self._object(task, request.url.port))

    async def _list(self, request: Request) -> Response:
        self._authorise(request)
        filters = {"filter.status", "filter.model", "filter.service_tier", "filter.task_ids"}
        query = request.query_params
        if set(query) - {"page_num", "page_size", *filters}:
            raise Refusal(400, "InvalidParameter", "There is no such filter.")
        page, size = int(query.get("page_num", "1")), int(query.get("page_size", "10"))
        if page < 1 or not 1 <= size <= 500:
            raise Refusal(400, "InvalidParameter", "The page does not exist.", "page_size")
        tasks = [self._object(task, request.url.port) for task in reversed(self._tasks.values())]
        ids = query.getlist("filter.task_ids")
        for name in ("status", "model", "service_tier"):
            tasks = [task for task in tasks if query.get(f"filter.{name}", task[name]) == task[name]]
        tasks = [task for task in tasks if not ids or task["id"] in ids]
        return plain(200, {"items": tasks[(page - 1) * size : page * size], "total": len(tasks)})

    async def _delete(self, request: Request, task_id: str) -> Response:
        task = self._task(request, task_id)
        status = self._status(task)
        if status == "running":
            raise Refusal(400, "InvalidParameter", "A task that is running cannot be deleted.", "id")
        if status == "queued":
            task.cancelled = True
        else:
            del self._tasks[task_id]
        return plain(200, {})

    def _served(self, request: Request, task_id: str) -> ArkTask | Response:
        """Return the task of a signed address, or how an object store refuses it."""
        task = self._tasks.get(task_id)
        if "authorization" in request.headers:
            return Response("InvalidArgument: two signatures", 400)
        if task is None or "url_expired" in task.scenario or self.clock.now() > task.created + LIFETIME_S:
            return Response("AccessDenied: Request has expired.", 403)
        return task

    async def _result(self, request: Request, task_id: str) -> Response:
        task = self._served(request, task_id)
        if isinstance(task, Response):
            return task
        return downloading(request, task.scenario, await self._video(task), task.id)

    async def _last_frame(self, request: Request, task_id: str) -> Response:
        task = self._served(request, task_id)
        if isinstance(task, Response):
            return task
        width, _, height = _size(task.body).partition("x")
        picture = io.BytesIO()
        Image.new("RGB", (int(width), int(height)), (20, 40, 60)).save(picture, "PNG")
        return Response(picture.getvalue(), media_type="image/png")

    async def _video(self, task: ArkTask) -> bytes:
        return await result_video(_size(task.body), float(task.body.get("duration", 5)))

    async def _webhook(self, request: Request, task_id: str, form: str = "genuine") -> Response:
        """Return the delivery Ark would make: the task as it stands, and nothing that proves it."""
        body = json.dumps(self._object(self._tasks[task_id], request.url.port))
        return plain(200, {"headers": {"content-type": "application/json"}, "body": body})


def spoken(refusal: Refusal) -> Refusal:
    """Return a shared fault in this provider's words."""
    status, code = SPOKEN.get(refusal.code, (refusal.status, refusal.code))
    if refusal.code == "moderation_blocked":
        pictured = refusal.param == "input_reference"
        code = (
            "InputImageSensitiveContentDetected.PrivacyInformation" if pictured else "InputTextSensitiveContentDetected"
        )
    return Refusal(status, code, refusal.message, **refusal.headers)


def check(body: Any, vendor: str) -> None:
    """Raise what the provider says to a create it does not take."""
    if not isinstance(body, dict) or not {"model", "content"} <= set(body):
        raise Refusal(400, "MissingParameter", "model and content are wanted.", "content")
    for name in sorted(set(body) - FIELDS):
        raise _invalid(name, "is not known")
    family = FAMILIES.get(str(body["model"]).removeprefix(f"{vendor}-"))
    if not str(body["model"]).startswith(f"{vendor}-") or family is None:
        raise Refusal(404, "InvalidEndpoint.NotFound", f"The model {body['model']} does not exist.", "model")
    for name in SWITCHES & set(body):
        if type(body[name]) is not bool:
            raise _invalid(name, "is not a boolean")
    for name in NUMBERS & set(body):
        if type(body[name]) is not int:
            raise _invalid(name, "is not a whole number")
    for name in TEXTS & set(body):
        if not isinstance(body[name], str) or not body[name]:
            raise _invalid(name, "is not a text")
    for name in CHOICES.keys() & set(body):
        if body[name] not in CHOICES[name]:
            raise _invalid(name, f"is one of {', '.join(sorted(CHOICES[name]))}")
    if body.get("resolution", "720p") not in family.resolutions:
        raise _invalid("resolution", "is not one of this model's")
    if {"duration", "frames"} <= set(body):
        raise _invalid("frames", "and duration exclude each other")
    if not family.seconds[0] <= body.get("duration", 5) <= family.seconds[1]:
        raise _invalid("duration", "is out of range")
    if not -1 <= body.get("seed", 0) <= 2**31 - 1 or body.get("execution_expires_after", 1) < 1:
        raise _invalid("seed", "or execution_expires_after is out of range")
    _check_content(body["content"], family)


def _check_content(content: Any, family: Family) -> None:
    if not isinstance(content, list) or not content or not all(isinstance(item, dict) for item in content):
        raise _invalid("content", "is a list that is not empty")
    roles = Counter(_role(item) for item in content)
    if roles["text"] > 1 or roles["first_frame"] > 1 or roles["last_frame"] > 1:
        raise _invalid("content", "holds something twice")
    if roles["last_frame"] and not roles["first_frame"]:
        raise Refusal(400, "InvalidParameter.TaskTypeConstraint", "A last frame needs a first frame.", "content")
    for role in ("reference_image", "reference_video", "reference_audio"):
        if roles[role] > family.references.get(role, 0):
            raise _invalid("content", f"holds too many of {role}")
    seen = roles["reference_image"] + roles["reference_video"] + roles["first_frame"]
    if roles["reference_audio"] and not seen and not family.audio_alone:
        raise Refusal(400, "InvalidParameter.TaskTypeConstraint", "Audio needs an image or a video.", "content")


def _role(item: Mapping[str, Any]) -> str:
    """Return what an item of the content is for; raise when it is not well made."""
    kind = item.get("type")
    if kind == "text":
        if set(item) != {"type", "text"} or not isinstance(item["text"], str):
            raise _invalid("content", "holds a text that is none")
        return "text"
    if kind not in ITEMS or not {"type", kind} <= set(item) <= {"type", kind, "role"}:
        raise _invalid("content", "holds an item of an unknown form")
    url = item[kind].get("url") if isinstance(item[kind], dict) and set(item[kind]) == {"url"} else None
    media = kind.removesuffix("_url")
    data = f"|data:{media}/[a-z0-9.+-]+;base64,[A-Za-z0-9+/=]+" if media != "video" else ""
    if not isinstance(url, str) or not re.fullmatch(rf"https://\S+|asset://\S+{data}", url):
        raise _invalid("content", f"holds a {kind} that cannot be fetched")
    role = item.get("role", "first_frame" if media == "image" else None)
    if role not in ITEMS[kind]:
        raise _invalid("content", f"gives {kind} a role it cannot have")
    return str(role)


def _invalid(name: str, what: str) -> Refusal:
    return Refusal(400, "InvalidParameter", f"The parameter {name} {what}.", name)


def _size(body: Mapping[str, Any]) -> str:
    sizes = SIZES[body.get("resolution", "720p")]
    if body["model"].endswith("seedance-2-5-260628") and body.get("resolution") == "480p":
        sizes = {"16:9": "854x480", "9:16": "480x854"}
    return sizes.get(body.get("ratio", "16:9"), sizes["16:9"])


def _tokens(body: Mapping[str, Any]) -> int:
    """Return what is billed: the frames made, one beyond the whole seconds, and those of input clips."""
    width, _, height = _size(body).partition("x")
    clips = sum(1 for item in body["content"] if item["type"] == "video_url")
    frames = 24 * (int(body.get("duration", 5)) + CLIP_S * clips) + 1
    return int(width) * int(height) * frames // 1024


def create_app(**arguments: Any) -> FastAPI:
    """Return the application, for ``serve`` and ``serve_in_process``; see ``ArkFake`` for the arguments."""
    return ArkFake(**arguments).app
