"""Volcengine Visual: Jimeng, OmniHuman (a photograph speaks) and DreamActor (a photograph moves), by signed requests.

Source of the facts: the providers' fact sheets, china §1, §5, §20.5.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from math import gcd
from typing import Any
from urllib.parse import quote

import httpx
from pydantic import SecretStr

from app.backends.adapter import CatalogueBackend, Wish, public_address
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
from app.backends.capabilities import Frame, Task
from app.backends.catalogue import CatalogueRow
from app.backends.config import BackendConfig
from app.backends.errors import BackendError, ConfigError, Fault, Kind
from app.backends.http import Answer, Words, error_from_status
from app.core import clock

REGION, SERVICE, VERSION = "cn-north-1", "cv", "2022-08-31"
SIGNED = ("content-type", "host", "x-content-sha256", "x-date")
RATE = 24
SUCCESS = 10000
INPUT_REFUSED = range(50411, 50414)
OUTPUT_REFUSED = range(50511, 50519)
KINDS: Mapping[int, Kind] = {
    50429: Kind.RATE_LIMIT,
    50430: Kind.RATE_LIMIT,
    50500: Kind.TRANSIENT,
    50501: Kind.TRANSIENT,
}
NO_MONEY = re.compile(r"overdue|arrear|insufficient.{0,10}balance", re.IGNORECASE)
NO_MODEL = re.compile(r"\breq_key\b.*\b(not|invalid|unsupported|unknown|offline)\b", re.IGNORECASE)
PHASES: Mapping[str, Phase] = {
    "in_queue": Phase.QUEUED,
    "generating": Phase.RUNNING,
    "done": Phase.SUCCEEDED,
    "not_found": Phase.LOST,
    "expired": Phase.LOST,
}


class Signature(httpx.Auth):
    """HMAC-SHA256 over method, query, four headers and the body's digest (china §20.5); never shows the secret."""

    requires_request_body = True

    def __init__(self, key_id: str, secret: SecretStr) -> None:
        self._key_id, self._secret = key_id, secret

    def auth_flow(self, request: httpx.Request) -> Any:
        """Add the date, the body's digest and the signature."""
        stamp = clock.now().strftime("%Y%m%dT%H%M%SZ")
        digest = hashlib.sha256(request.content).hexdigest()
        request.headers.update({"X-Date": stamp, "X-Content-Sha256": digest})
        items = sorted(request.url.params.multi_items())
        query = "&".join(f"{quote(key, safe='-_.~')}={quote(value, safe='-_.~')}" for key, value in items)
        lines = "".join(f"{name}:{request.headers.get(name, '').strip()}\n" for name in SIGNED)
        canonical = "\n".join([request.method, request.url.path, query, lines, ";".join(SIGNED), digest])
        scope = f"{stamp[:8]}/{REGION}/{SERVICE}/request"
        text = f"HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        key = self._secret.get_secret_value().encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), hashlib.sha256)
        signature = hmac.digest(key, text.encode(), hashlib.sha256).hex()
        request.headers["Authorization"] = (
            f"HMAC-SHA256 Credential={self._key_id}/{scope}, SignedHeaders={';'.join(SIGNED)}, Signature={signature}"
        )
        yield request

    def __repr__(self) -> str:
        return "Signature([hidden])"


