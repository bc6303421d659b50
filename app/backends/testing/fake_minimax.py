"""A fake of MiniMax's video API, V2 and V1, written from the providers' fact sheets (china §6, §19) alone.

It shares no code with the adapter, refuses every field it does not know, and keeps the traps: V1 refuses inside an
answer of 200 and gives a file's id instead of an address; V2 mints a new address with every look.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response

from app.backends.testing.faults import Refusal, after_creating, before_creating, downloading, polling
from app.backends.testing.skeleton import Fake, plain, result_video

QUEUED_S, RENDERED_S = 2.0, 20.0
LINK_S, WINDOW_S = 24 * 3600.0, 7 * 24 * 3600.0
MB = 1024 * 1024

V1_MODELS = {
    "MiniMax-Hailuo-2.3",
    "MiniMax-Hailuo-2.3-Fast",
    "MiniMax-Hailuo-02",
    "T2V-01",
    "T2V-01-Director",
    "I2V-01",
    "I2V-01-Director",
    "I2V-01-live",
    "S2V-01",
}
V1_FLAGS = ("prompt_optimizer", "fast_pretreatment", "aigc_watermark")
V1_PICTURES = ("first_frame_image", "last_frame_image", "subject_reference")
V1_FIELDS = {"model", "prompt", "duration", "resolution", "callback_url", *V1_PICTURES, *V1_FLAGS}
V2_FLAGS = ("aigc_watermark",)
V2_FIELDS = {"model", "content", "resolution", "duration", "ratio", "callback_url", *V2_FLAGS}
V2_RESOLUTIONS = {"MiniMax-H3": {"768P", "2K"}, "MiniMax-H3-Max": {"480P", "768P"}}
V2_RATIOS = {"adaptive", "21:9", "16:9", "4:3", "1:1", "3:4", "9:16"}
V2_ROLES = {
    "image_url": {"first_frame", "last_frame", "reference_image"},
    "video_url": {"reference_video", "base_video"},
    "audio_url": {"reference_audio"},
}
V2_MOST = {"image_url": (9, 30 * MB), "video_url": (3, 50 * MB), "audio_url": (3, 15 * MB)}
V2_TYPES = {
    400: ("bad_request_error", 2013),
    401: ("authorized_error", 1004),
    402: ("insufficient_balance_error", 1008),
    422: ("unprocessable_entity_error", 1026),
    429: ("rate_limit_error", 1002),
    500: ("server_error", 1000),
}
STATUS_WORDS = {
    "v1": {"queued": "Queueing", "running": "Processing", "done": "Success", "failed": "Fail"},
    "v2": {"queued": "queued", "running": "running", "done": "succeeded", "failed": "failed"},
}
DATA_ADDRESS = re.compile(r"data:(image|video|audio)/[a-z0-9.+-]+;base64,")


@dataclass(slots=True)
class Job:
    """One task."""

    id: str
    fields: dict[str, Any]
    created: float
    scenario: dict[str, str]
    port: int
    polls: int = 0
    links: list[float] = field(default_factory=list)

    @property
    def file_id(self) -> str:
        """The id of its file in V1."""
        return f"2052{self.id}"


class MiniMaxFake(Fake):
    """One of the two protocols (``profile`` is "v2" or "v1"); ``key`` is what clients must present."""

    def __init__(self, profile: str = "v2", *, key: str = "fake-minimax-key", frozen: bool = True) -> None:
        super().__init__(frozen=frozen)
        self.profile = profile
        self.key = key
        self._jobs_by_id: dict[str, Job] = {}
        self.app.get("/__fake/webhook/{task_id}")(self._webhook)
        self.app.get("/__storage/{task_id}")(self._storage)
        if profile == "v2":
            self.app.post("/v2/video_generation")(self._create)
            self.app.get("/v2/query/video_generation/{task_id}")(self._query)
        else:
            self.app.post("/v1/video_generation")(self._create)
            self.app.get("/v1/query/video_generation")(self._query)
            self.app.get("/v1/files/retrieve")(self._retrieve)

    def jobs(self) -> list[dict[str, Any]]:
        """Return every task as a query shows it."""
        return [self._object(job) for job in self._jobs_by_id.values()]

    async def stored(self, key: str) -> bytes:
        """Return the bytes of a result on the content network."""
        return await self._video(self._jobs_by_id[key])

    def envelope(self, refusal: Refusal) -> Any:
        """Return ``base_resp`` with a code in V1, the typed error with the code in brackets in V2."""
        kind, code = self._code(refusal)
        if self.profile == "v1":
            return {"task_id": "", "base_resp": {"status_code": code, "status_msg": refusal.message}}
        status = str(next(status for status, (name, _) in V2_TYPES.items() if name == kind))
        error = {"type": kind, "message": f"{refusal.message} ({code})", "http_code": status}
        return {"type": "error", "error": error, "request_id": f"req{len(self.requests)}"}

    def _code(self, refusal: Refusal) -> tuple[str, int]:
        if refusal.code.isdigit():
            code = int(refusal.code)
        elif refusal.code == "moderation_blocked":
            code = 1026
        elif refusal.code == "insufficient_quota":
            code = 1008
        else:
            code = {401: 1004, 402: 1008, 403: 1004, 429: 1002, 500: 1000, 503: 1033}.get(refusal.status, 2013)
        kinds = {known: name for name, known in V2_TYPES.values()}
        return kinds.get(code, "server_error"), code

    async def _refused(self, request: Request, refusal: Exception) -> Response:
        """Answer 200 in V1 whatever happened, and the type's own status in V2."""
        assert isinstance(refusal, Refusal)
        body = self.envelope(refusal)
        return plain(200 if self.profile == "v1" else int(body["error"]["http_code"]), body, refusal.headers)

    def _authorise(self, request: Request) -> None:
        if request.headers.get("authorization") != f"Bearer {self.key}":
            raise Refusal(401, "1004", f"login fail: {request.headers.get('authorization', '')}")

    async def _create(self, request: Request) -> Response:
        request.state.entry["creates"] = True
        self._authorise(request)
        fields = request.state.entry["body"] = await request.json()
        _require(isinstance(fields, dict), "the body must be an object")
        prompt = self._check_v2(fields) if self.profile == "v2" else self._check_v1(fields)
        scenario = self.scenario(prompt)
        before_creating(request, scenario, self.clock.now(), self.key)
        made = str(3401 + len(self._jobs_by_id)) if self.profile == "v2" else str(106916112212032 + len(self.requests))
        self._jobs_by_id[made] = Job(made, fields, self.clock.now(), scenario, request.url.port or 80)
        body: dict[str, Any] = {"task_id": made}
        if self.profile == "v1":
            body["base_resp"] = {"status_code": 0, "status_msg": "success"}
        return await after_creating(request, scenario) or plain(200, body)

    def _check_shared(self, fields: Mapping[str, Any], known: set[str], flags: tuple[str, ...]) -> None:
        for key in fields:
            _require(key in known, f"unknown field {key}")
        for key in flags:
            _require(isinstance(fields.get(key, False), bool), f"{key} must be a bool")
        callback = fields.get("callback_url", "https://")
        _require(isinstance(callback, str) and callback.startswith("https://"), "callback_url must be an address")

    def _check_v1(self, fields: Mapping[str, Any]) -> str:
        self._check_shared(fields, V1_FIELDS, V1_FLAGS)
        model, prompt = fields.get("model"), fields.get("prompt", "")
        _require(model in V1_MODELS, "model does not exist")
        _require(isinstance(prompt, str) and len(prompt) <= 2000, "prompt is too long")
        _require(fields.get("duration", 6) in (6, 10), "duration must be 6 or 10")
        _require(fields.get("resolution", "768P") in {"512P", "768P", "1080P"}, "resolution is not supported")
        first, last, subject = (fields.get(key) for key in V1_PICTURES)
        for picture in (first, last):
            _require(picture is None or _size_of(picture, "image") is not None, "a frame is not an image")
        _require(last is None or first is not None, "last_frame_image needs first_frame_image")
        _require((first is not None) or not str(model).startswith("I2V"), "first_frame_image is required")
        _require((subject is not None) == (model == "S2V-01"), "subject_reference belongs to S2V-01")
        if subject is not None:
            _require(isinstance(subject, list) and len(subject) == 1, "subject_reference holds one subject")
            _require(set(subject[0]) == {"type", "image"} and subject[0]["type"] == "character", "subject is malformed")
            pictures = subject[0]["image"]
            _require(isinstance(pictures, list) and bool(pictures), "subject has no image")
            _require(all(_size_of(one, "image") is not None for one in pictures), "subject has a malformed image")
        return str(prompt)

    def _check_v2(self, fields: Mapping[str, Any]) -> str:
        self._check_shared(fields, V2_FIELDS, V2_FLAGS)
        model, duration = fields.get("model"), fields.get("duration", 6)
        _require(model in V2_RESOLUTIONS, "model does not exist")
        _require(fields.get("resolution", "768P") in V2_RESOLUTIONS[str(model)], "resolution is not supported")
        _require(type(duration) is int and 4 <= duration <= 15, "duration must be 4 to 15")
        _require(fields.get("ratio", "adaptive") in V2_RATIOS, "ratio is not supported")
        content = fields.get("content")
        _require(isinstance(content, list) and all(isinstance(one, dict) for one in content), "content must be a list")
        assert isinstance(content, list)
        texts = [one for one in content if one.get("type") == "text"]
        _require(len(texts) == 1 and set(texts[0]) == {"type", "text"}, "content needs one text")
        text = texts[0]["text"]
        _require(isinstance(text, str) and 0 < len(text) <= 7000, "the text is too long")
        files = [one for one in content if one.get("type") != "text"]
        _require(bool(files) or fields.get("ratio", "adaptive") != "adaptive", "text alone needs a ratio")
        self._check_files(files)
        return str(text)

    def _check_files(self, files: list[dict[str, Any]]) -> None:
        _require(len(files) <= 12, "there are more than 12 files")
        for kind, (most, largest) in V2_MOST.items():
            of_kind = [one for one in files if one.get("type") == kind]
            _require(len(of_kind) <= most, f"there are more than {most} of {kind}")
            for one in of_kind:
                _require(set(one) == {"type", kind, "role"} and one["role"] in V2_ROLES[kind], f"{kind} is malformed")
                _require(isinstance(one[kind], dict) and set(one[kind]) == {"url"}, f"{kind} needs a url")
                size = _size_of(one[kind]["url"], kind.removesuffix("_url"))
                _require(size is not None and size <= largest, f"{kind} cannot be read or is too large")
        _require(all(one.get("type") in V2_MOST for one in files), "content has an unknown type")
        roles = [one["role"] for one in files]
        frames = [role for role in roles if role in {"first_frame", "last_frame"}]
        _require(len(set(frames)) == len(frames), "a frame comes twice")
        _require("last_frame" not in frames or "first_frame" in frames, "last_frame needs first_frame")
        _require(not frames or len(frames) == len(roles), "frames and references exclude each other")

    def _status(self, job: Job) -> str:
        age = self.clock.now() - job.created
        words = STATUS_WORDS[self.profile]
        if age < QUEUED_S:
            return words["queued"]
        if "unknown_status" in job.scenario:
            return "hibernating"
        if self.profile == "v2" and {"cancelled", "expired"} & set(job.scenario):
            return "cancelled" if "cancelled" in job.scenario else "expired"
        if age < float(job.scenario.get("slow") or RENDERED_S) or "stuck" in job.scenario:
            return words["running"]
        return words["failed" if {"fail", "moderation_output"} & set(job.scenario) else "done"]

    def _object(self, job: Job) -> dict[str, Any]:
        status = self._status(job)
        failure = (1027, "output new_sensitive") if "moderation_output" in job.scenario else (1024, "internal error")
        more = {"queue_position": 3, "trace": {"gpu": [1, 2]}} if "extra_fields" in job.scenario else {}
        if self.profile == "v1":
            code, words = failure if status == "Fail" else (0, "success")
            body = {"task_id": job.id, "status": status, "base_resp": {"status_code": code, "status_msg": words}}
            result = {"file_id": job.file_id, "video_width": 720, "video_height": 1280}
            return body | more | (result if status == "Success" else {})
        task: dict[str, Any] = {
            "id": job.id,
            "model": job.fields["model"],
            "status": status,
            "created_at": int(job.created),
            "updated_at": int(self.clock.now()),
            **{key: job.fields[key] for key in ("resolution", "ratio", "duration") if key in job.fields},
            "task_type": "generation",
            "usage": {},
        }
        if status == "succeeded":
            task["content"] = {"url": self._link(job), "prompt": "…"}
        if status == "failed":
            task["error"] = {"code": str(failure[0]), "message": failure[1]}
        return {"task": task | more}

    def _link(self, job: Job) -> str:
        """Mint an address of the result on another host, good for a day."""
        job.links.append(self.clock.now() + (-1.0 if "url_expired" in job.scenario else LINK_S))
        return f"http://localhost:{job.port}/__storage/{job.id}?link={len(job.links) - 1}&signature=abcdef"

    def _found(self, task_id: str) -> Job:
        job = self._jobs_by_id.get(task_id)
        if job is None or self.clock.now() > job.created + WINDOW_S:
            raise Refusal(400, "2013", "invalid params, there is no such task")
        return job

    async def _query(self, request: Request, task_id: str) -> Response:
        self._authorise(request)
        job = self._found(task_id)
        job.polls += 1
        polling(request, job.scenario, job.polls)
        return plain(200, self._object(job))

    async def _retrieve(self, request: Request, file_id: str) -> Response:
        self._authorise(request)
        job = self._found(file_id.removeprefix("2052"))
        _require(self._status(job) == "Success" and "file_gone" not in job.scenario, "there is no such file")
        file = {
            "file_id": file_id,
            "bytes": len(await self._video(job)),
            "created_at": int(job.created),
            "filename": "output.mp4",
            "purpose": "video_generation",
            "download_url": self._link(job),
            "backup_download_url": self._link(job),
        }
        return plain(200, {"file": file, "base_resp": {"status_code": 0, "status_msg": "success"}})

    async def _storage(self, request: Request, task_id: str, link: int) -> Response:
        """Serve a result where the key has no business: a storage that refuses it, and links that run out."""
        if "authorization" in request.headers:
            return Response("Only one auth mechanism allowed", 400)
        job = self._jobs_by_id[task_id]
        if self.clock.now() > job.links[link]:
            return Response("<Code>AccessDenied</Code>", 403, media_type="application/xml")
        return downloading(request, job.scenario, await self._video(job), job.id)

    async def _video(self, job: Job) -> bytes:
        """Return a small video of the asked length, and of the asked shape where there is one."""
        wide = job.fields.get("ratio", "9:16") in {"21:9", "16:9", "4:3"}
        return await result_video("256x144" if wide else "144x256", float(job.fields.get("duration", 6)))

    async def _webhook(self, task_id: str, form: str = "genuine") -> Response:
        """Return a delivery: the ``challenge`` that comes first, or the body of a query; none is signed."""
        body = {"challenge": f"challenge-{task_id}"} if form == "challenge" else self._object(self._found(task_id))
        headers = {"content-type": "application/json"}
        return plain(200, {"headers": headers, "body": json.dumps(body)})


def _require(kept: bool, words: str) -> None:
    if not kept:
        raise Refusal(400, "2013", f"invalid params, {words}")


def _size_of(address: Any, kind: str) -> int | None:
    """Return the bytes of an input given as an address (0 for one elsewhere), or None when it is malformed."""
    if not isinstance(address, str):
        return None
    if re.match(r"https://.|mm_file://\d", address):
        return 0
    head = DATA_ADDRESS.match(address)
    if head is None or head[1] != kind:
        return None
    try:
        return len(base64.b64decode(address[head.end() :], validate=True))
    except binascii.Error:
        return None


def create_app(profile: str = "v2", **arguments: Any) -> FastAPI:
    """Return the application, for ``serve`` and ``serve_in_process``; see ``MiniMaxFake`` for the arguments."""
    return MiniMaxFake(profile, **arguments).app
