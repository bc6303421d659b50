"""A fake Tencent VCLM, written from the providers' fact sheets (china §9, §19, §20.4) alone.

It shares no code with the adapter, recomputes every signature, answers errors with HTTP 200, and refuses every field an
action does not know. Where the sheet is silent a comment says what was chosen.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response

from app.backends.testing.faults import Refusal, after_creating, before_creating, downloading, polling
from app.backends.testing.skeleton import Fake, plain, result_video

QUEUED_S, RENDERED_S, LIFETIME_S = 2.0, 12.0, 24 * 3600.0
LOGO = {"LogoAdd", "LogoParam"}
REQUIRED: Mapping[str, set[str]] = {
    "HunyuanToVideo": {"Prompt"},
    "ImageToVideoGeneral": {"Image"},
    "MotionControlKling": {"Model", "Image", "Video"},
    "HumanActor": {"AudioUrl", "Prompt"},
}
OPTIONAL: Mapping[str, set[str]] = {
    "HunyuanToVideo": {"Image", "Resolution"},
    "ImageToVideoGeneral": {"Prompt", "Resolution", "Fps"},
    "MotionControlKling": {
        *("Prompt", "Mode", "KeepOriginalSound", "CharacterOrientation"),
        *("ElementList", "CallbackUrl", "ExternalTaskId"),
    },
    "HumanActor": {"ImageUrl", "ImageBase64", "Resolution", "FrameRate"},
}
CHOICES: Mapping[str, Mapping[str, set[Any]]] = {
    "HunyuanToVideo": {"Resolution": {"720p"}},
    "ImageToVideoGeneral": {"Resolution": {"480p", "720p", "1080p"}, "Fps": {16, 24, 30}},
    "MotionControlKling": {
        "Model": {"kling-v2-6", "kling-v3"},
        "Mode": {"std", "pro"},
        "KeepOriginalSound": {"yes", "no"},
        "CharacterOrientation": {"image", "video"},
    },
    "HumanActor": {"Resolution": {"720p", "1080p"}, "FrameRate": {25, 50}},
}
LONGEST = {"HunyuanToVideo": 200, "HumanActor": 5000}
CODES = {
    "invalid_api_key": "AuthFailure",
    "permission_denied": "UnauthorizedOperation",
    "payment_required": "ResourcesSoldOut.ChargeStatusException",
    "insufficient_quota": "ResourcesSoldOut.ChargeStatusException",
    "rate_limit_exceeded": "RequestLimitExceeded",
    "conflict": "FailedOperation.ServerError",
    "invalid_value": "InvalidParameterValue",
    "moderation_blocked": "FailedOperation.ModerationFailed",
    "model_not_found": "InvalidParameterValue.InvalidModel",
    "server_error": "InternalError",
    "dropped": "InternalError",
    "not_found": "FailedOperation.JobNotExist",
}


@dataclass(slots=True)
class Job:
    """One job."""

    id: str
    action: str
    fields: dict[str, Any]
    created: float
    scenario: dict[str, str]
    polls: int = 0

    @property
    def duration(self) -> float:
        """How long it takes, in virtual seconds."""
        return float(self.scenario.get("slow") or RENDERED_S)


class TencentVclmFake(Fake):
    """The service; ``concurrency`` is how many jobs an account may have at once (0: any number).

    Besides the shared scenarios, ``[[fake:no_video]]`` is done and names no video.
    """

    def __init__(
        self, *, key_id: str = "AKIDfake", key: str = "SKfake", concurrency: int = 0, frozen: bool = True
    ) -> None:
        super().__init__(frozen=frozen)
        self._key_id, self._key = key_id, key
        self._concurrency = concurrency
        self._made: dict[str, Job] = {}
        self.app.post("/")(self._call)
        self.app.get("/results/{job_id}.mp4")(self._video)
        self.app.get("/__fake/webhook/{job_id}")(self._webhook)

    def jobs(self) -> list[dict[str, Any]]:
        """Return every job as its Describe would."""
        return [self._told(job, 0) for job in self._made.values()]

    async def stored(self, key: str) -> bytes:
        """Return the bytes of a result on the content network."""
        if key not in self._made:
            raise KeyError(key)
        return await result_video("180x320", 5.0)

    def envelope(self, refusal: Refusal) -> Any:
        """Return ``{"Response": {"Error": {"Code", "Message"}, "RequestId"}}``."""
        code = CODES.get(refusal.code, refusal.code)
        return _response({"Error": {"Code": code, "Message": refusal.message}})

    async def _refused(self, request: Request, refusal: Exception) -> Response:
        assert isinstance(refusal, Refusal)
        if refusal.code == "unavailable":  # a gateway in front of the service is assumed to fail in its own way
            return Response("<html>502 Bad Gateway</html>", 502, media_type="text/html")
        return plain(200, self.envelope(refusal), refusal.headers)

    async def _call(self, request: Request) -> Response:
        action, body = request.headers.get("x-tc-action", ""), await request.body()
        request.state.entry["creates"] = action.startswith("Submit")
        self._authorise(request, body)
        fields = request.state.entry["body"] = json.loads(body)
        known = re.fullmatch(r"(Submit|Describe)(\w+)Job", action)
        if request.headers.get("x-tc-version") != "2024-05-23" or not request.headers.get("x-tc-region"):
            raise Refusal(400, "MissingParameter", "X-TC-Version or X-TC-Region is missing or wrong.")
        if known is None or known[2] not in REQUIRED:
            raise Refusal(400, "InvalidAction", "There is no such action.")
        return await (self._submit if known[1] == "Submit" else self._describe)(request, known[2], fields)

    def _authorise(self, request: Request, body: bytes) -> None:
        kind, host = request.headers.get("content-type", ""), request.headers.get("host", "")
        stamp, given = request.headers.get("x-tc-timestamp", ""), request.headers.get("authorization", "")
        if kind.partition(";")[0] != "application/json" or not re.fullmatch(r"\d{10}", stamp):
            raise Refusal(401, "AuthFailure", "The request is not signed as it has to be.")
        signed = tc3_signature(self._key, host, kind, stamp, body)
        day = datetime.fromtimestamp(int(stamp), UTC).strftime("%Y-%m-%d")
        credential = f"{self._key_id}/{day}/vclm/tc3_request"
        wanted = f"TC3-HMAC-SHA256 Credential={credential}, SignedHeaders=content-type;host, Signature={signed}"
        if not hmac.compare_digest(given.encode("latin-1", "replace"), wanted.encode()):
            raise Refusal(401, "AuthFailure", f"The signature does not match: {given}")

    async def _submit(self, request: Request, action: str, fields: dict[str, Any]) -> Response:
        _check(action, fields)
        scenario = self.scenario(fields.get("Prompt", ""))
        before_creating(request, scenario, self.clock.now(), self._key)
        running = sum(self._status(job) in {"WAIT", "RUN"} for job in self._made.values())
        if self._concurrency and running >= self._concurrency:
            raise Refusal(429, "RequestLimitExceeded.JobNumExceed", "The account has as many jobs as it may have.")
        job = Job(str(1194931538865782784 + len(self._made)), action, fields, self.clock.now(), scenario)
        self._made[job.id] = job
        return await after_creating(request, scenario) or plain(200, _response({"JobId": job.id}))

    async def _describe(self, request: Request, action: str, fields: dict[str, Any]) -> Response:
        if set(fields) != {"JobId"}:
            raise _invalid("A Describe takes JobId.")
        job = self._made.get(fields["JobId"])
        if job is None or job.action != action:
            raise Refusal(404, "not_found", "There is no such job.")
        job.polls += 1
        polling(request, job.scenario, job.polls)
        return plain(200, _response(self._told(job, request.url.port)))

    def _status(self, job: Job) -> str:
        age = self.clock.now() - job.created
        if age < QUEUED_S:
            return "WAIT"
        if "unknown_status" in job.scenario:
            return "HIBERNATE"
        if age < job.duration or "stuck" in job.scenario:
            return "RUN"
        return "FAIL" if {"fail", "moderation_output"} & set(job.scenario) else "DONE"

    def _told(self, job: Job, port: int | None) -> dict[str, Any]:
        status = self._status(job)
        answer = {"Status": status, "ErrorCode": "", "ErrorMessage": "", "ResultVideoUrl": ""}
        if status == "FAIL" and "moderation_output" in job.scenario:
            told = {"ErrorCode": "FailedOperation.ModerationFailed", "ErrorMessage": "The generated video was blocked."}
            answer |= told
        elif status == "FAIL":
            answer |= {"ErrorCode": "FailedOperation.DriverFailed", "ErrorMessage": "The driver failed."}
        if status == "DONE" and "no_video" not in job.scenario:
            answer["ResultVideoUrl"] = f"http://localhost:{port}/results/{job.id}.mp4?q-signature=0123456789abcdef"
        return answer | ({"QueuePosition": "3"} if "extra_fields" in job.scenario else {})

    async def _video(self, request: Request, job_id: str) -> Response:
        """Serve a result as an object store does: to the signed address alone, for a day."""
        if "authorization" in request.headers:
            return Response("Only one auth mechanism allowed", 400)
        job = self._made.get(job_id)
        if job is None or "q-signature" not in request.url.query:
            return Response("AccessDenied", 403)
        if "url_expired" in job.scenario or self.clock.now() > job.created + job.duration + LIFETIME_S:
            return Response("Request has expired", 403)
        return downloading(request, job.scenario, await self.stored(job.id), job.id)

    async def _webhook(self, request: Request, job_id: str, form: str = "genuine") -> Response:
        """Return the callback of a job; nothing in it is signed."""
        body = {"JobId": job_id} | self._told(self._made[job_id], request.url.port)
        return plain(200, {"headers": {"content-type": "application/json"}, "body": json.dumps(body)})


def tc3_signature(secret: str, host: str, kind: str, stamp: str, body: bytes) -> str:
    """Return the TC3 signature of a POST to / with the content type ``kind``."""
    headers = f"content-type:{kind}\nhost:{host}\n"
    canonical = f"POST\n/\n\n{headers}\ncontent-type;host\n{hashlib.sha256(body).hexdigest()}"
    day = datetime.fromtimestamp(int(stamp), UTC).strftime("%Y-%m-%d")
    text = f"TC3-HMAC-SHA256\n{stamp}\n{day}/vclm/tc3_request\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    dated = hmac.new(b"TC3" + secret.encode(), day.encode(), hashlib.sha256).digest()
    service = hmac.new(dated, b"vclm", hashlib.sha256).digest()
    return hmac.new(
        hmac.new(service, b"tc3_request", hashlib.sha256).digest(), text.encode(), hashlib.sha256
    ).hexdigest()


def _response(told: Mapping[str, Any]) -> dict[str, Any]:
    return {"Response": {**told, "RequestId": str(uuid.uuid4())}}


def _check(action: str, fields: dict[str, Any]) -> None:
    missing, unknown = REQUIRED[action] - set(fields), set(fields) - REQUIRED[action] - OPTIONAL[action] - LOGO
    if missing:
        raise Refusal(400, "MissingParameter", f"The parameter {sorted(missing)[0]} is missing.")
    if unknown:
        raise _invalid(f"The parameter {sorted(unknown)[0]} is not known.")
    for key, choices in CHOICES[action].items():
        if key in fields and fields[key] not in choices:
            model = key == "Model"
            code = "InvalidParameterValue.InvalidModel" if model else "InvalidParameterValue"
            raise Refusal(400, code, f"{key} is none of the offered.")
    if len(fields.get("Prompt", "")) > LONGEST.get(action, 2500):
        raise _invalid("Prompt is too long.")
    if fields.get("LogoAdd", 1) not in {0, 1}:
        raise _invalid("LogoAdd is 0 or 1.")
    if action == "HumanActor" and ("ImageUrl" in fields) == ("ImageBase64" in fields):
        raise Refusal(400, "MissingParameter", "Give ImageUrl or ImageBase64.")
    for key in ("Image", "Video"):  # the sheet gives the form of Image only
        if key in fields and (not isinstance(fields[key], dict) or set(fields[key]) not in ({"Base64"}, {"Url"})):
            raise _invalid(f"{key} is Base64 or Url.")
    coded = [fields.get("ImageBase64"), fields.get("Image", {}).get("Base64")]
    addresses = [fields.get("AudioUrl"), fields.get("ImageUrl"), fields.get("Video", {}).get("Url")]
    for one in filter(None, coded):
        try:
            base64.b64decode(one, validate=True)
        except binascii.Error as error:
            raise Refusal(400, "FailedOperation.ImageDecodeFailed", "The image cannot be decoded.") from error
    if not all(str(one).startswith(("https://", "http://")) for one in filter(None, addresses)):
        raise Refusal(400, "InvalidParameterValue.UrlIllegal", "The address is not legal.")


def _invalid(message: str) -> Refusal:
    return Refusal(400, "InvalidParameterValue", message)


def create_app(**arguments: Any) -> FastAPI:
    """Return the application, for ``serve`` and ``serve_in_process``; see ``TencentVclmFake`` for the arguments."""
    return TencentVclmFake(**arguments).app
