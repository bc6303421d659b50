"""Replicate: any of its models, each with an input of its own that a catalogue row describes.

Source of the facts: the providers' fact sheets, international §9 and §1.1.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx
from pydantic import SecretStr

from app.backends.adapter import data_uri
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
from app.backends.capabilities import Cancel, ModelCaps, Recover
from app.backends.catalogue import CatalogueRow
from app.backends.config import BackendConfig
from app.backends.described import DescribedBackend, check_driver, filled, plain_values
from app.backends.errors import BackendError, ConfigError, Fault, Kind, WebhookRefused
from app.backends.http import Answer, Bearer, Words, error_from_status
from app.backends.webhooks import StandardWebhooks
from app.core import clock

DEPLOYMENT = "deployments/"
MOST_INLINE = 256_000
DEADLINES_S = (5, 24 * 3600)
FAULTS = {"image": Fault.IMAGE, "prompt": Fault.PROMPT, "audio": Fault.AUDIO}
MODEL_GONE = re.compile(
    r"\b(model|version)\b.*(not found|not exist|not permitted|no longer)", re.IGNORECASE | re.DOTALL
)
MODERATION = ("NSFW", "sensitive", "flagged", "E005")
RESETS_IN = re.compile(r"resets in ~?(\d+)\s*s", re.IGNORECASE)
PHASES: Mapping[str, Phase] = {
    "starting": Phase.QUEUED,
    "processing": Phase.RUNNING,
    "succeeded": Phase.SUCCEEDED,
    "failed": Phase.FAILED,
    "canceled": Phase.CANCELLED,
    "aborted": Phase.FAILED,
}
ENDED = frozenset({Phase.SUCCEEDED, Phase.FAILED, Phase.REFUSED, Phase.CANCELLED})
NO_VIDEO = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".json", ".txt", ".srt", ".wav", ".mp3", ".m4a", ".flac")
MOST_PAGES = 20
CLOCK_SKEW = timedelta(seconds=60)
SETTLE_S = 120.0


class ReplicateBackend(DescribedBackend):
    """One Replicate account; a lost create is looked for in the list of predictions, by what was asked."""

    base_url = "https://api.replicate.com/v1"
    result_hosts = ("*.replicate.delivery", "replicate.delivery")
    options = frozenset({"moderation", "settle_s"})

    def __init__(self, config: BackendConfig, rows: tuple[CatalogueRow, ...]) -> None:
        super().__init__(config, rows)
        words = config.texts("moderation") or MODERATION
        self._refused = re.compile("|".join(map(re.escape, words)), re.IGNORECASE)
        self._settle_s = float(config.option("settle_s", (int, float), SETTLE_S))
        self._webhooks = StandardWebhooks(config.webhook_secret) if config.webhook_secret else None

    def auth(self, config: BackendConfig) -> httpx.Auth | None:
        """Return the key as a bearer token."""
        return Bearer(config.api_key or SecretStr(""))

    def served(self, caps: ModelCaps, config: BackendConfig) -> ModelCaps:
        """Return the capabilities with those of the platform."""
        return replace(caps, cancel=Cancel.BEST_EFFORT, recover=Recover.LIST, webhook=True)

    async def submit(self, request: GenRequest, context: SubmitContext) -> Handle:
        """Create the prediction, once; the platform stops it by itself at the model's deadline."""
        wish = self.wish(request)
        await check_driver(wish, context.price_cap)
        body: dict[str, Any] = {"input": await self.fields(wish)}
        path = "/predictions"
        if request.model.startswith(DEPLOYMENT):
            path = f"/{quote(request.model)}/predictions"
        else:
            body["version"] = request.model
        if context.webhook_url:
            body |= {"webhook": context.webhook_url, "webhook_events_filter": ["completed"]}
        low, high = DEADLINES_S
        deadline = min(max(round(wish.row.caps.deadline_s), low), high)
        answer = await self.create(path, json=body, headers={"Cancel-After": f"{deadline}s"})
        if not _is_id(answer.body.get("id")):
            raise self.client.unreadable(answer)
        return self.handle(request, context, answer.body["id"])

    async def address(self, asset: Asset) -> str:
        """Return an input's public address, the input itself where it is small, or where it was uploaded to."""
        if asset.url is not None and asset.url.startswith("https://"):
            return asset.url
        if asset.path.stat().st_size * 4 / 3 + 100 <= MOST_INLINE:
            return await data_uri(asset)
        content = await asyncio.to_thread(asset.path.read_bytes)
        answer = await self.client.request("POST", "/files", files={"content": (asset.role, content, asset.mime)})
        if not answer.ok:
            raise self.read_error(answer)
        urls = answer.body.get("urls") if isinstance(answer.body, dict) else None
        if not isinstance(urls, dict) or not isinstance(urls.get("get"), str):
            raise BackendError(Kind.TRANSIENT, "Replicate took an upload and did not say where it is.", charged=False)
        return str(urls["get"])

    async def poll(self, handle: Handle) -> RemoteState:
        """Return where the prediction stands."""
        answer = await self.client.request("GET", f"/predictions/{quote(handle.remote_id, safe='')}")
        if not answer.ok:
            raise self.read_error(answer)
        return self._state(answer.body)

    async def fetch(self, handle: Handle, output: OutputRef, sink: Sink) -> Artifact:
        """Stream the result to the sink."""
        address = output.data.get("url")
        if not isinstance(address, str):
            raise BackendError(Kind.NOT_FOUND, "The prediction has no result yet.")
        return await self.client.download(address, sink)

    async def cancel(self, handle: Handle) -> CancelResult:
        """Ask for the end of the prediction, and return what its state says then."""
        answer = await self.client.request("POST", f"/predictions/{quote(handle.remote_id, safe='')}/cancel")
        if answer.status in {401, 403, 404, 429} or answer.status >= 500:
            raise self.read_error(answer)
        state = self._state(answer.body) if answer.ok else await self.poll(handle)
        if state.phase is Phase.CANCELLED:
            return CancelResult.CANCELLED
        return CancelResult.TOO_LATE if state.phase in ENDED else CancelResult.ASKED

    async def find(self, request: GenRequest, context: SubmitContext) -> Handle | None:
        """Look for a lost create among the newest predictions, by time, model and input; inputs are kept an hour."""
        wish = self._fitted(self.row(request.model), request)
        # Without input files, which may not be at hand now, and whose addresses differ each time.
        wanted = filled(wish.row.inputs, plain_values(wish), f"{wish.frame.width}x{wish.frame.height}", request.extra)
        listed = [one for one in await self._listed_since(context) if one["id"] not in context.known_remote_ids]
        found = [one for one in listed if _could_be(one, request.model, wanted)]
        if len(found) == 1 and not _is_unreadable(found[0]):
            return self.handle(request, context, found[0]["id"])
        if found:
            message = f"{len(found)} predictions could be this one: a person must decide."
            raise BackendError(Kind.TRANSIENT, message, outcome_unknown=True)
        waited = (clock.now() - context.submitted_at).total_seconds()
        if waited < self._settle_s:
            message = "Replicate does not list it yet; it is too early to say that it was not created."
            raise BackendError(Kind.TRANSIENT, message, outcome_unknown=True, retry_after=self._settle_s - waited)
        return None

    async def parse_webhook(self, delivery: Delivery) -> WebhookHint:
        """Return what a signed delivery announces; without a configured secret the account's own is asked for once."""
        if self._webhooks is None:
            self._webhooks = await self._published_secret()
        event = self._webhooks.verify(delivery.headers, delivery.body)
        try:
            told = json.loads(delivery.body)
            return WebhookHint(event, str(told["id"]), str(told["status"]))
        except (ValueError, KeyError, TypeError):
            failure = WebhookRefused("The delivery is not understood.")
        raise failure

    def read_error(self, answer: Answer) -> BackendError:
        """Return the failure that ``{title, detail, invalid_fields}`` tells."""
        body = answer.body if isinstance(answer.body, dict) else {}
        told = str(body.get("detail") or body.get("title") or "")
        invalid = body.get("invalid_fields")
        first = invalid[0] if isinstance(invalid, list) and invalid else ""
        named = str(first.get("field") or "") if isinstance(first, dict) else str(first)
        words = Words(
            self.client.safe(told), self.client.safe(str(body.get("type") or ""))[:80], self.client.safe(named)[:80]
        )
        error = error_from_status(answer, words)
        resets = RESETS_IN.search(told)
        if answer.status == 429 and error.retry_after is None and resets:
            error.retry_after = float(resets.group(1))
        elif answer.status in {400, 422} and MODEL_GONE.search(told):
            error.kind, error.model_gone = Kind.PERMANENT, True
        return error

    def _state(self, told: Any) -> RemoteState:
        if not isinstance(told, dict) or not isinstance(told.get("status"), str):
            raise BackendError(Kind.TRANSIENT, "Replicate answered with something that is not this prediction.")
        raw = told["status"]
        phase, error = PHASES.get(raw, Phase.UNRECOGNISED), None
        if phase is Phase.FAILED:
            error = self._failure(raw, str(told.get("error") or ""))
            phase = Phase.REFUSED if error.kind is Kind.MODERATION else phase
        elif phase is Phase.SUCCEEDED and told.get("data_removed") is True:
            message = "It was made, and Replicate removed it an hour later, before it was fetched."
            phase, error = Phase.FAILED, BackendError(Kind.EXPIRED, message, charged=True)
        urls = list(_videos(told.get("output"))) if phase is Phase.SUCCEEDED else []
        outputs = tuple(OutputRef(index, data={"url": url}) for index, url in enumerate(urls))
        return RemoteState(phase, outputs=outputs, error=error, raw_status=self.client.safe(raw)[:60])

    def _failure(self, raw: str, told: str) -> BackendError:
        """Return why a prediction failed: a refusal by its words, since Replicate has no code for it."""
        message = self.client.safe(told) or (
            "Replicate stopped it at its deadline."
            if raw == "aborted"
            else "Replicate says that it failed, and not why."
        )
        if not self._refused.search(told):
            return BackendError(Kind.TRANSIENT, message, fault=Fault.PROVIDER)
        fault = next((fault for word, fault in FAULTS.items() if word in told.lower()), Fault.UNKNOWN)
        return BackendError(Kind.MODERATION, message, fault=fault)

    async def _published_secret(self) -> StandardWebhooks:
        """Return the account's own secret for deliveries."""
        try:
            answer = await self.client.request("GET", "/webhooks/default/secret")
            return StandardWebhooks(SecretStr(str(answer.body["key"])))
        except (BackendError, ConfigError, KeyError, TypeError):
            failure = WebhookRefused("The secret that signs deliveries could not be read: set webhook_secret.")
        raise failure

    async def _listed_since(self, context: SubmitContext) -> list[Mapping[str, Any]]:
        """Return the predictions created since just before the submit; raise when the list cannot be read so far."""
        since = context.submitted_at - CLOCK_SKEW
        found: list[Mapping[str, Any]] = []
        cursor: dict[str, str] = {}
        for _ in range(MOST_PAGES):
            answer = await self.client.request("GET", "/predictions", params=cursor)
            if not answer.ok:
                error = self.read_error(answer)
                error.outcome_unknown = error.kind in {Kind.NOT_FOUND, Kind.INVALID, Kind.PERMANENT}
                raise error
            results = answer.body.get("results") if isinstance(answer.body, dict) else None
            if not isinstance(results, list):
                raise BackendError(Kind.TRANSIENT, "Replicate's list is not understood.")
            listed = [one for one in results if isinstance(one, dict) and _is_id(one.get("id"))]
            recent = [one for one in listed if (_time(one.get("created_at")) or since) >= since]
            found += recent
            after = parse_qs(urlsplit(str(answer.body.get("next") or "")).query).get("cursor")
            if not after or len(recent) < len(listed):
                return found
            cursor = {"cursor": after[0]}
        message = "Too much was created since: Replicate's list could not be read to its end."
        raise BackendError(Kind.TRANSIENT, message, outcome_unknown=True)


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 200 and value.isprintable()


