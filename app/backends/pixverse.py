"""PixVerse: pictures are uploaded first, failures come as successes with a code, statuses are numbers.

Source of the facts: the providers' fact sheets, china §1 and §11.
"""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from app.backends.adapter import CatalogueBackend, HeaderKey, Wish
from app.backends.base import (
    Artifact,
    Asset,
    CancelResult,
    GenRequest,
    Handle,
    OutputRef,
    Phase,
    RemoteState,
    Sink,
    SubmitContext,
)
from app.backends.capabilities import Cancel, ModelCaps, Recover, Task
from app.backends.config import BackendConfig
from app.backends.errors import BackendError, Fault, Kind
from app.backends.fit import NEEDED_ROLES
from app.backends.http import Answer, Words, error_from_status
from app.core.ids import new_id

PHASES: Mapping[int, Phase] = {
    1: Phase.SUCCEEDED,
    2: Phase.QUEUED,
    3: Phase.RUNNING,
    5: Phase.RUNNING,
    6: Phase.LOST,
    7: Phase.REFUSED,
    8: Phase.FAILED,
}
KINDS: Mapping[int, Kind] = {
    400012: Kind.AUTH,
    500008: Kind.NOT_FOUND,
    500020: Kind.AUTH,
    500044: Kind.RATE_LIMIT,
    500054: Kind.MODERATION,
    500063: Kind.MODERATION,
    500069: Kind.RATE_LIMIT,
    500090: Kind.QUOTA,
}
FAULTS: Mapping[int, Fault] = {
    400018: Fault.PROMPT,
    400032: Fault.IMAGE,
    500054: Fault.PROVIDER,
    500063: Fault.PROMPT,
}
MODEL_GONE = re.compile(r"\bmodel\b.*(not exist|not found|no longer|offline)|(invalid|unknown) model", re.IGNORECASE)
SETTINGS = frozenset({"motion_mode", "style", "camera_movement", "template_id"})
MOTION_MODES = frozenset({"normal", "fast"})


