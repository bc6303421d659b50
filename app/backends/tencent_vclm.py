"""Tencent VCLM: Hunyuan, a general picture-to-video model, Kling's motion control, and a photograph that speaks.

Source of the facts: the providers' fact sheets, china §1, §9, §20.4.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx
from pydantic import SecretStr

from app.backends.adapter import CatalogueBackend, Wish, base64_of, public_address
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
from app.backends.capabilities import ModelCaps, Recover, Task
from app.backends.catalogue import CatalogueRow
from app.backends.config import BackendConfig
from app.backends.errors import BackendError, ConfigError, Fault, Kind, WebhookRefused
from app.backends.http import Answer, Words, error_from_status
from app.core import clock

VERSION, SERVICE, REGION = "2024-05-23", "vclm", "ap-guangzhou"
SIGNED = ("content-type", "host")
MOTION = "MotionControlKling"
SETTINGS: Mapping[str, frozenset[str]] = {
    "ImageToVideoGeneral": frozenset({"Fps"}),
    "HumanActor": frozenset({"FrameRate"}),
    MOTION: frozenset({"KeepOriginalSound", "CharacterOrientation", "ElementList"}),
}
TURNED_BY_PICTURE_S = 10
PHASES: Mapping[str, Phase] = {
    "WAIT": Phase.QUEUED,
    "RUN": Phase.RUNNING,
    "DONE": Phase.SUCCEEDED,
    "FAIL": Phase.FAILED,
}
# The first that matches. A code of none of these families may come from anywhere in the service: it proves nothing.
CODES: tuple[tuple[str, Kind], ...] = (
    (r"AuthFailure|UnauthorizedOperation", Kind.AUTH),
    (r"ResourcesSoldOut", Kind.QUOTA),
    (r"RequestLimitExceeded|ResourceInsufficient", Kind.RATE_LIMIT),
    (r"FailedOperation\.Moderation", Kind.MODERATION),
    (r"FailedOperation\.JobNot(Exist|Found)", Kind.NOT_FOUND),
    (r"InvalidParameterValue\.InvalidModel", Kind.PERMANENT),
    (r"InvalidParameter|MissingParameter|FailedOperation\.(Image|Audio)", Kind.INVALID),
)
FAULTS = (
    (re.compile(r"audio|voice", re.IGNORECASE), Fault.AUDIO),
    (re.compile(r"image|picture|face|photo", re.IGNORECASE), Fault.IMAGE),
    (re.compile(r"generated|output", re.IGNORECASE), Fault.PROVIDER),
    (re.compile(r"prompt|text|request", re.IGNORECASE), Fault.PROMPT),
)


class Signature(httpx.Auth):
    """TC3-HMAC-SHA256 over the type, the host and the body (china §20.4); never shows the secret."""

    requires_request_body = True

    def __init__(self, secret_id: str, secret: SecretStr, region: str) -> None:
        self._secret_id, self._secret, self._region = secret_id, secret, region

    def auth_flow(self, request: httpx.Request) -> Any:
        """Add the time, the version, the region and the signature."""
        now = clock.now()
        stamp, scope = str(int(now.timestamp())), f"{now:%Y-%m-%d}/{SERVICE}/tc3_request"
        lines = "".join(f"{name}:{request.headers.get(name, '').strip()}\n" for name in SIGNED)
        digest = hashlib.sha256(request.content).hexdigest()
        query = request.url.query.decode()
        canonical = "\n".join([request.method, request.url.path, query, lines, ";".join(SIGNED), digest])
        text = f"TC3-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        key = f"TC3{self._secret.get_secret_value()}".encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), hashlib.sha256)
        signature = hmac.digest(key, text.encode(), hashlib.sha256).hex()
        credential = f"Credential={self._secret_id}/{scope}, SignedHeaders={';'.join(SIGNED)}"
        request.headers.update(
            {
                "X-TC-Timestamp": stamp,
                "X-TC-Version": VERSION,
                "X-TC-Region": self._region,
                "Authorization": f"TC3-HMAC-SHA256 {credential}, Signature={signature}",
            }
        )
        yield request

    def __repr__(self) -> str:
        return "Signature([hidden])"


class TencentVclmBackend(CatalogueBackend):
    """One Tencent Cloud account: ``api_key`` is its SecretKey, the option ``secret_id`` the id of it."""

    base_url = "https://vclm.tencentcloudapi.com"
    options = frozenset({"secret_id", "region"})
    extras = frozenset({"LogoAdd", "LogoParam"})

    def auth(self, config: BackendConfig) -> httpx.Auth | None:
        """Return the signature; raise ``ConfigError`` without the id of the key."""
        secret_id, region = config.option("secret_id", str, ""), config.option("region", str, REGION)
        if not re.fullmatch(r"\w+", secret_id, re.ASCII):
            raise ConfigError(f"Backend {config.name!r} needs the option 'secret_id': the id of its SecretKey.")
        if not re.fullmatch(r"[a-z0-9-]+", region):
            raise ConfigError(f"Option 'region' of backend {config.name!r} is a name such as {REGION}.")
        return Signature(secret_id, config.api_key, region) if config.api_key else None

    def served(self, caps: ModelCaps, config: BackendConfig) -> ModelCaps:
        """Return a row's capabilities; of what is built here, motion control alone takes a callback address."""
        called = _action(caps.model) == MOTION
        return replace(caps, webhook=called, recover=Recover.WEBHOOK_TAG if called else Recover.NONE)

    def settings(self, row: CatalogueRow) -> frozenset[str]:
        """Return the settings of one action."""
        return SETTINGS.get(_action(row.caps.model), frozenset())

    async def submit(self, request: GenRequest, context: SubmitContext) -> Handle:
        """Create the job, once."""
        wish, action = self.wish(request), {"X-TC-Action": f"Submit{_action(request.model)}Job"}
        fields = await _fields(wish, context) | dict(request.extra)
        answer = await self.client.create("/", json=fields, headers=action)
        reply = _reply(answer)
        if isinstance(reply.get("Error"), dict):
            raise self._not_sold(answer)
        if not isinstance(reply.get("JobId"), str) or not reply["JobId"]:
            raise self.client.unreadable(answer)
        return self.adopt(request, context, reply["JobId"])

    def adopt(self, request: GenRequest, context: SubmitContext, remote_id: str) -> Handle:
        """Return the handle of a job by its id, such as a callback to the attempt's own address tells."""
        return self.handle(request, context, remote_id, action=_action(request.model))

    async def check(self) -> str:
        """Ask for a job that cannot be: that it does not exist proves the address and the key, and costs nothing."""
        answer = await self._describe(_action(next(iter(self.rows))), "0")
        error = self.read_error(answer)
        if error.kind not in {Kind.NOT_FOUND, Kind.INVALID} or not error.provider_code:
            raise error
        return "Tencent answered, and it takes requests signed with this key."

    async def poll(self, handle: Handle) -> RemoteState:
        """Return where the job stands."""
        answer = await self._describe(handle.data["action"], handle.remote_id)
        reply = _reply(answer)
        if not answer.ok or isinstance(reply.get("Error"), dict):
            raise self.read_error(answer)
        if not isinstance(reply.get("Status"), str):
            raise BackendError(Kind.TRANSIENT, "The provider answered with something that is not this job.")
        return self._state(reply)

    async def fetch(self, handle: Handle, output: OutputRef, sink: Sink) -> Artifact:
        """Stream the video from where the job's answer says it lies."""
        if "url" not in output.data:
            raise BackendError(Kind.NOT_FOUND, "The job has no video yet.")
        return await self.client.download(output.data["url"], sink)

    async def cancel(self, handle: Handle) -> CancelResult:
        """Say that the provider stops nothing."""
        return CancelResult.UNSUPPORTED

    async def parse_webhook(self, delivery: Delivery) -> WebhookHint:
        """Return what a callback announces; it is not signed, and tells nothing that a poll does not prove."""
        try:
            told = json.loads(delivery.body)
        except ValueError:
            told = None
        if not isinstance(told, dict) or not all(isinstance(told.get(key), str) for key in ("JobId", "Status")):
            raise WebhookRefused("The delivery is not understood.")
        return WebhookHint(f"{told['JobId']}:{told['Status']}", told["JobId"], told["Status"])

    def read_error(self, answer: Answer) -> BackendError:
        """Return the failure an answer stands for: errors come with HTTP 200, and their code says what they are."""
        told = _reply(answer).get("Error")
        code, message = (told.get("Code"), told.get("Message")) if isinstance(told, dict) else ("", "")
        error = error_from_status(answer, self._words(code, message))
        if error.provider_code:
            self._read_code(error)
        return error

    async def _describe(self, action: str, job: str) -> Answer:
        headers = {"X-TC-Action": f"Describe{action}Job"}
        return await self.client.request("POST", "/", json={"JobId": job}, headers=headers)

    def _words(self, code: Any, message: Any) -> Words:
        return Words(self.client.safe(str(message or "")), self.client.safe(str(code or ""))[:80])

    def _read_code(self, error: BackendError) -> None:
        error.kind = next((kind for pattern, kind in CODES if re.match(pattern, error.provider_code)), Kind.TRANSIENT)
        error.model_gone = error.kind is Kind.PERMANENT
        if error.kind in {Kind.MODERATION, Kind.INVALID}:
            name = error.provider_code.rpartition(".")[2]
            told = f"{name} {error.message}"
            error.fault = next((fault for pattern, fault in FAULTS if pattern.search(told)), Fault.UNKNOWN)

    def _not_sold(self, answer: Answer) -> BackendError:
        """Return the failure of a create that was answered with an error: one of the service's own leaves it open."""
        error = self.read_error(answer)
        error.outcome_unknown = error.kind is Kind.TRANSIENT
        error.charged = None if error.outcome_unknown else False
        return error

    def _state(self, reply: Mapping[str, Any]) -> RemoteState:
        """Return where a job stands; raise TRANSIENT when it is done and names no video, so that it is asked again."""
        raw, url = reply["Status"], reply.get("ResultVideoUrl")
        phase = PHASES.get(raw, Phase.UNRECOGNISED)
        if phase is Phase.FAILED:
            words = self._words(reply.get("ErrorCode"), reply.get("ErrorMessage"))
            message = words.message or f"The provider says that it failed: {words.code or 'without a reason'}."
            error = BackendError(Kind.TRANSIENT, message, provider_code=words.code)
            self._read_code(error)
            phase = Phase.REFUSED if error.kind is Kind.MODERATION else phase
            return RemoteState(phase, error=error, raw_status=raw)
        if phase is not Phase.SUCCEEDED:
            return RemoteState(phase, raw_status=raw[:60])
        if not isinstance(url, str) or not url:
            raise BackendError(Kind.TRANSIENT, "The provider says that the job is done, and names no video.")
        return RemoteState(phase, outputs=(OutputRef(data={"url": url}),), raw_status=raw)


