"""Zhipu BigModel: CogVideoX, and the Vidu models it relays.

Source of the facts: the providers' fact sheets, china §8, §1 and §20.3.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Self
from urllib.parse import quote

import httpx
from pydantic import SecretStr

from app.backends.adapter import CatalogueBackend, Wish, base64_of, data_uri
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
from app.backends.catalogue import CatalogueRow, Price
from app.backends.config import BackendConfig
from app.backends.errors import BackendError, ConfigError, Fault, Kind
from app.backends.http import Answer, Bearer, Words, error_from_status
from app.core import clock

TOKEN_LIFE_MS = 30 * 60 * 1000
LARGEST_PICTURE = 5 * 1024 * 1024
PICTURES = frozenset({"image/png", "image/jpeg"})
STATUSES: Mapping[str, Phase] = {"PROCESSING": Phase.RUNNING, "SUCCESS": Phase.SUCCEEDED, "FAIL": Phase.FAILED}
KINDS: Mapping[str, Kind] = {
    **dict.fromkeys(("1000", "1001", "1002", "1003", "1004", "1005", "1220"), Kind.AUTH),
    **dict.fromkeys(("1113", "1304", "1308", "1310"), Kind.QUOTA),
    **dict.fromkeys(("1302", "1303", "1305", "1312"), Kind.RATE_LIMIT),
    **dict.fromkeys(("1210", "1213", "1214", "1215", "1261"), Kind.INVALID),
    **dict.fromkeys(("500", "1200", "1230", "1231", "1234"), Kind.TRANSIENT),
    "1211": Kind.PERMANENT,
    "1301": Kind.MODERATION,
}
KINDS_OF_STATUSES: Mapping[int, Kind] = {434: Kind.AUTH, 435: Kind.INVALID}
MODEL_UNKNOWN, DUPLICATE, PROMPT_TOO_LONG, FILE_TOO_LARGE = "1211", "1231", "1261", 435
ABOUT_PICTURES = re.compile(r"image|picture|图", re.IGNORECASE)
CHOICES: Mapping[str, tuple[Any, ...]] = {
    "quality": ("speed", "quality"),
    "fps": (30, 60),
    "watermark_enabled": (True, False),
    "style": ("general", "anime"),
    "aspect_ratio": ("16:9", "9:16", "4:3", "3:4", "1:1"),
    "movement_amplitude": ("auto", "small", "medium", "large"),
}


class ZhipuBackend(CatalogueBackend):
    """One BigModel account, China's by default; the global platform has its own ``base_url``.

    The attempt's id is the ``request_id``: a create that comes twice is refused, but nothing can be looked up by it.
    """

    base_url = "https://open.bigmodel.cn/api/paas/v4"
    options = frozenset({"jwt", "bare_base64"})
    extras = frozenset(CHOICES)

    def __init__(self, config: BackendConfig, rows: Iterable[CatalogueRow]) -> None:
        super().__init__(config, [_with_freedom(row) for row in rows])
        self._bare = config.option("bare_base64", bool, False)

    @classmethod
    def from_config(cls, config: BackendConfig) -> Self:
        """Return the backend that ``config`` describes; raise ``ConfigError`` for what is missing or unknown."""
        if not config.texts("hosts"):
            message = "needs the option 'hosts': the hosts its results come from, or what is bought cannot be fetched."
            raise ConfigError(f"Backend {config.name!r} {message}")
        return super().from_config(config)

    def auth(self, config: BackendConfig) -> httpx.Auth:
        """Return the plain key as a bearer or, with option ``jwt``, a token signed with its second half."""
        key = config.api_key or SecretStr("")
        if not config.option("jwt", bool, False):
            return Bearer(key)
        if not all(key.get_secret_value().partition(".")):
            raise ConfigError(f"The api_key of backend {config.name!r} must be ID.SECRET for the option 'jwt'.")
        return SignedBearer(key)

    async def submit(self, request: GenRequest, context: SubmitContext) -> Handle:
        """Create the task, once."""
        wish = self.wish(request)
        fields = await self._fields(wish, context)
        try:
            answer = await self.client.create("/videos/generations", json=fields)
            self._check_created(answer)
        except BackendError as error:
            self._blame(error, request)
            raise
        return self.handle(request, context, answer.body["id"])

    def wish(self, request: GenRequest) -> Wish:
        """Check a request against its model and what the provider takes."""
        wish = super().wish(request)
        for key, value in request.extra.items():
            if not any(type(value) is type(one) and value == one for one in CHOICES[key]):
                message = f"The setting {key!r} is one of {', '.join(map(str, CHOICES[key]))}."
                raise BackendError(Kind.INVALID, message, field=f"extra.{key}", charged=False)
        for asset in request.assets:
            if asset.role not in {"first", "last", "reference"}:
                raise _invalid(f"This provider takes no {asset.role} input.")
            if asset.mime not in PICTURES or asset.path.stat().st_size > LARGEST_PICTURE:
                raise _invalid(f"The {asset.role} input must be PNG or JPEG, of at most 5 MB.", Fault.IMAGE)
        if wish.assets("reference") and len(wish.assets("reference")) < len(request.assets):
            raise _invalid("First and last frames cannot be combined with references: leave out one or the other.")
        return wish

    async def _fields(self, wish: Wish, context: SubmitContext) -> dict[str, Any]:
        request, pictures = wish.request, [await self._address(one) for one in _in_order(wish)]
        fields: dict[str, Any] = {
            "model": request.model,
            "prompt": request.prompt,
            "size": f"{wish.frame.width}x{wish.frame.height}",
            "duration": round(wish.seconds),
            "request_id": str(context.attempt_id),
            **request.extra,
        }
        if wish.row.caps.native_sound:
            fields["with_audio"] = request.sound
        if pictures:
            fields["image_url"] = pictures if len(pictures) > 1 else pictures[0]
        return fields

    async def _address(self, asset: Asset) -> str:
        """Return where the provider finds a picture: its public address, or the bytes themselves."""
        if asset.url is not None and asset.url.startswith("https://"):
            return asset.url
        return await (base64_of if self._bare else data_uri)(asset)

    def _check_created(self, answer: Answer) -> None:
        """Raise what a create's successful answer says inside; a failure of the server leaves the outcome unknown."""
        if isinstance(answer.body.get("error"), dict):
            error = self.read_error(answer)
            error.outcome_unknown = error.kind is Kind.TRANSIENT
            error.charged = None if error.outcome_unknown else False
            raise error
        if not _is_id(answer.body.get("id")):
            raise self.client.unreadable(answer)

    def _blame(self, error: BackendError, request: GenRequest) -> None:
        """Complete what a failed create says: a request_id that was used belongs to work that exists."""
        if error.provider_code == DUPLICATE:
            error.outcome_unknown, error.charged = True, None
        if error.kind is Kind.MODERATION and error.fault is Fault.UNKNOWN and not request.assets:
            error.fault = Fault.PROMPT

    async def poll(self, handle: Handle) -> RemoteState:
        """Return where the task stands; the provider does not tell waiting from running."""
        answer = await self.client.request("GET", f"/async-result/{quote(handle.remote_id, safe='')}")
        body = answer.body if isinstance(answer.body, dict) else {}
        raw = body.get("task_status")
        if not answer.ok or not isinstance(raw, str) or not raw:
            raise self._look_up_error(answer)
        phase = STATUSES.get(raw, Phase.UNRECOGNISED)
        error = self._failure(answer) if phase is Phase.FAILED else None
        if error is not None and error.kind is Kind.MODERATION:
            phase = Phase.REFUSED
        outputs = _outputs(body.get("video_result")) if phase is Phase.SUCCEEDED else ()
        return RemoteState(phase, outputs=outputs, error=error, raw_status=raw[:60])

    async def fetch(self, handle: Handle, output: OutputRef, sink: Sink) -> Artifact:
        """Stream the video to the sink."""
        if "url" not in output.data:
            raise BackendError(Kind.NOT_FOUND, "There is no result to fetch yet.")
        return await self.client.download(output.data["url"], sink)

    async def cancel(self, handle: Handle) -> CancelResult:
        """Say that nothing can be cancelled."""
        return CancelResult.UNSUPPORTED

    def read_error(self, answer: Answer) -> BackendError:
        """Return the failure that an answer tells: the provider's code first, since 429 has many meanings."""
        words = self._words(answer.body)
        if words.code == DUPLICATE:
            words = replace(words, message="It was created before, and the provider does not say as what.")
        error = error_from_status(answer, words)
        by_status = KINDS_OF_STATUSES.get(answer.status, Kind.TRANSIENT if answer.ok else error.kind)
        error.kind = KINDS.get(words.code, by_status)
        error.model_gone = words.code == MODEL_UNKNOWN
        if error.kind is Kind.QUOTA:
            error.retry_after = None
        if error.kind is Kind.MODERATION and ABOUT_PICTURES.search(words.message):
            error.fault = Fault.IMAGE
        if words.code == PROMPT_TOO_LONG:
            error.field, error.fault = "prompt", Fault.PROMPT
        if answer.status == FILE_TOO_LARGE:
            error.field, error.fault = "assets", Fault.IMAGE
        return error

    def _words(self, body: Any) -> Words:
        told = body.get("error") if isinstance(body, dict) else None
        if not isinstance(told, dict):
            return Words()
        return Words(
            self.client.safe(str(told.get("message") or "")), self.client.safe(str(told.get("code") or ""))[:80]
        )

    def _look_up_error(self, answer: Answer) -> BackendError:
        """Return why a look-up failed: its one parameter is an id, so a wrong parameter is an id nobody knows."""
        if answer.ok and not self._words(answer.body).code:
            return BackendError(Kind.TRANSIENT, "The provider answered with something that is not this task.")
        error = self.read_error(answer)
        if error.kind is Kind.INVALID:
            error.kind = Kind.NOT_FOUND
        return error

    def _failure(self, answer: Answer) -> BackendError:
        """Return why a task failed, where the provider says so; whether it was charged, it does not."""
        words = self._words(answer.body)
        message = words.message or "The provider says that it failed, and not why."
        fault = Fault.IMAGE if ABOUT_PICTURES.search(words.message) else Fault.UNKNOWN
        return BackendError(KINDS.get(words.code, Kind.TRANSIENT), message, provider_code=words.code, fault=fault)


