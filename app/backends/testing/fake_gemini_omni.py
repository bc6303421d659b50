"""A fake Interactions API with video, written from the providers' fact sheets (international §4) alone.

It shares no code with the adapter, refuses every field it does not know, and keeps the traps: it blocks without
``background``, wants durations as text, wraps some errors in a list, completes with words instead of a video when it
refuses, blips on early polls, and gives files to those with the key only.
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
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response

from app.backends.testing.faults import Refusal, after_creating, before_creating, downloading, polling
from app.backends.testing.skeleton import Fake, plain, result_video

QUEUED_S = 2.0
RENDERED_S = 40.0
FILES_S = 48 * 3600.0
BODY_BYTES = 30_000_000
LONGEST_S = 40
SHORT_SIDES = {"360p": 360, "720p": 720, "1080p": 1080, "4k": 2160}
TOKENS_A_SECOND = {"360p": 1931, "720p": 5792, "1080p": 8688, "4k": 17376}
FIELDS = {
    "model",
    "input",
    "background",
    "store",
    "previous_interaction_id",
    "response_format",
    "generation_config",
    "webhook_config",
    "labels",
    "service_tier",
    "safety_settings",
    "continuation_token",
}
FORMAT_FIELDS = {"type", "aspect_ratio", "resolution", "duration", "delivery", "gcs_uri"}
TASKS = {"text_to_video", "image_to_video", "reference_to_video", "edit", "extend", "upscale"}
LABEL = re.compile(r"[a-z0-9_-]{1,63}")
BINDING = re.compile(r"\[# (Sources|References)((?: <[A-Z_0-9]+>@(?:Image|Video)\d+)+)\] ?")
NAME = re.compile(r"<([A-Z_0-9]+)>@(Image|Video)(\d+)")
WORDS = {
    "prompt": "The prompt was blocked: it violates our safety policy.",
    "input_reference": "The input image was blocked: it violates our safety policy.",
}
STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}


@dataclass(slots=True)
class Interaction:
    """One interaction; ``seconds`` is the whole length of its video."""

    id: str
    fields: dict[str, Any]
    created: float
    scenario: dict[str, str]
    seconds: int
    polls: int = 0
    cancelled: bool = False

    @property
    def duration(self) -> float:
        """How long it takes, in virtual seconds."""
        return float(self.scenario.get("slow") or RENDERED_S)

    @property
    def wanted(self) -> Mapping[str, str]:
        """What was asked of the video."""
        asked: Mapping[str, str] = self.fields.get("response_format", {})
        return asked


class GeminiOmniFake(Fake):
    """The provider; ``webhook_secret`` signs the deliveries of a subscription (none: they carry no proof)."""

    def __init__(
        self,
        *,
        key: str = "fake-gemini-key",
        models: tuple[str, ...] = ("gemini-omni-1.1-flash", "gemini-omni-1.2-flash"),
        webhook_secret: str = "",
        frozen: bool = True,
    ) -> None:
        super().__init__(frozen=frozen)
        self.key = key
        self.models = models
        self._webhook_key = base64.b64decode(webhook_secret.removeprefix("whsec_"))
        self._made: dict[str, Interaction] = {}
        self.app.post("/v1beta/interactions")(self._create)
        self.app.get("/v1beta/interactions/{name}")(self._retrieve)
        self.app.post("/v1beta/interactions/{name}/cancel")(self._cancel)
        self.app.delete("/v1beta/interactions/{name}")(self._delete)
        self.app.get("/v1beta/files/{name}")(self._file)
        self.app.get("/v1beta/webhooks")(self._subscriptions)
        self.app.get("/__fake/webhook/{name}")(self._webhook)

    def jobs(self) -> list[dict[str, Any]]:
        """Return every interaction."""
        return [self._object(one) for one in self._made.values()]

    async def stored(self, key: str) -> bytes:
        """Return the bytes of a video on the content network."""
        return await self._video(self._made[key])

    def envelope(self, refusal: Refusal) -> Any:
        """Return Google's envelope: the service's codes are words, and the front end wraps its own in a list."""
        message = WORDS.get(refusal.param or "", refusal.message)
        if refusal.code == "model_not_found":
            message = "models/gemini-omni is not found for API version v1beta."
        details = []
        wait = refusal.headers.get("retry-after", "")
        if wait.isdigit():
            details = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{wait}s"}]
        status = STATUSES.get(refusal.status, "UNKNOWN")
        code = "invalid_request" if refusal.status == 400 else refusal.status
        told = {"error": {"code": code, "message": message, "status": status, "details": details}}
        return [told] if refusal.status in {401, 403} else told

    async def _refused(self, request: Request, refusal: Exception) -> Response:
        """Tell in the body how long to wait, where it is a number of seconds."""
        assert isinstance(refusal, Refusal)
        headers = {} if refusal.headers.get("retry-after", "").isdigit() else refusal.headers
        return plain(refusal.status, self.envelope(refusal), headers)

    def _authorise(self, request: Request) -> None:
        if "authorization" in request.headers:
            raise Refusal(401, "unauthenticated", "This is no OAuth token.")
        if request.headers.get("x-goog-api-key") != self.key:
            raise Refusal(401, "unauthenticated", f"Wrong key: {request.headers.get('x-goog-api-key', '')}")

    async def _create(self, request: Request) -> Response:
        request.state.entry["creates"] = True
        self._authorise(request)
        raw = await request.body()
        if len(raw) > BODY_BYTES:
            raise Refusal(413, "too_large", "Request payload size exceeds the limit.")
        fields = json.loads(raw)
        request.state.entry["body"] = _described(fields)
        text = self._check(fields)
        scenario = self.scenario(text)
        before_creating(request, scenario, self.clock.now(), self.key)
        made = Interaction(f"v1_{uuid.uuid4().hex}", fields, self.clock.now(), scenario, self._seconds(fields))
        self._made[made.id] = made
        if fields.get("background") is not True:
            self.clock.advance(made.duration)
        return await after_creating(request, scenario) or plain(200, self._object(made))

    def _check(self, fields: Any) -> str:
        """Refuse what the API would, and return the text of the input."""
        if not isinstance(fields, dict) or set(fields) - FIELDS:
            raise _bad(f"Unknown name {sorted(set(fields) - FIELDS)[:1]}: Cannot find field.")
        if "model" not in fields or "input" not in fields:
            raise _bad("model and input are required.")
        if fields["model"] not in self.models:
            raise Refusal(404, "model_not_found", "")
        if fields.get("background") and fields.get("store") is False:
            raise _bad("background requires storing.")
        for key, value in fields.get("labels", {}).items():
            if not LABEL.fullmatch(key) or not LABEL.fullmatch(value):
                raise _bad(f"The label {key} is not valid.")
        webhook = fields.get("webhook_config", {"uris": [""]})
        if set(webhook) - {"uris", "user_metadata"} or not isinstance(webhook.get("uris"), list):
            raise _bad("webhook_config has uris and user_metadata.")
        self._check_format(fields.get("response_format", {}))
        text, images = _parts(fields["input"])
        self._check_task(fields, text, images)
        return text

    def _check_format(self, wanted: Mapping[str, Any]) -> None:
        if set(wanted) - FORMAT_FIELDS or wanted.get("type") != "video":
            raise _bad("response_format is not one of a video.")
        if wanted.get("aspect_ratio", "16:9") not in {"16:9", "9:16"}:
            raise _bad("aspect_ratio is 16:9 or 9:16.")
        if wanted.get("resolution", "720p") not in SHORT_SIDES:
            raise _bad("resolution is 360p, 720p, 1080p or 4k.")
        if wanted.get("delivery", "inline") not in {"inline", "uri"} or "gcs_uri" in wanted:
            raise _bad("delivery is inline or uri.")
        duration = wanted.get("duration", "10s")
        if not isinstance(duration, str) or not re.fullmatch(r"([3-9]|10)s", duration):
            raise _bad("duration is a text from 3s to 10s.")

    def _check_task(self, fields: Mapping[str, Any], text: str, images: int) -> None:
        video = fields.get("generation_config", {}).get("video_config", {})
        task = video.get("task", "text_to_video")
        if set(fields.get("generation_config", {})) - {"video_config"} or set(video) - {"task"} or task not in TASKS:
            raise _bad("generation_config holds the task of a video_config.")
        bound = BINDING.match(text)
        names = NAME.findall(bound[2]) if bound else []
        if sorted(int(number) for _, kind, number in names if kind == "Image") != list(range(1, images + 1)):
            raise _bad("The prompt does not name every image once.")
        roles = {name for name, _, _ in names}
        fitting = {
            "text_to_video": not roles,
            "extend": not roles,
            "image_to_video": "FIRST_FRAME" in roles and roles <= {"FIRST_FRAME", "LAST_FRAME"},
            "reference_to_video": roles == {f"IMAGE_REF_{index}" for index in range(images)} and images > 0,
        }
        if not fitting.get(task, False):
            raise _bad(f"The sources do not suit the task {task}.")
        if (task == "extend") != ("previous_interaction_id" in fields):
            raise _bad("extend continues a previous interaction.")

    def _seconds(self, fields: Mapping[str, Any]) -> int:
        added = int(fields.get("response_format", {}).get("duration", "10s").removesuffix("s"))
        if "previous_interaction_id" not in fields:
            return added
        before = self._found(fields["previous_interaction_id"])
        if self._status(before) != "completed":
            raise _bad("The previous interaction is not completed.")
        if before.seconds + added > LONGEST_S:
            raise _bad(f"The video would be longer than {LONGEST_S} s.")
        return before.seconds + added

    def _found(self, name: str) -> Interaction:
        if not re.fullmatch(r"v1_[0-9a-f]{32}", name):
            raise _bad("Invalid interaction name")
        if name not in self._made:
            raise Refusal(404, "not_found", "The interaction was not found.")
        return self._made[name]

    def _status(self, one: Interaction) -> str:
        age = self.clock.now() - one.created
        if one.cancelled:
            return "cancelled"
        if age < QUEUED_S:
            return "queued"
        if age < one.duration or "stuck" in one.scenario:
            return "in_progress"
        if "unknown_status" in one.scenario:
            return "hibernating"
        if {"fail", "input_blocked"} & set(one.scenario):
            return "failed"
        return one.scenario.get("ends") or "completed"

    def _object(self, one: Interaction) -> dict[str, Any]:
        status = self._status(one)
        answer: dict[str, Any] = {
            "id": one.id,
            "model": one.fields["model"],
            "created": one.created,
            "updated": self.clock.now(),
            "status": status,
            "labels": one.fields.get("labels", {}),
            "steps": [{"type": "user_input", "content": [{"type": "text", "text": "…"}]}],
        }
        if "previous_interaction_id" in one.fields:
            answer["previous_interaction_id"] = one.fields["previous_interaction_id"]
        if status == "completed":
            answer["steps"] += [{"type": "thought", "content": []}, {"type": "model_output", "content": _given(one)}]
            tokens = TOKENS_A_SECOND[one.wanted.get("resolution", "720p")] * one.seconds
            answer["usage"] = {"output_tokens_by_modality": [{"modality": "video", "tokens": tokens}]}
        elif status in {"failed", "incomplete", "budget_exceeded"}:
            blocked = "Input blocked: the image shows a person." if "input_blocked" in one.scenario else None
            answer["errors"] = [{"code": 500, "message": blocked or "The generation ended early."}]
        return answer | ({"queue_position": 3} if "extra_fields" in one.scenario else {})

    async def _retrieve(self, request: Request, name: str) -> Response:
        self._authorise(request)
        one = self._found(name)
        one.polls += 1
        polling(request, one.scenario, one.polls)
        if "blip" in one.scenario and one.polls <= 2:
            raise _bad("Invalid interaction name") if one.polls == 1 else Refusal(404, "not_found", "Not found.")
        return plain(200, self._object(one))

    async def _cancel(self, request: Request, name: str) -> Response:
        self._authorise(request)
        one = self._found(name)
        if self._status(one) not in {"queued", "in_progress", "cancelled"}:
            raise Refusal(400, "failed_precondition", "The interaction has ended.")
        one.cancelled = True
        return plain(200, self._object(one))

    async def _delete(self, request: Request, name: str) -> Response:
        self._authorise(request)
        del self._made[self._found(name).id]
        return plain(200, {})

    async def _file(self, request: Request, name: str, alt: str = "") -> Response:
        self._authorise(request)
        file, _, verb = name.partition(":")
        one = self._made.get(f"v1_{file}")
        if one is None or self._status(one) != "completed" or self.clock.now() > one.created + FILES_S:
            raise Refusal(404, "not_found", "The file was not found.")
        if not verb:
            return plain(200, {"name": f"files/{file}", "state": "ACTIVE", "mimeType": "video/mp4"})
        if verb != "download" or alt != "media":
            raise _bad("A download has alt=media.")
        if "url_expired" in one.scenario:
            raise Refusal(404, "not_found", "The file has expired.")
        return downloading(request, one.scenario, await self._video(one), one.id)

    async def _subscriptions(self, request: Request) -> Response:
        self._authorise(request)
        return plain(200, {"webhooks": []})

    async def _video(self, one: Interaction) -> bytes:
        short = SHORT_SIDES[one.wanted.get("resolution", "720p")]
        long = short * 16 // 9
        upright = one.wanted.get("aspect_ratio") == "9:16"
        return await result_video(f"{short}x{long}" if upright else f"{long}x{short}", float(one.seconds))

    async def _webhook(self, name: str, form: str = "genuine", kind: str = "interaction.completed") -> Response:
        """Return the delivery of an event: ``genuine``, ``forged`` or ``stale``."""
        body = json.dumps({"type": kind, "data": {"id": name}})
        stamp = str(int(self.clock.now()) - (3600 if form == "stale" else 0))
        headers = {"webhook-id": f"wh_{name}", "webhook-timestamp": stamp}
        if self._webhook_key:
            signed = hmac.digest(self._webhook_key, f"wh_{name}.{stamp}.{body}".encode(), hashlib.sha256)
            signed = bytes(reversed(signed)) if form == "forged" else signed
            headers["webhook-signature"] = f"v1,{base64.b64encode(signed).decode()}"
        return plain(200, {"headers": headers, "body": body})


def _bad(message: str) -> Refusal:
    return Refusal(400, "invalid_request", message)


def _parts(value: Any) -> tuple[str, int]:
    """Return the text and the number of images of an input: media first, one text last."""
    if isinstance(value, str):
        return value, 0
    if not isinstance(value, list) or not value or value[-1].get("type") != "text":
        raise _bad("The input ends with one text part.")
    for part in value[:-1]:
        if part.get("type") != "image" or set(part) != {"type", "data", "mime_type"}:
            raise _bad("Media parts have a type, data and mime_type.")
        try:
            base64.b64decode(part["data"], validate=True)
        except binascii.Error:
            failure = _bad("The image is not base64.")
        else:
            continue
        raise failure
    return str(value[-1]["text"]), len(value) - 1


def _given(one: Interaction) -> list[dict[str, Any]]:
    """Return what the model gave: words where it refused, else its video, after a draft of it."""
    if "moderation_output" in one.scenario:
        return [{"type": "text", "text": "I cannot make this video."}]
    if "nothing" in one.scenario:
        return []
    content: dict[str, Any] = {"mime_type": "video/mp4", "type": "video"}
    if "inline" in one.scenario:
        return [{**content, "data": "AAAA"}]
    name = f"files/{one.id.removeprefix('v1_')}"
    draft = {**content, "uri": "files/draft"}
    return [{"type": "text", "text": "Here it is."}, draft, {**content, "uri": name}]


def _described(fields: Any) -> Any:
    """Return a create for the log, with media by size."""
    if not isinstance(fields, dict) or not isinstance(fields.get("input"), list):
        return fields
    parts = [
        {**part, "data": len(part["data"])} if isinstance(part, dict) and "data" in part else part
        for part in fields["input"]
    ]
    return {**fields, "input": parts}


def create_app(**arguments: Any) -> FastAPI:
    """Return the application, for ``serve`` and ``serve_in_process``; see ``GeminiOmniFake`` for the arguments."""
    return GeminiOmniFake(**arguments).app
