"""Alibaba DashScope (Model Studio): Wan and what it hosts besides, as asynchronous tasks behind one envelope.

Source of the facts: the providers' fact sheets, china §3.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self
from urllib.parse import quote

import httpx

from app.backends.adapter import CatalogueBackend, Wish, public_address
from app.backends.base import (
    Artifact,
    CancelResult,
    Cost,
    GenRequest,
    Handle,
    OutputRef,
    Phase,
    RemoteState,
    Sink,
    SubmitContext,
)
from app.backends.capabilities import Cancel, Frame, ModelCaps, Task
from app.backends.config import BackendConfig
from app.backends.errors import BackendError, ConfigError, Fault, Kind
from app.backends.fit import fit_frame
from app.backends.http import Answer, Bearer, Words, error_from_status, from_unix
from app.core.money import Money

REGIONS = {"": "https://dashscope.aliyuncs.com", "singapore": "https://dashscope-intl.aliyuncs.com"}
TASKS = "/api/v1/tasks"
VIDEO = "/api/v1/services/aigc/video-generation/video-synthesis"
PHOTO = "/api/v1/services/aigc/image2video/video-synthesis"
ASYNC = {"X-DashScope-Async": "enable"}
PIXELS = {"480P": 832 * 480, "720P": 1280 * 720, "1080P": 1920 * 1080}
RATIOS = ("16:9", "9:16", "1:1", "4:3", "3:4")
FRAME_ROLES = frozenset({"first", "last"})
PHASES = {
    "PENDING": Phase.QUEUED,
    "RUNNING": Phase.RUNNING,
    "SUCCEEDED": Phase.SUCCEEDED,
    "FAILED": Phase.FAILED,
    "CANCELED": Phase.CANCELLED,
}
KINDS = {
    "InvalidApiKey": Kind.AUTH,
    "AccessDenied": Kind.AUTH,
    "Model.AccessDenied": Kind.AUTH,
    "Arrearage": Kind.QUOTA,
    "DataInspectionFailed": Kind.MODERATION,
    "ModelNotFound": Kind.PERMANENT,
    "Model.NotExist": Kind.PERMANENT,
    "Throttling": Kind.RATE_LIMIT,
    "InvalidParameter": Kind.INVALID,
    "InvalidURL": Kind.INVALID,
}
MODEL_GONE = ("ModelNotFound", "Model.NotExist")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a family of models is asked: ``media`` are types of the media list by role, ``fields`` input fields by role.

    ``modes`` name the sizes of models that have no resolution and no length of their own; ``switches`` are the
    settings a request may turn, with what is sent unasked. ``mixes``: frames and references go together.
    """

    path: str = VIDEO
    media: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    modes: Mapping[str, str] = field(default_factory=dict)
    switches: Mapping[str, bool | None] = field(default_factory=dict)
    follows: bool = False
    silences: bool = False
    mixes: bool = True
    voiced_references: bool = False


FRAMES = {"first": "first_frame", "last": "last_frame"}
DIALECTS: Mapping[str, Dialect] = {
    "wan3.0": Dialect(
        media={
            **FRAMES,
            "reference": "reference_image",
            "motion": "reference_video",
            "voice": "reference_audio",
        },
        # Left alone, the provider rewrites the prompt: what was written is what is bought.
        switches={"prompt_extend": False, "watermark": None, "enable_thinking": None},
        silences=True,
        mixes=False,
    ),
    "wan2.7": Dialect(
        media={**FRAMES, "motion": "first_clip", "voice": "driving_audio"},
        switches={"watermark": None},
    ),
    "wan2.7-references": Dialect(
        media={"reference": "reference_image"}, switches={"watermark": None}, voiced_references=True
    ),
    "wan2.2-animate": Dialect(
        path=PHOTO,
        fields={"reference": "image_url", "motion": "video_url"},
        modes={"480P": "wan-std", "720P": "wan-pro"},
        switches={"check_image": True},
        follows=True,
    ),
    "wan2.2-s2v": Dialect(
        path=PHOTO,
        fields={"first": "image_url", "reference": "image_url", "voice": "audio_url"},
        follows=True,
    ),
}


