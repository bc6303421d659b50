"""The one way backends speak HTTP: a create is sent once, every answer is bounded, and no failure shows a secret."""

from __future__ import annotations

import asyncio
import email.utils
import json
import logging
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import httpx
from pydantic import SecretStr

from app.backends.base import Artifact, Sink
from app.backends.download import Download, save
from app.backends.errors import BackendError, Fault, Kind
from app.backends.guard import AddressRefused, GuardedTransport, HostPolicy, Resolver, Shards, authority, resolve
from app.backends.redaction import safe
from app.core import clock

# httpx logs whole addresses at INFO and httpcore whole headers at DEBUG: signed queries and cookies among them.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)

MAX_JSON_BYTES = 4 * 1024 * 1024
MAX_REDIRECTS = 5
POOLS, POOL = 16, 8
LONGEST_WAIT_S = 24 * 3600.0
REDIRECTS = frozenset({301, 302, 303, 307, 308})
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Bounds in seconds: for connecting, each read, each write; and for a whole create, request and download."""

    connect: float = 10.0
    read: float = 60.0
    write: float = 120.0
    create: float = 600.0
    request: float = 120.0
    download: float = 1800.0


@dataclass(frozen=True, slots=True)
class Answer:
    """One whole HTTP answer: ``body`` is the parsed JSON, or None when it is not JSON."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def ok(self) -> bool:
        """Whether the status is a success."""
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Words:
    """What a provider's error envelope says, as its adapter read it."""

    message: str = ""
    code: str = ""
    field: str = ""


ErrorReader = Callable[[Answer], BackendError]


class Bearer(httpx.Auth):
    """``Authorization: Bearer <key>``; never shows the key."""

    def __init__(self, key: SecretStr) -> None:
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Any:
        """Add the header."""
        request.headers["Authorization"] = f"Bearer {self._key.get_secret_value()}"
        yield request

    def __repr__(self) -> str:
        return "Bearer([hidden])"


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds a provider asks to wait (told in seconds, milliseconds or as an HTTP date), or None."""
    milliseconds = headers.get("retry-after-ms", "")
    if milliseconds.isascii() and milliseconds.isdigit():
        return min(int(milliseconds) / 1000, LONGEST_WAIT_S)
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.replace(".", "", 1).isdigit():
        return min(float(value), LONGEST_WAIT_S)
    try:
        until = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max((until - clock.now()).total_seconds(), 0.0), LONGEST_WAIT_S)


def error_from_status(answer: Answer, words: Words) -> BackendError:
    """Return the failure that an HTTP status stands for where the provider's own code says nothing better."""
    status = answer.status
    if status in {401, 403, 407}:
        kind, fallback = Kind.AUTH, "The key was refused: check it, and what it may do."
    elif status == 402:
        kind, fallback = Kind.QUOTA, "The account has no money left: top it up."
    elif status == 429:
        kind, fallback = Kind.RATE_LIMIT, "Too many requests at once: it will be asked again later."
    elif status in {404, 410}:
        kind, fallback = Kind.NOT_FOUND, "The provider does not know this."
    elif status in {408, 409, 425} or status >= 500:
        kind, fallback = Kind.TRANSIENT, "The provider failed; this may pass."
    elif 400 <= status < 500:
        kind, fallback = Kind.INVALID, "The provider refused the request as invalid."
    else:
        kind, fallback = Kind.PERMANENT, "The answer was not the provider's: check the base_url."
    return BackendError(
        kind,
        f"{words.message or fallback} (HTTP {status})",
        provider_code=words.code,
        http_status=status,
        retry_after=retry_after(answer.headers),
        fault=Fault.UNKNOWN,
        field=words.field,
    )


