"""Google's Gemini Omni Flash over the Interactions API of the Gemini Developer API.

Source of the facts: the providers' fact sheets, international §4.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import httpx

from app.backends.adapter import CatalogueBackend, HeaderKey, Wish, base64_of
from app.backends.base import (
    Artifact,
    Asset,
    CancelResult,
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
from app.backends.catalogue import CatalogueRow
from app.backends.config import BackendConfig
from app.backends.errors import BackendError, Fault, Kind, WebhookRefused
from app.backends.http import Answer, Words, error_from_status
from app.backends.webhooks import StandardWebhooks

LARGEST_BODY = 30_000_000
PARENT = "previous_interaction_id"
TASKS = {
    Task.TEXT: "text_to_video",
    Task.FIRST_FRAME: "image_to_video",
    Task.FIRST_AND_LAST: "image_to_video",
    Task.REFERENCES: "reference_to_video",
    Task.EXTEND: "extend",
}
ROLES = {
    Task.FIRST_FRAME: ("first", "last"),
    Task.FIRST_AND_LAST: ("first", "last"),
    Task.REFERENCES: ("reference",),
}
SOURCES = {"first": "FIRST_FRAME", "last": "LAST_FRAME"}
WORKING: Mapping[str, Phase] = {
    "queued": Phase.QUEUED,
    "in_progress": Phase.RUNNING,
    "cancelled": Phase.CANCELLED,
}
ENDED_BADLY: Mapping[str, Kind] = {
    "failed": Kind.TRANSIENT,
    "incomplete": Kind.PERMANENT,
    "budget_exceeded": Kind.QUOTA,
}
SAFETY = re.compile(r"safety|polic(y|ies)|blocked", re.IGNORECASE)
NO_MONEY = re.compile(r"quota|billing|credit", re.IGNORECASE)
NO_SUCH_WORK = re.compile(r"invalid interaction name", re.IGNORECASE)
MODEL = re.compile(r"\bmodels?\b", re.IGNORECASE)
IMAGE = re.compile(r"\b(image|picture|photo)", re.IGNORECASE)
SECONDS = re.compile(r"(\d+(?:\.\d+)?)s")

Safe = Callable[[str], str]


class GeminiOmniBackend(CatalogueBackend):
    """One key of the Gemini Developer API.

    With ``webhook_secret`` deliveries come from a subscription made with Google, and their signature is checked.
    Without it each create asks for its own, signed in a form that is not checked here: their address is the proof.
    """

    base_url = "https://generativelanguage.googleapis.com/v1beta"
    extras = frozenset({PARENT})

    def __init__(self, config: BackendConfig, rows: Iterable[CatalogueRow]) -> None:
        super().__init__(config, rows)
        self._webhooks = StandardWebhooks(config.webhook_secret) if config.webhook_secret else None

    def auth(self, config: BackendConfig) -> httpx.Auth | None:
        """Return the key in Google's header."""
        return HeaderKey("x-goog-api-key", config.api_key) if config.api_key else None

    def read_error(self, answer: Answer) -> BackendError:
        """Return the failure that an answer tells."""
        return read_error(answer, self.client.safe)

    def served(self, caps: ModelCaps, config: BackendConfig) -> ModelCaps:
        """Return a row's capabilities with what the API decides.

        It has no list: a lost create is found again only by a delivery that it asked for itself.
        """
        recover = Recover.NONE if config.webhook_secret else Recover.WEBHOOK_TAG
        return replace(caps, cancel=Cancel.BEST_EFFORT, webhook=True, recover=recover)

    def wish(self, request: GenRequest) -> Wish:
        """Check a request; raise ``BackendError`` also for inputs of no use to its task, and without what to extend."""
        wish = super().wish(request)
        roles = ROLES.get(request.task, ())
        for asset in request.assets:
            if asset.role not in roles:
                message = f"A generation of the kind {request.task.value} takes no {asset.role} input."
                raise BackendError(Kind.INVALID, message, field="assets", fault=Fault.IMAGE, charged=False)
        parent = request.extra.get(PARENT)
        extends = request.task is Task.EXTEND
        if extends != (parent is not None) or (extends and not (isinstance(parent, str) and parent)):
            message = f"To extend is to name the interaction that made the clip, as the setting {PARENT!r}."
            raise BackendError(Kind.INVALID, message, field=f"extra.{PARENT}", charged=False)
        return wish

    async def submit(self, request: GenRequest, context: SubmitContext) -> Handle:
        """Start the interaction in the background, once."""
        wish = self.wish(request)
        parts = [await _part(asset) for role in ROLES.get(request.task, ()) for asset in wish.assets(role)]
        if sum(len(part["data"]) for part in parts) + len(request.prompt.encode()) > LARGEST_BODY:
            message = f"The inputs are larger together than the {LARGEST_BODY // 1_000_000} MB the provider takes."
            raise BackendError(Kind.INVALID, message, field="assets", fault=Fault.IMAGE, charged=False)
        body = {
            "model": request.model,
            "input": [*parts, {"type": "text", "text": f"{_binding(wish)}{request.prompt}"}],
            "background": True,
            "store": True,
            "response_format": _format(wish.frame, wish.seconds),
            "generation_config": {"video_config": {"task": TASKS[request.task]}},
            "labels": {"attempt": str(context.attempt_id)},
            **request.extra,
        }
        if context.webhook_url and self._webhooks is None:
            metadata = {"attempt": str(context.attempt_id)}
            body["webhook_config"] = {"uris": [context.webhook_url], "user_metadata": metadata}
        answer = await self.client.create("/interactions", json=body)
        made = answer.body.get("id")
        if not isinstance(made, str) or not made:
            raise self.client.unreadable(answer)
        return self.adopt(request, context, made)

    def adopt(self, request: GenRequest, context: SubmitContext, remote_id: str) -> Handle:
        """Return the handle of an interaction by its id, such as a delivery to the attempt's own address tells."""
        return self.handle(request, context, remote_id)

    async def check(self) -> str:
        """Ask for the subscriptions of the key's project: that proves the key, and costs nothing."""
        answer = await self.client.request("GET", "/webhooks")
        if not answer.ok:
            raise self.read_error(answer)
        return "Google answered, and it knows this key."

    async def poll(self, handle: Handle) -> RemoteState:
        """Return where the interaction stands."""
        return self._state(await self.client.request("GET", _path(handle)))

    async def fetch(self, handle: Handle, output: OutputRef, sink: Sink) -> Artifact:
        """Stream the video from the Files API to the sink."""
        uri = output.data.get("uri")
        if not isinstance(uri, str):
            raise BackendError(Kind.NOT_FOUND, "There is no result yet.")
        return await self.client.download(_content(uri), sink)

    async def cancel(self, handle: Handle) -> CancelResult:
        """Ask to stop, and say what the interaction says of itself then."""
        answer = await self.client.request("POST", f"{_path(handle)}/cancel")
        state = self._state(answer) if answer.ok else None
        if answer.status in {400, 404, 409}:
            state = await self.poll(handle)
        if state is None:
            raise self.read_error(answer)
        if state.phase is Phase.CANCELLED:
            return CancelResult.CANCELLED
        ended = state.phase in {Phase.SUCCEEDED, Phase.FAILED, Phase.REFUSED}
        return CancelResult.TOO_LATE if ended else CancelResult.ASKED

    async def parse_webhook(self, delivery: Delivery) -> WebhookHint:
        """Return which interaction a delivery announces; events about anything else name no work."""
        event = delivery.headers.get("webhook-id", "")
        if self._webhooks is not None:
            event = self._webhooks.verify(delivery.headers, delivery.body)
        try:
            told = json.loads(delivery.body)
            kind = str(told["type"])
            about = str(told["data"]["id"]) if kind.startswith("interaction.") else ""
            return WebhookHint(event or f"{kind}:{about}", about, kind)
        except (ValueError, KeyError, TypeError):
            failure = WebhookRefused("The delivery is not understood.")
        raise failure

    def _state(self, answer: Answer) -> RemoteState:
        if not answer.ok:
            raise self.read_error(answer)
        if not isinstance(answer.body, dict) or not isinstance(answer.body.get("status"), str):
            raise BackendError(Kind.TRANSIENT, "The provider answered with something that is not this interaction.")
        return read_state(answer.body, self.client.safe)