class PixVerseBackend(CatalogueBackend):
    """One account. The attempt's id is the trace id of its create: repeated, it names the same video."""

    base_url = "https://app-api.pixverse.ai"
    result_hosts = ("*.pixverse.ai", "*.pixverseai.cn")
    extras = SETTINGS | {"video_id"}

    def auth(self, config: BackendConfig) -> httpx.Auth:
        """Return the key in the provider's own header."""
        assert config.api_key is not None
        return HeaderKey("API-KEY", config.api_key)

    def served(self, caps: ModelCaps, config: BackendConfig) -> ModelCaps:
        """Return a row's capabilities: nothing can be cancelled, and no lost answer looked up."""
        return replace(caps, cancel=Cancel.NONE, recover=Recover.NONE)

    def read_error(self, answer: Answer) -> BackendError:
        """Return the failure that an answer tells, by its code unless the server itself failed."""
        code, told = _code(answer.body), answer.body if isinstance(answer.body, dict) else {}
        message = self.client.safe(str(told.get("ErrMsg") or ""))
        error = error_from_status(answer, Words(message, "" if code is None else str(code)))
        if code and answer.status < 500:
            error.kind = KINDS.get(code, _family(code, error.kind))
            error.fault = FAULTS.get(code, Fault.UNKNOWN)
        elif answer.ok:
            error.kind = Kind.TRANSIENT
        if error.kind not in {Kind.RATE_LIMIT, Kind.TRANSIENT}:
            error.retry_after = None
        if error.kind in {Kind.INVALID, Kind.NOT_FOUND} and MODEL_GONE.search(message):
            error.kind, error.model_gone = Kind.PERMANENT, True
        return error

    async def submit(self, request: GenRequest, context: SubmitContext) -> Handle:
        """Upload the pictures, then create the video, once."""
        path, body = await self._order(self.wish(request))
        answer = await self.client.create(f"/openapi/v2/video/{path}", json=body, headers=_traced(context.attempt_id))
        code = _code(answer.body)
        if code:
            error = self.read_error(answer)
            error.outcome_unknown = error.kind is Kind.TRANSIENT
            error.charged = None if error.outcome_unknown else False
            raise error
        video = _text_id(_resp(answer).get("video_id"))
        if code is None or not video:
            raise self.client.unreadable(answer)
        return self.handle(request, context, video)

    async def _order(self, wish: Wish) -> tuple[str, dict[str, Any]]:
        """Return the path and the body of the create that fulfils a wish."""
        body = self._common(wish)
        if wish.request.task is Task.FIRST_FRAME:
            return "img/generate", {**body, "img_id": await self._uploaded(_needed(wish, "first")), "water_mark": False}
        if wish.request.task is Task.FIRST_AND_LAST:
            frames = {f"{role}_frame_img": await self._uploaded(_needed(wish, role)) for role in ("first", "last")}
            return "transition/generate", {**body, **frames}
        if wish.request.task is Task.EXTEND:
            return "extend/generate", {**body, "source_video_id": _source(wish)}
        body["aspect_ratio"] = _shape(wish)
        if wish.request.task is Task.REFERENCES:
            return "fusion/generate", {**body, **await self._references(wish)}
        return "text/generate", {**body, "water_mark": False}

    def _common(self, wish: Wish) -> dict[str, Any]:
        useless = {asset.role for asset in wish.request.assets} - NEEDED_ROLES.get(wish.request.task, frozenset())
        if useless:
            raise _invalid("assets", f"{wish.request.task.value} takes no {min(useless)} input.")
        body: dict[str, Any] = {
            "prompt": wish.request.prompt,
            "model": wish.row.caps.model,
            "duration": round(wish.seconds),
            "quality": f"{min(wish.frame.width, wish.frame.height)}p",
            **_settings(wish.request),
        }
        if wish.request.negative and wish.row.caps.negative_prompt:
            body["negative_prompt"] = wish.request.negative
        if wish.request.seed is not None and wish.row.caps.seed:
            body["seed"] = wish.request.seed
        return body

    async def _references(self, wish: Wish) -> dict[str, Any]:
        """Return the references by name, and the prompt that cites each of them."""
        listed = [
            {"type": "subject", "img_id": await self._uploaded(asset), "ref_name": f"ref{number}"}
            for number, asset in enumerate(wish.assets("reference"), 1)
        ]
        names = [f"@{one['ref_name']}" for one in listed]
        missing = [name for name in names if not re.search(rf"{name}\b", wish.request.prompt)]
        prompt = " ".join([wish.request.prompt, *missing])
        if len(prompt) > wish.row.caps.prompt_max:
            message = f"The prompt and the names of its references have {len(prompt)} characters: shorten it."
            raise _invalid("prompt", message, Fault.PROMPT)
        return {"prompt": prompt, "image_references": listed}

    async def _uploaded(self, asset: Asset) -> Any:
        """Return the id of a picture that was uploaded, which costs nothing and creates no video."""
        content = await asyncio.to_thread(asset.path.read_bytes)
        name = f"{asset.role}.{asset.mime.partition('/')[2]}"
        parts = {"image": (name, content, asset.mime)}
        answer = await self.client.request("POST", "/openapi/v2/image/upload", files=parts, headers=_traced(new_id()))
        picture = _resp(answer).get("img_id")
        if answer.ok and _code(answer.body) == 0 and _text_id(picture):
            return picture
        error = self.read_error(answer)
        error.charged = False
        if error.kind in {Kind.INVALID, Kind.MODERATION}:
            error.fault, error.field = Fault.IMAGE, "assets"
        raise error

    async def poll(self, handle: Handle) -> RemoteState:
        """Return where the video stands; what it cost, the provider does not tell."""
        path = f"/openapi/v2/video/result/{quote(handle.remote_id, safe='')}"
        answer = await self.client.request("GET", path, headers=_traced(new_id()))
        if not answer.ok or _code(answer.body) != 0:
            raise self.read_error(answer)
        told = _resp(answer)
        if _text_id(told.get("id")) != handle.remote_id:
            raise BackendError(Kind.TRANSIENT, "The provider answered with something that is not this video.")
        status, url = told.get("status", ""), told.get("url")
        numbered = isinstance(status, int) and not isinstance(status, bool)
        phase, raw = PHASES.get(int(status) if numbered else 0, Phase.UNRECOGNISED), str(status)[:60]
        if phase is Phase.SUCCEEDED:
            if not isinstance(url, str) or not url:
                return RemoteState(Phase.UNRECOGNISED, raw_status=f"{raw} without a video")
            return RemoteState(phase, outputs=(OutputRef(data={"url": url}),), raw_status=raw)
        return RemoteState(phase, error=_failure(phase), raw_status=self.client.safe(raw))

    async def fetch(self, handle: Handle, output: OutputRef, sink: Sink) -> Artifact:
        """Stream the video to the sink, from where the provider's content network keeps it."""
        if not output.data.get("url"):
            raise BackendError(Kind.NOT_FOUND, "The video is not made yet.")
        return await self.client.download(output.data["url"], sink)

    async def cancel(self, handle: Handle) -> CancelResult:
        """Say that the provider cannot be stopped: it runs on, and is paid."""
        return CancelResult.UNSUPPORTED


