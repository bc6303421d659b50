"""A fake Vidu, written from the providers' fact sheets (china §7, §19, §20.6) alone.

It shares no code with the adapter, refuses every field it does not know, and keeps Vidu's traps: the word Token, the
models that a path does not take, an unsigned body. Where the sheet is silent a comment says what was chosen.
"""

from __future__ import annotations

import base64
import binascii
import email.utils
import hashlib
import hmac
import io
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response
from PIL import Image, UnidentifiedImageError

from app.backends.testing.faults import Refusal, after_creating, before_creating, downloading, polling
from app.backends.testing.skeleton import Fake, plain, result_video

CREATED_S, QUEUED_S, RENDERED_S = 1.0, 3.0, 12.0
LIFETIME_S = 3600.0
COMMON = {
    "model", "prompt", "duration", "seed", "resolution", "movement_amplitude", "audio", "audio_type", "voice_id",
    "bgm", "is_rec", "off_peak", "watermark", "wm_position", "wm_url", "meta_data", "payload", "callback_url",
}  # fmt: skip
FIELDS = {
    "text2video": COMMON | {"aspect_ratio", "style"},
    "img2video": COMMON | {"images"},
    "start-end2video": COMMON | {"images"},
    "reference2video": COMMON | {"images", "subjects", "videos", "aspect_ratio"},
}
TEXT, Q3 = ("text2video", "img2video", "start-end2video"), (1, 16)
MODELS: Mapping[str, tuple[tuple[str, ...], tuple[int, int]]] = {
    "viduq3-drama": (("reference2video",), (2, 15)),
    "viduq3-ad": (("reference2video",), Q3),
    "viduq3-mix": (("reference2video",), Q3),
    "viduq3": (("reference2video",), Q3),
    "viduq3-turbo": ((*TEXT, "reference2video"), Q3),
    "viduq3-pro": (TEXT, Q3),
    "viduq2": ((*TEXT, "reference2video"), (1, 10)),
    "viduq2-pro": ((*TEXT, "reference2video"), (1, 10)),
    "viduq2-turbo": ((*TEXT, "reference2video"), (1, 10)),
}
IMAGES = {"img2video": (1, 1), "start-end2video": (2, 2), "reference2video": (1, 7)}
CREDITS_A_SECOND = {("viduq3-drama", "720p"): 20, ("viduq3-drama", "1080p"): 24, ("viduq3", "720p"): 12}
OTHER_CREDITS = 10
REASONS = {
    "invalid_api_key": "Unauthorized",
    "payment_required": "CreditInsufficient",
    "insufficient_quota": "CreditInsufficient",
    "permission_denied": "Forbidden",
    "conflict": "OperationInProcess",
    "rate_limit_exceeded": "TooManyRequests",
    "invalid_value": "FieldInvalid",
    "model_not_found": "ModelUnavailable",
    "server_error": "InternalServiceFailure",
    "unavailable": "SystemThrottling",
    "dropped": "InternalServiceFailure",
}


@dataclass(slots=True)
class Job:
    """One task."""

    id: str
    kind: str
    fields: dict[str, Any]
    created: float
    scenario: dict[str, str]
    polls: int = 0
    cancelled: bool = False

    @property
    def duration(self) -> float:
        """How long it takes, in virtual seconds."""
        return float(self.scenario.get("slow") or RENDERED_S)

    @property
    def credits(self) -> int:
        """What it costs."""
        rate = CREDITS_A_SECOND.get((self.fields["model"], self.fields.get("resolution", "720p")), OTHER_CREDITS)
        return rate * int(self.fields.get("duration", 5))


