"""A fake Luma Agents API, written from the providers' fact sheets (international §7.1) alone.

It shares no code with the adapter, refuses every field it does not know, and keeps the traps: creates answer 201,
addresses of results run out after an hour and are made anew by every look, and errors are a ``detail``.
"""

from __future__ import annotations

import base64
import binascii
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response

from app.backends.testing.faults import Refusal, after_creating, before_creating, downloading, polling
from app.backends.testing.skeleton import Fake, plain, result_video

QUEUED_S = 2.0
RENDERED_S = 30.0
ADDRESS_S = 3600.0
FIELDS = {"prompt", "model", "type", "aspect_ratio", "source", "user_id", "video"}
VIDEO_FIELDS = {
    "duration",
    "resolution",
    "start_frame",
    "end_frame",
    "keyframes",
    "keyframe_indexes",
    "loop",
    "hdr",
    "exr_export",
    "source_position",
    "edit",
}
ASPECTS = {"9:16", "3:4", "1:1", "4:3", "16:9", "21:9"}
RESOLUTIONS = {"360p", "540p", "720p", "1080p"}
SECONDS = {"5s": 5, "10s": 10}
EXTENSION_S = 5
DETAILS = {
    "prompt": "The prompt was refused by content moderation.",
    "input_reference": "The start_frame image was refused by content moderation.",
}


@dataclass(slots=True)
class Generation:
    """One generation; ``seconds`` is the whole length of its clip, ``billed`` what of it is paid."""

    id: str
    fields: dict[str, Any]
    created: float
    scenario: dict[str, str]
    seconds: int
    billed: int
    polls: int = 0

    @property
    def duration(self) -> float:
        """How long it renders, in virtual seconds."""
        return float(self.scenario.get("slow") or RENDERED_S)

    @property
    def size(self) -> str:
        """The size of its picture."""
        short = int(self.fields.get("video", {}).get("resolution", "720p").removesuffix("p"))
        width, _, height = self.fields.get("aspect_ratio", "16:9").partition(":")
        across, down = int(width), int(height)
        return f"{short}x{short * down // across}" if across <= down else f"{short * across // down}x{short}"


