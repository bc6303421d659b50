"""ByteDance Seedance on Volcengine Ark, in China and on BytePlus ModelArk.

Source of the facts: the providers' fact sheets, china §4.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any, Self
from urllib.parse import quote

import httpx

from app.backends.adapter import CatalogueBackend, Wish, data_uri, public_address
from app.backends.base import (
    Artifact,
    Asset,
    CancelResult,
    Cost,
    Delivery,
    GenRequest,
    Handle,
    OutputRef,
    Phase,
    RemoteState,
    Sink,
    SubmitContext,
    WebhookHint,
)
from app.backends.capabilities import Cancel, Frame, ModelCaps, Recover, Task
from app.backends.catalogue import TOKEN_PIXELS, CatalogueRow
from app.backends.config import BackendConfig
from app.backends.errors import BackendError, ConfigError, Fault, Kind, WebhookRefused
from app.backends.http import Answer, Bearer, Words, error_from_status, from_unix
from app.core import clock
from app.core.money import Money

REGIONS = {
    "": "https://ark.cn-beijing.volces.com/api/v3",
    "global": "https://ark.ap-southeast.bytepluses.com/api/v3",
}
TASKS = "/contents/generations/tasks"
TIERS = ("default", "flex")
PIXELS = {"480p": 864 * 496, "720p": 1280 * 720, "1080p": 1920 * 1080, "4k": 3840 * 2160}
RATIOS = ("16:9", "9:16", "1:1", "4:3", "3:4", "21:9")
ROLES = {
    "first": ("image_url", "first_frame"),
    "last": ("image_url", "last_frame"),
    "reference": ("image_url", "reference_image"),
    "motion": ("video_url", "reference_video"),
    "voice": ("audio_url", "reference_audio"),
}
EXTRAS: Mapping[str, type] = {
    "camera_fixed": bool,
    "watermark": bool,
    "return_last_frame": bool,
    "priority": int,
    "safety_identifier": str,
}
PHASES = {
    "queued": Phase.QUEUED,
    "running": Phase.RUNNING,
    "succeeded": Phase.SUCCEEDED,
    "failed": Phase.FAILED,
    "expired": Phase.FAILED,
    "cancelled": Phase.CANCELLED,
}
KINDS = {
    "AuthenticationError": Kind.AUTH,
    "AccessDenied": Kind.AUTH,
    "AccountOverdueError": Kind.QUOTA,
    "QuotaExceeded": Kind.QUOTA,
    "ModelNotOpen": Kind.PERMANENT,
    "InvalidEndpoint": Kind.PERMANENT,
    "InvalidEndpointOrModel": Kind.PERMANENT,
    "MissingParameter": Kind.INVALID,
    "InvalidParameter": Kind.INVALID,
}
MODEL_GONE = ("InvalidEndpoint", "InvalidEndpointOrModel")
SENSITIVE = re.compile(r"(Input|Output)(Text|Image|Video|Audio)SensitiveContentDetected")
FAULTS = {"Text": Fault.PROMPT, "Image": Fault.IMAGE, "Video": Fault.IMAGE, "Audio": Fault.AUDIO}
SEEDS = 2**31
PAGE, MOST_PAGES = 100, 50
CLOCK_SKEW = timedelta(minutes=10)
SETTLE_S = 120.0
LOOK_AGAIN_S = 30.0


class ArkBackend(CatalogueBackend):
    """One Ark account; the profile names its region. A lost create is found by the seed its attempt gave it."""

    base_url = REGIONS[""]
    result_hosts = ("*.volces.com", "*.bytepluses.com")
    options = frozenset({"service_tier", "execution_expires_after"})
    extras = frozenset(EXTRAS)

    def __init__(self, config: BackendConfig, rows: Iterable[CatalogueRow]) -> None:
        super().__init__(config, rows)
        self._standing = {name: config.options[name] for name in sorted(self.options & set(config.options))}

    @classmethod
    def from_config(cls, config: BackendConfig) -> Self:
        """Return the backend that ``config`` describes; raise ``ConfigError`` for what is missing or unknown."""
        if config.profile not in REGIONS:
            raise ConfigError(f"Backend {config.name!r} has no profile {config.profile!r}: leave it out, or global.")
        if config.option("service_tier", str, TIERS[0]) not in TIERS:
            raise ConfigError(f"Option 'service_tier' of backend {config.name!r} is one of {', '.join(TIERS)}.")
        if config.option("execution_expires_after", int, 1) < 1:
            raise ConfigError(f"Option 'execution_expires_after' of backend {config.name!r} is a number of seconds.")
        return super().from_config(replace(config, base_url=config.base_url or REGIONS[config.profile]))

    def auth(self, config: BackendConfig) -> httpx.Auth:
        """Return the key as a bearer."""
        assert config.api_key is not None
        return Bearer(config.api_key)

    def served(self, caps: ModelCaps, config: BackendConfig) -> ModelCaps:
        """Return a row's capabilities with what Ark does for every model, given up no sooner than Ark gives up."""
        deadline = float(config.option("execution_expires_after", int, caps.deadline_s))
        return replace(caps, cancel=Cancel.BEST_EFFORT, recover=Recover.LIST, webhook=True, deadline_s=deadline)

    def read_error(self, answer: Answer) -> BackendError:
        """Return the failure that an answer without success tells, by its code before its status."""
        error = error_from_status(answer, self._words(answer.body))
        if 400 <= answer.status < 500:
            _classify(error)
        return error

    def estimate(self, request: GenRequest) -> Cost:
        """Return the list price; the high end counts the frame that Ark makes beyond the whole seconds."""
        cost, price = super().estimate(request), self.row(request.model).price
        frames = Fraction(self._fitted(self.row(request.model), request).seconds) * (price.token_fps if price else 1)
        high = math.ceil(cost.high.micros * (frames + 1) / frames)
        return replace(cost, high=Money(high, cost.high.currency))

    async def submit(self, request: GenRequest, context: SubmitContext) -> Handle:
        """Create the task, once."""
        wish = self.wish(request)
        if request.task is Task.EXTEND and not wish.assets("motion"):
            raise BackendError(Kind.INVALID, "extend needs a motion input.", field="assets", charged=False)
        body = {"model": request.model, "content": await _content(wish), **self._settings(wish, context)}
        request_id = {"X-Client-Request-Id": str(context.attempt_id)}
        answer = await self.client.create(TASKS, json=body, headers=request_id)
        if not _is_id(answer.body.get("id")):
            raise self.client.unreadable(answer)
        return self._found(wish, context, answer.body["id"])

    async def poll(self, handle: Handle) -> RemoteState:
        """Return where the task stands; what failed was free."""
        answer = await self.client.request("GET", _path(handle))
        if not answer.ok:
            raise self.read_error(answer)
        task = answer.body if isinstance(answer.body, dict) else {}
        raw = task.get("status")
        if not isinstance(raw, str):
            raise BackendError(Kind.TRANSIENT, "The provider answered with something that is not this task.")
        phase = PHASES.get(raw, Phase.UNRECOGNISED)
        if phase is Phase.FAILED:
            error = self._failure(task)
            refused = error.kind is Kind.MODERATION
            return RemoteState(Phase.REFUSED if refused else phase, error=error, raw_status=raw)
        if phase is Phase.SUCCEEDED:
            return RemoteState(
                phase, outputs=self._outputs(handle, task), cost=self._cost(handle, task), raw_status=raw
            )
        return RemoteState(phase, raw_status=raw[:60])

    async def fetch(self, handle: Handle, output: OutputRef, sink: Sink) -> Artifact:
        """Stream the video, or the last frame that was asked for with it, to the sink."""
        if "url" not in output.data:
            raise BackendError(Kind.NOT_FOUND, "The task has no result to fetch.")
        return await self.client.download(output.data["url"], sink, output.kind)

    async def cancel(self, handle: Handle) -> CancelResult:
        """Cancel a task that waits; one that runs is made, and charged."""
        state = await self.poll(handle)
        if state.phase is Phase.CANCELLED:
            return CancelResult.CANCELLED
        if state.phase is not Phase.QUEUED:
            # To delete what has ended would remove its record, and with it the way to the result.
            return CancelResult.TOO_LATE
        answer = await self.client.request("DELETE", _path(handle))
        if answer.ok:
            return CancelResult.CANCELLED
        if answer.status in {400, 409}:
            return CancelResult.TOO_LATE
        raise self.read_error(answer)

    async def find(self, request: GenRequest, context: SubmitContext) -> Handle | None:
        """Look for a lost create in the account's list, by the seed that its attempt gave it."""
        wish = self._fitted(self.row(request.model), request)
        listed = [task for task in await self._listed_since(context) if task["id"] not in context.known_remote_ids]
        same = [task for task in listed if task.get("seed") == _seed(request, context)]
        silent = [task for task in listed if task.get("seed") in (None, -1)]
        if len(same) == 1:
            return self._found(wish, context, same[0]["id"])
        if same:
            raise _unknown(f"{len(same)} of the account's tasks could be this one: a person must decide.")
        if any(PHASES.get(str(task.get("status"))) in {Phase.QUEUED, Phase.RUNNING} for task in silent):
            raise _unknown("A task of the account could be this one; it does not tell its seed yet.", LOOK_AGAIN_S)
        if silent:
            raise _unknown(f"{len(silent)} of the account's tasks tell no seed: a person must decide.")
        waited = (clock.now() - context.submitted_at).total_seconds()
        if waited < SETTLE_S:
            message = "The provider does not list it yet; it is too early to say that it was not created."
            raise _unknown(message, SETTLE_S - waited)
        return None

    async def parse_webhook(self, delivery: Delivery) -> WebhookHint:
        """Return what a delivery says of a task; Ark signs nothing, so the secret of its address is the proof."""
        try:
            task = json.loads(delivery.body)
        except (ValueError, RecursionError):
            task = None
        if not isinstance(task, dict) or not _is_id(task.get("id")) or not isinstance(task.get("status"), str):
            raise WebhookRefused("The delivery is not understood.")
        return WebhookHint(f"{task['id']}:{task['status']}"[:200], task["id"], task["status"][:60])

    def _settings(self, wish: Wish, context: SubmitContext) -> dict[str, Any]:
        """Return the fields of a create beside its model and content."""
        request, caps = wish.request, wish.row.caps
        for name, value in request.extra.items():
            if type(value) is not EXTRAS[name]:
                message = f"The setting {name!r} is of another type."
                raise BackendError(Kind.INVALID, message, field=f"extra.{name}", charged=False)
        told: dict[str, Any] = {
            "resolution": _resolution(wish.frame),
            "ratio": _ratio(wish.frame),
            "duration": round(wish.seconds),
            "seed": _seed(request, context),
        }
        if caps.native_sound:
            told["generate_audio"] = request.sound
        if request.task is Task.EXTEND:
            told["omni_reference_task_type"] = "extend"
        if context.webhook_url:
            told["callback_url"] = context.webhook_url
        return {**told, **self._standing, **request.extra}

    def _found(self, wish: Wish, context: SubmitContext, remote_id: str) -> Handle:
        clip = wish.request.task is Task.EXTEND or bool(wish.assets("motion"))
        size = f"{wish.frame.width}x{wish.frame.height}"
        return self.handle(wish.request, context, remote_id, size=size, seconds=wish.seconds, clip=clip)

    def _words(self, body: Any) -> Words:
        told = body.get("error") if isinstance(body, dict) else None
        told = told if isinstance(told, dict) else {}
        message, code, param = (self.client.safe(str(told.get(key) or "")) for key in ("message", "code", "param"))
        return Words(message, code[:80], param[:80])

    def _failure(self, task: Mapping[str, Any]) -> BackendError:
        words = self._words(task)
        otherwise = "The provider says that it failed, and not why."
        if task["status"] == "expired":
            otherwise = "The provider did not come to make it in the time it had."
        message = words.message or otherwise
        return _classify(BackendError(Kind.TRANSIENT, message, provider_code=words.code, charged=False))

    def _outputs(self, handle: Handle, task: Mapping[str, Any]) -> tuple[OutputRef, ...]:
        content = task.get("content")
        content = content if isinstance(content, dict) else {}
        done, row = from_unix(task.get("updated_at")), self.rows.get(handle.model)
        lifetime = row.caps.result_lifetime_s if row else None
        expires = done + timedelta(seconds=lifetime) if done and lifetime else None
        named = (("video", content.get("video_url")), ("image", content.get("last_frame_url")))
        return tuple(
            OutputRef(index, kind, expires, {"url": url})
            for index, (kind, url) in enumerate(named)
            if isinstance(url, str) and url
        )

    def _cost(self, handle: Handle, task: Mapping[str, Any]) -> Money | None:
        """Return the price of the tokens the provider counted, or None where it told none."""
        row, usage = self.rows.get(handle.model), task.get("usage")
        tokens = usage.get("completion_tokens") if isinstance(usage, dict) else None
        size = re.fullmatch(r"(\d+)x(\d+)", str(handle.data.get("size")))
        if row is None or row.price is None or size is None or type(tokens) is not int or tokens < 0:
            return None
        frame, price = Frame(int(size[1]), int(size[2])), row.price
        price = price.with_clip() if handle.data.get("clip") else price
        second = Fraction(frame.width * frame.height * price.token_fps, TOKEN_PIXELS)
        return Money(math.ceil(price.cost(1, frame).micros * tokens / second), price.currency)

    async def _listed_since(self, context: SubmitContext) -> list[Mapping[str, Any]]:
        """Return the account's tasks created since just before the submit; raise when they cannot be known."""
        since = (context.submitted_at - CLOCK_SKEW).timestamp()
        tasks: dict[str, Mapping[str, Any]] = {}
        for page in range(1, MOST_PAGES + 1):
            params = {"page_num": str(page), "page_size": str(PAGE)}
            answer = await self.client.request("GET", TASKS, params=params)
            if not answer.ok:
                error = self.read_error(answer)
                error.outcome_unknown = error.kind in {Kind.NOT_FOUND, Kind.INVALID, Kind.PERMANENT}
                raise error
            items = answer.body.get("items") if isinstance(answer.body, dict) else None
            if not isinstance(items, list) or not all(isinstance(one, dict) and _is_id(one.get("id")) for one in items):
                raise _unknown("The provider's list is not understood: a person must decide.")
            fresh = {task["id"]: task for task in items if task["id"] not in tasks}
            tasks |= fresh
            times = [_created(task, since) for task in tasks.values()]
            newest_first = all(later >= earlier for later, earlier in pairwise(times))
            if not fresh or (newest_first and times[-1] < since):
                return [task for task in tasks.values() if _created(task, since) >= since]
        raise _unknown("The provider's list is too long to search: a person must decide.")