def _time(value: Any) -> datetime | None:
    try:
        told = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return told if told.tzinfo else told.replace(tzinfo=UTC)


def _is_unreadable(told: Mapping[str, Any]) -> bool:
    """Return whether a listed prediction no longer says what was asked."""
    return told.get("data_removed") is True or not isinstance(told.get("input"), dict)


def _could_be(told: Mapping[str, Any], model: str, wanted: Mapping[str, Any]) -> bool:
    """Return whether nothing that a listed prediction says speaks against its being this one."""
    name, _, version = model.partition(":")
    if "/" in name and not name.startswith(DEPLOYMENT) and told.get("model") not in {None, "", name}:
        return False
    if version and told.get("version") not in {None, "", version}:
        return False
    return _is_unreadable(told) or _agrees(wanted, told["input"])


def _agrees(wanted: Any, told: Any) -> bool:
    if isinstance(wanted, Mapping):
        return isinstance(told, Mapping) and all(_agrees(value, told.get(key)) for key, value in wanted.items())
    if isinstance(wanted, str):
        return isinstance(told, str) and wanted.split() == told.split()
    return bool(wanted == told)


def _videos(output: Any) -> Iterator[str]:
    """Yield the addresses in an output that may be videos: it is an address, a list or a table, as the model likes."""
    if isinstance(output, str) and output.startswith(("https://", "http://")):
        if not urlsplit(output).path.lower().endswith(NO_VIDEO):
            yield output
    elif isinstance(output, list | dict):
        for one in output.values() if isinstance(output, dict) else output:
            yield from _videos(one)
