"""A fake PixVerse, written from the providers' fact sheets (china §1, §11, §19) alone."""

from __future__ import annotations

import io
import itertools
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response
from PIL import Image, UnidentifiedImageError
from starlette.datastructures import UploadFile

from app.backends.testing.faults import Refusal, after_creating, before_creating, downloading, polling
from app.backends.testing.skeleton import Fake, plain, result_video

QUEUED_S = 2.0
RENDERED_S = 12.0
KEPT_S = 24 * 3600.0
PENDING, GENERATING, DONE, DELETED, MODERATED, FAILED = 2, 5, 1, 6, 7, 8
LONGEST_PROMPT = 2048
MODEL_NAMES = "v3.5 v4 v4.5 v5 v5.5 v5.6 v6 c1"
SHORT_SIDES = {"360p": 90, "540p": 134, "720p": 180, "1080p": 270}
RATIOS = {"16:9": 16 / 9, "4:3": 4 / 3, "1:1": 1.0, "3:4": 3 / 4, "9:16": 9 / 16}
COMMON = {"prompt", "model", "duration", "quality", "negative_prompt", "seed"}
MOVED = {"motion_mode", "style", "camera_movement", "template_id"}
FIELDS: Mapping[str, set[str]] = {
    "text": COMMON | MOVED | {"aspect_ratio", "water_mark"},
    "img": COMMON | MOVED | {"img_id", "img_ids", "water_mark"},
    "transition": COMMON | MOVED | {"first_frame_img", "last_frame_img"},
    "extend": COMMON | MOVED | {"source_video_id", "video_media_id"},
    "fusion": COMMON | MOVED | {"image_references", "aspect_ratio"},
}
# The shared faults in the provider's words: most failures come as HTTP 200.
WORDS_OF_FAULTS = {
    "invalid_api_key": (401, 400012),
    "payment_required": (200, 500090),
    "permission_denied": (403, 500020),
    "conflict": (200, 400017),
    "rate_limit_exceeded": (429, 500044),
    "insufficient_quota": (200, 500090),
    "invalid_value": (200, 400017),
    "moderation_blocked": (200, 500063),
    "model_not_found": (200, 400017),
    "not_found": (200, 500008),
    "server_error": (500, 99999),
    "unavailable": (503, 99999),
}


@dataclass(slots=True)
class Video:
    """One video on the server."""

    id: int
    fields: dict[str, Any]
    ratio: float
    created: float
    scenario: dict[str, str]
    polls: int = 0
    deleted: bool = False

    @property
    def duration(self) -> float:
        """How long it renders, in virtual seconds."""
        return float(self.scenario.get("slow") or RENDERED_S)


