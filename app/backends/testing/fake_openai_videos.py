"""A fake ``/v1/videos`` server in four profiles, written from the providers' fact sheets (international §2, §3) alone.

It shares no code with the adapter, refuses every field it does not know, and keeps the traps of each server.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response
from PIL import Image
from starlette.datastructures import UploadFile

from app.backends.testing.faults import Refusal, after_creating, before_creating, downloading, polling
from app.backends.testing.skeleton import Fake, plain, result_video

QUEUED_S = 2.0
RENDERED_S = 12.0
LIFETIME_S = 3600.0
CLOUD_SIZES = {"720x1280", "1280x720", "1024x1792", "1792x1024", "1080x1920", "1920x1080"}
CLOUD_SECONDS = {"4", "8", "12", "16", "20"}

CLOUD_FIELDS = "prompt model seconds size input_reference characters"
VLLM_FIELDS = """
prompt model seconds size user input_reference input_references image_reference video_reference audio_reference
control_reference control_type source_video source_audio video_noise_mask width height num_frames fps aspect_ratio
short_edge start_time_seconds negative_prompt num_inference_steps guidance_scale guidance_scale_2 boundary_ratio
flow_shift true_cfg_scale seed num_outputs_per_prompt generate_sound sound_duration enable_frame_interpolation quality
lora extra_params
"""
SGLANG_FIELDS = """
prompt model n seconds size fps num_frames width height seed task_type input_reference reference_url video_reference
video_path video_url negative_prompt guidance_scale guidance_scale_2 true_cfg_scale num_inference_steps flow_shift
enable_teacache output_quality output_path enable_upscaling extra_params clip_len prompt_ref enable_audio
"""
FIELDS = {
    "cloud": set(CLOUD_FIELDS.split()),
    "litellm": set(CLOUD_FIELDS.split()),
    "vllm": set(VLLM_FIELDS.split()),
    "sglang": set(SGLANG_FIELDS.split()),
}
LIST_LIMITS = {"vllm": (0, 100), "sglang": (1, 100), "cloud": (1, 100), "litellm": (1, 100)}


@dataclass(slots=True)
class Job:
    """One video on the server."""

    id: str
    fields: dict[str, Any]
    created: float
    scenario: dict[str, str]
    polls: int = 0
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def duration(self) -> float:
        """How long it renders, in virtual seconds."""
        return float(self.scenario.get("slow") or RENDERED_S)


class OpenAIVideosFake(Fake):
    """The server; ``key`` is what clients must present (None: nobody must), ``models`` the served names."""

    def __init__(
        self,
        profile: str,
        *,
        models: tuple[str, ...] = ("fake-video",),
        key: str | None = None,
        webhook_secret: str = "",
        frozen: bool = True,
    ) -> None:
        super().__init__(frozen=frozen)
        self.profile = profile
        self.models = models
        self.key = key
        self._webhook_key = base64.b64decode(webhook_secret.removeprefix("whsec_"))
        self._jobs_by_id: dict[str, Job] = {}
        self.app.post("/v1/videos")(self._create)
        self.app.get("/v1/videos")(self._list)
        self.app.get("/v1/videos/{video_id}")(self._retrieve)
        self.app.get("/v1/videos/{video_id}/content")(self._content)
        if profile != "litellm":
            self.app.delete("/v1/videos/{video_id}")(self._delete)
        self.app.get("/__fake/webhook/{video_id}")(self._webhook)

    def restart(self) -> None:
        """Lose the jobs where they live in the memory of one process."""
        if self.profile in {"vllm", "sglang"}:
            self._jobs_by_id.clear()

    def jobs(self) -> list[dict[str, Any]]:
        """Return every video object."""
        return [self._object(job) for job in self._jobs_by_id.values()]

    async def stored(self, key: str) -> bytes:
        """Return the bytes of a video that lies on the content network."""
        return await self._result(self._jobs_by_id[key])

    def envelope(self, refusal: Refusal) -> Any:
        """Return ``{"detail": …}`` where FastAPI answers, else the dialect's ``{"error": {…}}``."""
        if self.profile == "sglang" or (self.profile == "vllm" and refusal.status in {404, 422}):
            return {"detail": refusal.message}
        told = {"message": refusal.message, "type": "invalid_request_error", "param": refusal.param}
        return {"error": {**told, "code": refusal.code}}

    def _authorise(self, request: Request) -> None:
        if self.key is not None and request.headers.get("authorization") != f"Bearer {self.key}":
            raise Refusal(401, "invalid_api_key", f"Incorrect API key: {request.headers.get('authorization', '')}")

    async def _create(self, request: Request) -> Response:
        request.state.entry["creates"] = True
        self._authorise(request)
        fields = await self._read(request)
        request.state.entry["body"] = {key: _described(value) for key, value in fields.items()}
        self._check(fields)
        scenario = self.scenario(fields["prompt"])
        before_creating(request, scenario, self.clock.now(), self.key)
        job = self._make(fields, scenario)
        return await after_creating(request, scenario) or plain(200, self._object(job))

    async def _read(self, request: Request) -> dict[str, Any]:
        """Return the fields of a create, uploads as bytes."""
        kind = request.headers.get("content-type", "").split(";")[0]
        if kind == "application/json" and self.profile != "vllm":
            fields = await request.json()
            if not isinstance(fields, dict):
                raise Refusal(400, "invalid_type", "The body must be an object.")
            return fields
        if kind != "multipart/form-data":
            raise Refusal(422, "invalid_type", f"Unsupported content type {kind!r}.")
        fields = {}
        async with request.form() as form:
            for key, value in form.multi_items():
                if key in fields and key != "input_references":
                    raise Refusal(400, "duplicate", f"The field {key} comes twice.", key)
                fields[key] = await value.read() if isinstance(value, UploadFile) else value
        return fields

    def _check(self, fields: Mapping[str, Any]) -> None:
        for key in fields:
            if key not in FIELDS[self.profile]:
                raise Refusal(400, "unknown_parameter", f"Unknown parameter: '{key}'.", key)
        if not isinstance(fields.get("prompt"), str) or not fields["prompt"]:
            raise Refusal(422 if self.profile == "vllm" else 400, "missing", "prompt is required.", "prompt")
        if "model" in fields and fields["model"] not in self.models:
            status = 400 if self.profile in {"vllm", "sglang"} else 404
            raise Refusal(status, "model_not_found", f"The model `{fields['model']}` does not exist.", "model")
        seconds = fields.get("seconds", "4")
        if self.profile in {"cloud", "litellm"} and not isinstance(seconds, str):
            raise Refusal(400, "invalid_type", "Invalid type for 'seconds': expected a string.", "seconds")
        if self.profile == "cloud" and seconds not in CLOUD_SECONDS:
            raise Refusal(400, "invalid_value", "Invalid value for 'seconds'.", "seconds")
        if not re.fullmatch(r"[1-9]\d*", str(seconds)):
            raise Refusal(400, "invalid_value", "Invalid value for 'seconds'.", "seconds")
        size = fields.get("size", "720x1280")
        if not re.fullmatch(r"[1-9]\d*x[1-9]\d*", size) or (self.profile == "cloud" and size not in CLOUD_SIZES):
            raise Refusal(400, "invalid_value", "Invalid value for 'size'.", "size")
        if self.profile == "vllm":
            _within(fields, "num_inference_steps", 1, 200)
            _within(fields, "guidance_scale", 0, 20)
        if self.profile == "cloud" and "input_reference" in fields:
            self._check_reference(fields["input_reference"], size)

    def _check_reference(self, value: Any, size: str) -> None:
        if isinstance(value, dict):
            if set(value) not in ({"image_url"}, {"file_id"}):
                raise Refusal(400, "invalid_value", "input_reference takes image_url or file_id.", "input_reference")
        elif not isinstance(value, bytes) or "x".join(map(str, Image.open(io.BytesIO(value)).size)) != size:
            message = "Inpaint image must match the requested width and height."
            raise Refusal(400, "invalid_value", message, "input_reference")

    def _make(self, fields: Mapping[str, Any], scenario: dict[str, str]) -> Job:
        made = f"video_gen_{uuid.uuid4().hex}" if self.profile == "vllm" else uuid.uuid4().hex
        if self.profile == "litellm":
            route = f"litellm:custom_llm_provider:openai;model_id:{fields.get('model', '')};video_id:video_{made * 6}"
            made = f"video_{base64.urlsafe_b64encode(route.encode()).decode()}"
        elif self.profile == "cloud":
            made = f"video_{made}"
        plain_fields = {key: value for key, value in fields.items() if not isinstance(value, bytes)}
        job = Job(made, plain_fields, self.clock.now(), scenario)
        self._jobs_by_id[made] = job
        return job

    def _status(self, job: Job) -> str:
        age, scenario = self.clock.now() - job.created, job.scenario
        if age < QUEUED_S:
            return "queued"
        if "unknown_status" in scenario:
            return "hibernating"
        if age < job.duration or "stuck" in scenario:
            return "processing" if self.profile == "litellm" else "in_progress"
        return "failed" if {"fail", "moderation_output"} & set(scenario) else "completed"

    def _progress(self, job: Job, status: str) -> int:
        if status == "completed":
            return 100
        if status in {"queued", "failed"} or self.profile == "vllm":
            return 0
        if "backward" in job.scenario:
            return 60 if job.polls % 2 else 40
        return min(int(100 * (self.clock.now() - job.created) / job.duration), 99)

    def _error(self, job: Job) -> dict[str, Any]:
        if "moderation_output" in job.scenario:
            return {"code": "moderation_blocked", "message": "The generated video was blocked by moderation."}
        message = "The worker crashed while rendering."
        return (
            {"message": message}
            if self.profile == "sglang"
            else {"code": "video_generation_failed", "message": message}
        )

    def _object(self, job: Job) -> dict[str, Any]:
        status, done = self._status(job), job.created + job.duration
        answer: dict[str, Any] = {
            "id": job.id,
            "object": "video",
            "model": job.fields.get("model", self.models[0]),
            "prompt": job.fields["prompt"],
            "seconds": str(job.fields.get("seconds", "4")),
            "size": job.fields.get("size", "720x1280"),
            "status": status,
            "progress": self._progress(job, status),
            "created_at": int(job.created),
            "completed_at": int(done) if status in {"completed", "failed"} else None,
            "error": self._error(job) if status == "failed" else None,
        }
        if self.profile == "cloud":
            answer["expires_at"] = int(done + self._lifetime(job)) if status == "completed" else None
            answer["remixed_from_video_id"] = None
        if self.profile == "vllm" and status == "completed":
            answer |= {"file_name": f"{job.id}.mp4", "media_type": "video/mp4", "inference_time_s": job.duration}
        if "extra_fields" in job.scenario:
            answer |= {"queue_position": 3, "metrics": {"gpu": [1, 2]}}
        return answer | job.extra

    def _lifetime(self, job: Job) -> float:
        return -1.0 if "url_expired" in job.scenario else LIFETIME_S

    def _job(self, video_id: str) -> Job:
        if video_id not in self._jobs_by_id:
            raise Refusal(404, "not_found", f"Video {video_id[:80]} not found.")
        return self._jobs_by_id[video_id]

    async def _retrieve(self, request: Request, video_id: str) -> Response:
        self._authorise(request)
        job = self._job(video_id)
        job.polls += 1
        polling(request, job.scenario, job.polls)
        if "object_storage" in job.scenario and self._status(job) == "completed":
            job.extra["url"] = f"http://localhost:{request.url.port}/__cdn/{job.id}"
        failed = self._status(job) == "failed" and self.profile == "vllm"
        return plain(500 if failed else 200, self._object(job))

    async def _list(self, request: Request) -> Response:
        self._authorise(request)
        query = dict(request.query_params)
        if set(query) - {"after", "limit", "order"} or query.get("order", "desc") not in {"asc", "desc"}:
            raise Refusal(400, "unknown_parameter", "Unknown query parameter.")
        low, high = LIST_LIMITS[self.profile]
        limit = int(query.get("limit", 20))
        if not low <= limit <= high:
            raise Refusal(400, "invalid_value", "Invalid value for 'limit'.", "limit")
        jobs = list(self._jobs_by_id.values())
        jobs = jobs if query.get("order") == "asc" else jobs[::-1]
        ids = [job.id for job in jobs]
        start = ids.index(query["after"]) + 1 if query.get("after") in ids else 0
        page = [self._object(job) for job in jobs[start : start + limit]]
        ends = {"first_id": page[0]["id"] if page else None, "last_id": page[-1]["id"] if page else None}
        return plain(200, {"object": "list", "data": page, **ends, "has_more": start + limit < len(jobs)})

    async def _content(self, request: Request, video_id: str) -> Response:
        self._authorise(request)
        job = self._job(video_id)
        status = self._status(job)
        if status == "failed" and self.profile == "vllm":
            raise Refusal(422, "failed", "Video generation failed.")
        expired = self.profile == "cloud" and self.clock.now() > job.created + job.duration + self._lifetime(job)
        if status != "completed" or expired or "url_expired" in job.scenario:
            raise Refusal(404, "not_found", "Video content is not available.")
        if "object_storage" in job.scenario:
            raise Refusal(400, "uploaded", f"Video was uploaded to {job.extra.get('url')}?signature=abcdef")
        content = await self._result(job)
        return downloading(request, job.scenario, content, job.id)

    async def _result(self, job: Job) -> bytes:
        return await result_video(job.fields.get("size", "720x1280"), float(job.fields.get("seconds", "4")))

    async def _delete(self, request: Request, video_id: str) -> Response:
        self._authorise(request)
        job = self._job(video_id)
        if "cancel_late" in job.scenario:
            raise Refusal(409, "conflict", "The output is being finalised.")
        del self._jobs_by_id[video_id]
        if self.profile == "sglang":
            return plain(200, {**self._object(job), "status": "deleted"})
        return plain(200, {"id": video_id, "object": "video.deleted", "deleted": True})

    async def _webhook(self, video_id: str, form: str = "genuine") -> Response:
        """Return the delivery the cloud shape would make: ``genuine``, ``forged`` or ``stale``."""
        event = {"id": f"evt_{video_id}", "object": "event", "type": "video.completed", "data": {"id": video_id}}
        body = json.dumps({**event, "created_at": int(self.clock.now())})
        stamp = str(int(self.clock.now()) - (3600 if form == "stale" else 0))
        signed = hmac.digest(self._webhook_key, f"wh_{video_id}.{stamp}.{body}".encode(), hashlib.sha256)
        if form == "forged":
            signed = bytes(reversed(signed))
        signature = f"v1,{base64.b64encode(signed).decode()}"
        headers = {"webhook-id": f"wh_{video_id}", "webhook-timestamp": stamp, "webhook-signature": signature}
        return plain(200, {"headers": headers, "body": body})


def _within(fields: Mapping[str, Any], key: str, low: float, high: float) -> None:
    if key in fields and not low <= float(fields[key]) <= high:
        raise Refusal(422, "invalid_value", f"{key} lies between {low} and {high}.", key)


def _described(value: Any) -> Any:
    """Return a field for the log: uploads by size and hash."""
    if isinstance(value, bytes):
        return {"size": len(value), "sha256": hashlib.sha256(value).hexdigest()}
    return value


def create_app(profile: str, **arguments: Any) -> FastAPI:
    """Return the application, for ``serve`` and ``serve_in_process``; see ``OpenAIVideosFake`` for the arguments."""
    return OpenAIVideosFake(profile, **arguments).app
