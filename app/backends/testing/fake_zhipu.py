"""A fake of BigModel's video API, written from the providers' fact sheets (china §8, §19, §20.3) alone.

It shares no code with the adapter, refuses every field it does not know, and keeps the traps: a JWT in milliseconds,
429 for an empty account as for haste, a request_id that serves once, and no difference between waiting and running.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response

from app.backends.testing.faults import Refusal, after_creating, before_creating, downloading, polling
from app.backends.testing.skeleton import Fake, plain, result_video

RENDERED_S = 20.0
LARGEST = 5 * 1024 * 1024
ROOT = "/api/paas/v4"
COG, VIDU = "cogvideox-3 cogvideox-2 cogvideox-flash", "viduq1-text viduq1-image viduq1-start-end"
MODELS = {*COG.split(), *VIDU.split(), "vidu2-image", "vidu2-start-end", "vidu2-reference"}
SIZES = {"1280x720", "720x1280", "1024x1024", "1920x1080", "1080x1920", "2048x1080", "3840x2160"}
FIELDS = {"model", "prompt", "image_url", "size", "fps", "duration", "quality", "with_audio", "watermark_enabled"}
FIELDS |= {"request_id", "user_id"}
VIDU_FIELDS = {"style", "aspect_ratio", "movement_amplitude", "off_peak"}
ALLOWED: Mapping[str, tuple[Any, ...]] = {
    "fps": (30, 60),
    "duration": (5, 10),
    "quality": ("speed", "quality"),
    "with_audio": (True, False),
    "watermark_enabled": (True, False),
    "off_peak": (True, False),
    "style": ("general", "anime"),
    "movement_amplitude": ("auto", "small", "medium", "large"),
}
STATUS_OF_CODES = {
    **dict.fromkeys(("1000", "1001", "1002", "1003", "1004", "1005"), 401),
    **dict.fromkeys(("1113", "1302", "1303", "1304", "1305", "1308", "1310", "1312"), 429),
    **dict.fromkeys(("1210", "1211", "1213", "1214", "1215", "1231", "1261", "1301"), 400),
    **dict.fromkeys(("500", "1200", "1230", "1234"), 500),
    "1220": 403,
    "1222": 404,
}
CODES_OF_STATUSES = {400: "1214", 401: "1002", 402: "1113", 403: "1220", 404: "1222", 429: "1302", 500: "500"}
CODES_OF_FAULTS = {"insufficient_quota": "1113", "moderation_blocked": "1301", "model_not_found": "1211"}


@dataclass(slots=True)
class Job:
    """One task."""

    id: str
    fields: dict[str, Any]
    created: float
    scenario: dict[str, str]
    port: int
    polls: int = 0


class ZhipuFake(Fake):
    """The API under ``/api/paas/v4``; ``key`` is what clients present, plain or as a JWT signed with its second half.

    Besides the shared scenarios, ``[[fake:code=1308]]`` refuses a create with that code.
    """

    def __init__(self, *, key: str = "fakeid.fakesecret", frozen: bool = True) -> None:
        super().__init__(frozen=frozen)
        self.key = key
        self._jobs_by_id: dict[str, Job] = {}
        self.app.post(f"{ROOT}/videos/generations")(self._create)
        self.app.get(f"{ROOT}/async-result/{{task_id}}")(self._result)
        self.app.get("/__storage/{task_id}")(self._storage)

    def jobs(self) -> list[dict[str, Any]]:
        """Return every task as a look-up shows it."""
        return [self._object(job) for job in self._jobs_by_id.values()]

    async def stored(self, key: str) -> bytes:
        """Return the bytes of a result on the content network."""
        return await self._video(self._jobs_by_id[key])

    def envelope(self, refusal: Refusal) -> Any:
        """Return ``{"error": {"code", "message"}}`` with the provider's code."""
        return {"error": {"code": self._code(refusal), "message": refusal.message}}

    def _code(self, refusal: Refusal) -> str:
        if refusal.code in STATUS_OF_CODES:
            return refusal.code
        return CODES_OF_FAULTS.get(refusal.code) or CODES_OF_STATUSES.get(refusal.status, "1234")

    async def _refused(self, request: Request, refusal: Exception) -> Response:
        """Answer with the HTTP status that belongs to the code."""
        assert isinstance(refusal, Refusal)
        return plain(STATUS_OF_CODES[self._code(refusal)], self.envelope(refusal), refusal.headers)

    def _authorise(self, request: Request) -> None:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or not given:
            raise Refusal(401, "1001", "Authorization is missing.")
        if given != self.key:
            check_token(given, self.key, time.time() * 1000)

    async def _create(self, request: Request) -> Response:
        request.state.entry["creates"] = True
        self._authorise(request)
        fields = request.state.entry["body"] = await request.json()
        _require(isinstance(fields, dict), "the body is an object")
        self._check(fields)
        scenario = self.scenario(fields["prompt"])
        if "code" in scenario:
            raise Refusal(STATUS_OF_CODES[scenario["code"]], scenario["code"], "The request was refused.")
        before_creating(request, scenario, self.clock.now(), self.key)
        made, port = str(8868902201637896192 + len(self._jobs_by_id)), request.url.port or 80
        job = Job(made, fields, self.clock.now(), scenario, port)
        self._jobs_by_id[job.id] = job
        body = {key: value for key, value in self._object(job).items() if key in {"id", "model", "request_id"}}
        return await after_creating(request, scenario) or plain(200, body | {"task_status": "PROCESSING"})

    def _check(self, fields: Mapping[str, Any]) -> None:
        model, prompt = fields.get("model"), fields.get("prompt")
        if model not in MODELS:
            raise Refusal(400, "1211", "The model does not exist.")
        known = FIELDS | VIDU_FIELDS if str(model).startswith("vidu") else FIELDS
        for key in fields:
            _require(key in known, f"the field {key} is unknown")
        _require(isinstance(prompt, str) and bool(prompt), "prompt is required")
        if len(str(prompt)) > 512:
            raise Refusal(400, "1261", "Prompt exceeds the maximum length.")
        for key, values in ALLOWED.items():
            value = fields.get(key, values[0])
            _require(any(type(value) is type(one) and value == one for one in values), f"{key} is out of range")
        _require(fields.get("size", "1280x720") in SIZES, "size is not supported")
        self._check_pictures(str(model), fields.get("image_url"))
        request_id = fields.get("request_id")
        _require(request_id is None or (isinstance(request_id, str) and bool(request_id)), "request_id is a text")
        if request_id is not None and request_id in [job.fields.get("request_id") for job in self._jobs_by_id.values()]:
            raise Refusal(400, "1231", "The request_id was used before.")

    def _check_pictures(self, model: str, given: Any) -> None:
        listed = given if isinstance(given, list) else [given] if given is not None else []
        allowed = {"text": (0, 0), "image": (1, 1), "end": (2, 2), "reference": (1, 7)}
        least, most = allowed.get(model.rpartition("-")[2], (0, 2 if model == "cogvideox-3" else 1))
        _require(least <= len(listed) <= most, f"{model} takes {least} to {most} pictures")
        _require(given is None or isinstance(given, str) or len(listed) > 1, "a list holds two pictures")
        for one in listed:
            _require(_is_picture(one), "image_url is neither an address nor base64 of at most 5 MB")

    def _status(self, job: Job) -> str:
        age = self.clock.now() - job.created
        if "unknown_status" in job.scenario:
            return "HIBERNATING"
        if age < float(job.scenario.get("slow") or RENDERED_S) or "stuck" in job.scenario:
            return "PROCESSING"
        return "FAIL" if {"fail", "fail_silent", "moderation_output"} & set(job.scenario) else "SUCCESS"

    def _object(self, job: Job) -> dict[str, Any]:
        status = self._status(job)
        request_id = job.fields.get("request_id", f"made-up-{job.id}")
        body: dict[str, Any] = {
            "id": job.id,
            "model": job.fields["model"],
            "request_id": request_id,
            "task_status": status,
        }
        if status == "SUCCESS":
            place = f"http://localhost:{job.port}/__storage/{job.id}"
            body["video_result"] = [{"url": f"{place}?signature=abcdef", "cover_image_url": f"{place}/cover.png"}]
        if status == "FAIL" and "fail_silent" not in job.scenario:
            refused = {"code": "1301", "message": "The input or the result may contain unsafe content."}
            broken = {"code": "1234", "message": "Network error."}
            body["error"] = refused if "moderation_output" in job.scenario else broken
        if "extra_fields" in job.scenario:
            body |= {"queue_position": 3, "usage": {"gpu": [1, 2]}}
        return body

    async def _result(self, request: Request, task_id: str) -> Response:
        self._authorise(request)
        if task_id not in self._jobs_by_id:
            raise Refusal(404, "1222", "There is no such task.")
        job = self._jobs_by_id[task_id]
        job.polls += 1
        polling(request, job.scenario, job.polls)
        return plain(200, self._object(job))

    async def _storage(self, request: Request, task_id: str) -> Response:
        """Serve a result where the key has no business: a storage that refuses it."""
        if "authorization" in request.headers:
            return Response("Only one auth mechanism allowed", 400)
        job = self._jobs_by_id[task_id]
        if "url_expired" in job.scenario:
            return Response("<Code>AccessDenied</Code>", 403, media_type="application/xml")
        return downloading(request, job.scenario, await self._video(job), job.id)

    async def _video(self, job: Job) -> bytes:
        """Return a small video of the asked shape and length."""
        width, _, height = str(job.fields.get("size", "1280x720")).partition("x")
        size = "256x144" if int(width) > int(height) else "144x256" if int(width) < int(height) else "144x144"
        return await result_video(size, float(job.fields.get("duration", 5)))