class ViduFake(Fake):
    """The service; ``concurrency`` is how many tasks an account may have at once (0: any number).

    Besides the shared scenarios, ``[[fake:no_video]]`` succeeds and names no video.
    """

    def __init__(self, *, key: str = "vda_fake", concurrency: int = 0, frozen: bool = True) -> None:
        super().__init__(frozen=frozen)
        self._key = key
        self._concurrency = concurrency
        self._tasks: dict[str, Job] = {}
        self.app.post("/ent/v2/{kind}")(self._create)
        self.app.get("/ent/v2/tasks/{task}/creations")(self._retrieve)
        self.app.post("/ent/v2/tasks/{task}/cancel")(self._cancel)
        self.app.get("/ent/v2/credits")(self._credits)
        self.app.get("/results/{task}.mp4")(self._video)
        self.app.get("/__fake/webhook/{task}")(self._webhook)

    def jobs(self) -> list[dict[str, Any]]:
        """Return every task as its poll would."""
        return [self._object(job, 0) for job in self._tasks.values()]

    async def stored(self, key: str) -> bytes:
        """Return the bytes of a result on the content network."""
        return await self._result(self._tasks[key])

    def envelope(self, refusal: Refusal) -> Any:
        """Return ``{"code", "reason", "message", "metadata"}``."""
        reason = REASONS.get(refusal.code, refusal.code)
        if refusal.code == "moderation_blocked":
            reason = "TaskPromptPolicyViolation" if refusal.param == "prompt" else "AuditSubmitIllegal"
        trace = {"trace_id": uuid.uuid4().hex}
        return {"code": refusal.status, "reason": reason, "message": refusal.message, "metadata": trace}

    def _authorise(self, request: Request) -> None:
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode("latin-1", "replace"), f"Token {self._key}".encode()):
            raise Refusal(401, "Unauthorized", f"The token is not valid: {given}")

    async def _create(self, request: Request, kind: str) -> Response:
        request.state.entry["creates"] = True
        self._authorise(request)
        fields = request.state.entry["body"] = await request.json()
        if kind not in FIELDS:
            raise Refusal(404, "NotFound", "There is no such path.")
        _check(kind, fields)
        scenario = self.scenario(fields.get("prompt", ""))
        before_creating(request, scenario, self.clock.now(), self._key)
        running = sum(self._state(job) in {"created", "queueing", "processing"} for job in self._tasks.values())
        if self._concurrency and running >= self._concurrency:
            raise Refusal(429, "QuotaExceeded", "The account has as many tasks as it may have at once.")
        job = Job(str(760532 + len(self._tasks)), kind, fields, self.clock.now(), scenario)
        self._tasks[job.id] = job
        return await after_creating(request, scenario) or plain(200, self._accepted(job))

    def _accepted(self, job: Job) -> dict[str, Any]:
        told = {key: value for key, value in job.fields.items() if key not in {"callback_url", "subjects"}}
        born = datetime.fromtimestamp(job.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        answer = {"task_id": job.id, "type": job.kind, "state": "created", "credits": job.credits, "created_at": born}
        return {"seed": 0, "payload": "", "off_peak": False, **told, **answer}

    def _state(self, job: Job) -> str:
        age = self.clock.now() - job.created
        if job.cancelled:
            return "failed"  # the sheet names no cancelled state
        if age < CREATED_S:
            return "created"
        if age < QUEUED_S:
            return "queueing"
        if "unknown_status" in job.scenario:
            return "hibernating"
        if age < job.duration or "stuck" in job.scenario:
            return "processing"
        return "failed" if {"fail", "moderation_output"} & set(job.scenario) else "success"

    def _progress(self, job: Job, state: str) -> int:
        if state == "success":
            return 100
        if "backward" in job.scenario:
            return 60 if job.polls % 2 else 40
        return min(int(100 * (self.clock.now() - job.created) / job.duration), 99)

    def _object(self, job: Job, port: int | None) -> dict[str, Any]:
        state = self._state(job)
        reason = "CreationPolicyViolation" if "moderation_output" in job.scenario else "InternalServiceFailure"
        answer: dict[str, Any] = {
            "id": job.id,
            "state": state,
            "err_code": reason if state == "failed" and not job.cancelled else "",
            "credits": 0 if job.cancelled else job.credits,
            "payload": job.fields.get("payload", ""),
            "progress": self._progress(job, state),
            "bgm": bool(job.fields.get("bgm")),
            "off_peak": bool(job.fields.get("off_peak")),
            "creations": [],
        }
        if state == "success" and "no_video" not in job.scenario:
            url = f"http://localhost:{port}/results/{job.id}.mp4?X-Amz-Signature=0123456789abcdef"
            answer["creations"] = [{"id": "c1", "url": url, "cover_url": url, "watermarked_url": url}]
        return answer | ({"queue": {"position": 3}} if "extra_fields" in job.scenario else {})

    def _found(self, request: Request, task: str) -> Job:
        self._authorise(request)
        if task not in self._tasks:
            raise Refusal(404, "NotFound", "There is no such task.")  # the sheet has no word for it
        return self._tasks[task]

    async def _retrieve(self, request: Request, task: str) -> Response:
        job = self._found(request, task)
        job.polls += 1
        polling(request, job.scenario, job.polls)
        return plain(200, self._object(job, request.url.port))

    async def _cancel(self, request: Request, task: str) -> Response:
        job = self._found(request, task)
        waiting = self._state(job) in {"created", "queueing"}
        if not waiting and not (job.fields.get("off_peak") and self._state(job) == "processing"):
            raise Refusal(400, "FieldInvalid", "Only tasks that wait, or run off peak, are cancelled.")
        job.cancelled = True
        return plain(200, {})

    async def _credits(self, request: Request) -> Response:
        self._authorise(request)
        return plain(200, {"remains": [{"credit_remain": 1000}]})  # the sheet does not tell this answer's form

    async def _video(self, request: Request, task: str) -> Response:
        """Serve a result as an object store does: to the signed address alone, for an hour."""
        if "authorization" in request.headers:
            return Response("Only one auth mechanism allowed", 400)
        job = self._tasks.get(task)
        if job is None or "x-amz-signature" not in request.url.query.lower():
            return Response("AccessDenied", 403)
        if "url_expired" in job.scenario or self.clock.now() > job.created + job.duration + LIFETIME_S:
            return Response("Request has expired", 403)
        return downloading(request, job.scenario, await self._result(job), job.id)

    async def _result(self, job: Job) -> bytes:
        wide, _, high = str(job.fields.get("aspect_ratio", "9:16")).partition(":")
        size = "180x320" if wide == "auto" else f"{int(wide) * 20}x{int(high) * 20}"
        return await result_video(size, float(job.fields.get("duration", 5)))

    async def _webhook(self, request: Request, task: str, form: str = "genuine") -> Response:
        """Return the callback as it would be sent to ``/webhooks/x``: ``genuine``, ``forged`` or ``stale``."""
        path, nonce = "/webhooks/x", uuid.uuid4().hex
        date = email.utils.formatdate(self.clock.now() - (3600 if form == "stale" else 0), usegmt=True)
        signed = callback_signature(self._key if form != "forged" else "another key", path, "", date, nonce)
        headers = {
            "X-HMAC-SIGNATURE": signed,
            "X-HMAC-ALGORITHM": "hmac-sha256",
            "X-HMAC-ACCESS-KEY": "vidu",
            "X-HMAC-SIGNED-HEADERS": "Date;x-request-nonce",
            "Date": date,
            "x-request-nonce": nonce,
        }
        body = json.dumps(self._object(self._tasks[task], request.url.port))
        return plain(200, {"headers": headers, "body": body, "path": path, "query": ""})


def callback_signature(key: str, path: str, query: str, date: str, nonce: str) -> str:
    """Return what Vidu puts into X-HMAC-SIGNATURE of a POST."""
    text = f"POST\n{path}\n{query}\nvidu\n{date}\nDate:{date}\nx-request-nonce:{nonce}\n"
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()


def _check(kind: str, fields: Any) -> None:
    if not isinstance(fields, dict) or set(fields) - FIELDS[kind]:
        raise _invalid(f"Unknown field: {sorted(set(fields) - FIELDS[kind])[:1]}.")
    if fields.get("model") not in MODELS:
        raise Refusal(400, "ModelUnavailable", "The model is not available.")
    paths, (low, high) = MODELS[fields["model"]]
    if kind not in paths:
        raise _invalid(f"The model is not accepted by {kind}.")
    high = min(high, 8) if kind == "start-end2video" and fields["model"].startswith("viduq2") else high
    duration = fields.get("duration", 5)
    if not isinstance(duration, int) or not low <= duration <= high:
        raise _invalid("duration is out of range.")
    if not isinstance(fields.get("prompt", ""), str) or len(fields.get("prompt", "")) > 5000:
        raise _invalid("prompt is too long.")
    if kind in {"text2video", "reference2video"} and not fields.get("prompt"):
        raise _invalid("prompt is required.")
    if fields.get("resolution", "720p") not in {"540p", "720p", "1080p"}:
        raise _invalid("resolution is 540p, 720p or 1080p.")
    if fields.get("aspect_ratio", "16:9") not in {"16:9", "9:16", "4:3", "3:4", "1:1", "auto"}:
        raise _invalid("aspect_ratio is not one of the offered.")
    if len(str(fields.get("payload", ""))) > 1_048_576:
        raise _invalid("payload is too long.")
    for key in ("audio", "bgm", "is_rec", "off_peak", "watermark"):
        if not isinstance(fields.get(key, False), bool):
            raise _invalid(f"{key} is true or false.")
    if not isinstance(fields.get("seed", 0), int):
        raise _invalid("seed is a whole number.")
    if kind in IMAGES:
        _check_images(kind, fields.get("images", []))


def _check_images(kind: str, images: list[Any]) -> None:
    least, most = IMAGES[kind]
    if not isinstance(images, list) or not least <= len(images) <= most:
        raise _invalid(f"images holds {least} to {most} pictures.")
    for one in images:
        if str(one).startswith(("https://", "http://")):
            continue
        head, _, coded = str(one).partition(";base64,")
        if head not in {"data:image/png", "data:image/jpeg", "data:image/jpg", "data:image/webp"}:
            raise _invalid("A picture is an address, or data:image/png;base64 and so on.")
        try:
            content = base64.b64decode(coded, validate=True)
            width, height = Image.open(io.BytesIO(content)).size
        except (binascii.Error, UnidentifiedImageError) as error:
            raise Refusal(400, "ImageDownloadFailure", "The picture cannot be read.") from error
        if len(content) >= 20 * 1024 * 1024 or min(width, height) < 128 or not 0.25 <= width / height <= 4:
            raise _invalid("A picture has at least 128 px a side, a ratio of 1:4 to 4:1, and less than 20 MB.")


def _invalid(message: str) -> Refusal:
    return Refusal(400, "FieldInvalid", message)


def create_app(**arguments: Any) -> FastAPI:
    """Return the application, for ``serve`` and ``serve_in_process``; see ``ViduFake`` for the arguments."""
    return ViduFake(**arguments).app
