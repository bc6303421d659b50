"""The adapter of the fake paid provider, kind ``fake_paid``: for tests and demos only, it buys nothing real."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from app.backends.base import (
    Artifact,
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
from app.backends.catalogue import Price
from app.backends.config import BackendConfig
from app.backends.errors import BackendError, ConfigError, Fault, Kind, WebhookRefused
from app.backends.fit import check_request, fit_duration, fit_frame
from app.backends.guard import HostPolicy
from app.backends.http import Answer, BackendClient, Bearer, Timeouts, Words, error_from_status
from app.backends.webhooks import StandardWebhooks
from app.core.money import Money

OPTIONS = frozenset(
    {"recover", "charges_refusals", "read_timeout_s", "poll_min_s", "deadline_s", "hosts", "self_hosted"}
)
PRICES = {"paid-fast": Price("USD", Decimal("0.05")), "paid-fine": Price("USD", Decimal("0.40"))}
PHASES = {
    "queued": Phase.QUEUED,
    "running": Phase.RUNNING,
    "done": Phase.SUCCEEDED,
    "failed": Phase.FAILED,
    "refused": Phase.REFUSED,
    "cancelled": Phase.CANCELLED,
}
KINDS = {
    "insufficient_quota": Kind.QUOTA,
    "moderation_blocked": Kind.MODERATION,
    "model_not_found": Kind.PERMANENT,
}
FAULTS = {"prompt": Fault.PROMPT, "input_reference": Fault.IMAGE}


class FakePaidBackend:
    """Buys from a ``PaidFake`` at ``base_url``; option ``recover`` gives one that also finds lost answers.

    With a ``webhook_secret`` the provider announces what has ended, and so what became of a lost answer.
    """

    def __init__(self, config: BackendConfig) -> None:
        self.name = config.name
        own = config.option("self_hosted", bool, True)
        policy = HostPolicy.of(config.base_url, config.texts("hosts"), self_hosted=own)
        self.hosts = policy.hosts
        self._webhooks = StandardWebhooks(config.webhook_secret) if config.webhook_secret else None
        self._caps = {model: _caps(model, config) for model in PRICES}
        self._client = BackendClient(
            config.base_url,
            policy=policy,
            read_error=self._read_error,
            auth=Bearer(config.api_key) if config.api_key else None,
            secrets=(config.api_key,) if config.api_key else (),
            timeouts=Timeouts(read=float(config.option("read_timeout_s", (int, float), 60.0))),
        )

    @classmethod
    def from_config(cls, config: BackendConfig) -> FakePaidBackend:
        """Return the backend that ``config`` describes; raise ``ConfigError`` for what is missing or unknown."""
        config.known_options(OPTIONS)
        if not config.base_url:
            raise ConfigError(f"Backend {config.name!r} needs a base_url.")
        if cls is FakePaidBackend and config.option("recover", bool, False):
            return RecoverableFakePaidBackend(config)
        return cls(config)

    def models(self) -> tuple[ModelCaps, ...]:
        """Return a cheap model and a dear one."""
        return tuple(self._caps.values())

    def estimate(self, request: GenRequest) -> Cost:
        """Return the price of the seconds to be made."""
        seconds = fit_duration(self._caps[request.model], request.duration_s)
        price = PRICES[request.model].cost(seconds, Frame(request.width, request.height))
        return Cost(price, price, basis=f"{seconds:g} s, fake money")

    async def submit(self, request: GenRequest, context: SubmitContext) -> Handle:
        """Buy, once."""
        caps = self._caps.get(request.model)
        if caps is None or request.extra:
            raise BackendError(Kind.INVALID, "No such model or setting.", field="model" if caps is None else "extra")
        check_request(caps, request)
        frame = fit_frame(caps, request.width, request.height)
        fields = {
            "model": request.model,
            "prompt": request.prompt,
            "seconds": round(fit_duration(caps, request.duration_s)),
            "size": f"{frame.width}x{frame.height}",
            "attempt_id": str(context.attempt_id),
            **({"callback_url": context.webhook_url} if context.webhook_url else {}),
        }
        answer = await self._client.create("/generations", json=fields)
        if not isinstance(answer.body.get("id"), str):
            raise self._client.unreadable(answer)
        return self.adopt(request, context, answer.body["id"])

    async def poll(self, handle: Handle) -> RemoteState:
        """Return where the generation stands, and what it costs once it has ended."""
        answer = await self._client.request("GET", f"/generations/{handle.remote_id}")
        if not answer.ok or not isinstance(answer.body, dict):
            raise self._read_error(answer)
        raw = str(answer.body.get("status"))
        phase = PHASES.get(raw, Phase.UNRECOGNISED)
        ended = phase in {Phase.SUCCEEDED, Phase.FAILED, Phase.REFUSED, Phase.CANCELLED}
        cost = Money(answer.body["charged_micros"], answer.body["currency"]) if ended else None
        return RemoteState(
            phase,
            progress=answer.body.get("progress"),
            outputs=(OutputRef(),) if phase is Phase.SUCCEEDED else (),
            cost=cost,
            error=self._failure(answer.body, phase, cost),
            raw_status=raw,
        )

    async def fetch(self, handle: Handle, output: OutputRef, sink: Sink) -> Artifact:
        """Stream the video to the sink."""
        return await self._client.download(f"/generations/{handle.remote_id}/video", sink)

    async def cancel(self, handle: Handle) -> CancelResult:
        """Take the purchase back while it waits; what is being rendered is charged."""
        answer = await self._client.request("DELETE", f"/generations/{handle.remote_id}")
        if answer.ok:
            return CancelResult.CANCELLED
        if answer.status == 409:
            return CancelResult.TOO_LATE
        raise self._read_error(answer)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def adopt(self, request: GenRequest, context: SubmitContext, remote_id: str) -> Handle:
        """Return the handle of a generation by its id."""
        return Handle(self.name, request.model, remote_id, context.attempt_id, context.submitted_at)

    async def parse_webhook(self, delivery: Delivery) -> WebhookHint:
        """Return which generation a signed delivery names; raise ``WebhookRefused`` for any other."""
        if self._webhooks is None:
            raise WebhookRefused("No webhook secret is configured.")
        event = self._webhooks.verify(delivery.headers, delivery.body)
        try:
            told = json.loads(delivery.body)
            return WebhookHint(event, str(told["id"]), str(told["status"]))
        except (ValueError, TypeError, KeyError) as error:
            raise WebhookRefused("The delivery is not understood.") from error

    def _failure(self, told: dict[str, Any], phase: Phase, cost: Money | None) -> BackendError | None:
        if phase not in {Phase.FAILED, Phase.REFUSED}:
            return None
        words = told.get("error") or {}
        kind = Kind.MODERATION if phase is Phase.REFUSED else Kind.TRANSIENT
        fault = Fault.PROVIDER if phase is Phase.REFUSED else Fault.UNKNOWN
        message = self._client.safe(str(words.get("message", "")))
        charged = bool(cost and cost.micros)
        return BackendError(kind, message, provider_code=str(words.get("code", "")), charged=charged, fault=fault)

    def _read_error(self, answer: Answer) -> BackendError:
        told = answer.body.get("error", {}) if isinstance(answer.body, dict) else {}
        words = {key: self._client.safe(str(told.get(key) or "")) for key in ("message", "code", "field")}
        error = error_from_status(answer, Words(**words))
        error.kind = KINDS.get(words["code"], error.kind)
        error.model_gone = words["code"] == "model_not_found"
        error.fault = FAULTS.get(words["field"], Fault.UNKNOWN)
        return error


class RecoverableFakePaidBackend(FakePaidBackend):
    """The same provider with a look-up by the attempt's id."""

    async def find(self, request: GenRequest, context: SubmitContext) -> Handle | None:
        """Return what the attempt bought, or None: the provider files it before it answers."""
        answer = await self._client.request("GET", "/generations", params={"attempt_id": str(context.attempt_id)})
        if not answer.ok or not isinstance(answer.body, dict):
            raise self._read_error(answer)
        for one in answer.body["generations"]:
            if one["id"] not in context.known_remote_ids:
                return self.adopt(request, context, one["id"])
        return None


def _caps(model: str, config: BackendConfig) -> ModelCaps:
    return ModelCaps(
        model=model,
        tasks=frozenset({Task.TEXT}),
        duration_range=(1, 15),
        duration_step=1,
        any_frame=True,
        native_sound=True,
        prompt_max=5000,
        cancel=Cancel.BEST_EFFORT,
        recover=_recover(config),
        webhook=config.webhook_secret is not None,
        progress=True,
        charges_refusals=config.option("charges_refusals", bool, False),
        poll_min_s=float(config.option("poll_min_s", (int, float), 2.0)),
        deadline_s=float(config.option("deadline_s", (int, float), 600.0)),
        notes="Fake money, for tests and demos.",
    )


def _recover(config: BackendConfig) -> Recover:
    if config.option("recover", bool, False):
        return Recover.CLIENT_ID
    return Recover.WEBHOOK_TAG if config.webhook_secret else Recover.NONE
