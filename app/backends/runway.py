"""Runway's API: its own models, those it resells, act-two performances and the multi-shot recipe.

Source of the facts: the providers' fact sheets, international §6; field names of inputs are in the catalogue's rows.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Self
from urllib.parse import quote

import httpx
from pydantic import SecretStr

from app.backends.adapter import Wish, data_uri
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
from app.backends.capabilities import Cancel, ModelCaps, Task
from app.backends.catalogue import CatalogueRow
from app.backends.config import BackendConfig
from app.backends.described import DescribedBackend, check_driver, too_large
from app.backends.errors import BackendError, ConfigError, Fault, Kind
from app.backends.http import Answer, Bearer, Words, error_from_status
from app.core.money import Money

VERSION = "2024-11-06"
MEGABYTE = 1024 * 1024
MOST_BY_ADDRESS = {"image": 16 * MEGABYTE, "video": 32 * MEGABYTE, "audio": 32 * MEGABYTE}
MOST_INLINE = {"image": 5 * MEGABYTE, "video": 16 * MEGABYTE, "audio": 16 * MEGABYTE}
DAY_CAP_WAIT_S = 3600.0
MICROS_PER_CREDIT = 10_000
RECIPE = "recipes/"
PATHS: Mapping[Task, str] = {
    Task.TEXT: "text_to_video",
    Task.FIRST_FRAME: "image_to_video",
    Task.FIRST_AND_LAST: "image_to_video",
    Task.REFERENCES: "image_to_video",
    Task.EXTEND: "video_to_video",
    Task.PERFORMANCE: "character_performance",
}
PHASES: Mapping[str, Phase] = {
    "PENDING": Phase.QUEUED,
    "THROTTLED": Phase.QUEUED,
    "RUNNING": Phase.RUNNING,
    "SUCCEEDED": Phase.SUCCEEDED,
    "FAILED": Phase.FAILED,
    "CANCELLED": Phase.CANCELLED,
}
ENDED = frozenset({Phase.SUCCEEDED, Phase.FAILED, Phase.REFUSED, Phase.CANCELLED})
FAULTS = {"TEXT": Fault.PROMPT, "IMAGE": Fault.IMAGE, "VIDEO": Fault.IMAGE, "AUDIO": Fault.AUDIO}
NO_CREDITS = re.compile(r"not have enough credits", re.IGNORECASE)
DAY_CAP = re.compile(r"\bdaily\b|\bper day\b|24.?h", re.IGNORECASE)


class RunwayKey(Bearer):
    """The key with the version of the API that the answers are read as, and the account they are asked for."""

    def __init__(self, key: SecretStr, on_behalf_of: str) -> None:
        super().__init__(key)
        self._on_behalf_of = on_behalf_of

    def auth_flow(self, request: httpx.Request) -> Any:
        """Add the headers."""
        request.headers["X-Runway-Version"] = VERSION
        if self._on_behalf_of:
            request.headers["X-Runway-On-Behalf-Of"] = self._on_behalf_of
        yield from super().auth_flow(request)


class RunwayBackend(DescribedBackend):
    """One Runway account; results come from the option ``hosts``, because Runway promises no name for its network."""

    base_url = "https://api.dev.runwayml.com"
    options = frozenset({"on_behalf_of"})
    extras = frozenset({"shots"})
    values = frozenset(
        {"images", "frames", "reference_list", "voice_list", "video_mode", "shots", "shots_mode", "sole_prompt"}
    )

    def __init__(self, config: BackendConfig, rows: tuple[CatalogueRow, ...]) -> None:
        super().__init__(config, rows)
        self._cancelled: set[str] = set()

    @classmethod
    def from_config(cls, config: BackendConfig) -> Self:
        """Return the backend that ``config`` describes; raise ``ConfigError`` for what is missing or unknown."""
        backend = super().from_config(config)
        if not config.base_url and not config.texts("hosts"):
            raise ConfigError(f"Backend {config.name!r} needs the option 'hosts': where Runway's results come from.")
        return backend

    def auth(self, config: BackendConfig) -> httpx.Auth | None:
        """Return the key with the version header."""
        return RunwayKey(config.api_key or SecretStr(""), config.option("on_behalf_of", str, ""))

    def served(self, caps: ModelCaps, config: BackendConfig) -> ModelCaps:
        """Return the capabilities with what holds for every model: a true cancel, progress, no look-up, no webhook."""
        return replace(caps, cancel=Cancel.STOP, progress=True)

    async def submit(self, request: GenRequest, context: SubmitContext) -> Handle:
        """Create the task, once."""
        wish = self.wish(request)
        _check_length(wish)
        await check_driver(wish, context.price_cap)
        path, body = self._path(wish), await self.fields(wish)
        if not request.model.startswith(RECIPE):
            body = {"model": request.model, **body}
        answer = await self.create(f"/v1/{path}", json=body)
        task = answer.body.get("id")
        if not isinstance(task, str) or not 0 < len(task) <= 200:
            raise self.client.unreadable(answer)
        return self.handle(request, context, task)

    def own_values(self, wish: Wish, addresses: Sequence[tuple[str, str]]) -> dict[str, Any]:
        """Return the lists of inputs as Runway writes them, and what multi-shot and extending want."""
        references = [{"uri": uri} for role, uri in addresses if role == "reference"]
        frames = [{"uri": uri, "position": role} for role, uri in addresses if role in {"first", "last"}]
        voices = [{"type": "audio", "uri": uri} for role, uri in addresses if role == "voice"]
        shots = _shots(wish)
        values = {
            "images": [*frames, *references] or None,
            "frames": frames or None,
            "reference_list": references or None,
            "voice_list": voices or None,
            "shots": shots,
            "shots_mode": "custom" if shots else "auto",
            "sole_prompt": None if shots else wish.request.prompt,
        }
        # What continues a clip has the clip's shape: Runway refuses a ratio there.
        return {**values, "video_mode": "extend", "ratio": None} if wish.request.task is Task.EXTEND else values

    async def address(self, asset: Asset) -> str:
        """Return an input's public address, or the input itself where this installation cannot be reached."""
        kind, size = asset.mime.partition("/")[0], asset.path.stat().st_size
        if asset.url is not None and asset.url.startswith("https://"):
            if size > MOST_BY_ADDRESS[kind]:
                raise too_large(asset, MOST_BY_ADDRESS[kind])
            return asset.url
        if 4 * math.ceil(size / 3) > MOST_INLINE[kind]:
            raise too_large(asset, MOST_INLINE[kind] * 3 // 4)
        return await data_uri(asset)

    async def poll(self, handle: Handle) -> RemoteState:
        """Return where the task stands, and what it cost once it has ended."""
        answer = await self.client.request("GET", f"/v1/tasks/{quote(handle.remote_id, safe='')}")
        if answer.status == 404 and handle.remote_id in self._cancelled:
            return RemoteState(Phase.CANCELLED, raw_status="404")
        if not answer.ok:
            raise self.read_error(answer)
        if not isinstance(answer.body, dict) or not isinstance(answer.body.get("status"), str):
            raise BackendError(Kind.TRANSIENT, "Runway answered with something that is not this task.")
        return self._state(answer.body)

    async def fetch(self, handle: Handle, output: OutputRef, sink: Sink) -> Artifact:
        """Stream the result to the sink; an address that ran out is replaced by the next poll."""
        address = output.data.get("url")
        if not isinstance(address, str):
            raise BackendError(Kind.NOT_FOUND, "The task has no result yet.")
        return await self.client.download(address, sink)

    async def cancel(self, handle: Handle) -> CancelResult:
        """Stop running work; finished work is looked at first, because deleting it deletes its result."""
        try:
            state = await self.poll(handle)
        except BackendError as error:
            if error.kind is not Kind.NOT_FOUND:
                raise
            return CancelResult.CANCELLED
        if state.phase is Phase.CANCELLED:
            return CancelResult.CANCELLED
        if state.phase in ENDED:
            return CancelResult.TOO_LATE
        answer = await self.client.request("DELETE", f"/v1/tasks/{quote(handle.remote_id, safe='')}")
        if not answer.ok and answer.status != 404:
            raise self.read_error(answer)
        self._cancelled.add(handle.remote_id)
        return CancelResult.CANCELLED

    def read_error(self, answer: Answer) -> BackendError:
        """Return the failure that ``{"error", "issues"}`` tells."""
        body = answer.body if isinstance(answer.body, dict) else {}
        issues = body.get("issues")
        issue = issues[0] if isinstance(issues, list) and issues and isinstance(issues[0], dict) else {}
        path = [str(one) for one in issue.get("path") or []]
        told = " ".join(str(one) for one in (body.get("error"), ".".join(path), issue.get("message")) if one)
        words = Words(self.client.safe(told), self.client.safe(str(issue.get("code") or ""))[:80], ".".join(path)[:80])
        error = error_from_status(answer, words)
        if answer.status == 400 and NO_CREDITS.search(told):
            error.kind = Kind.QUOTA
        elif answer.status == 400 and path == ["model"]:
            error.kind, error.model_gone = Kind.PERMANENT, True
        elif answer.status == 429 and error.retry_after is None and DAY_CAP.search(told):
            # The cap counts the last 24 hours: asking again at once is in vain.
            error.retry_after = DAY_CAP_WAIT_S
        return error

    def _path(self, wish: Wish) -> str:
        if wish.request.model.startswith(RECIPE):
            return quote(wish.request.model)
        if wish.request.task is Task.EXTEND and wish.asset("motion") is None:
            message = "To extend a clip, the clip is needed as the motion input."
            raise BackendError(Kind.INVALID, message, field="assets", charged=False)
        fallback = "image_to_video" if wish.asset("first") else "text_to_video"
        return PATHS.get(wish.request.task, fallback)

    def _state(self, task: Mapping[str, Any]) -> RemoteState:
        raw = str(task["status"])
        phase = PHASES.get(raw, Phase.UNRECOGNISED)
        cost = _money(task.get("cost")) if phase in ENDED else None
        error = self._failure(task, cost) if phase is Phase.FAILED else None
        if error is not None and error.kind is Kind.MODERATION:
            phase = Phase.REFUSED
        done = task.get("progress")
        named = task.get("output") if phase is Phase.SUCCEEDED else None
        addresses = [one for one in named if isinstance(one, str)] if isinstance(named, list) else []
        return RemoteState(
            phase,
            progress=min(max(float(done), 0.0), 1.0) if isinstance(done, int | float) and done == done else None,
            outputs=tuple(OutputRef(index, data={"url": url}) for index, url in enumerate(addresses)),
            cost=cost,
            error=error,
            raw_status=self.client.safe(raw)[:60],
        )

    def _failure(self, task: Mapping[str, Any], cost: Money | None) -> BackendError:
        """Return why a task failed: by its code, whose parts say what was at fault."""
        code = str(task.get("failureCode") or "")
        parts = code.split(".")
        if "SAFETY" in parts:
            kind = Kind.MODERATION
            fault = next((FAULTS[one] for one in parts if one in FAULTS), Fault.UNKNOWN)
            fault = Fault.PROVIDER if "OUTPUT" in parts else fault
        elif code == "ASSET.INVALID" or parts[0] == "INPUT_PREPROCESSING":
            kind, fault = Kind.INVALID, Fault.IMAGE if parts[0] == "ASSET" else Fault.UNKNOWN
        else:
            kind, fault = Kind.TRANSIENT, Fault.PROVIDER
        # Runway charges what it refuses like a success, so without a cost a refusal counts as paid.
        charged = cost.micros > 0 if cost is not None else True if kind is Kind.MODERATION else None
        message = self.client.safe(str(task.get("failure") or "")) or "Runway says that it failed, and not why."
        provider_code = self.client.safe(code)[:80]
        return BackendError(kind, message, provider_code=provider_code, charged=charged, fault=fault)


def _check_length(wish: Wish) -> None:
    """Runway counts a prompt in UTF-16 units, where an emoji is two."""
    units = len(wish.request.prompt.encode("utf-16-le")) // 2
    if units > wish.row.caps.prompt_max:
        message = f"The prompt has {units} UTF-16 units and the model takes {wish.row.caps.prompt_max}: shorten it."
        raise BackendError(Kind.INVALID, message, field="prompt", fault=Fault.PROMPT, charged=False)


def _shots(wish: Wish) -> list[Any] | None:
    """Return the shots that a request splits its prompt into; raise INVALID for what is none, or lasts too long."""
    shots = wish.request.extra.get("shots")
    if shots is None:
        return None
    if wish.request.task is not Task.MULTI_SHOT or not isinstance(shots, list) or not all(map(_is_shot, shots)):
        message = "The setting 'shots' is a list of tables with prompt and duration, for a multi-shot generation."
        raise BackendError(Kind.INVALID, message, field="extra.shots", charged=False)
    lasts = sum(one["duration"] for one in shots)
    if lasts > wish.seconds:
        message = f"The shots last {lasts} s and the generation, whose price was reserved, {wish.seconds:g} s."
        raise BackendError(Kind.INVALID, message, field="extra.shots", charged=False)
    return shots or None


def _is_shot(value: Any) -> bool:
    whole = isinstance(value, dict) and set(value) == {"prompt", "duration"}
    return whole and isinstance(value["prompt"], str) and type(value["duration"]) is int and value["duration"] > 0


def _money(told: Any) -> Money | None:
    """Return ``{"credits": n}`` as money; a credit is a cent."""
    credits = told.get("credits") if isinstance(told, dict) else None
    if isinstance(credits, bool) or not isinstance(credits, int | float) or not 0 <= credits < 1e9:
        return None
    return Money(math.ceil(credits * MICROS_PER_CREDIT), "USD")
