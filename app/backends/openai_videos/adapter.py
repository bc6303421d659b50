"""The ``/v1/videos`` dialect: its historical cloud shape, vLLM-Omni, SGLang and LiteLLM.

Source of the facts: the providers' fact sheets, international §2 and §3.
"""

from __future__ import annotations

import asyncio
import io
import json
import mimetypes
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Self
from urllib.parse import quote, urlsplit

import httpx
from PIL import Image, ImageOps

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
from app.backends.capabilities import Cancel, ModelCaps
from app.backends.catalogue import CatalogueRow, offered
from app.backends.config import BackendConfig, checked_url
from app.backends.errors import BackendError, ConfigError, Fault, Kind, WebhookRefused
from app.backends.fit import check_request, fit_duration, fit_frame
from app.backends.guard import HostPolicy, authority, authority_of
from app.backends.http import Answer, BackendClient, Bearer, Timeouts, from_unix
from app.backends.openai_videos.answers import could_be, is_id, is_job, read_error, read_state, read_words
from app.backends.openai_videos.profiles import PROFILES, Profile, served_caps
from app.backends.webhooks import StandardWebhooks
from app.core import clock
from app.core.i18n import _
from app.core.money import Money

OPTIONS = frozenset({"models", "hosts", "self_hosted", "always_multipart", "read_timeout_s", "settle_s"})
PAGE = 100
MOST_PAGES = 20
CLOCK_SKEW = timedelta(seconds=60)
SETTLE_S = 120.0


