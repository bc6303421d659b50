"""Luma's Agents API: one create, one look-up; no list, no cancel, no deliveries.

Source of the facts: the providers' fact sheets, international §7.1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Self
from urllib.parse import quote

import httpx

from app.backends.adapter import CatalogueBackend, Wish, base64_of
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
from app.backends.capabilities import Cancel, Frame, ModelCaps, Task
from app.backends.catalogue import CatalogueRow
from app.backends.config import BackendConfig
from app.backends.errors import BackendError, ConfigError, Fault, Kind
from app.backends.http import Answer, Bearer, Words, error_from_status
from app.core import clock

PARENT = "generation_id"
NOBODYS = "00000000-0000-0000-0000-000000000000"
EXTENSION_S = 5.0
LAST_INDEX_A_SECOND = 24
ADDRESS_LIFETIME = timedelta(hours=1)
ASPECTS = {"9:16": 9 / 16, "3:4": 3 / 4, "1:1": 1.0, "4:3": 4 / 3, "16:9": 16 / 9, "21:9": 21 / 9}
ROLES = {Task.FIRST_FRAME: {"first"}, Task.FIRST_AND_LAST: {"first", "last"}}
PHASES: Mapping[str, Phase] = {
    "queued": Phase.QUEUED,
    "processing": Phase.RUNNING,
    "completed": Phase.SUCCEEDED,
    "failed": Phase.FAILED,
}
FAILURES: Mapping[str, Kind] = {
    "content_moderated": Kind.MODERATION,
    "generation_failed": Kind.TRANSIENT,
    "budget_exhausted": Kind.QUOTA,
    "output_not_found": Kind.TRANSIENT,
    "image_too_large": Kind.INVALID,
    "unsupported_format": Kind.INVALID,
    "corrupt_input": Kind.INVALID,
    "invalid_request": Kind.INVALID,
    "rate_limited": Kind.TRANSIENT,
}
OF_IMAGES = frozenset({"image_too_large", "unsupported_format", "corrupt_input"})
MODERATION = re.compile(r"moderat|safety|content.?polic", re.IGNORECASE)
MODEL_GONE = re.compile(r"\bmodel\b.*(not (found|exist|available)|no longer|retired|deprecated)", re.IGNORECASE)
IMAGE = re.compile(r"\b(image|frame|picture)", re.IGNORECASE)


class LumaBackend(CatalogueBackend):
    """One key of the Agents API. Its results lie on hosts that Luma does not name: they go to the option ``hosts``."""

    base_url = "https://agents.lumalabs.ai/v1"
    extras = frozenset({PARENT})

    @classmethod
    def from_config(cls, config: BackendConfig) -> Self:
        """Return the backend that ``config`` describes; raise ``ConfigError`` for what is missing or unknown.

        Without ``hosts`` clips would be bought that cannot be fetched.
        """
        backend = super().from_config(config)
        if not config.texts("hosts"):
            message = "needs the option 'hosts': where its results lie, the host of the url in a generation's output."
            raise ConfigError(f"Backend {config.name!r} {message}")
        return backend

    def auth(self, config: BackendConfig) -> httpx.Auth | None:
        """Return the key as a bearer token."""
        return Bearer(config.api_key) if config.api_key else None

    def read_error(self, answer: Answer) -> BackendError:
        """Return the failure that ``{"detail": "…" or [{loc, msg, type}]}`` tells."""
        words = _words(answer.body)
        message = self.client.safe(words.message)
        error = error_from_status(answer, Words(message, self.client.safe(words.code), self.client.safe(words.field)))
        if answer.status in {400, 404, 410, 422} and MODEL_GONE.search(message):
            error.kind, error.model_gone = Kind.PERMANENT, True
        elif answer.status in {400, 422} and MODERATION.search(message):
            error.kind, error.fault = Kind.MODERATION, Fault.IMAGE if IMAGE.search(message) else Fault.PROMPT
        return error

    def served(self, caps: ModelCaps, config: BackendConfig) -> ModelCaps:
        """Return a row's capabilities with what the API decides: nothing can be stopped, and nothing looked for."""
        return replace(caps, cancel=Cancel.NONE)

    def wish(self, request: GenRequest) -> Wish:
        """Check a request; raise ``BackendError`` also for inputs of no use to its task, and without what to extend."""
        wish = super().wish(request)
        for asset in request.assets:
            if asset.role not in ROLES.get(request.task, set()):
                message = f"A generation of the kind {request.task.value} takes no {asset.role} input."
                raise BackendError(Kind.INVALID, message, field="assets", fault=Fault.IMAGE, charged=False)
        parent = request.extra.get(PARENT)
        extends = request.task is Task.EXTEND
        if extends != (parent is not None) or (extends and not (isinstance(parent, str) and parent)):
            message = f"To extend is to name the generation that made the clip, as the setting {PARENT!r}."
            raise BackendError(Kind.INVALID, message, field=f"extra.{PARENT}", charged=False)
        return wish

    def _fitted(self, row: CatalogueRow, request: GenRequest) -> Wish:
        """Return what the model makes of a request: an extension has one length, whatever was asked for."""
        wish = super()._fitted(row, request)
        return replace(wish, seconds=EXTENSION_S) if request.task is Task.EXTEND else wish

    async def submit(self, request: GenRequest, context: SubmitContext) -> Handle:
        """Create the generation, once; the attempt's id goes along for Luma's support only."""
        wish = self.wish(request)
        body = {
            "model": request.model,
            "type": "video",
            "prompt": request.prompt,
            "aspect_ratio": _aspect(wish.frame),
            "user_id": str(context.attempt_id),
            "video": await _video(wish),
        }
        answer = await self.client.create("/generations", json=body)
        made = answer.body.get("id")
        if not isinstance(made, str) or not made:
            raise self.client.unreadable(answer)
        return self.handle(request, context, made)

    async def check(self) -> str:
        """Ask for a generation that nobody made: a key that is good is told so, and it costs nothing."""
        answer = await self.client.request("GET", f"/generations/{NOBODYS}")
        error = self.read_error(answer)
        if error.kind is not Kind.NOT_FOUND or not isinstance(answer.body, dict) or "detail" not in answer.body:
            raise error
        return "Luma answered, and it knows this key."

    async def poll(self, handle: Handle) -> RemoteState:
        """Return where the generation stands; the signed address of its result is left out, a fetch asks for it."""
        told = await self._generation(handle)
        raw = self.client.safe(str(told["state"]))[:60]
        phase = PHASES.get(raw, Phase.UNRECOGNISED)
        if phase is Phase.FAILED:
            return self._failed(told, raw)
        if phase is not Phase.SUCCEEDED:
            return RemoteState(phase, raw_status=raw)
        if _address(told) is None:
            # It was made and is paid: a person should look, rather than that it counts as failed.
            return RemoteState(Phase.UNRECOGNISED, raw_status="completed, without an address")
        return RemoteState(phase, outputs=(OutputRef(expires_at=clock.now() + ADDRESS_LIFETIME),), raw_status=raw)

    async def fetch(self, handle: Handle, output: OutputRef, sink: Sink) -> Artifact:
        """Ask for a fresh address, because one holds for an hour, and stream the video from there."""
        address = _address(await self._generation(handle))
        if address is None:
            raise BackendError(Kind.NOT_FOUND, "There is no result yet.")
        return await self.client.download(address, sink)

    async def cancel(self, handle: Handle) -> CancelResult:
        """Say that nothing can be stopped."""
        return CancelResult.UNSUPPORTED

    async def _generation(self, handle: Handle) -> Mapping[str, Any]:
        answer = await self.client.request("GET", f"/generations/{quote(handle.remote_id, safe='')}")
        if not answer.ok:
            raise self.read_error(answer)
        if not isinstance(answer.body, dict) or not isinstance(answer.body.get("state"), str):
            raise BackendError(Kind.TRANSIENT, "The provider answered with something that is not this generation.")
        return answer.body

    def _failed(self, told: Mapping[str, Any], raw: str) -> RemoteState:
        code = self.client.safe(str(told.get("failure_code") or ""))[:80]
        reason = self.client.safe(str(told.get("failure_reason") or ""))
        kind = FAILURES.get(code, Kind.TRANSIENT)
        fault = Fault.IMAGE if code in OF_IMAGES else Fault.UNKNOWN
        message = reason or f"The provider says that it failed: {code or 'and not why'}."
        error = BackendError(kind, message, provider_code=code, fault=fault)
        return RemoteState(Phase.REFUSED if kind is Kind.MODERATION else Phase.FAILED, error=error, raw_status=raw)