async def _content(wish: Wish) -> list[dict[str, Any]]:
    """Return the content list of a create: the words, then each input with its role."""
    content: list[dict[str, Any]] = [{"type": "text", "text": wish.request.prompt}]
    for asset in wish.request.assets:
        kind, role = ROLES[asset.role]
        content.append({"type": kind, kind: {"url": await _address(asset)}, "role": role})
    return content


async def _address(asset: Asset) -> str:
    """Return where an input can be fetched, else the input itself, which Ark takes for everything but video."""
    if asset.role == "motion" or (asset.url or "").startswith("https://"):
        return public_address(asset)
    return await data_uri(asset)


def _resolution(frame: Frame) -> str:
    return min(PIXELS, key=lambda name: abs(math.log(PIXELS[name] / (frame.width * frame.height))))


def _ratio(frame: Frame) -> str:
    def distance(name: str) -> float:
        width, _, height = name.partition(":")
        return abs(math.log(frame.width / frame.height) - math.log(int(width) / int(height)))

    return min(RATIOS, key=distance)


def _seed(request: GenRequest, context: SubmitContext) -> int:
    """Return the seed of a create: Ark tells a task's seed, and nothing else that could be the attempt's own."""
    return (request.seed if request.seed is not None else context.attempt_id.int) % SEEDS


def _created(task: Mapping[str, Any], otherwise: float) -> float:
    moment = from_unix(task.get("created_at"))
    return moment.timestamp() if moment else otherwise


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 200 and value.isprintable() and value not in {".", ".."}


def _path(handle: Handle) -> str:
    return f"{TASKS}/{quote(handle.remote_id, safe='')}"


def _classify(error: BackendError) -> BackendError:
    """Give a failure the kind its code stands for; codes go into detail behind a dot."""
    family = error.provider_code.partition(".")[0]
    sensitive = SENSITIVE.fullmatch(family)
    if sensitive:
        error.kind = Kind.MODERATION
        error.fault = Fault.PROVIDER if sensitive[1] == "Output" else FAULTS[sensitive[2]]
    else:
        error.kind = KINDS.get(family, error.kind)
        error.model_gone = family in MODEL_GONE
    return error


def _unknown(message: str, retry_after: float | None = None) -> BackendError:
    return BackendError(Kind.TRANSIENT, message, outcome_unknown=True, retry_after=retry_after)