def classify_create_failure(error: httpx.RequestError) -> BackendError:
    """Return what a transport failure of a create means: not sent, or sent with its outcome unknown."""
    if isinstance(error, AddressRefused):
        return BackendError(Kind.PERMANENT, f"Not sent: {error}", charged=False)
    if isinstance(error, NOT_SENT):
        message = (
            f"The provider could not be reached, and nothing was sent: {safe(str(error)) or type(error).__name__}."
        )
        return BackendError(Kind.TRANSIENT, message, charged=False)
    message = f"The answer was lost after sending ({type(error).__name__}): it may have been created."
    return BackendError(Kind.TRANSIENT, message, outcome_unknown=True)


def settle_create_answer(answer: Answer, error: BackendError) -> BackendError:
    """Force the rule on a create answered without success: only a whole 4xx (409 apart) means "not created"."""
    status = answer.status
    not_created = (400 <= status < 500 and status != 409) or status in {301, 307, 308}
    error.outcome_unknown = not not_created
    if not_created and error.charged is None:
        error.charged = False
    return error


@cache
def _tls() -> ssl.SSLContext:
    """Return the TLS settings all clients share: loading the authorities takes longer than a request."""
    return httpx.create_ssl_context()


class BackendClient:
    """One provider account over HTTP.

    ``create`` sends one request on a fresh connection and never a second; ``request`` sends one for polls and the
    like; ``download`` streams a result. All raise ``BackendError`` that carries no secret, not even in its context.
    """

    def __init__(
        self,
        base_url: str,
        *,
        policy: HostPolicy,
        read_error: ErrorReader,
        auth: httpx.Auth | None = None,
        secrets: tuple[SecretStr, ...] = (),
        timeouts: Timeouts = Timeouts(),
        resolver: Resolver = resolve,
    ) -> None:
        self._base = base_url.rstrip("/")
        self._origin = authority(httpx.URL(base_url))
        self._read_error = read_error
        self._auth = auth
        self._secrets = secrets
        self._timeouts = timeouts
        timeout = httpx.Timeout(timeouts.read, connect=timeouts.connect, write=timeouts.write)
        # A kept connection that the server has just closed would make a create's outcome unknown: creates keep none.
        self._creating = self._client(
            policy, resolver, timeout, [httpx.Limits(max_connections=20, max_keepalive_connections=0)]
        )
        self._asking = self._client(policy, resolver, timeout, [httpx.Limits(max_connections=POOL)] * POOLS)

    @staticmethod
    def _client(
        policy: HostPolicy, resolver: Resolver, timeout: httpx.Timeout, pools: list[httpx.Limits]
    ) -> httpx.AsyncClient:
        inner = Shards(
            [httpx.AsyncHTTPTransport(verify=_tls(), retries=0, trust_env=False, limits=limits) for limits in pools]
        )
        return httpx.AsyncClient(
            transport=GuardedTransport(inner, policy, resolver),
            timeout=timeout,
            follow_redirects=False,
            trust_env=False,
            headers={"Accept-Encoding": "identity", "User-Agent": "reelroom"},
        )

    def __repr__(self) -> str:
        return f"BackendClient({self._origin})"

    def safe(self, text: str) -> str:
        """Return a provider's words without this account's keys or anything like a secret."""
        return safe(text, (secret.get_secret_value() for secret in self._secrets))

    async def create(self, path: str, **content: Any) -> Answer:
        """Send the one create; return its successful answer with a JSON object, else raise ``BackendError``.

        ``content`` is httpx's ``json``, ``data``, ``files``, ``params``. The error has ``outcome_unknown`` unless the
        provider answered a whole 4xx or nothing was sent.
        """
        try:
            answer = await self._send(self._creating, self._timeouts.create, "POST", path, **content)
        except httpx.RequestError as error:
            failure = classify_create_failure(error)
        else:
            if answer.ok and isinstance(answer.body, dict):
                return answer
            failure = self.unreadable(answer) if answer.ok else settle_create_answer(answer, self._read_error(answer))
        raise failure

    def unreadable(self, answer: Answer) -> BackendError:
        """Return the failure of a create that succeeded in words nobody understands: its outcome is unknown."""
        message = "The provider accepted the request and its answer names no work: it may have been created."
        return BackendError(Kind.TRANSIENT, message, http_status=answer.status, outcome_unknown=True)

    async def request(self, method: str, path: str, **content: Any) -> Answer:
        """Send one request and return the answer whatever its status; raise TRANSIENT when none came."""
        try:
            return await self._send(self._asking, self._timeouts.request, method, path, **content)
        except AddressRefused as error:
            failure = BackendError(Kind.PERMANENT, f"Not sent: {error}")
        except httpx.RequestError as error:
            failure = BackendError(Kind.TRANSIENT, f"The provider did not answer ({type(error).__name__}).")
        raise failure

    async def _send(self, client: httpx.AsyncClient, within: float, method: str, path: str, **content: Any) -> Answer:
        request = client.build_request(method, self._base + path, **content)
        try:
            async with asyncio.timeout(within):
                response = await client.send(request, auth=self._auth, stream=True)
                try:
                    return await self._answer(response)
                finally:
                    await response.aclose()
        except TimeoutError as error:
            raise httpx.ReadTimeout(f"No whole answer within {within:.0f} s.") from error

    async def _answer(self, response: httpx.Response) -> Answer:
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > MAX_JSON_BYTES:
                raise httpx.ReadError("The answer is larger than a JSON answer can be.")
        try:
            parsed = json.loads(body)
        except (ValueError, RecursionError):
            parsed = None
        return Answer(response.status_code, response.headers, parsed)

    async def download(self, url: str, sink: Sink, kind: str = "video") -> Artifact:
        """Stream ``url`` (absolute, or a path of the provider) to ``sink``; the key goes to the provider's host only.

        Redirects are followed by hand, five at most and to declared hosts only. Raises ``BackendError``: EXPIRED when
        the address no longer holds, TRANSIENT for a truncated body or one that is no media, INVALID when too large.
        """
        target: str | httpx.URL = url if "://" in url else self._base + url
        for _ in range(MAX_REDIRECTS + 1):
            outcome = await self._hop(target, sink, kind)
            if isinstance(outcome, Artifact):
                return outcome
            target = outcome
        raise BackendError(Kind.PERMANENT, f"The result was redirected more than {MAX_REDIRECTS} times.")

    async def _hop(self, address: str | httpx.URL, sink: Sink, kind: str) -> Artifact | httpx.URL:
        try:
            target = httpx.URL(address)
            trusted = authority(target) == self._origin and target.scheme == httpx.URL(self._base).scheme
            request = self._asking.build_request("GET", target)
            response = await self._asking.send(request, auth=self._auth if trusted else None, stream=True)
            try:
                if response.status_code in REDIRECTS and "location" in response.headers:
                    return target.join(response.headers["location"])
                if response.status_code != 200:
                    failure = self._fetch_error(await self._answer(response), trusted)
                else:
                    return await save(response, sink, Download(kind, self._timeouts.download))
            finally:
                await response.aclose()
        except AddressRefused as error:
            failure = BackendError(Kind.PERMANENT, f"The result was not fetched: {error}")
        except (httpx.RequestError, httpx.InvalidURL) as error:
            failure = BackendError(Kind.TRANSIENT, f"The result was cut off ({type(error).__name__}).")
        raise failure

    def _fetch_error(self, answer: Answer, trusted: bool) -> BackendError:
        error = self._read_error(answer)
        if answer.status in {404, 410} or (not trusted and answer.status in {401, 403}):
            error.kind = Kind.EXPIRED
        return error

    async def aclose(self) -> None:
        """Close the connections."""
        await self._creating.aclose()
        await self._asking.aclose()


def from_unix(value: object) -> datetime | None:
    """Return a Unix time in whole or broken seconds as UTC, or None when it is not one."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 4102444800:
        return None
    return datetime.fromtimestamp(value, UTC)
