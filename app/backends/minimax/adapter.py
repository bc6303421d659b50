"""MiniMax Hailuo, in its two protocols: V2 for the H3 models, V1 for the models before.

Source of the facts: the providers' fact sheets, china §6 and §1.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import ClassVar, Self

from pydantic import SecretStr

from app.backends.adapter import CatalogueBackend, Wish
from app.backends.base import (
    Artifact,
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
from app.backends.capabilities import ModelCaps
from app.backends.catalogue import CatalogueRow, offered
from app.backends.config import BackendConfig
from app.backends.errors import BackendError, ConfigError, Fault, Kind, WebhookRefused
from app.backends.http import Answer, Bearer, Words, error_from_status
from app.backends.minimax.answers import (
    ILLEGAL_CHARACTERS,
    KINDS,
    MODEL_GONE,
    WRONG_PARAMETER,
    fault_of,
    read_id,
    read_told,
)
from app.backends.minimax.dialects import PROFILES, V1, V2, Dialect, Job, short_side


class MiniMaxBackend(CatalogueBackend):
    """One MiniMax account, China's by default; keys of the global platform belong to its own ``base_url``.

    Nothing can be cancelled, and a lost create cannot be looked up.
    """

    base_url = "https://api.minimaxi.com"
    extras: ClassVar[frozenset[str]] = V1.flags | V2.flags

    def __init__(self, config: BackendConfig, rows: tuple[CatalogueRow, ...]) -> None:
        self._dialect = PROFILES[config.profile]
        super().__init__(config, rows)

    @classmethod
    def from_config(cls, config: BackendConfig) -> Self:
        """Return the backend that ``config`` describes; raise ``ConfigError`` for what is missing or unknown."""
        dialect = PROFILES.get(config.profile)
        if dialect is None:
            raise ConfigError(f"Backend {config.name!r} needs a profile: one of {', '.join(PROFILES)}.")
        if not config.texts("hosts"):
            message = "needs the option 'hosts': the hosts its results come from, or what is bought cannot be fetched."
            raise ConfigError(f"Backend {config.name!r} {message}")
        for row in offered(config):
            _check_row(config.name, row, dialect)
        return super().from_config(config)

    def auth(self, config: BackendConfig) -> Bearer:
        """Return the key as a bearer."""
        return Bearer(config.api_key or SecretStr(""))

    def served(self, caps: ModelCaps, config: BackendConfig) -> ModelCaps:
        """Return a row's capabilities: the provider tells when a task has ended."""
        return replace(caps, webhook=True)

    def wish(self, request: GenRequest) -> Wish:
        """Check a request against its model and its protocol."""
        wish = super().wish(request)
        for key, value in request.extra.items():
            if key not in self._dialect.flags or not isinstance(value, bool):
                message = f"The setting {key!r} is not one this protocol takes, or is neither true nor false."
                raise BackendError(Kind.INVALID, message, field=f"extra.{key}", charged=False)
        self._dialect.check(wish)
        return wish

    async def submit(self, request: GenRequest, context: SubmitContext) -> Handle:
        """Create the task, once."""
        wish = self.wish(request)
        fields = {
            "model": request.model,
            "duration": round(wish.seconds),
            "resolution": self._dialect.resolutions[short_side(wish.frame)],
            **await self._dialect.fields(wish),
            **request.extra,
        }
        if context.webhook_url is not None:
            fields["callback_url"] = context.webhook_url
        try:
            answer = await self.client.create(self._dialect.create, json=fields)
            self._check_created(answer)
        except BackendError as error:
            if error.kind is Kind.MODERATION and error.fault is Fault.UNKNOWN and not request.assets:
                error.fault = Fault.PROMPT
            raise
        return self.handle(request, context, read_id(answer.body["task_id"]))

    def _check_created(self, answer: Answer) -> None:
        """Raise what a create's successful answer says inside; a failure of the server leaves the outcome unknown."""
        if read_told(answer.body).code != 0:
            error = self.read_error(answer)
            error.outcome_unknown = error.kind is Kind.TRANSIENT
            error.charged = None if error.outcome_unknown else False
            raise error
        if not read_id(answer.body.get("task_id")):
            raise self.client.unreadable(answer)

    async def poll(self, handle: Handle) -> RemoteState:
        """Return where the task stands."""
        path, parameters = self._dialect.query(handle.remote_id)
        answer = await self.client.request("GET", path, params=parameters)
        job = self._dialect.job(answer.body) if answer.ok else None
        if job is None or job.id != handle.remote_id:
            raise self._look_up_error(answer)
        phase = self._dialect.statuses.get(job.status, Phase.UNRECOGNISED)
        error = self._failure(job) if phase is Phase.FAILED else None
        if error is not None and error.kind is Kind.MODERATION:
            phase = Phase.REFUSED
        outputs = (OutputRef(data=job.result),) if phase is Phase.SUCCEEDED and job.result else ()
        return RemoteState(phase, outputs=outputs, error=error, raw_status=job.status[:60])

    async def fetch(self, handle: Handle, output: OutputRef, sink: Sink) -> Artifact:
        """Stream the video to the sink; V1 is asked first where the file lies."""
        address = output.data.get("url")
        if address is None and "file_id" in output.data:
            address = await self._file_address(output.data["file_id"])
        if address is None:
            raise BackendError(Kind.NOT_FOUND, "There is no result to fetch yet.")
        return await self.client.download(address, sink)

    async def _file_address(self, file_id: str) -> str:
        answer = await self.client.request("GET", "/v1/files/retrieve", params={"file_id": file_id})
        file = answer.body.get("file") if answer.ok and isinstance(answer.body, dict) else None
        address = file.get("download_url") if isinstance(file, dict) else None
        if read_told(answer.body).code != 0 or not isinstance(address, str) or not address:
            raise self._look_up_error(answer)
        return address

    async def cancel(self, handle: Handle) -> CancelResult:
        """Say that nothing can be cancelled."""
        return CancelResult.UNSUPPORTED

    async def parse_webhook(self, delivery: Delivery) -> WebhookHint:
        """Return what a delivery says; the first one is a challenge, to be answered with itself within 3 s."""
        try:
            told = json.loads(delivery.body)
        except (ValueError, RecursionError):
            told = None
        if isinstance(told, dict) and isinstance(told.get("challenge"), str):
            return WebhookHint("challenge", "", answer={"challenge": told["challenge"]})
        job = self._dialect.job(told)
        if job is None:
            raise WebhookRefused("The delivery is not understood.")
        return WebhookHint(f"{job.id}:{job.status}", job.id, job.status)

    def read_error(self, answer: Answer) -> BackendError:
        """Return the failure that an answer tells: the provider's code first, then the HTTP status."""
        told = read_told(answer.body)
        message = self.client.safe(told.message) or (f"The provider's code is {told.code}." if told.code else "")
        error = error_from_status(answer, Words(message, str(told.code or "")))
        error.kind = KINDS.get(told.code or 0, Kind.TRANSIENT if answer.ok else error.kind)
        error.fault = fault_of(told) if error.kind is Kind.MODERATION else Fault.UNKNOWN
        if told.code == ILLEGAL_CHARACTERS:
            error.field, error.fault = "prompt", Fault.PROMPT
        if told.code == WRONG_PARAMETER and MODEL_GONE.search(told.message):
            error.kind, error.model_gone = Kind.PERMANENT, True
        return error

    def _look_up_error(self, answer: Answer) -> BackendError:
        """Return why a look-up failed: its one parameter is an id, so a wrong parameter is an id nobody knows."""
        told = read_told(answer.body)
        if answer.ok and told.code == 0:
            return BackendError(Kind.TRANSIENT, "The provider answered with something that is not what was asked for.")
        error = self.read_error(answer)
        if told.code == WRONG_PARAMETER:
            error.kind, error.model_gone = Kind.NOT_FOUND, False
        return error

    def _failure(self, job: Job) -> BackendError:
        """Return why a task failed; whether it was charged, the provider does not say."""
        kind = KINDS.get(job.told.code or 0, Kind.TRANSIENT)
        message = self.client.safe(job.told.message) or "The provider says that it failed, and not why."
        fault = fault_of(job.told) if kind is Kind.MODERATION else Fault.UNKNOWN
        return BackendError(kind, message, provider_code=str(job.told.code or ""), fault=fault)


def _check_row(name: str, row: CatalogueRow, dialect: Dialect) -> None:
    """Raise ``ConfigError`` for a model without a price, or of a size that no resolution stands for."""
    model = f"Model {row.caps.model!r} of backend {name!r}"
    if row.price is None:
        raise ConfigError(f"{model} needs a price: its provider is paid.")
    unnamed = [f"{one.width}x{one.height}" for one in row.caps.frames if short_side(one) not in dialect.resolutions]
    if row.caps.any_frame or unnamed:
        wrong = "any size" if row.caps.any_frame else unnamed[0]
        raise ConfigError(f"{model} lists {wrong}: there are {', '.join(dialect.resolutions.values())}.")