class OpenAIVideosBackend:
    """One server that speaks ``/v1/videos``, in one of four profiles; see ``docs/how-to/add-a-backend.md``."""

    def __init__(self, config: BackendConfig, profile: Profile, rows: tuple[CatalogueRow, ...]) -> None:
        self.name = config.name
        self._profile = profile
        self._rows = {row.caps.model: row for row in rows}
        base = config.base_url if urlsplit(config.base_url).path else f"{config.base_url}/v1"
        private = config.option("self_hosted", bool, profile.self_hosted)
        self._policy = HostPolicy.of(base, config.texts("hosts"), self_hosted=private)
        self.hosts = self._policy.hosts
        self._home = authority(httpx.URL(base))
        self._multipart = config.option("always_multipart", bool, profile.multipart)
        self._settle_s = float(config.option("settle_s", (int, float), SETTLE_S))
        self._webhooks = StandardWebhooks(config.webhook_secret) if config.webhook_secret else None
        self._client = BackendClient(
            base,
            policy=self._policy,
            read_error=self._read_error,
            auth=Bearer(config.api_key) if config.api_key else None,
            secrets=tuple(secret for secret in (config.api_key, config.webhook_secret) if secret),
            timeouts=Timeouts(read=float(config.option("read_timeout_s", (int, float), Timeouts().read))),
        )

    @classmethod
    def from_config(cls, config: BackendConfig) -> Self:
        """Return the backend that ``config`` describes; raise ``ConfigError`` for what is missing or unknown."""
        profile = PROFILES.get(config.profile)
        if profile is None:
            raise ConfigError(f"Backend {config.name!r} needs a profile: one of {', '.join(PROFILES)}.")
        if not checked_url(config.name, config.base_url):
            raise ConfigError(f"Backend {config.name!r} needs a base_url.")
        config.known_options(OPTIONS)
        rows = offered(config)
        unpriced = [row.caps.model for row in rows if row.price is None]
        if unpriced and not profile.own_machines:
            raise ConfigError(f"Model {unpriced[0]!r} of backend {config.name!r} needs a price: its provider is paid.")
        webhook = config.webhook_secret is not None
        served = tuple(replace(row, caps=served_caps(row, profile, webhook=webhook)) for row in rows)
        useless = [row.caps.model for row in served if not row.caps.tasks]
        if useless:
            raise ConfigError(f"Model {useless[0]!r} of backend {config.name!r} has no task this server can do.")
        return cls(config, profile, served)

    def models(self) -> tuple[ModelCaps, ...]:
        """Return the models this server was configured with."""
        return tuple(row.caps for row in self._rows.values())

    def estimate(self, request: GenRequest) -> Cost:
        """Return the list price of the seconds to be made; on machines of one's own nothing, unless configured."""
        row = self._row(request.model)
        seconds, frame = fit_duration(row.caps, request.duration_s), fit_frame(row.caps, request.width, request.height)
        if row.price is None:
            return Cost(Money(0, "USD"), Money(0, "USD"), basis="own machines")
        price = row.price.cost(seconds, frame)
        return Cost(price, price, basis=f"{seconds:g} s at {frame.width}x{frame.height}, list price")

    async def submit(self, request: GenRequest, context: SubmitContext) -> Handle:
        """Create the video, once."""
        row = self._row(request.model)
        check_request(row.caps, request)
        fields = self._fields(row.caps, request)
        files = [await self._file(asset, fields["size"]) for asset in request.assets]
        if files or self._multipart:
            parts = [(key, (None, _form_text(value))) for key, value in fields.items()]
            answer = await self._client.create("/videos", files=[*parts, *files])
        else:
            answer = await self._client.create("/videos", json=fields)
        if not is_id(answer.body.get("id")):
            raise self._client.unreadable(answer)
        return self._handle(request, context, answer.body["id"], fields)

    async def poll(self, handle: Handle) -> RemoteState:
        """Return where the video stands; on machines of one's own, a job nobody knows any more is LOST at no cost."""
        answer = await self._client.request("GET", f"/videos/{quote(handle.remote_id, safe='')}")
        if is_job(answer.body) and (answer.ok or self._profile.failed_is_http_error):
            words = read_words(answer.body, self._client.safe)
            state = read_state(answer.body, answer.status, words, self._profile)
            return replace(state, outputs=(self._output(answer.body),)) if state.phase is Phase.SUCCEEDED else state
        if answer.ok:
            raise BackendError(Kind.TRANSIENT, "The server answered with something that is not this video.")
        if answer.status in {404, 410} and self._profile.restart_loses_jobs:
            return RemoteState(Phase.LOST, cost=Money(0, "USD"), raw_status=str(answer.status))
        raise self._read_error(answer)

    async def fetch(self, handle: Handle, output: OutputRef, sink: Sink) -> Artifact:
        """Stream the video to the sink, from the content endpoint or from a declared host the server named."""
        address = output.data.get("url") or f"/videos/{quote(handle.remote_id, safe='')}/content"
        try:
            return await self._client.download(address, sink)
        except BackendError as error:
            if error.http_status != 400 or "url" in output.data:
                raise
            failure = BackendError(
                Kind.PERMANENT,
                f"The server keeps its results elsewhere: add that host to the option 'hosts'. {error.message}",
                http_status=400,
            )
        raise failure

    async def cancel(self, handle: Handle) -> CancelResult:
        """Abort the work where the server can (vLLM-Omni); a finished video is left alone."""
        if self._profile.cancel is Cancel.NONE:
            return CancelResult.UNSUPPORTED
        state = await self.poll(handle)
        if state.phase in {Phase.LOST, Phase.CANCELLED}:
            return CancelResult.CANCELLED
        if state.phase in {Phase.SUCCEEDED, Phase.FAILED, Phase.REFUSED}:
            return CancelResult.TOO_LATE
        answer = await self._client.request("DELETE", f"/videos/{quote(handle.remote_id, safe='')}")
        if answer.ok or answer.status == 404:
            return CancelResult.CANCELLED
        if answer.status == 409:
            return CancelResult.ASKED
        raise self._read_error(answer)

    async def find(self, request: GenRequest, context: SubmitContext) -> Handle | None:
        """Look for a lost create in the server's list, newest first, by model, seconds, size, prompt and time."""
        row = self._row(request.model)
        fields = self._fields(row.caps, request)
        listed = await self._listed_since(context)
        candidates = [
            job for job in listed if could_be(job, fields, self._profile) and job["id"] not in context.known_remote_ids
        ]
        if len(candidates) == 1 and candidates[0].get("prompt") is not None:
            return self._handle(request, context, candidates[0]["id"], fields)
        if candidates:
            message = f"{len(candidates)} videos on the server could be this one: a person must decide."
            raise BackendError(Kind.TRANSIENT, message, outcome_unknown=True)
        waited = (clock.now() - context.submitted_at).total_seconds()
        if waited < self._settle_s:
            message = "The server does not list it yet; it is too early to say that it was not created."
            raise BackendError(Kind.TRANSIENT, message, outcome_unknown=True, retry_after=self._settle_s - waited)
        return None

    async def parse_webhook(self, delivery: Delivery) -> WebhookHint:
        """Return what a signed delivery announces; it holds an id only, so the poll tells the rest."""
        if self._webhooks is None or not self._profile.webhook:
            raise WebhookRefused("This backend expects no deliveries.")
        event = self._webhooks.verify(delivery.headers, delivery.body)
        try:
            told = json.loads(delivery.body)
            return WebhookHint(event, str(told["data"]["id"]), str(told["type"]))
        except (ValueError, KeyError, TypeError):
            failure = WebhookRefused("The delivery is not understood.")
        raise failure

    async def check(self) -> str:
        """Ask for one line of the server's list: that proves the address and the key, and costs nothing."""
        answer = await self._client.request("GET", "/videos", params={"limit": "1"})
        if not answer.ok:
            raise self._read_error(answer)
        if not isinstance(answer.body, dict) or not isinstance(answer.body.get("data"), list):
            raise BackendError(Kind.PERMANENT, "What answers there does not speak /v1/videos: check the base_url.")
        return _("The server answered, and it lists its videos for this key.")

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def __repr__(self) -> str:
        return f"OpenAIVideosBackend({self.name!r})"

    def _read_error(self, answer: Answer) -> BackendError:
        return read_error(answer, read_words(answer.body, self._client.safe))

    def _row(self, model: str) -> CatalogueRow:
        if model not in self._rows:
            message = f"The backend {self.name} has no model {model!r}."
            raise BackendError(Kind.INVALID, self._client.safe(message), field="model", charged=False)
        return self._rows[model]

    def _handle(self, request: GenRequest, context: SubmitContext, remote_id: str, fields: Mapping[str, Any]) -> Handle:
        data = {"seconds": str(fields["seconds"]), "size": fields["size"]}
        return Handle(self.name, request.model, remote_id, context.attempt_id, context.submitted_at, data)

    def _fields(self, caps: ModelCaps, request: GenRequest) -> dict[str, Any]:
        """Return the create's fields; seconds are text in JSON, as the dialect wants them."""
        frame = fit_frame(caps, request.width, request.height)
        fields: dict[str, Any] = {
            "prompt": request.prompt,
            "model": request.model,
            "seconds": str(round(fit_duration(caps, request.duration_s))),
            "size": f"{frame.width}x{frame.height}",
        }
        if request.negative and caps.negative_prompt:
            fields["negative_prompt"] = request.negative
        if request.seed is not None and caps.seed:
            fields["seed"] = request.seed
        if caps.native_sound and self._profile.signals_sound:
            fields["generate_sound"] = request.sound
        for key, value in request.extra.items():
            if key not in self._profile.extras or not isinstance(value, str | int | float):
                message = f"The setting {key!r} is not one this server takes."
                raise BackendError(Kind.INVALID, self._client.safe(message), field=f"extra.{key}", charged=False)
            fields[key] = value
        return fields

    async def _file(self, asset: Asset, size: str) -> tuple[str, tuple[str, bytes, str]]:
        """Return an input as a part of the form; the cloud shape wants a first frame of exactly the asked size."""
        key = self._profile.asset_fields.get(asset.role)
        if key is None:
            raise BackendError(Kind.INVALID, f"This server takes no {asset.role} input.", field="assets", charged=False)
        if asset.role == "first" and self._profile.fits_first_frame:
            width, _x, height = size.partition("x")
            return key, ("first.png", await asyncio.to_thread(_fitted, asset, int(width), int(height)), "image/png")
        content = await asyncio.to_thread(asset.path.read_bytes)
        return key, (f"{asset.role}{mimetypes.guess_extension(asset.mime) or ''}", content, asset.mime)

    def _output(self, job: Mapping[str, Any]) -> OutputRef:
        """Return the result: at the address the server named if its host is declared, else at the content endpoint."""
        named = job.get("url") or job.get("video_url")
        place = authority_of(named) if isinstance(named, str) else None
        elsewhere = place is not None and place != self._home and self._policy.declares(place)
        data = {"url": named} if elsewhere else {}
        return OutputRef(expires_at=from_unix(job.get("expires_at")), data=data)

    async def _listed_since(self, context: SubmitContext) -> list[Mapping[str, Any]]:
        """Return the server's jobs created since just before the submit; raise when the list cannot be read so far."""
        since = context.submitted_at - CLOCK_SKEW
        found: list[Mapping[str, Any]] = []
        after: dict[str, str] = {}
        for _page in range(MOST_PAGES):
            answer = await self._client.request("GET", "/videos", params={"limit": str(PAGE), "order": "desc", **after})
            if not answer.ok:
                error = self._read_error(answer)
                error.outcome_unknown = error.kind in {Kind.NOT_FOUND, Kind.INVALID, Kind.PERMANENT}
                raise error
            data = answer.body.get("data") if isinstance(answer.body, dict) else None
            if not isinstance(data, list):
                raise BackendError(Kind.TRANSIENT, "The server's list is not understood.")
            jobs = [job for job in data if isinstance(job, dict) and is_id(job.get("id"))]
            recent = [job for job in jobs if (from_unix(job.get("created_at")) or since) >= since]
            found += recent
            if not jobs or len(recent) < len(jobs) or not answer.body.get("has_more", len(jobs) >= PAGE):
                return found
            after = {"after": jobs[-1]["id"]}
        raise BackendError(Kind.TRANSIENT, "The server's list is too long to search.", outcome_unknown=True)


def _form_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _fitted(asset: Asset, width: int, height: int) -> bytes:
    """Return a picture cut and scaled to ``width`` × ``height``, as PNG; raise INVALID when it is no picture."""
    try:
        with Image.open(asset.path) as picture:
            fitted = ImageOps.fit(ImageOps.exif_transpose(picture).convert("RGB"), (width, height))
    except (OSError, ValueError, Image.DecompressionBombError):
        message = "The first frame is not a picture that can be read."
    else:
        buffer = io.BytesIO()
        fitted.save(buffer, "PNG")
        return buffer.getvalue()
    raise BackendError(Kind.INVALID, message, field="assets", fault=Fault.IMAGE, charged=False)