class SignedBearer(httpx.Auth):
    """A bearer token signed anew for every request, so that the secret half of the key never travels."""

    def __init__(self, key: SecretStr) -> None:
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Any:
        """Add the header."""
        key_id, _, secret = self._key.get_secret_value().partition(".")
        now = int(clock.now().timestamp() * 1000)
        request.headers["Authorization"] = f"Bearer {signed_token(key_id, secret, now + TOKEN_LIFE_MS, now)}"
        yield request

    def __repr__(self) -> str:
        return "SignedBearer([hidden])"


def signed_token(key_id: str, secret: str, expires_ms: int, now_ms: int) -> str:
    """Return the JWT of a key, with times in milliseconds as this provider wants them."""
    header = {"alg": "HS256", "sign_type": "SIGN"}
    claims = {"api_key": key_id, "exp": expires_ms, "timestamp": now_ms}
    signing = ".".join(_segment(json.dumps(one, separators=(",", ":")).encode()) for one in (header, claims))
    return f"{signing}.{_segment(hmac.digest(secret.encode(), signing.encode(), hashlib.sha256))}"


def _segment(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _with_freedom(row: CatalogueRow) -> CatalogueRow:
    """Return a row marked as free where its price says that nothing is paid; then it may be asked again."""
    free = row.price is not None and not _costs(row.price)
    return replace(row, caps=replace(row.caps, free=free, resubmit_safe=free))


def _costs(price: Price) -> bool:
    rates = (*price.per_clip.values(), *price.per_second_by_size.values(), *price.silent_by_size.values())
    return any((price.per_second, price.per_request, price.per_million_tokens, *rates))


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 200 and value.isprintable() and value not in {".", ".."}


def _outputs(results: Any) -> tuple[OutputRef, ...]:
    listed = results if isinstance(results, list) else []
    urls = [one.get("url") for one in listed if isinstance(one, dict)]
    return tuple(OutputRef(index, data={"url": url}) for index, url in enumerate(urls) if isinstance(url, str) and url)


def _in_order(wish: Wish) -> list[Asset]:
    """Return the pictures as the provider counts them: the first frame, the last one, or the references."""
    return [*wish.assets("first"), *wish.assets("last"), *wish.assets("reference")]


def _invalid(message: str, fault: Fault = Fault.UNKNOWN) -> BackendError:
    return BackendError(Kind.INVALID, message, field="assets", fault=fault, charged=False)