class LumaFake(Fake):
    """The provider, with one model and one key."""

    def __init__(self, *, key: str = "luma-api-fake-key", model: str = "ray-3.2", frozen: bool = True) -> None:
        super().__init__(frozen=frozen)
        self.key = key
        self.model = model
        self._made: dict[str, Generation] = {}
        self.app.post("/v1/generations")(self._create)
        self.app.get("/v1/generations/{generation_id}")(self._retrieve)
        self.app.get("/media/{generation_id}")(self._media)

    def jobs(self) -> list[dict[str, Any]]:
        """Return every generation."""
        return [self._object(one) for one in self._made.values()]

    def billed(self) -> list[int]:
        """Return the seconds that each generation is billed for, oldest first."""
        return [one.billed for one in self._made.values()]

    async def stored(self, key: str) -> bytes:
        """Return the bytes of a clip on the content network."""
        return await self._video(self._made[key])

    def envelope(self, refusal: Refusal) -> Any:
        """Return ``{"detail": "…"}``, and a list of faults where the body did not validate."""
        if refusal.status == 422:
            place = ["body", *(refusal.param or "").split(".")]
            return {"detail": [{"loc": place, "msg": refusal.message, "type": refusal.code}]}
        if refusal.status == 429:
            return {"detail": "Too many concurrent jobs" if refusal.headers else "Rate limit exceeded"}
        return {"detail": DETAILS.get(refusal.param or "", refusal.message)}

    def _authorise(self, request: Request) -> None:
        if request.headers.get("authorization") != f"Bearer {self.key}":
            raise Refusal(401, "unauthorized", f"Invalid API key: {request.headers.get('authorization', '')}")

    async def _create(self, request: Request) -> Response:
        request.state.entry["creates"] = True
        self._authorise(request)
        fields = request.state.entry["body"] = await request.json()
        self._check(fields)
        scenario = self.scenario(fields["prompt"])
        before_creating(request, scenario, self.clock.now(), self.key)
        seconds, billed = self._lengths(fields)
        made = Generation(str(uuid.uuid4()), fields, self.clock.now(), scenario, seconds, billed)
        self._made[made.id] = made
        return await after_creating(request, scenario) or plain(201, self._object(made))

    def _check(self, fields: Any) -> None:
        if not isinstance(fields, dict):
            raise _bad("", "The body must be an object.")
        for key in sorted(set(fields) - FIELDS):
            raise _bad(key, "Extra inputs are not permitted")
        if not isinstance(fields.get("prompt"), str) or not 1 <= len(fields["prompt"]) <= 6000:
            raise _bad("prompt", "String should have between 1 and 6000 characters")
        if fields.get("model") != self.model:
            raise Refusal(404, "model_not_found", f"The model {fields.get('model')} does not exist.")
        if fields.get("type", "video") != "video":
            raise _bad("type", "The fake makes videos from text and pictures only.")
        if fields.get("aspect_ratio", "16:9") not in ASPECTS:
            raise _bad("aspect_ratio", "Input should be an aspect ratio")
        self._check_video(fields.get("video", {}))

    def _check_video(self, video: Mapping[str, Any]) -> None:
        for key in sorted(set(video) - VIDEO_FIELDS):
            raise _bad(f"video.{key}", "Extra inputs are not permitted")
        if video.get("duration", "5s") not in SECONDS:
            raise _bad("video.duration", "Input should be '5s' or '10s'")
        if video.get("resolution", "720p") not in RESOLUTIONS:
            raise _bad("video.resolution", "Input should be a resolution")
        single = {"start_frame", "end_frame", "loop"} & set(video)
        if "keyframes" in video and single:
            raise _bad("video.keyframes", "keyframes exclude start_frame, end_frame and loop")
        if "end_frame" in video and video.get("duration", "5s") != "5s":
            raise _bad("video.end_frame", "end_frame needs a duration of 5s")
        for key in {"start_frame", "end_frame"} & set(video):
            self._check_image(f"video.{key}", video[key])
        self._check_keyframes(video)

    def _check_keyframes(self, video: Mapping[str, Any]) -> None:
        frames, indexes = video.get("keyframes", []), video.get("keyframe_indexes", [])
        last = 24 * SECONDS[video.get("duration", "5s")]
        if len(frames) != len(indexes) or len(frames) > 64 or any(not 0 <= index <= last for index in indexes):
            raise _bad("video.keyframe_indexes", f"Every keyframe has an index from 0 to {last}")
        for frame in frames:
            self._check_image("video.keyframes", frame)

    def _check_image(self, place: str, image: Mapping[str, Any]) -> None:
        if set(image) not in ({"url"}, {"data", "media_type"}, {"file_id"}, {"generation_id"}):
            raise _bad(place, "Exactly one of url, data, file_id and generation_id")
        if "generation_id" in image and image["generation_id"] not in self._made:
            raise Refusal(404, "not_found", "generation not found")
        try:
            base64.b64decode(image.get("data", ""), validate=True)
        except binascii.Error:
            failure = _bad(place, "data is base64")
        else:
            return
        raise failure

    def _lengths(self, fields: Mapping[str, Any]) -> tuple[int, int]:
        """Return how long the clip is and how much of it is billed: an extension adds five seconds to another."""
        video = fields.get("video", {})
        asked = SECONDS[video.get("duration", "5s")]
        ends = [
            video[key]["generation_id"] for key in ("start_frame", "end_frame") if "generation_id" in video.get(key, {})
        ]
        if not ends:
            return asked, asked
        if len({"start_frame", "end_frame"} & set(video)) > 1 or asked != EXTENSION_S:
            raise _bad("video.start_frame", "An extension has one end and 5s")
        before = self._made[ends[0]]
        if self._state(before) != "completed":
            raise Refusal(400, "invalid_request", "The generation to extend is not completed.")
        return before.seconds + EXTENSION_S, EXTENSION_S

    def _state(self, one: Generation) -> str:
        age = self.clock.now() - one.created
        if age < QUEUED_S:
            return "queued"
        if age < one.duration or "stuck" in one.scenario:
            return "processing"
        if "unknown_status" in one.scenario:
            return "hibernating"
        return "failed" if {"fail", "moderation_output", "failure"} & set(one.scenario) else "completed"

    def _object(self, one: Generation) -> dict[str, Any]:
        state = self._state(one)
        answer: dict[str, Any] = {
            "id": one.id,
            "type": one.fields.get("type", "video"),
            "model": self.model,
            "created_at": datetime.fromtimestamp(one.created, UTC).isoformat(),
            "state": state,
            "output": [],
            "failure_code": None,
            "failure_reason": None,
        }
        if state == "failed":
            code = "content_moderated" if "moderation_output" in one.scenario else "generation_failed"
            answer |= {"failure_code": one.scenario.get("failure", code), "failure_reason": "It could not be made."}
        return answer | ({"queue_position": 3} if "extra_fields" in one.scenario else {})

    def _found(self, generation_id: str) -> Generation:
        if generation_id not in self._made:
            raise Refusal(404, "not_found", "generation not found")
        return self._made[generation_id]

    async def _retrieve(self, request: Request, generation_id: str) -> Response:
        self._authorise(request)
        one = self._found(generation_id)
        one.polls += 1
        polling(request, one.scenario, one.polls)
        answer = self._object(one)
        if answer["state"] == "completed" and "no_address" not in one.scenario:
            until = 0 if "url_expired" in one.scenario else int(self.clock.now() + ADDRESS_S)
            place = f"http://localhost:{request.url.port}/media/{one.id}?expires={until}&signature={one.polls}"
            answer["output"] = [{"type": "video", "url": place}]
        return plain(200, answer)

    async def _media(self, request: Request, generation_id: str, expires: int, signature: str) -> Response:
        """The content network: it takes a signed address and no key, and says 403 when the hour is over."""
        if "authorization" in request.headers:
            return Response("Only one auth mechanism allowed", 400)
        if self.clock.now() > expires or not signature:
            return Response("Request has expired", 403)
        one = self._found(generation_id)
        return downloading(request, one.scenario, await self._video(one), one.id)

    async def _video(self, one: Generation) -> bytes:
        return await result_video(one.size, float(one.seconds))


def _bad(place: str, message: str) -> Refusal:
    return Refusal(422, "value_error", message, place)


def create_app(**arguments: Any) -> FastAPI:
    """Return the application, for ``serve`` and ``serve_in_process``; see ``LumaFake`` for the arguments."""
    return LumaFake(**arguments).app