class PixVerseFake(Fake):
    """The server; ``key`` is what clients must present, ``slots`` how many videos may be made at once."""

    def __init__(self, *, key: str = "fake-pixverse-key", slots: int = 5, frozen: bool = True) -> None:
        super().__init__(frozen=frozen)
        self._key, self._slots = key, slots
        self._videos: dict[int, Video] = {}
        self._pictures: dict[int, float] = {}
        self._traces: dict[str, int] = {}
        self._ids = itertools.count(319801)
        for kind in FIELDS:
            self.app.post(f"/openapi/v2/video/{kind}/generate")(self._create)
        self.app.post("/openapi/v2/image/upload")(self._upload)
        self.app.get("/openapi/v2/video/result/{video_id}")(self._retrieve)
        self.app.get("/media/{video_id}.mp4")(self._file)
        self.app.post("/__fake/delete/{video_id}")(self._delete)

    def jobs(self) -> list[dict[str, Any]]:
        """Return every video."""
        return [self._told(video, port=None) for video in self._videos.values()]

    async def stored(self, key: str) -> bytes:
        """Return the bytes of a result on the content network."""
        return await self._result(self._videos[int(key)])

    def envelope(self, refusal: Refusal) -> Any:
        """Return ``{"ErrCode", "ErrMsg", "Resp"}``."""
        _, code = self._in_our_words(refusal)
        return {"ErrCode": code, "ErrMsg": refusal.message, "Resp": None}

    async def _refused(self, request: Request, refusal: Exception) -> Response:
        assert isinstance(refusal, Refusal)
        status, _ = self._in_our_words(refusal)
        return plain(status, self.envelope(refusal), refusal.headers)

    @staticmethod
    def _in_our_words(refusal: Refusal) -> tuple[int, int]:
        if refusal.code.isdecimal():
            return refusal.status, int(refusal.code)
        return WORDS_OF_FAULTS.get(refusal.code, (refusal.status, 99999))

    def _authorise(self, request: Request) -> str:
        """Return the trace id of a request that shows the key."""
        if request.headers.get("api-key") != self._key:
            raise Refusal(401, "400012", f"Invalid account: {request.headers.get('api-key', '')}")
        trace = request.headers.get("ai-trace-id", "")
        try:
            uuid.UUID(trace)
        except ValueError:
            raise _refusal(400011, "Ai-trace-id is empty or no UUID") from None
        return trace

    async def _upload(self, request: Request) -> Response:
        self._authorise(request)
        async with request.form() as form:
            given = form.get("image")
            if set(form) != {"image"} or not isinstance(given, UploadFile):
                raise _refusal(400011, "image is empty")
            content = await given.read()
        try:
            with Image.open(io.BytesIO(content)) as picture:
                ratio = picture.width / picture.height
        except UnidentifiedImageError:
            raise _refusal(400032, "The image cannot be read") from None
        made = next(self._ids)
        self._pictures[made] = ratio
        return _success({"img_id": made, "img_url": f"https://media.pixverse.ai/upload/{made}.jpg"})

    async def _create(self, request: Request) -> Response:
        request.state.entry["creates"] = True
        trace = self._authorise(request)
        fields = request.state.entry["body"] = await request.json()
        ratio = self._checked(request.url.path.split("/")[4], fields)
        scenario = self.scenario(fields["prompt"])
        before_creating(request, scenario, self.clock.now(), self._key)
        if trace in self._traces:
            return _success({"video_id": self._traces[trace]})
        if "code" in scenario:
            raise _refusal(int(scenario["code"]), "As the scenario says")
        if sum(1 for one in self._videos.values() if self._status(one) in {PENDING, GENERATING}) >= self._slots:
            raise _refusal(500044, "The concurrency limit is reached")
        video = Video(next(self._ids), fields, ratio, self.clock.now(), scenario)
        self._videos[video.id] = video
        self._traces[trace] = video.id
        return await after_creating(request, scenario) or _success({"video_id": video.id})

    def _checked(self, kind: str, fields: Any) -> float:
        """Return the ratio of what is asked for; refuse what is missing, unknown or out of bounds."""
        if not isinstance(fields, dict) or set(fields) - FIELDS[kind]:
            raise _refusal(400017, "Invalid parameter: unknown field")
        if not isinstance(fields.get("prompt"), str) or not fields["prompt"]:
            raise _refusal(400011, "prompt is empty")
        if len(fields["prompt"]) > LONGEST_PROMPT or len(fields.get("negative_prompt", "")) > LONGEST_PROMPT:
            raise _refusal(400018, "prompt is too long")
        model = fields.get("model")
        if model not in MODEL_NAMES.split():
            raise _refusal(400017, f"invalid model {str(model)[:80]}")
        seconds = fields.get("duration")
        lengths = range(1, 16) if model in {"v6", "c1"} else (5, 8, 10)
        if type(seconds) is not int or seconds not in lengths:
            raise _refusal(400017, "Invalid parameter: duration")
        if fields.get("quality") not in SHORT_SIDES or fields.get("motion_mode", "normal") not in {"normal", "fast"}:
            raise _refusal(400017, "Invalid parameter: quality or motion_mode")
        if not isinstance(fields.get("seed", 0), int) or not isinstance(fields.get("water_mark", False), bool):
            raise _refusal(400017, "Invalid parameter: seed or water_mark")
        return self._inputs(kind, fields)

    def _inputs(self, kind: str, fields: Mapping[str, Any]) -> float:
        if kind == "img":
            return self._picture(fields.get("img_id"))
        if kind == "transition":
            self._picture(fields.get("last_frame_img"))
            return self._picture(fields.get("first_frame_img"))
        if kind == "extend":
            source = self._videos.get(fields.get("source_video_id", -1))
            if source is None or self._status(source) != DONE:
                raise _refusal(500008, "The source video is not found")
            return source.ratio
        if fields.get("aspect_ratio") not in RATIOS:
            raise _refusal(400017, "Invalid parameter: aspect_ratio")
        if kind == "fusion":
            self._check_references(fields)
        return RATIOS[fields["aspect_ratio"]]

    def _check_references(self, fields: Mapping[str, Any]) -> None:
        listed = fields.get("image_references")
        if not isinstance(listed, list) or not listed:
            raise _refusal(400011, "image_references is empty")
        for one in listed:
            if set(one) != {"type", "img_id", "ref_name"} or one["type"] not in {"subject", "background"}:
                raise _refusal(400017, "Invalid parameter: image_references")
            self._picture(one["img_id"])
            if not re.search(rf"@{re.escape(one['ref_name'])}\b", fields["prompt"]):
                raise _refusal(400017, f"The prompt does not cite @{one['ref_name']}")

    def _picture(self, img_id: Any) -> float:
        if img_id not in self._pictures:
            raise _refusal(400032, "The image id is invalid")
        return self._pictures[img_id]

    def _status(self, video: Video) -> int:
        age, scenario = self.clock.now() - video.created, video.scenario
        if video.deleted:
            return DELETED
        if age < QUEUED_S:
            return PENDING
        if "unknown_status" in scenario:
            return 42
        if age < video.duration or "stuck" in scenario:
            return GENERATING
        if "moderation_output" in scenario:
            return MODERATED
        return FAILED if "fail" in scenario else DONE

    def _told(self, video: Video, port: int | None) -> dict[str, Any]:
        status, fields = self._status(video), video.fields
        done = f"http://localhost:{port}/media/{video.id}.mp4?signature=abcdef0123456789"
        told = {
            "id": video.id,
            "status": status,
            "url": done if status == DONE else "",
            "prompt": fields["prompt"],
            "negative_prompt": fields.get("negative_prompt", ""),
            "resolution_ratio": int(fields["quality"].removesuffix("p")),
            "seed": fields.get("seed", 9),
            "style": fields.get("style", ""),
            "has_audio": True,
        }
        return told | ({"queue_position": 3, "metrics": {"gpu": [1, 2]}} if "extra_fields" in video.scenario else {})

    async def _retrieve(self, request: Request, video_id: str) -> Response:
        self._authorise(request)
        video = self._videos.get(int(video_id)) if video_id.isdecimal() else None
        if video is None:
            raise _refusal(500008, "The video is not found")
        video.polls += 1
        polling(request, video.scenario, video.polls)
        return _success(self._told(video, request.url.port))

    async def _file(self, request: Request, video_id: int) -> Response:
        """A result on the content network: no key is wanted there, and after a while it is gone."""
        if "api-key" in request.headers:
            return Response("Unexpected header", 400)
        video = self._videos.get(video_id)
        late = video is not None and self.clock.now() > video.created + video.duration + KEPT_S
        if video is None or late or "url_expired" in video.scenario or self._status(video) != DONE:
            return Response("AccessDenied", 403)
        return downloading(request, video.scenario, await self._result(video), str(video.id))

    async def _result(self, video: Video) -> bytes:
        short, ratio = SHORT_SIDES[video.fields["quality"]], video.ratio
        width, height = (short * ratio, short) if ratio >= 1 else (short, short / ratio)
        size = f"{round(width / 2) * 2}x{round(height / 2) * 2}"
        return await result_video(size, float(video.fields["duration"]))

    async def _delete(self, video_id: int) -> dict[str, bool]:
        """Delete a video, as its owner can in the provider's console."""
        self._videos[video_id].deleted = True
        return {"deleted": True}


def _refusal(code: int, message: str) -> Refusal:
    return Refusal(200, str(code), message)


def _success(resp: Any) -> Response:
    return plain(200, {"ErrCode": 0, "ErrMsg": "Success", "Resp": resp})


def create_app(**arguments: Any) -> FastAPI:
    """Return the application, for ``serve`` and ``serve_in_process``; see ``PixVerseFake`` for the arguments."""
    return PixVerseFake(**arguments).app