def check_token(token: str, key: str, now_ms: float) -> None:
    """Raise ``Refusal`` unless ``token`` is a JWT that belongs to ``key`` (ID.SECRET) and holds at ``now_ms``."""
    key_id, _, secret = key.partition(".")
    signing, _, signature = token.rpartition(".")
    try:
        header, claims = (json.loads(_decoded(part)) for part in signing.split("."))
        given = _decoded(signature)
    except ValueError:
        header, claims, given = {}, {}, b""
    expected = hmac.new(secret.encode(), signing.encode(), hashlib.sha256).digest()
    if header != {"alg": "HS256", "sign_type": "SIGN"} or not hmac.compare_digest(given, expected):
        raise Refusal(401, "1002", "The authorization token is not valid.")
    if set(claims) != {"api_key", "exp", "timestamp"} or claims["api_key"] != key_id:
        raise Refusal(401, "1002", "The authorization token is not valid.")
    if not claims["timestamp"] - 60_000 <= now_ms < claims["exp"]:
        raise Refusal(401, "1003", "The authorization token has expired.")


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _require(kept: bool, words: str) -> None:
    if not kept:
        raise Refusal(400, "1210", f"The parameters are wrong: {words}.")


def _is_picture(address: Any) -> bool:
    if not isinstance(address, str):
        return False
    if re.match(r"https?://.", address):
        return True
    head = re.match(r"data:image/(?:png|jpeg|jpg);base64,", address)
    try:
        size = len(base64.b64decode(address[head.end() :] if head else address, validate=True))
    except binascii.Error:
        return False
    return 0 < size <= LARGEST


def create_app(**arguments: Any) -> FastAPI:
    """Return the application, for ``serve`` and ``serve_in_process``; see ``ZhipuFake`` for the arguments."""
    return ZhipuFake(**arguments).app
