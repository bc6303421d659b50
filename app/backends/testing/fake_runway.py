"""A fake of Runway's API, written from the providers' fact sheets (international §6, §16) alone.

It shares no code with the adapter, refuses every field it does not know with ``issues``, deletes a finished task's
output when the task is deleted, forgets what was cancelled, and gives a fresh address for a result on every look.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response

from app.backends.testing.faults import Refusal, after_creating, before_creating, downloading, polling
from app.backends.testing.skeleton import Fake, plain, result_video

PENDING_S, RENDERED_S, ADDRESS_S = 2.0, 12.0, 86400.0
VERSION_HEADER, VERSION = "x-runway-version", "2024-11-06"
DATA_URI_MOST = {"image": 5_242_880, "video": 16_777_216, "audio": 16_777_216}
SIX = "1280:720 720:1280 1104:832 960:960 832:1104 1584:672"
HD = "1280:720 720:1280"
FULL_HD = f"{HD} 1920:1080 1080:1920"
KEYFRAMES = "promptText promptImage ratio duration"
SEEDANCE = f"{KEYFRAMES} audio seed referenceAudio"
# model: (credits per second, most seconds, ratios, fields, endpoints)
MODELS: Mapping[str, tuple[int, int, str, str, str]] = {
    "gen4.5": (12, 10, SIX, f"{KEYFRAMES} seed outputFormat proresProfile contentModeration", "text image"),
    "gen4_turbo": (5, 10, SIX, f"{KEYFRAMES} seed contentModeration", "image"),
    "act_two": (
        5,
        30,
        SIX,
        "character reference ratio seed bodyControl expressionIntensity contentModeration",
        "character_performance",
    ),
    "veo3.1": (40, 8, FULL_HD, f"{KEYFRAMES} audio seed negativePrompt", "text image"),
    "veo3.1_fast": (15, 8, FULL_HD, f"{KEYFRAMES} audio seed negativePrompt", "text image"),
    "seedance2": (36, 15, f"{FULL_HD} 3840:2160 2160:3840", SEEDANCE, "text image video"),
    "seedance2_5": (
        30,
        30,
        f"{FULL_HD} 854:480 480:854",
        f"{SEEDANCE} promptVideo mode draft draftTaskId outputFormat",
        "text image video",
    ),
    "gemini_omni_flash_1.1": (10, 10, HD, f"{KEYFRAMES} videoUri mode", "text image video"),
    "kling3.0_standard": (10, 15, HD, f"{KEYFRAMES} audio cfgScale providerSettings", "text image"),
}
RECIPE_FIELDS = {"version", "mode", "prompt", "shots", "duration", "ratio", "audio", "firstFrame"}
NO_CREDITS = "You do not have enough credits to run this task."
FAILURES: Mapping[str, tuple[str, str]] = {
    "fail": ("INTERNAL.BAD_OUTPUT.CODE01", "The generation failed."),
    "fail_silently": ("", "An unexpected error occurred."),
    "third_party": ("THIRD_PARTY.UNAVAILABLE", "The model's provider did not answer."),
    "asset_invalid": ("ASSET.INVALID", "The asset could not be read."),
    "moderation_output": ("SAFETY.OUTPUT.VIDEO", "The output was blocked by content moderation."),
    "safety_text": ("SAFETY.INPUT.TEXT", "The text was blocked by content moderation."),
    "safety_image": ("SAFETY.INPUT.IMAGE", "The image was blocked by content moderation."),
}


@dataclass(slots=True)
class Task:
    """One task."""

    id: str
    body: dict[str, Any]
    created: float
    credits: int
    scenario: dict[str, str]
    polls: int = 0

    @property
    def duration(self) -> float:
        """How long it renders, in virtual seconds."""
        return float(self.scenario.get("slow") or RENDERED_S)


class RunwayFake(Fake):
    """The API; ``key`` is what clients must present."""

    def __init__(self, *, key: str = "key_fake_runway", frozen: bool = True) -> None:
        super().__init__(frozen=frozen)
        self._key = key
        self._tasks: dict[str, Task] = {}
        self.app.post("/v1/recipes/multi_shot_video")(self._recipe)
        self.app.get("/v1/tasks/{task_id}")(self._retrieve)
        self.app.delete("/v1/tasks/{task_id}")(self._delete)
        self.app.post("/v1/{endpoint}")(self._create)
        self.app.get("/outputs/{task_id}.mp4")(self._output)

    def jobs(self) -> list[dict[str, Any]]:
        """Return every task."""
        return [self._object(task, 0) for task in self._tasks.values()]

    async def stored(self, key: str) -> bytes:
        """Return the bytes of a result on the content network."""
        return await self._result(self._tasks[key])

    def envelope(self, refusal: Refusal) -> Any:
        """Return ``{"error"}``, with ``issues`` for what the validation of a body found."""
        if refusal.code not in {"invalid_value", "invalid_type", "unrecognized_keys"}:
            return {"error": refusal.message}
        path = refusal.param.split(".") if refusal.param else []
        issue = {"code": refusal.code, "path": path, "message": refusal.message}
        return {"error": "Validation of body failed", "issues": [issue], "docUrl": "https://docs.example/errors"}

    def _authorise(self, request: Request) -> None:
        if request.headers.get("authorization") != f"Bearer {self._key}":
            raise Refusal(401, "unauthorized", f"The key {request.headers.get('authorization', '')} is not valid.")
        if request.headers.get(VERSION_HEADER) != VERSION:
            raise Refusal(400, "version", "The X-Runway-Version header is missing or not known.")

    async def _create(self, request: Request, endpoint: str) -> Response:
        body = await self._body(request)
        model = body.get("model")
        if not isinstance(model, str) or model not in MODELS:
            raise Refusal(400, "invalid_value", "Invalid discriminator value.", "model")
        credits, longest, ratios, fields, endpoints = MODELS[model]
        if endpoint.removesuffix("_to_video") not in endpoints.split():
            raise Refusal(400, "invalid_value", f"{model} is not a model of {endpoint}.", "model")
        self._known(body, {"model", *fields.split()})
        if endpoint == "character_performance":
            _check_performance(body)
        else:
            _check_prompt(body, endpoint)
            _check_whole(body, "duration", 2, longest, required=model == "gen4.5")
        # What extends a clip has its shape, and may not ask for another.
        shapes = [None] if body.get("mode") == "extend" else ratios.split()
        if body.get("ratio") not in shapes:
            raise Refusal(400, "invalid_value", "Invalid enum value.", "ratio")
        return await self._sell(request, body, credits * int(body.get("duration", 5)), body.get("promptText", ""))

    async def _recipe(self, request: Request) -> Response:
        body = await self._body(request)
        self._known(body, RECIPE_FIELDS)
        if body.get("version") not in {"2026-06", "unsafe-latest"} or body.get("duration") not in {5, 10, 15}:
            raise Refusal(400, "invalid_value", "Invalid version or duration.", "version")
        shots = body.get("shots", [])
        whole = body.get("mode") == "auto" and isinstance(body.get("prompt"), str) and "shots" not in body
        split = body.get("mode") == "custom" and 3 <= len(shots) <= 5 and "prompt" not in body
        if not whole and not split:
            raise Refusal(400, "invalid_value", "auto takes a prompt, custom 3 to 5 shots.", "mode")
        prompt = body.get("prompt", "") + " ".join(str(one.get("prompt")) for one in shots)
        return await self._sell(request, body, 10 * body["duration"], prompt)

    async def _body(self, request: Request) -> dict[str, Any]:
        request.state.entry["creates"] = True
        self._authorise(request)
        body = request.state.entry["body"] = await request.json()
        if not isinstance(body, dict):
            raise Refusal(400, "invalid_type", "Expected an object.")
        return body

    def _known(self, body: Mapping[str, Any], known: set[str]) -> None:
        for key in body:
            if key not in known:
                raise Refusal(400, "unrecognized_keys", f"Unrecognized key: {key}", key)

    async def _sell(self, request: Request, body: dict[str, Any], credits: int, prompt: str) -> Response:
        scenario = self.scenario(prompt)
        if "429_daily" in scenario:
            raise Refusal(429, "cap", "You have reached your daily task limit.")
        try:
            before_creating(request, scenario, self.clock.now(), self._key)
        except Refusal as refusal:
            raise _in_dialect(refusal) from None
        task = Task(str(uuid.uuid4()), body, self.clock.now(), credits, scenario)
        self._tasks[task.id] = task
        answer = plain(200, {"id": task.id, "estimatedCost": {"credits": credits}})
        return await after_creating(request, scenario) or answer

    def _status(self, task: Task) -> str:
        age = self.clock.now() - task.created
        if age < PENDING_S:
            return "THROTTLED" if "throttled" in task.scenario else "PENDING"
        if "unknown_status" in task.scenario:
            return "HIBERNATING"
        if age < task.duration or "stuck" in task.scenario:
            return "RUNNING"
        return "FAILED" if set(FAILURES) & set(task.scenario) else "SUCCEEDED"

    def _object(self, task: Task, port: int) -> dict[str, Any]:
        status = self._status(task)
        created = datetime.fromtimestamp(task.created, UTC).isoformat().replace("+00:00", "Z")
        told: dict[str, Any] = {"id": task.id, "status": status, "createdAt": created}
        if status in {"PENDING", "THROTTLED"}:
            told["estimatedCost"] = {"credits": task.credits}
        elif status == "RUNNING":
            told["progress"] = min((self.clock.now() - task.created) / task.duration, 0.99)
            if "backward" in task.scenario:
                told["progress"] = 0.6 if task.polls % 2 else 0.4
        elif status == "SUCCEEDED":
            stamp = int(self.clock.now())
            told["output"] = [f"http://localhost:{port}/outputs/{task.id}.mp4?_jwt={stamp}.{task.polls}"]
            told["cost"] = {"credits": task.credits}
        elif status == "FAILED":
            told |= self._failure(task)
        return told | ({"queuePosition": 3, "hints": {"a": [1]}} if "extra_fields" in task.scenario else {})

    def _failure(self, task: Task) -> dict[str, Any]:
        code, words = next(FAILURES[name] for name in task.scenario if name in FAILURES)
        charged = task.credits if code.startswith("SAFETY") else 0
        told: dict[str, Any] = {"failure": words}
        if code:
            told["failureCode"] = code
        return told if "no_cost" in task.scenario else {**told, "cost": {"credits": charged}}

    def _found(self, request: Request, task_id: str) -> Task:
        self._authorise(request)
        if task_id not in self._tasks:
            raise Refusal(404, "not_found", "Could not find Task")
        return self._tasks[task_id]

    async def _retrieve(self, request: Request, task_id: str) -> Response:
        task = self._found(request, task_id)
        task.polls += 1
        try:
            polling(request, task.scenario, task.polls)
        except Refusal as refusal:
            raise _in_dialect(refusal) from None
        return plain(200, self._object(task, request.url.port or 80))

    async def _delete(self, request: Request, task_id: str) -> Response:
        self._found(request, task_id)
        del self._tasks[task_id]
        return Response(status_code=204)

    async def _output(self, request: Request, task_id: str) -> Response:
        """The content network: an address that lives for a day, and no key."""
        if "authorization" in request.headers:
            return Response("Only one auth mechanism allowed", 400)
        task = self._tasks.get(task_id)
        made = request.query_params.get("_jwt", "").partition(".")[0]
        if task is None or not made or "url_expired" in task.scenario or self.clock.now() > int(made) + ADDRESS_S:
            return Response("Forbidden", 403)
        return downloading(request, task.scenario, await self._result(task), task.id)

    async def _result(self, task: Task) -> bytes:
        ratio = str(task.body.get("ratio", "1280:720"))
        return await result_video(ratio.replace(":", "x"), float(task.body.get("duration", 5)))


def _check_prompt(body: Mapping[str, Any], endpoint: str) -> None:
    text = body.get("promptText")
    longest = {"seedance2": 3500, "seedance2_5": 15000}.get(body["model"], 1000)
    if not isinstance(text, str) or not 0 < len(text.encode("utf-16-le")) // 2 <= longest:
        raise Refusal(400, "invalid_value", f"A text of 1 to {longest} UTF-16 units.", "promptText")
    images = body.get("promptImage")
    if (images is not None) != (endpoint == "image_to_video"):
        raise Refusal(400, "invalid_value", f"promptImage belongs to image_to_video, not {endpoint}.", "promptImage")
    for one in [{"uri": images}] if isinstance(images, str) else images or []:
        if not {"uri"} <= set(one) <= {"uri", "position"} or one.get("position", "first") not in {"first", "last"}:
            raise Refusal(400, "invalid_value", "An image is uri and position.", "promptImage")
        _check_uri(one["uri"], "promptImage", "image")
    if (endpoint == "video_to_video") != bool({"videoUri", "promptVideo"} & set(body)):
        raise Refusal(400, "invalid_value", "A video belongs to video_to_video.", "promptVideo")
    for key in {"videoUri", "promptVideo"} & set(body):
        _check_uri(body[key], key, "video")
    for one in body.get("referenceAudio", []):
        if set(one) != {"type", "uri"} or one["type"] != "audio":
            raise Refusal(400, "invalid_value", "An audio reference has type and uri.", "referenceAudio")
        _check_uri(one["uri"], "referenceAudio", "audio")


def _check_performance(body: Mapping[str, Any]) -> None:
    for key, kinds in (("character", {"image", "video"}), ("reference", {"video"})):
        part = body.get(key)
        if not isinstance(part, dict) or set(part) != {"type", "uri"} or part["type"] not in kinds:
            raise Refusal(400, "invalid_value", f"{key} has type and uri.", key)
        _check_uri(part["uri"], key, part["type"])
    _check_whole(body, "expressionIntensity", 1, 5)
    if not isinstance(body.get("bodyControl", True), bool):
        raise Refusal(400, "invalid_type", "Expected a boolean.", "bodyControl")


def _check_whole(body: Mapping[str, Any], key: str, low: int, high: int, *, required: bool = False) -> None:
    value = body.get(key, None if required else low)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise Refusal(400, "invalid_value", f"A whole number from {low} to {high}.", key)


def _check_uri(uri: Any, key: str, kind: str) -> None:
    """Inputs are https by host name, or ``data:`` of the right kind within its limit."""
    inline = isinstance(uri, str) and uri.startswith(f"data:{kind}/") and ";base64," in uri
    named = isinstance(uri, str) and uri.startswith("https://") and not uri[8:9].isdigit()
    if not inline and not named:
        raise Refusal(400, "invalid_value", "Invalid asset URI.", key)
    if inline and len(uri.partition(",")[2]) > DATA_URI_MOST[kind]:
        raise Refusal(400, "invalid_value", "The asset is too large.", key)


def _in_dialect(refusal: Refusal) -> Refusal:
    """Return a shared fault as Runway says it: it has no 402, and no money is a 400."""
    if refusal.code in {"payment_required", "insufficient_quota"}:
        return Refusal(400, "credits", NO_CREDITS)
    if refusal.code == "model_not_found":
        return Refusal(400, "invalid_value", "Invalid discriminator value.", "model")
    if refusal.code == "not_found":
        return Refusal(404, "not_found", "Could not find Task")
    return refusal


def create_app(**arguments: Any) -> FastAPI:
    """Return the application, for ``serve`` and ``serve_in_process``; see ``RunwayFake`` for the arguments."""
    return RunwayFake(**arguments).app