def _traced(trace: UUID) -> dict[str, str]:
    return {"Ai-trace-id": str(trace)}


def _code(body: Any) -> int | None:
    code = body.get("ErrCode") if isinstance(body, dict) else None
    return code if isinstance(code, int) and not isinstance(code, bool) else None


def _resp(answer: Answer) -> Mapping[str, Any]:
    told = answer.body.get("Resp") if isinstance(answer.body, dict) else None
    return told if isinstance(told, dict) else {}


def _family(code: int, otherwise: Kind) -> Kind:
    """Return what a code that is not listed means: the 4000xx are the request's fault, of others nobody knows."""
    if 400000 <= code < 500000:
        return Kind.INVALID
    return Kind.TRANSIENT if otherwise is Kind.PERMANENT else otherwise


def _text_id(value: Any) -> str:
    """Return an id as text, which some resellers send and the provider tells as a number; empty for what is none."""
    told = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return told if re.fullmatch(r"[\w.:-]{1,200}", told) else ""


def _failure(phase: Phase) -> BackendError | None:
    if phase is Phase.REFUSED:
        message = "The provider's moderation refused the video."
        return BackendError(Kind.MODERATION, message, provider_code="7", fault=Fault.UNKNOWN)
    if phase is Phase.FAILED:
        return BackendError(Kind.TRANSIENT, "The provider says that it failed, and not why.", provider_code="8")
    return None


def _invalid(field: str, message: str, fault: Fault = Fault.UNKNOWN) -> BackendError:
    return BackendError(Kind.INVALID, message, field=field, fault=fault, charged=False)


def _needed(wish: Wish, role: str) -> Asset:
    asset = wish.asset(role)
    assert asset is not None, "The request was checked."
    return asset


def _shape(wish: Wish) -> str:
    common = math.gcd(wish.frame.width, wish.frame.height)
    return f"{wish.frame.width // common}:{wish.frame.height // common}"


def _source(wish: Wish) -> int | str:
    video = _text_id(wish.request.extra.get("video_id"))
    if not video:
        raise _invalid("extra.video_id", "An extension names the video it continues, by the provider's id.")
    return int(video) if video.isdecimal() else video


def _settings(request: GenRequest) -> dict[str, Any]:
    """Return the provider's own settings of a request, each of its type."""
    told = {key: value for key, value in request.extra.items() if key in SETTINGS}
    if "video_id" in request.extra and request.task is not Task.EXTEND:
        raise _invalid("extra.video_id", f"The setting 'video_id' has no use in {request.task.value}.")
    if told.get("motion_mode", "normal") not in MOTION_MODES:
        raise _invalid("extra.motion_mode", f"The motion_mode is one of {', '.join(sorted(MOTION_MODES))}.")
    for key in ("style", "camera_movement"):
        if not isinstance(told.get(key, ""), str):
            raise _invalid(f"extra.{key}", f"The setting {key!r} is a text.")
    if isinstance(told.get("template_id", 0), bool) or not isinstance(told.get("template_id", 0), int):
        raise _invalid("extra.template_id", "The setting 'template_id' is a whole number.")
    return told