def _path(handle: Handle) -> str:
    return f"/interactions/{quote(handle.remote_id, safe='')}"


def _content(uri: str) -> str:
    """Return the address of a file's bytes: the provider names the file, with or without the word for its content."""
    address = uri if "://" in uri else f"/{uri.lstrip('/')}"
    if "/files/" not in address or ":download" in address or "?" in address:
        return address
    return f"{address.partition('?')[0]}:download?alt=media"


async def _part(asset: Asset) -> dict[str, str]:
    return {"type": "image", "data": await base64_of(asset), "mime_type": asset.mime}


def _binding(wish: Wish) -> str:
    """Return the words in front of the prompt that say which picture is what (§4.3)."""
    roles = ROLES.get(wish.request.task, ())
    given = [asset.role for role in roles for asset in wish.assets(role)]
    if not given:
        return ""
    if wish.request.task is Task.REFERENCES:
        names = [f"<IMAGE_REF_{index}>@Image{index + 1}" for index in range(len(given))]
        return f"[# References {' '.join(names)}] "
    names = [f"<{SOURCES[role]}>@Image{index + 1}" for index, role in enumerate(given)]
    return f"[# Sources {' '.join(names)}] "


def _format(frame: Frame, seconds: float) -> dict[str, Any]:
    """Return the wanted video; the duration is a text, because a number is refused."""
    short = min(frame.width, frame.height)
    return {
        "type": "video",
        "aspect_ratio": "9:16" if frame.width < frame.height else "16:9",
        "resolution": "4k" if short == 2160 else f"{short}p",
        "duration": f"{seconds:.0f}s",
        "delivery": "uri",
    }