def _action(model: str) -> str:
    return model.partition("/")[0]


def _reply(answer: Answer) -> Mapping[str, Any]:
    told = answer.body.get("Response") if isinstance(answer.body, dict) else None
    return told if isinstance(told, dict) else {}


async def _fields(wish: Wish, context: SubmitContext) -> dict[str, Any]:
    """Return what an action is told: pictures as base64, recordings and clips as addresses it fetches."""
    request, resolution = wish.request, f"{min(wish.frame.width, wish.frame.height)}p"
    fields: dict[str, Any] = {"Prompt": request.prompt}
    if request.task is Task.AUDIO:
        photo = await base64_of(_needed(wish, "reference", "first"))
        voice = public_address(_needed(wish, "voice"))
        return fields | {"ImageBase64": photo, "AudioUrl": voice, "Resolution": resolution}
    if request.task is Task.PERFORMANCE:
        return fields | await _motion(wish, context)
    if request.task is Task.FIRST_FRAME:
        fields["Image"] = {"Base64": await base64_of(_needed(wish, "first"))}
    return fields | {"Resolution": resolution}


async def _motion(wish: Wish, context: SubmitContext) -> dict[str, Any]:
    """Return what motion control is told; a clip of more than 10 s can only turn the character as the clip does."""
    fields: dict[str, Any] = {
        "Model": wish.request.model.partition("/")[2],
        "Image": {"Base64": await base64_of(_needed(wish, "reference"))},
        "Video": {"Url": public_address(_needed(wish, "motion"))},
        "Mode": "pro" if min(wish.frame.width, wish.frame.height) > 720 else "std",
        "KeepOriginalSound": "yes" if wish.request.sound else "no",
        "CharacterOrientation": "image" if wish.seconds <= TURNED_BY_PICTURE_S else "video",
        "ExternalTaskId": str(context.attempt_id),
    }
    return fields | ({"CallbackUrl": context.webhook_url} if context.webhook_url else {})


def _needed(wish: Wish, *roles: str) -> Asset:
    """Return the input of the first role that there is; raise INVALID without one."""
    found = next((one for role in roles for one in wish.assets(role)), None)
    if found is None:
        message = f"{wish.request.task.value} needs a {roles[0]} input."
        raise BackendError(Kind.INVALID, message, field="assets", fault=Fault.IMAGE, charged=False)
    return found
