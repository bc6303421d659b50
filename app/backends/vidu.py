"""Vidu: text, a first frame, first and last frame, references; paid in credits, with signed deliveries.

Source of the facts: the providers' fact sheets, china §1, §7, §20.6.
"""

from __future__ import annotations

import base64
import email.utils
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC
from decimal import Decimal, InvalidOperation
from math import gcd
from typing import Any
from urllib.parse import quote

import httpx

from app.backends.adapter import CatalogueBackend, HeaderKey, Wish, data_uri, public_address
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
from app.backends.catalogue import CatalogueRow, Price
from app.backends.config import BackendConfig
from app.backends.errors import BackendError, ConfigError, Fault, Kind, WebhookRefused
from app.backends.http import Answer, Words, error_from_status
from app.core import clock
from app.core.money import Money

CREDITS = "XXX"
SETTINGS = frozenset(
    {
        *("movement_amplitude", "style", "audio_type", "voice_id", "bgm", "is_rec"),
        *("watermark", "wm_position", "wm_url", "meta_data"),
    }
)
PATHS: Mapping[Task, str] = {
    Task.TEXT: "text2video",
    Task.FIRST_FRAME: "img2video",
    Task.FIRST_AND_LAST: "start-end2video",
    Task.REFERENCES: "reference2video",
}
ROLES: Mapping[Task, tuple[str, ...]] = {
    Task.FIRST_FRAME: ("first",),
    Task.FIRST_AND_LAST: ("first", "last"),
    Task.REFERENCES: ("reference",),
}
SHAPED = frozenset({Task.TEXT, Task.REFERENCES})
PICTURES = frozenset({"image/png", "image/jpeg", "image/webp"})
INLINE_BYTES = 20_000_000
MOST_CREDITS = 10**9
OFF_PEAK_S = 48 * 3600.0
TOLERANCE_S = 300
PHASES: Mapping[str, Phase] = {
    "created": Phase.QUEUED,
    "queueing": Phase.QUEUED,
    "processing": Phase.RUNNING,
    "success": Phase.SUCCEEDED,
    "failed": Phase.FAILED,
}
KINDS: Mapping[str, Kind] = {
    "FieldInvalid": Kind.INVALID,
    "Unauthorized": Kind.AUTH,
    "Forbidden": Kind.AUTH,
    "ModelUnavailable": Kind.PERMANENT,
    "CreditInsufficient": Kind.QUOTA,
    "QuotaExceeded": Kind.RATE_LIMIT,
    "OperationInProcess": Kind.RATE_LIMIT,
    "TooManyRequests": Kind.RATE_LIMIT,
    "SystemThrottling": Kind.RATE_LIMIT,
    "ImageDownloadFailure": Kind.INVALID,
    "AuditSubmitIllegal": Kind.MODERATION,
    "TaskPromptPolicyViolation": Kind.MODERATION,
    "CreationPolicyViolation": Kind.MODERATION,
    "InternalServiceFailure": Kind.TRANSIENT,
}
FAULTS: Mapping[str, Fault] = {
    "ImageDownloadFailure": Fault.IMAGE,
    "TaskPromptPolicyViolation": Fault.PROMPT,
    "CreationPolicyViolation": Fault.PROVIDER,
}


