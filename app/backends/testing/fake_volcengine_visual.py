"""A fake Volcengine Visual, written from the providers' fact sheets (china §5, §19, §20.5) alone.

It shares no code with the adapter, recomputes every signature, and refuses every field a req_key does not know. Where
the sheet is silent a comment says what was chosen: above all with which HTTP status a failing code comes, which is
why both are possible.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.responses import Response

from app.backends.testing.faults import Refusal, after_creating, before_creating, downloading, polling
from app.backends.testing.skeleton import Fake, plain, result_video

QUEUED_S, RENDERED_S, LIFETIME_S = 2.0, 12.0, 3600.0
CLIP = {"prompt", "seed", "frames"}
PHOTO_AND_VOICE = {"image_url", "audio_url", "prompt", "output_resolution", "pe_fast_mode", "seed"}
FIELDS: Mapping[str, tuple[set[str], int]] = {
    "jimeng_t2v_v30": (CLIP | {"aspect_ratio"}, 0),
    "jimeng_t2v_v30_1080p": (CLIP | {"aspect_ratio"}, 0),
    "jimeng_ti2v_v30_pro": (CLIP | {"aspect_ratio", "image_urls"}, 1),
    "jimeng_i2v_first_v30": (CLIP | {"image_urls"}, 1),
    "jimeng_i2v_first_v30_1080": (CLIP | {"image_urls"}, 1),
    "jimeng_i2v_first_tail_v30": (CLIP | {"image_urls"}, 2),
    "jimeng_i2v_first_tail_v30_1080": (CLIP | {"image_urls"}, 2),
    "jimeng_dreamactor_m20_gen_video": ({"image_urls", "video_url"}, 1),
    "jimeng_realman_avatar_picture_omni_v15": (PHOTO_AND_VOICE, 0),
}
OMNI = "jimeng_realman_avatar_picture_omni_v15"
CODES = {
    "rate_limit_exceeded": 50429,
    "conflict": 50430,
    "server_error": 50500,
    "unavailable": 50501,
    "dropped": 50500,
    "invalid_value": 50400,  # the sheet names no code for a wrong field
    "model_not_found": 50400,
}
GATEWAY = {
    "invalid_api_key": "SignatureDoesNotMatch",
    "permission_denied": "AccessDenied",
    "payment_required": "AccountOverdueError",
    "insufficient_quota": "AccountOverdueError",
    "InvalidAction": "InvalidActionOrVersion",
}


@dataclass(slots=True)
class Job:
    """One task."""

    id: str
    fields: dict[str, Any]
    created: float
    scenario: dict[str, str]
    polls: int = 0

    @property
    def duration(self) -> float:
        """How long it takes, in virtual seconds."""
        return float(self.scenario.get("slow") or RENDERED_S)


class VolcengineVisualFake(Fake):
    """The service; with ``http_errors`` a failing code comes with an HTTP status of its own, else with 200.

    Besides the shared scenarios, ``[[fake:no_video]]`` is done and names no video, ``[[fake:expired]]`` runs out.
    """

    def __init__(
        self, *, key_id: str = "AKfake", key: str = "SKfake", http_errors: bool = False, frozen: bool = True
    ) -> None:
        super().__init__(frozen=frozen)
        self._key_id, self._key = key_id, key
        self._http_errors = http_errors
        self._tasks: dict[str, Job] = {}
        self.app.post("/")(self._call)
        self.app.get("/results/{task}.mp4")(self._video)

    def jobs(self) -> list[dict[str, Any]]:
        """Return every task as its poll would."""
        return [self._told(job, 0) for job in self._tasks.values()]

    async def stored(self, key: str) -> bytes:
        """Return the bytes of a result on the content network."""
        return await self._result(self._tasks[key])

    def envelope(self, refusal: Refusal) -> Any:
        """Return ``{"code", "message", …}``, or what the gateway says before a request gets so far."""
        if refusal.code in GATEWAY:
            told = {"CodeN": refusal.status, "Code": GATEWAY[refusal.code], "Message": refusal.message}
            return {"ResponseMetadata": {"RequestId": "20261123", "Service": "cv", "Error": told}}
        code = CODES.get(refusal.code, 50400)
        if refusal.code == "moderation_blocked":
            code = 50412 if refusal.param == "prompt" else 50411
        message = "req_key is not supported." if refusal.code == "model_not_found" else refusal.message
        return _business(code, None, message)

    async def _refused(self, request: Request, refusal: Exception) -> Response:
        assert isinstance(refusal, Refusal)
        if refusal.code == "not_found":
            return plain(200, _business(10000, {"status": "not_found"}, "Success"))
        warming = refusal.code == "unavailable"
        own = refusal.code in GATEWAY or self._http_errors or warming
        return plain(refusal.status if own else 200, self.envelope(refusal), refusal.headers)

    async def _call(self, request: Request) -> Response:
        action, body = request.query_params.get("Action", ""), await request.body()
        request.state.entry["creates"] = action.endswith("SubmitTask")
        self._authorise(request, body)
        fields = request.state.entry["body"] = json.loads(body)
        known = re.fullmatch(r"(CV|CVSync2Async)(SubmitTask|GetResult)", action)
        if known is None or dict(request.query_params) != {"Action": action, "Version": "2022-08-31"}:
            raise Refusal(404, "InvalidAction", f"Could not find operation {action[:60]}.")
        if fields.get("req_key") not in FIELDS:
            raise Refusal(400, "model_not_found", "req_key is not supported.")
        if (known[1] == "CV") != (fields["req_key"] == OMNI):
            raise Refusal(400, "invalid_value", "The req_key belongs to another action.")
        return await (self._submit if known[2] == "SubmitTask" else self._look)(request, fields)

    def _authorise(self, request: Request, body: bytes) -> None:
        headers = {name: request.headers.get(name, "") for name in ("content-type", "host", "x-date")}
        digest = hashlib.sha256(body).hexdigest()
        signed = visual_signature(self._key, request.url.query, headers, body)
        scope = f"{headers['x-date'][:8]}/cn-north-1/cv/request"
        names = "content-type;host;x-content-sha256;x-date"
        wanted = f"HMAC-SHA256 Credential={self._key_id}/{scope}, SignedHeaders={names}, Signature={signed}"
        given = request.headers.get("authorization", "")
        right = re.fullmatch(r"\d{8}T\d{6}Z", headers["x-date"]) and request.headers.get("x-content-sha256") == digest
        if not right or not hmac.compare_digest(given.encode("latin-1", "replace"), wanted.encode()):
            raise Refusal(401, "invalid_api_key", f"The request signature does not match: {given}")

    async def _submit(self, request: Request, fields: dict[str, Any]) -> Response:
        _check(fields)
        scenario = self.scenario(fields.get("prompt", ""))
        before_creating(request, scenario, self.clock.now(), self._key)
        job = Job(str(7392616336519610409 + len(self._tasks)), fields, self.clock.now(), scenario)
        self._tasks[job.id] = job
        created = _business(10000, {"task_id": job.id}, "Success")
        return await after_creating(request, scenario) or plain(200, created)

    async def _look(self, request: Request, fields: dict[str, Any]) -> Response:
        if set(fields) != {"req_key", "task_id"}:
            raise Refusal(400, "invalid_value", "A look takes req_key and task_id.")
        job = self._tasks.get(fields["task_id"])
        if job is None or job.fields["req_key"] != fields["req_key"]:
            raise Refusal(404, "not_found", "There is no such task.")
        job.polls += 1
        polling(request, job.scenario, job.polls)
        told = self._told(job, request.url.port)
        return plain(400 if told["code"] != 10000 and self._http_errors else 200, told)

    def _status(self, job: Job) -> str:
        age = self.clock.now() - job.created
        if age < QUEUED_S:
            return "in_queue"
        if "unknown_status" in job.scenario:
            return "hibernating"
        if age < job.duration or "stuck" in job.scenario:
            return "generating"
        return "expired" if "expired" in job.scenario else "done"

    def _told(self, job: Job, port: int | None) -> dict[str, Any]:
        status = self._status(job)
        if status == "done" and "fail" in job.scenario:
            return _business(50520, None, "The renderer crashed.")  # the sheet names no code of a crash: any other
        if status == "done" and "moderation_output" in job.scenario:
            return _business(50511, None, "Post Img Risk Not Pass")
        data: dict[str, Any] = {"status": status, "video_url": "", "binary_data_base64": [], "image_urls": None}
        if status == "done" and "no_video" not in job.scenario:
            data["video_url"] = f"http://localhost:{port}/results/{job.id}.mp4?x-signature=0123456789abcdef"
        answer = _business(10000, data, "Success")
        return answer | ({"queue": {"position": 3}} if "extra_fields" in job.scenario else {})

    async def _video(self, request: Request, task: str) -> Response:
        """Serve a result as an object store does: to the signed address alone, for a while."""
        if "authorization" in request.headers:
            return Response("Only one auth mechanism allowed", 400)
        job = self._tasks.get(task)
        if job is None or "x-signature" not in request.url.query:
            return Response("AccessDenied", 403)
        if "url_expired" in job.scenario or self.clock.now() > job.created + job.duration + LIFETIME_S:
            return Response("Request has expired", 403)
        return downloading(request, job.scenario, await self._result(job), job.id)

    async def _result(self, job: Job) -> bytes:
        wide, _, high = str(job.fields.get("aspect_ratio", "9:16")).partition(":")
        return await result_video(f"{int(wide) * 20}x{int(high) * 20}", (job.fields.get("frames", 121) - 1) / 24)


def visual_signature(secret: str, query: str, headers: Mapping[str, str], body: bytes) -> str:
    """Return the signature of a POST to / with a query, three headers (content-type, host, x-date) and a body."""
    stamp, digest = headers["x-date"], hashlib.sha256(body).hexdigest()
    pairs = sorted(pair.partition("=")[::2] for pair in query.split("&"))
    canonical = (
        "POST\n/\n" + "&".join(f"{quote(key)}={quote(value, safe='')}" for key, value in pairs) + "\n"
        f"content-type:{headers['content-type']}\nhost:{headers['host']}\nx-content-sha256:{digest}\nx-date:{stamp}\n\n"
        f"content-type;host;x-content-sha256;x-date\n{digest}"
    )
    credential = f"{stamp[:8]}/cn-north-1/cv/request"
    text = f"HMAC-SHA256\n{stamp}\n{credential}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    day = hmac.new(secret.encode(), stamp[:8].encode(), hashlib.sha256).digest()
    region = hmac.new(day, b"cn-north-1", hashlib.sha256).digest()
    service = hmac.new(region, b"cv", hashlib.sha256).digest()
    key = hmac.new(service, b"request", hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _business(code: int, data: Any, message: str) -> dict[str, Any]:
    told = {"code": code, "data": data, "message": message, "request_id": "202611230203200123", "status": code}
    return told | {"time_elapsed": "21.5ms"}


def _check(fields: dict[str, Any]) -> None:
    known, pictures = FIELDS[fields["req_key"]]
    given = set(fields) - {"req_key"}
    if given - known:
        raise _invalid(f"Unknown field {sorted(given - known)[0]}.")
    optional = {"seed", "pe_fast_mode"} | ({"aspect_ratio", "image_urls"} if "ti2v" in fields["req_key"] else set())
    if known - given - optional:
        raise _invalid(f"The field {sorted(known - given - optional)[0]} is missing.")
    if "frames" in known and fields["frames"] not in {121, 241}:
        raise _invalid("frames is 121 or 241.")
    if not re.fullmatch(r"[1-9]\d?:[1-9]\d?", fields.get("aspect_ratio", "9:16")):
        raise _invalid("aspect_ratio is not understood.")
    if fields.get("output_resolution", 720) not in {720, 1080}:
        raise _invalid("output_resolution is 720 or 1080.")
    if "prompt" in known and not 0 < len(fields["prompt"]) <= (300 if fields["req_key"] == OMNI else 2000):
        raise _invalid("prompt is empty or too long.")
    urls = fields.get("image_urls", [])
    if "image_urls" in fields and len(urls) != pictures:
        raise _invalid(f"image_urls holds {pictures}.")
    for one in [*urls, *(fields[key] for key in ("image_url", "audio_url", "video_url") if key in fields)]:
        if not str(one).startswith(("https://", "http://")):
            raise _invalid("An input is an address that can be fetched.")


def _invalid(message: str) -> Refusal:
    return Refusal(400, "invalid_value", message)


def create_app(**arguments: Any) -> FastAPI:
    """Return the application, for ``serve`` and ``serve_in_process``; see ``VolcengineVisualFake``."""
    return VolcengineVisualFake(**arguments).app