def read_error(answer: Answer, safe: Safe) -> BackendError:
    """Return the failure an answer without success stands for; the envelope may be wrapped in a list."""
    told = _envelope(answer.body)
    message = safe(str(told.get("message") or ""))
    code = safe(str(told.get("status") or told.get("code") or ""))[:80]
    error = error_from_status(answer, Words(message, code))
    asked = _asked_to_wait(told.get("details"))
    error.retry_after = error.retry_after if asked is None else asked
    if answer.status == 400 and NO_SUCH_WORK.search(message):
        error.kind = Kind.NOT_FOUND
    elif answer.status == 400 and SAFETY.search(message):
        error.kind, error.fault = Kind.MODERATION, Fault.IMAGE if IMAGE.search(message) else Fault.PROMPT
    elif answer.status in {404, 410} and MODEL.search(message):
        error.kind, error.model_gone = Kind.PERMANENT, True
    elif answer.status == 429 and error.retry_after is None and NO_MONEY.search(message):
        error.kind = Kind.QUOTA
    return error


def _envelope(body: Any) -> Mapping[str, Any]:
    body = body[0] if isinstance(body, list) and body else body
    told = body.get("error") if isinstance(body, dict) else None
    return told if isinstance(told, dict) else {"message": told or ""}


def _asked_to_wait(details: Any) -> float | None:
    """Return the seconds of a ``google.rpc.RetryInfo`` among the details, or None."""
    for one in details if isinstance(details, list) else ():
        if isinstance(one, dict) and str(one.get("@type", "")).endswith("google.rpc.RetryInfo"):
            seconds = SECONDS.fullmatch(str(one.get("retryDelay", "")))
            return float(seconds[1]) if seconds else None
    return None


def read_state(job: Mapping[str, Any], safe: Safe) -> RemoteState:
    """Return where an interaction stands; one that is completed with words instead of a video was refused."""
    raw = safe(str(job["status"]))[:60]
    if raw in WORKING:
        return RemoteState(WORKING[raw], raw_status=raw)
    if raw in ENDED_BADLY:
        return _ended_badly(job, raw, safe)
    if raw != "completed":
        return RemoteState(Phase.UNRECOGNISED, raw_status=raw)
    videos = [part for part in _parts(job) if part.get("type") == "video"]
    if videos:
        uri = videos[-1].get("uri")
        if isinstance(uri, str) and uri:
            return RemoteState(Phase.SUCCEEDED, outputs=(OutputRef(data={"uri": uri}),), raw_status=raw)
        # It was made and is paid: a person should look, rather than that it counts as failed.
        return RemoteState(Phase.UNRECOGNISED, raw_status="completed, without an address")
    words = " ".join(str(part.get("text") or "") for part in _parts(job) if part.get("type") == "text")
    if words.strip():
        error = BackendError(Kind.MODERATION, safe(words), provider_code="text_only", fault=Fault.PROVIDER)
        return RemoteState(Phase.REFUSED, error=error, raw_status=raw)
    error = BackendError(Kind.TRANSIENT, "The provider says it is done, and there is no video.")
    return RemoteState(Phase.FAILED, error=error, raw_status=raw)


def _parts(job: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield what the model gave, over all its steps."""
    steps = job.get("steps")
    for step in steps if isinstance(steps, list) else ():
        content = step.get("content") if isinstance(step, dict) and step.get("type") == "model_output" else None
        yield from (part for part in (content if isinstance(content, list) else ()) if isinstance(part, dict))


def _ended_badly(job: Mapping[str, Any], raw: str, safe: Safe) -> RemoteState:
    listed = job.get("errors")
    told = listed[0] if isinstance(listed, list) and listed else job.get("error")
    told = told if isinstance(told, dict) else {"message": told or ""}
    message = safe(str(told.get("message") or "")) or f"The provider says {raw}, and not why."
    code = safe(str(told.get("code") or raw))[:80]
    if message.startswith("Input blocked"):
        fault = Fault.IMAGE if IMAGE.search(message) else Fault.PROMPT
        error = BackendError(Kind.MODERATION, message, provider_code=code, fault=fault)
        return RemoteState(Phase.REFUSED, error=error, raw_status=raw)
    error = BackendError(ENDED_BADLY[raw], message, provider_code=code)
    return RemoteState(Phase.FAILED, error=error, raw_status=raw)