def _words(body: Any) -> Words:
    told = body.get("detail") if isinstance(body, dict) else None
    if isinstance(told, list) and told and isinstance(told[0], dict):
        loc = told[0].get("loc")
        place = [str(one) for one in loc] if isinstance(loc, list) else []
        message = f"{'.'.join(place)}: {told[0].get('msg', '')}"
        return Words(message, str(told[0].get("type", ""))[:80], place[-1][:80] if place else "")
    return Words(told if isinstance(told, str) else "")


def _address(told: Mapping[str, Any]) -> str | None:
    """Return the address of the video among the outputs, or None."""
    outputs = told.get("output")
    for one in outputs if isinstance(outputs, list) else ():
        if isinstance(one, dict) and str(one.get("type")).startswith("video") and isinstance(one.get("url"), str):
            return str(one["url"])
    return None


def _aspect(frame: Frame) -> str:
    return min(ASPECTS, key=lambda name: abs(ASPECTS[name] - frame.width / frame.height))


async def _picture(asset: Asset) -> dict[str, str]:
    return {"data": await base64_of(asset), "media_type": asset.mime}


async def _video(wish: Wish) -> dict[str, Any]:
    """Return the wanted video: an end frame goes with five seconds only, so a longer one gets two keyframes."""
    video: dict[str, Any] = {
        "duration": f"{wish.seconds:g}s",
        "resolution": f"{min(wish.frame.width, wish.frame.height)}p",
    }
    first, last = wish.asset("first"), wish.asset("last")
    if wish.request.task is Task.EXTEND:
        video["start_frame"] = {PARENT: wish.request.extra[PARENT]}
    elif first and last and wish.seconds > EXTENSION_S:
        video["keyframes"] = [await _picture(first), await _picture(last)]
        video["keyframe_indexes"] = [0, round(wish.seconds * LAST_INDEX_A_SECOND)]
    elif first:
        video["start_frame"] = await _picture(first)
        if last:
            video["end_frame"] = await _picture(last)
    return video