class ViduBackend(CatalogueBackend):
    """One Vidu account; ``base_url`` chooses between China (the default) and the rest of the world."""

    base_url = "https://api.vidu.cn"
    options = frozenset({"credit_price", "off_peak"})
    extras = SETTINGS

    def __init__(self, config: BackendConfig, rows: Iterable[CatalogueRow]) -> None:
        self._credit = _credit_price(config)
        super().__init__(config, [_priced(row, self._credit, config) for row in rows])
        self._key = config.api_key
        self._off_peak = config.option("off_peak", bool, False)

    def auth(self, config: BackendConfig) -> httpx.Auth | None:
        """Return the key behind the word Token."""
        return HeaderKey("Authorization", config.api_key, "Token") if config.api_key else None

    def served(self, caps: ModelCaps, config: BackendConfig) -> ModelCaps:
        """Return what is the same for all models; off-peak work may take two days."""
        wait = OFF_PEAK_S if config.option("off_peak", bool, False) else caps.deadline_s
        told = replace(caps, webhook=True, recover=Recover.WEBHOOK_TAG, progress=True)
        return replace(told, cancel=Cancel.BEST_EFFORT, deadline_s=wait)

    async def submit(self, request: GenRequest, context: SubmitContext) -> Handle:
        """Create the task, once; the attempt's id travels along as its payload."""
        wish = self.wish(request)
        answer = await self.client.create(f"/ent/v2/{PATHS[request.task]}", json=await self._fields(wish, context))
        task = answer.body.get("task_id")
        if not isinstance(task, str) or not task:
            raise self.client.unreadable(answer)
        return self.adopt(request, context, task)

    def adopt(self, request: GenRequest, context: SubmitContext, remote_id: str) -> Handle:
        """Return the handle of a task by its id, such as a delivery to the attempt's own address tells."""
        return self.handle(request, context, remote_id)

    async def check(self) -> str:
        """Ask for the credits that are left: that proves the address and the key, and costs nothing."""
        answer = await self.client.request("GET", "/ent/v2/credits")
        if not answer.ok or not isinstance(answer.body, dict):
            raise self.read_error(answer)
        return "Vidu answered, and it knows the credits of this key."

    async def poll(self, handle: Handle) -> RemoteState:
        """Return where the task stands, and what it cost once it succeeded."""
        answer = await self.client.request("GET", f"{_task(handle)}/creations")
        if not answer.ok:
            raise self.read_error(answer)
        if not isinstance(answer.body, dict) or not isinstance(answer.body.get("state"), str):
            raise BackendError(Kind.TRANSIENT, "The provider answered with something that is not this task.")
        told, raw = answer.body, answer.body["state"]
        phase, error = PHASES.get(raw, Phase.UNRECOGNISED), None
        if phase is Phase.FAILED:
            error = self._failure(told)
            phase = Phase.REFUSED if error.kind is Kind.MODERATION else phase
        done = _number(told.get("progress"), 100)
        progress = None if done is None else float(done) / 100
        outputs = _outputs(told) if phase is Phase.SUCCEEDED else ()
        cost = self._cost(told) if phase is Phase.SUCCEEDED else None
        return RemoteState(phase, progress, outputs, cost, error, raw_status=raw[:60])

    async def fetch(self, handle: Handle, output: OutputRef, sink: Sink) -> Artifact:
        """Stream the video from where the task's answer says it lies."""
        if "url" not in output.data:
            raise BackendError(Kind.NOT_FOUND, "The task has no video yet.")
        return await self.client.download(output.data["url"], sink)

    async def cancel(self, handle: Handle) -> CancelResult:
        """Ask to stop what still waits; Vidu names no cancelled state, so the next poll tells how it ended."""
        answer = await self.client.request("POST", f"{_task(handle)}/cancel")
        if answer.ok:
            return CancelResult.ASKED
        error = self.read_error(answer)
        if error.kind is Kind.INVALID or answer.status == 409:
            return CancelResult.TOO_LATE
        raise error

    async def parse_webhook(self, delivery: Delivery) -> WebhookHint:
        """Return what a delivery announces; its signature covers path, date and headers, and not the body."""
        self._verify(delivery)
        try:
            told = json.loads(delivery.body)
        except ValueError:
            told = None
        if not isinstance(told, dict) or not all(isinstance(told.get(key), str) for key in ("id", "state")):
            raise WebhookRefused("The delivery is not understood.")
        return WebhookHint(f"{told['id']}:{told['state']}", told["id"], told["state"])

    def read_error(self, answer: Answer) -> BackendError:
        """Return the failure an answer stands for: the reason's name first, then the status."""
        body = answer.body if isinstance(answer.body, dict) else {}
        words = Words(self.client.safe(str(body.get("message") or "")), self.client.safe(str(body.get("reason") or "")))
        error = error_from_status(answer, words)
        if answer.status < 500:
            error.kind = KINDS.get(words.code, error.kind)
        error.fault = _fault(words)
        error.model_gone = error.kind is Kind.PERMANENT and words.code == "ModelUnavailable"
        return error

    async def _fields(self, wish: Wish, context: SubmitContext) -> dict[str, Any]:
        request, caps = wish.request, wish.row.caps
        fields: dict[str, Any] = {
            "model": request.model,
            "prompt": request.prompt,
            "duration": round(wish.seconds),
            "resolution": f"{min(wish.frame.width, wish.frame.height)}p",
            "payload": str(context.attempt_id),
        }
        if request.task in SHAPED:
            fields["aspect_ratio"] = _shape(wish.frame)
        pictures = [one for role in ROLES.get(request.task, ()) for one in wish.assets(role)]
        if pictures:
            fields["images"] = [await _picture(one) for one in pictures]
        if request.seed is not None and caps.seed:
            fields["seed"] = request.seed
        if caps.native_sound:
            fields["audio"] = request.sound
        if self._off_peak:
            fields["off_peak"] = True
        if context.webhook_url:
            fields["callback_url"] = context.webhook_url
        return fields | dict(request.extra)

    def _failure(self, told: Mapping[str, Any]) -> BackendError:
        """Return why a task failed; whether its credits came back is not told."""
        words = Words(
            self.client.safe(str(told.get("message") or "")), self.client.safe(str(told.get("err_code") or ""))
        )
        message = words.message or f"The provider says that it failed: {words.code or 'without a reason'}."
        kind = KINDS.get(words.code, Kind.TRANSIENT)
        return BackendError(kind, message, provider_code=words.code, fault=_fault(words))

    def _cost(self, told: Mapping[str, Any]) -> Money | None:
        credits = _number(told.get("credits"), MOST_CREDITS)
        if self._credit is None or credits is None:
            return None
        amount, currency = self._credit
        return Money.of(amount * credits, currency)

    def _verify(self, delivery: Delivery) -> None:
        given = delivery.headers
        date, names = given.get("date", ""), given.get("x-hmac-signed-headers", "").split(";")
        if given.get("x-hmac-algorithm") != "hmac-sha256" or given.get("x-hmac-access-key") != "vidu":
            raise WebhookRefused("The delivery is not signed as agreed.")
        if self._key is None or not all(name.lower() in given for name in names):
            raise WebhookRefused("The delivery lacks a header that it says is signed.")
        lines = [delivery.method, delivery.path, delivery.query, "vidu", date]
        lines += [f"{name}:{given[name.lower()]}" for name in names]
        signed = "".join(f"{line}\n" for line in lines)
        digest = hmac.digest(self._key.get_secret_value().encode(), signed.encode(), hashlib.sha256)
        if not hmac.compare_digest(base64.b64encode(digest), given.get("x-hmac-signature", "").encode()):
            raise WebhookRefused("The signature is not ours.")
        if not _fresh(date):
            raise WebhookRefused("The delivery is stale.")


