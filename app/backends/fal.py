"""fal's queue: any of its models, each with an input of its own that a catalogue row describes.

Source of the facts: the providers' fact sheets, international §8 and §1.2.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import httpx
from pydantic import SecretStr

from app.backends.adapter import HeaderKey, data_uri
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
from app.backends.capabilities import Cancel, ModelCaps
from app.backends.catalogue import CatalogueRow
from app.backends.config import BackendConfig
from app.backends.described import DescribedBackend, check_driver
from app.backends.errors import BackendError, Fault, Kind, WebhookRefused
from app.backends.http import Answer, Words, error_from_status
from app.backends.published_keys import PublishedKeys
from app.core.money import Money

KEYS_URL = "https://rest.fal.ai/.well-known/jwks.json"
PHASES: Mapping[str, Phase] = {"IN_QUEUE": Phase.QUEUED, "IN_PROGRESS": Phase.RUNNING}
ASK_RESULT_S = 1.0
THREE_SEGMENTS = frozenset({"workflows", "comfy"})
NO_MONEY = ("exhausted balance", "locked")
PASSING = frozenset(
    {
        "generation_timeout",
        "downstream_service_error",
        "downstream_service_unavailable",
        "internal_server_error",
        "request_timeout",
        "startup_timeout",
        "runner_scheduling_failure",
        "runner_connection_timeout",
        "runner_disconnected",
        "runner_connection_refused",
    }
)
NOT_THE_MODEL = frozenset({401, 402, 403, 404, 408, 409, 425, 429})
FAULTS = {"prompt": Fault.PROMPT, "image": Fault.IMAGE, "video": Fault.IMAGE, "audio": Fault.AUDIO}


class FalBackend(DescribedBackend):
    """One fal account. The queue says only that a request has ended: how it ended is asked for with the next poll."""

    base_url = "https://queue.fal.run"
    result_hosts = ("*.fal.media", "fal.media")
    options = frozenset({"keys_url"})

    def __init__(self, config: BackendConfig, rows: tuple[CatalogueRow, ...]) -> None:
        super().__init__(config, rows)
        self._base = (config.base_url or self.base_url).rstrip("/")
        self._ended: set[str] = set()
        keys_url = config.option("keys_url", str, KEYS_URL)
        self._keys = PublishedKeys(config.name, keys_url, self_hosted=config.option("self_hosted", bool, False))
        self.hosts |= self._keys.hosts

    def auth(self, config: BackendConfig) -> httpx.Auth | None:
        """Return ``Authorization: Key <key>``."""
        return HeaderKey("Authorization", config.api_key or SecretStr(""), "Key")

    def served(self, caps: ModelCaps, config: BackendConfig) -> ModelCaps:
        """Return the capabilities with those of the queue."""
        return replace(caps, cancel=Cancel.BEST_EFFORT, webhook=True)

    async def submit(self, request: GenRequest, context: SubmitContext) -> Handle:
        """Put the request into the queue, once; the queue is told not to run it again by itself."""
        wish = self.wish(request)
        await check_driver(wish, context.price_cap)
        headers = {"x-fal-no-retry": "1"}
        if wish.row.caps.result_lifetime_s:
            kept = {"expiration_duration_seconds": wish.row.caps.result_lifetime_s}
            headers["X-Fal-Object-Lifecycle-Preference"] = json.dumps(kept)
        answer = await self.create(
            f"/{quote(request.model)}",
            json=await self.fields(wish),
            params={"fal_webhook": context.webhook_url} if context.webhook_url else {},
            headers=headers,
        )
        remote_id = answer.body.get("request_id")
        if not isinstance(remote_id, str) or not 0 < len(remote_id) <= 200:
            raise self.client.unreadable(answer)
        return self.handle(request, context, remote_id, **self._places(request.model, remote_id, answer.body))

    async def address(self, asset: Asset) -> str:
        """Return an input's public address, or the input itself where this installation cannot be reached."""
        return asset.url if asset.url is not None and asset.url.startswith("https://") else await data_uri(asset)

    async def poll(self, handle: Handle) -> RemoteState:
        """Return where the request stands; once the queue has said that it ended, how it ended."""
        if handle.remote_id in self._ended:
            return await self._result(handle)
        answer = await self.client.request("GET", handle.data["status"])
        if not answer.ok:
            raise self.read_error(answer)
        raw = answer.body.get("status") if isinstance(answer.body, dict) else None
        if not isinstance(raw, str):
            raise BackendError(Kind.TRANSIENT, "fal answered with something that is not this request.")
        if raw == "COMPLETED":
            self._ended.add(handle.remote_id)
            return RemoteState(Phase.RUNNING, retry_after=ASK_RESULT_S, raw_status=raw)
        return RemoteState(PHASES.get(raw, Phase.UNRECOGNISED), raw_status=self.client.safe(raw)[:60])

    async def fetch(self, handle: Handle, output: OutputRef, sink: Sink) -> Artifact:
        """Stream the result to the sink."""
        address = output.data.get("url")
        if not isinstance(address, str):
            raise BackendError(Kind.NOT_FOUND, "The request has no result yet.")
        return await self.client.download(address, sink)

    async def cancel(self, handle: Handle) -> CancelResult:
        """Ask the queue to drop the request; the model may still end it, so polling goes on."""
        answer = await self.client.request("PUT", handle.data["cancel"])
        if answer.ok:
            return CancelResult.ASKED
        told = answer.body.get("status") if isinstance(answer.body, dict) else None
        if told == "ALREADY_COMPLETED":
            return CancelResult.TOO_LATE
        raise self.read_error(answer)

    async def parse_webhook(self, delivery: Delivery) -> WebhookHint:
        """Return what a signed delivery announces; it is told once a request, so the request's id is the event's."""
        names = ("request-id", "user-id", "timestamp", "signature")
        request, user, stamp, signature = (delivery.headers.get(f"x-fal-webhook-{name}", "") for name in names)
        await self._keys.verify([request, user, stamp], signature, delivery.body)
        try:
            told = json.loads(delivery.body)
            remote_id, status = told["request_id"], told["status"]
        except (ValueError, KeyError, TypeError):
            remote_id, status = None, None
        if not isinstance(remote_id, str) or not remote_id or status not in {"OK", "ERROR"}:
            raise WebhookRefused("The delivery is not understood.")
        return WebhookHint(f"{request}:{status}", remote_id, status)

    async def aclose(self) -> None:
        """Close the connections."""
        await super().aclose()
        await self._keys.aclose()

    def read_error(self, answer: Answer) -> BackendError:
        """Return the failure that ``{"detail": "…" or [{loc, msg, type}], "error_type"}`` tells."""
        body = answer.body if isinstance(answer.body, dict) else {}
        detail = body.get("detail")
        first = detail[0] if isinstance(detail, list) and detail and isinstance(detail[0], dict) else {}
        place = [str(one) for one in first.get("loc") or [] if one != "body"]
        code = str(first.get("type") or body.get("error_type") or answer.headers.get("x-fal-error-type") or "")
        told = str(first.get("msg") or "") if first else detail if isinstance(detail, str) else ""
        words = Words(self.client.safe(told), self.client.safe(code)[:80], self.client.safe(".".join(place))[:80])
        error = error_from_status(answer, words)
        error.fault = next((fault for word, fault in FAULTS.items() if word in ".".join(place)), Fault.UNKNOWN)
        if code == "content_policy_violation":
            error.kind = Kind.MODERATION
        elif code in PASSING:
            error.kind = Kind.TRANSIENT
        elif answer.status in {401, 403} and any(word in told.lower() for word in NO_MONEY):
            error.kind = Kind.QUOTA
        elif code.startswith("image_"):
            error.fault = Fault.IMAGE
        return error

    async def _result(self, handle: Handle) -> RemoteState:
        """Return how an ended request ended: its result, or the model's own error as an HTTP error."""
        answer = await self.client.request("GET", handle.data["response"])
        if answer.ok and isinstance(answer.body, dict):
            self._ended.discard(handle.remote_id)
            outputs = tuple(OutputRef(index, data={"url": url}) for index, url in enumerate(_videos(answer.body)))
            return RemoteState(Phase.SUCCEEDED, outputs=outputs, raw_status="COMPLETED")
        error = self.read_error(answer)
        told = isinstance(answer.body, dict) and "detail" in answer.body
        if answer.ok or answer.status in NOT_THE_MODEL or not told:
            # The look failed, not the work: it can be repeated.
            raise error
        self._ended.discard(handle.remote_id)
        # A failure of fal's own is free; what the model refused may be billed, and nobody says.
        error.charged = False if answer.status >= 500 else None
        phase = Phase.REFUSED if error.kind is Kind.MODERATION else Phase.FAILED
        cost = Money(0, "USD") if error.charged is False else None
        return RemoteState(phase, cost=cost, error=error, raw_status=f"COMPLETED {answer.status}")

    def _places(self, model: str, remote_id: str, told: Mapping[str, Any]) -> dict[str, str]:
        """Return the paths to ask at: those the queue named where they are its own, else those its rule gives."""
        parts = model.split("/")
        app = quote("/".join(parts[: 3 if parts[0] in THREE_SEGMENTS else 2]))
        request = f"/{app}/requests/{quote(remote_id, safe='')}"
        places = {"status": f"{request}/status", "response": request, "cancel": f"{request}/cancel"}
        for name in places:
            address = told.get(f"{name}_url")
            if isinstance(address, str) and address.startswith(f"{self._base}/") and ".." not in address:
                places[name] = address[len(self._base) :]
        return places


def _videos(result: Mapping[str, Any]) -> list[str]:
    """Return the addresses of a result's videos, under ``video`` or ``videos``."""
    listed = result.get("videos")
    files = [result.get("video"), *(listed if isinstance(listed, list) else [])]
    return [one["url"] for one in files if isinstance(one, dict) and isinstance(one.get("url"), str)]