class DashScopeBackend(CatalogueBackend):
    """One DashScope account; the profile names its region, and ``base_url`` a workspace's own address."""

    base_url = REGIONS[""]
    result_hosts = ("*.aliyuncs.com",)
    extras = frozenset(name for dialect in DIALECTS.values() for name in dialect.switches)

    @classmethod
    def from_config(cls, config: BackendConfig) -> Self:
        """Return the backend that ``config`` describes; raise ``ConfigError`` for what is missing or unknown."""
        if config.profile not in REGIONS:
            raise ConfigError(f"Backend {config.name!r} has no profile {config.profile!r}: leave it out, or singapore.")
        made = super().from_config(replace(config, base_url=config.base_url or REGIONS[config.profile]))
        for model, row in made.rows.items():
            if row.dialect not in DIALECTS:
                known = ", ".join(DIALECTS)
                raise ConfigError(f"Model {model!r} of backend {config.name!r} needs a dialect: one of {known}.")
        return made

    def auth(self, config: BackendConfig) -> httpx.Auth:
        """Return the key as a bearer."""
        assert config.api_key is not None
        return Bearer(config.api_key)

    def served(self, caps: ModelCaps, config: BackendConfig) -> ModelCaps:
        """Return a row's capabilities: what waits can be cancelled, and nothing can be found by what it was asked."""
        return replace(caps, cancel=Cancel.BEST_EFFORT)

    def read_error(self, answer: Answer) -> BackendError:
        """Return the failure that an answer without success tells, by its code before its status."""
        words = self._words(answer.body)
        error = error_from_status(answer, words)
        if 400 <= answer.status < 500:
            _classify(error)
        return error

    def estimate(self, request: GenRequest) -> Cost:
        """Return the list price; what lasts as long as its clip or voice may last as long as the model allows."""
        cost, row = super().estimate(request), self.row(request.model)
        if row.price is None or not DIALECTS[row.dialect].follows:
            return cost
        longest = row.caps.duration_range[1] if row.caps.duration_range else max(row.caps.durations)
        frame = fit_frame(row.caps, request.width, request.height)
        return Cost(cost.low, row.price.cost(longest, frame), basis=f"{cost.basis}, up to {longest:g} s")

    async def submit(self, request: GenRequest, context: SubmitContext) -> Handle:
        """Create the task, once."""
        wish = self.wish(request)
        dialect = DIALECTS[wish.row.dialect]
        body = {
            "model": request.model,
            "input": _input(dialect, wish),
            "parameters": _parameters(dialect, wish),
        }
        try:
            answer = await self.client.create(dialect.path, json=body, headers=ASYNC)
        except BackendError as error:
            if error.kind is Kind.MODERATION and not request.assets:
                error.fault = Fault.PROMPT
            raise
        task_id = _member(answer.body, "output").get("task_id")
        if not isinstance(task_id, str) or not task_id.isprintable() or task_id in {"", ".", ".."}:
            raise self.client.unreadable(answer)
        size = f"{wish.frame.width}x{wish.frame.height}"
        return self.handle(request, context, task_id, size=size, sound=request.sound)

    async def poll(self, handle: Handle) -> RemoteState:
        """Return where the task stands; one that the provider forgot is NOT_FOUND, told with HTTP 200."""
        answer = await self.client.request("GET", _task(handle))
        if not answer.ok:
            raise self.read_error(answer)
        output = _member(answer.body, "output")
        raw = output.get("task_status")
        if not isinstance(raw, str):
            raise BackendError(Kind.TRANSIENT, "The provider answered with something that is not this task.")
        if raw == "UNKNOWN":
            raise BackendError(Kind.NOT_FOUND, "The provider no longer knows this task.", http_status=answer.status)
        phase = PHASES.get(raw, Phase.UNRECOGNISED)
        if phase is Phase.FAILED:
            error = self._failure(output)
            refused = error.kind is Kind.MODERATION
            return RemoteState(Phase.REFUSED if refused else phase, error=error, raw_status=raw)
        if phase is Phase.SUCCEEDED:
            cost = self._cost(handle, _member(answer.body, "usage").get("duration"))
            return RemoteState(phase, outputs=_outputs(output), cost=cost, raw_status=raw)
        return RemoteState(phase, raw_status=raw[:60])

    async def fetch(self, handle: Handle, output: OutputRef, sink: Sink) -> Artifact:
        """Stream the video to the sink from the address the task named."""
        if "url" not in output.data:
            raise BackendError(Kind.NOT_FOUND, "The task has no result to fetch.")
        return await self.client.download(output.data["url"], sink)

    async def cancel(self, handle: Handle) -> CancelResult:
        """Cancel a task that waits; one that runs is made, and charged."""
        state = await self.poll(handle)
        if state.phase is Phase.CANCELLED:
            return CancelResult.CANCELLED
        if state.phase is not Phase.QUEUED:
            return CancelResult.TOO_LATE
        answer = await self.client.request("POST", f"{_task(handle)}/cancel")
        if answer.ok:
            return CancelResult.CANCELLED
        error = self.read_error(answer)
        if error.kind is Kind.INVALID:
            return CancelResult.TOO_LATE
        raise error

    def _words(self, told: Any) -> Words:
        told = told if isinstance(told, dict) else {}
        return Words(
            self.client.safe(str(told.get("message") or "")), self.client.safe(str(told.get("code") or ""))[:80]
        )

    def _failure(self, output: Mapping[str, Any]) -> BackendError:
        words = self._words(output)
        message = words.message or "The provider says that it failed, and not why."
        error = _classify(BackendError(Kind.TRANSIENT, message, provider_code=words.code))
        if error.kind is Kind.MODERATION and "output" in words.message.lower():
            error.fault = Fault.PROVIDER
        return error

    def _cost(self, handle: Handle, seconds: Any) -> Money | None:
        """Return the price of the seconds the provider counted, or None where it counted none."""
        row = self.rows.get(handle.model)
        if row is None or row.price is None or not isinstance(seconds, int | float) or not 0 < seconds < 3600:
            return None
        width, _, height = str(handle.data.get("size", "")).partition("x")
        if not (width.isdecimal() and height.isdecimal()):
            return None
        return row.price.cost(seconds, Frame(int(width), int(height)), sound=bool(handle.data.get("sound", True)))


