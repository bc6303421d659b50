"""Slate Films: a provider that takes a prompt and a number of seconds, and knows work by the id its client gives it."""

from __future__ import annotations

from typing import Any

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
from app.backends.capabilities import Cancel, Frame, ModelCaps, Recover, Task
from app.backends.config import BackendConfig
from app.backends.errors import BackendError, ConfigError, Fault, Kind
from app.backends.fit import check_request, fit_duration
from app.backends.guard import HostPolicy
from app.backends.http import Answer, BackendClient, Bearer, Timeouts, Words, error_from_status
from app.core.money import Money

CAPS = ModelCaps(
    model="slate-1",
    tasks=frozenset({Task.TEXT}),
    durations=(5.0, 10.0),
    frames=(Frame(180, 320),),
    prompt_max=500,
    cancel=Cancel.STOP,
    recover=Recover.CLIENT_ID,
    charges_refusals=False,
)
CENTS_PER_SECOND = 3
PHASES = {
    "waiting": Phase.QUEUED,
    "shooting": Phase.RUNNING,
    "wrapped": Phase.SUCCEEDED,
    "broken": Phase.FAILED,
    "banned": Phase.REFUSED,
    "stopped": Phase.CANCELLED,
}


class SlateFilmsBackend:
    """One account at Slate Films."""

    def __init__(self, config: BackendConfig) -> None:
        self.name = config.name
        policy = HostPolicy.of(
            config.base_url, config.texts("hosts"), self_hosted=config.option("self_hosted", bool, False)
        )
        self.hosts = policy.hosts
        self._client = BackendClient(
            config.base_url,
            policy=policy,
            read_error=self._read_error,
            auth=Bearer(config.api_key) if config.api_key else None,
            secrets=(config.api_key,) if config.api_key else (),
            timeouts=Timeouts(read=float(config.option("read_timeout_s", (int, float), 60.0))),
        )

    @classmethod
    def from_config(cls, config: BackendConfig) -> SlateFilmsBackend:
        """Return the account that ``config`` describes."""
        config.known_options(frozenset({"hosts", "self_hosted", "read_timeout_s"}))
        if not config.base_url:
            raise ConfigError(f"Backend {config.name!r} needs a base_url.")
        return cls(config)

    def models(self) -> tuple[ModelCaps, ...]:
        """Return the one model."""
        return (CAPS,)

    def estimate(self, request: GenRequest) -> Cost:
        """Return three cents a second."""
        price = Money(int(fit_duration(CAPS, request.duration_s)) * CENTS_PER_SECOND * 10_000, "USD")
        return Cost(price, price, basis="3 cents a second")

    async def submit(self, request: GenRequest, context: SubmitContext) -> Handle:
        """Order a film under the attempt's id."""
        if request.model != CAPS.model or request.extra:
            raise BackendError(Kind.INVALID, "Slate Films has no such model or setting.", field="model")
        check_request(CAPS, request)
        order = {
            "order": str(context.attempt_id),
            "prompt": request.prompt,
            "seconds": int(fit_duration(CAPS, request.duration_s)),
        }
        answer = await self._client.create("/films", json=order)
        if answer.body.get("order") != order["order"]:
            raise self._client.unreadable(answer)
        return self._handle(context)

    async def find(self, request: GenRequest, context: SubmitContext) -> Handle | None:
        """Look the attempt's id up: Slate Films files an order before it answers."""
        answer = await self._client.request("GET", f"/films/{context.attempt_id}")
        if answer.status == 404 or str(context.attempt_id) in context.known_remote_ids:
            return None
        if not answer.ok:
            raise self._read_error(answer)
        return self._handle(context)

    async def poll(self, handle: Handle) -> RemoteState:
        """Return where the film stands."""
        answer = await self._client.request("GET", f"/films/{handle.remote_id}")
        if not answer.ok or not isinstance(answer.body, dict):
            raise self._read_error(answer)
        raw = str(answer.body.get("state"))
        phase = PHASES.get(raw, Phase.UNRECOGNISED)
        error = None
        if phase in {Phase.FAILED, Phase.REFUSED}:
            kind = Kind.MODERATION if phase is Phase.REFUSED else Kind.TRANSIENT
            error = BackendError(kind, self._client.safe(str(answer.body.get("why"))), charged=False)
        outputs = (OutputRef(),) if phase is Phase.SUCCEEDED else ()
        return RemoteState(phase, outputs=outputs, error=error, raw_status=raw)

    async def fetch(self, handle: Handle, output: OutputRef, sink: Sink) -> Artifact:
        """Stream the film to the sink."""
        return await self._client.download(f"/films/{handle.remote_id}/print", sink)

    async def cancel(self, handle: Handle) -> CancelResult:
        """Stop the film, which Slate Films does at any time before it is wrapped."""
        answer = await self._client.request("DELETE", f"/films/{handle.remote_id}")
        if answer.ok:
            return CancelResult.CANCELLED
        if answer.status == 409:
            return CancelResult.TOO_LATE
        raise self._read_error(answer)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def _handle(self, context: SubmitContext) -> Handle:
        return Handle(self.name, CAPS.model, str(context.attempt_id), context.attempt_id, context.submitted_at)

    def _read_error(self, answer: Answer) -> BackendError:
        told: dict[str, Any] = answer.body if isinstance(answer.body, dict) else {}
        code = str(told.get("code", ""))
        error = error_from_status(answer, Words(self._client.safe(str(told.get("why", ""))), code))
        if code == "moderation_blocked":
            error.kind = Kind.MODERATION
            error.fault = Fault.IMAGE if told.get("about") == "input_reference" else Fault.PROMPT
        elif code == "model_not_found":
            error.kind, error.model_gone = Kind.PERMANENT, True
        elif code == "insufficient_quota":
            error.kind = Kind.QUOTA
        return error