def _number(value: Any, most: int) -> Decimal | None:
    """Return a number from 0 to ``most``, or None for what is none."""
    plain = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most
    return Decimal(str(value)) if plain else None


def _task(handle: Handle) -> str:
    return f"/ent/v2/tasks/{quote(handle.remote_id, safe='')}"


def _outputs(told: Mapping[str, Any]) -> tuple[OutputRef, ...]:
    """Return the videos of a finished task; raise TRANSIENT when it names none, so that it is asked again."""
    creations = told.get("creations")
    listed = [one for one in creations if isinstance(one, dict)] if isinstance(creations, list) else []
    urls = [one["url"] for one in listed if isinstance(one.get("url"), str) and one["url"]]
    if not urls:
        raise BackendError(Kind.TRANSIENT, "The provider says that the task succeeded, and names no video.")
    return tuple(OutputRef(index, data={"url": url}) for index, url in enumerate(urls))


def _fault(words: Words) -> Fault:
    if words.code == "AuditSubmitIllegal":
        return Fault.IMAGE if "image" in words.message.lower() else Fault.UNKNOWN
    return FAULTS.get(words.code, Fault.UNKNOWN)


def _shape(frame: Frame) -> str:
    common = gcd(frame.width, frame.height)
    return f"{frame.width // common}:{frame.height // common}"


async def _picture(asset: Asset) -> str:
    """Return a picture within the request, or the address of one too large for that."""
    if asset.mime not in PICTURES:
        message = f"Vidu takes pictures as PNG, JPEG or WebP, not {asset.mime}."
        raise BackendError(Kind.INVALID, message, field="assets", fault=Fault.IMAGE, charged=False)
    return await data_uri(asset) if asset.path.stat().st_size < INLINE_BYTES else public_address(asset)


def _fresh(date: str) -> bool:
    try:
        sent = email.utils.parsedate_to_datetime(date)
    except ValueError:
        return False
    sent = sent if sent.tzinfo else sent.replace(tzinfo=UTC)
    return abs((clock.now() - sent).total_seconds()) <= TOLERANCE_S


def _credit_price(config: BackendConfig) -> tuple[Decimal, str] | None:
    """Return what a credit costs by the option ``credit_price``, such as ``{ currency = "CNY", amount = "0.05" }``."""
    told = config.option("credit_price", dict, {})
    if not told:
        return None
    amount, currency = told.get("amount"), str(told.get("currency", "")).upper()
    try:
        price = Decimal(amount) if isinstance(amount, str | int) else Decimal("NaN")
    except InvalidOperation:
        price = Decimal("NaN")
    known = set(told) == {"amount", "currency"} and len(currency) == 3 and currency.isalpha() and currency != CREDITS
    if not known or not price.is_finite() or price <= 0:
        raise ConfigError(f"Option 'credit_price' of backend {config.name!r} is a table of a currency and an amount.")
    return price, currency


def _priced(row: CatalogueRow, credit: tuple[Decimal, str] | None, config: BackendConfig) -> CatalogueRow:
    """Return a row with its price in money; raise ``ConfigError`` for credits of which nobody said what one costs."""
    price = row.price
    if price is None or price.currency != CREDITS:
        return row
    if credit is None:
        where = f"Model {row.caps.model!r} of backend {config.name!r}"
        raise ConfigError(f"{where} is priced in credits: say in the option 'credit_price' what one costs.")
    amount, currency = credit

    def worth(rates: Mapping[str, Decimal]) -> dict[str, Decimal]:
        return {key: rate * amount for key, rate in rates.items()}

    money = Price(
        currency,
        per_second=price.per_second * amount,
        per_request=price.per_request * amount,
        per_second_by_size=worth(price.per_second_by_size),
        silent_by_size=worth(price.silent_by_size),
        per_clip=worth(price.per_clip),
    )
    return replace(row, price=money)