def _input(dialect: Dialect, wish: Wish) -> dict[str, Any]:
    """Return the input of a create: the words, and where each asset can be fetched."""
    _check_roles(dialect, wish)
    if dialect.fields:
        return _photo_input(dialect, wish)
    told: dict[str, Any] = {"prompt": wish.request.prompt}
    if wish.request.negative and wish.row.caps.negative_prompt:
        told["negative_prompt"] = wish.request.negative
    media = [
        {"type": dialect.media[asset.role], "url": public_address(asset)}
        for asset in wish.request.assets
        if asset.role in dialect.media
    ]
    if dialect.voiced_references:
        for item, voice in zip(media, wish.assets("voice"), strict=False):
            item["reference_voice"] = public_address(voice)
    if media:
        told["media"] = media
    return told


def _photo_input(dialect: Dialect, wish: Wish) -> dict[str, Any]:
    """Return the input of a model that moves a photograph: each field once, and all of them."""
    told: dict[str, Any] = {}
    for asset in wish.request.assets:
        name = dialect.fields[asset.role]
        if name in told:
            raise _invalid("assets", f"The model {wish.request.model} takes one {name}.")
        told[name] = public_address(asset)
    missing = sorted(set(dialect.fields.values()) - set(told))
    if missing:
        raise _invalid("assets", f"The model {wish.request.model} needs a photograph as well.")
    return told


def _check_roles(dialect: Dialect, wish: Wish) -> None:
    roles = {asset.role for asset in wish.request.assets}
    known = {*dialect.media, *dialect.fields, *({"voice"} if dialect.voiced_references else ())}
    if roles - known:
        raise _invalid("assets", f"The model {wish.request.model} takes no {min(roles - known)} input.")
    if wish.request.task is Task.EXTEND and "motion" not in roles:
        raise _invalid("assets", "extend needs a motion input.")
    if "last" in roles and "first" not in roles:
        raise _invalid("assets", "A last frame needs a first frame.")
    if not dialect.mixes and roles & FRAME_ROLES and roles - FRAME_ROLES:
        raise _invalid("assets", f"The model {wish.request.model} takes frames or references, not both.")
    if dialect.voiced_references and len(wish.assets("voice")) > len(wish.assets("reference")):
        raise _invalid("assets", "Each voice belongs to a reference image, and there are more voices.")


def _parameters(dialect: Dialect, wish: Wish) -> dict[str, Any]:
    """Return the parameters of a create; a model that follows its clip or voice takes no length and no shape."""
    request, resolution = wish.request, _resolution(wish.frame)
    told: dict[str, Any] = {}
    if dialect.modes:
        if resolution not in dialect.modes:
            raise _invalid("size", f"The model {request.model} makes no {resolution}.")
        told["mode"] = dialect.modes[resolution]
    else:
        told["resolution"] = resolution
    if not dialect.follows:
        told |= {"ratio": _ratio(wish.frame), "duration": round(wish.seconds)}
    if dialect.silences:
        told["audio"] = request.sound
    if request.seed is not None and wish.row.caps.seed:
        told["seed"] = request.seed
    for name, value in request.extra.items():
        if name not in dialect.switches or not isinstance(value, bool):
            raise _invalid(f"extra.{name}", f"The setting {name!r} is not a switch of this model.")
    unasked = {name: value for name, value in dialect.switches.items() if value is not None}
    return {**told, **unasked, **request.extra}


def _resolution(frame: Frame) -> str:
    return min(PIXELS, key=lambda name: abs(math.log(PIXELS[name] / (frame.width * frame.height))))


def _ratio(frame: Frame) -> str:
    def distance(name: str) -> float:
        width, _, height = name.partition(":")
        return abs(math.log(frame.width / frame.height) - math.log(int(width) / int(height)))

    return min(RATIOS, key=distance)


def _outputs(output: Mapping[str, Any]) -> tuple[OutputRef, ...]:
    """Return the video of a task that succeeded, with the time its signed address runs out."""
    url = output.get("video_url") or _member(output, "results").get("video_url")
    if not isinstance(url, str):
        return ()
    expires = re.search(r"[?&]Expires=([0-9]{1,12})(?:&|$)", url)
    return (OutputRef(expires_at=from_unix(int(expires[1])) if expires else None, data={"url": url}),)


def _member(told: Any, name: str) -> Mapping[str, Any]:
    value = told.get(name) if isinstance(told, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def _task(handle: Handle) -> str:
    return f"{TASKS}/{quote(handle.remote_id, safe='')}"


def _classify(error: BackendError) -> BackendError:
    """Give a failure the kind its code stands for; codes go into detail behind a dot."""
    code = error.provider_code
    family = code if code in KINDS else code.partition(".")[0]
    error.kind = KINDS.get(family, error.kind)
    error.model_gone = family in MODEL_GONE
    return error


def _invalid(field: str, message: str) -> BackendError:
    return BackendError(Kind.INVALID, message, field=field, charged=False)