class VolcengineVisualBackend(CatalogueBackend):
    """One Volcengine account: ``api_key`` is its secret key, the option ``access_key`` the id of it."""

    base_url = "https://visual.volcengineapi.com"
    options = frozenset({"access_key"})

    def auth(self, config: BackendConfig) -> httpx.Auth | None:
        """Return the signature; raise ``ConfigError`` without the id of the key."""
        key_id = config.option("access_key", str, "")
        if not re.fullmatch(r"[\w=+.-]+", key_id, re.ASCII):
            raise ConfigError(f"Backend {config.name!r} needs the option 'access_key': the id of its secret key.")
        return Signature(key_id, config.api_key) if config.api_key else None

    def settings(self, row: CatalogueRow) -> frozenset[str]:
        """Return the one setting of OmniHuman."""
        return frozenset({"pe_fast_mode"}) if Task.AUDIO in row.caps.tasks else frozenset()

    async def submit(self, request: GenRequest, context: SubmitContext) -> Handle:
        """Create the task, once; OmniHuman's own check of the photograph beforehand is left out, being a task too."""
        wish, family = self.wish(request), _family(request.task)
        params, fields = _action(f"{family}SubmitTask"), {"req_key": request.model, **_fields(wish), **request.extra}
        answer = await self.client.create("/", params=params, json=fields)
        code, data = answer.body.get("code"), answer.body.get("data")
        if isinstance(code, int) and code != SUCCESS:
            raise self._not_sold(answer)
        task = data.get("task_id") if isinstance(data, dict) else None
        if not isinstance(task, str) or not task:
            raise self.client.unreadable(answer)
        return self.handle(request, context, task, family=family)

    async def check(self) -> str:
        """Ask for a task that cannot be: that it is not found proves the address and the key, and costs nothing."""
        row = next(iter(self.rows.values()))
        answer = await self._result(_family(*row.caps.tasks), row.caps.model, "0")
        code = answer.body.get("code") if isinstance(answer.body, dict) else None
        error = self.read_error(answer)
        if code != SUCCESS and not (isinstance(code, int) and error.kind in {Kind.INVALID, Kind.NOT_FOUND}):
            raise error
        return "Volcengine answered, and it takes requests signed with this key."

    async def poll(self, handle: Handle) -> RemoteState:
        """Return where the task stands; an internal error may be the question's own, so it is asked again."""
        answer = await self._result(handle.data["family"], handle.model, handle.remote_id)
        code = answer.body.get("code") if isinstance(answer.body, dict) else None
        if answer.ok and code == SUCCESS:
            return _state(answer.body.get("data"))
        error = self.read_error(answer)
        if isinstance(code, int) and error.kind in {Kind.MODERATION, Kind.INVALID}:
            phase = Phase.REFUSED if error.kind is Kind.MODERATION else Phase.FAILED
            return RemoteState(phase, error=error, raw_status=str(code)[:60])
        if answer.ok and code is None:
            raise BackendError(Kind.TRANSIENT, "The provider answered with something that is not this task.")
        raise error

    async def fetch(self, handle: Handle, output: OutputRef, sink: Sink) -> Artifact:
        """Stream the video from where the task's answer says it lies."""
        if "url" not in output.data:
            raise BackendError(Kind.NOT_FOUND, "The task has no video yet.")
        return await self.client.download(output.data["url"], sink)

    async def cancel(self, handle: Handle) -> CancelResult:
        """Say that the provider stops nothing."""
        return CancelResult.UNSUPPORTED

    def read_error(self, answer: Answer) -> BackendError:
        """Return the failure an answer stands for: the body's code first, or that of the gateway, then the status."""
        body = answer.body if isinstance(answer.body, dict) else {}
        code, told = body.get("code"), {"Code": body.get("code"), "Message": body.get("message")}
        envelope = body.get("ResponseMetadata")
        if isinstance(envelope, dict) and isinstance(envelope.get("Error"), dict):
            told = envelope["Error"]
        text = [self.client.safe(str(told.get(key) or "")) for key in ("Message", "Code")]
        error = error_from_status(answer, Words(text[0], text[1][:80]))
        if isinstance(code, int):
            self._read_code(error, code, text[0])
        if error.kind is not Kind.MODERATION and NO_MONEY.search(" ".join(text)):
            error.kind, error.retry_after = Kind.QUOTA, None
        elif NO_MODEL.search(text[0]):
            error.kind, error.model_gone = Kind.PERMANENT, True
        return error

    async def _result(self, family: str, model: str, task: str) -> Answer:
        fields = {"req_key": model, "task_id": task}
        return await self.client.request("POST", "/", params=_action(f"{family}GetResult"), json=fields)

    def _read_code(self, error: BackendError, code: int, message: str) -> None:
        if code in INPUT_REFUSED:
            picture = re.search(r"image|picture|图", message, re.IGNORECASE)
            error.kind, error.fault = Kind.MODERATION, Fault.IMAGE if picture else Fault.PROMPT
        elif code in OUTPUT_REFUSED:
            error.kind, error.fault = Kind.MODERATION, Fault.PROVIDER
        elif code in KINDS:
            error.kind = KINDS[code]
        elif error.http_status == 200:
            error.kind = Kind.INVALID

    def _not_sold(self, answer: Answer) -> BackendError:
        """Return the failure of a create that was answered with a code: an internal error leaves it open."""
        error = self.read_error(answer)
        error.outcome_unknown = error.kind is Kind.TRANSIENT
        error.charged = None if error.outcome_unknown else False
        return error


def _family(*tasks: Task) -> str:
    return "CV" if Task.AUDIO in tasks else "CVSync2Async"


def _action(name: str) -> dict[str, str]:
    return {"Action": name, "Version": VERSION}


def _fields(wish: Wish) -> dict[str, Any]:
    """Return what a model is told besides its name; every input is an address that the provider fetches."""
    request, fields = wish.request, dict[str, Any]()
    if request.task is Task.PERFORMANCE:
        return {
            "image_urls": [public_address(one) for one in wish.assets("reference")],
            "video_url": public_address(_needed(wish, "motion")),
        }
    if request.seed is not None and wish.row.caps.seed:
        fields["seed"] = request.seed
    fields["prompt"] = request.prompt
    if request.task is Task.AUDIO:
        resolution = min(wish.frame.width, wish.frame.height)
        photo, voice = _needed(wish, "reference", "first"), _needed(wish, "voice")
        spoken = {"image_url": public_address(photo), "audio_url": public_address(voice)}
        return fields | spoken | {"output_resolution": resolution}
    fields["frames"] = round(wish.seconds * RATE) + 1
    if request.task is Task.TEXT:
        fields["aspect_ratio"] = _shape(wish.frame)
    else:
        frames = (wish.asset("first"), wish.asset("last") if request.task is Task.FIRST_AND_LAST else None)
        fields["image_urls"] = [public_address(one) for one in frames if one is not None]
    return fields


def _needed(wish: Wish, *roles: str) -> Asset:
    """Return the input of the first role that there is; raise INVALID without one."""
    found = next((one for role in roles for one in wish.assets(role)), None)
    if found is None:
        message = f"{wish.request.task.value} needs a {roles[0]} input."
        raise BackendError(Kind.INVALID, message, field="assets", fault=Fault.IMAGE, charged=False)
    return found


def _shape(frame: Frame) -> str:
    common = gcd(frame.width, frame.height)
    return f"{frame.width // common}:{frame.height // common}"


def _state(data: Any) -> RemoteState:
    """Return where a task stands; raise TRANSIENT when it is done and names no video, so that it is asked again."""
    told = data if isinstance(data, dict) else {}
    raw, url = str(told.get("status") or "nothing"), told.get("video_url")
    phase = PHASES.get(raw, Phase.UNRECOGNISED)
    if phase is not Phase.SUCCEEDED:
        return RemoteState(phase, raw_status=raw[:60])
    if not isinstance(url, str) or not url:
        raise BackendError(Kind.TRANSIENT, "The provider says that the task is done, and names no video.")
    return RemoteState(phase, outputs=(OutputRef(data={"url": url}),), raw_status=raw)
