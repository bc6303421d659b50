"""What adapters of catalogued providers share: their rows, their client, estimates, and the check before a create."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import httpx
from pydantic import SecretStr

from app.backends.base import Asset, Cost, GenRequest, Handle, SubmitContext
from app.backends.capabilities import Frame, ModelCaps, Task
from app.backends.catalogue import CatalogueRow, offered
from app.backends.config import BackendConfig, checked_url
from app.backends.errors import BackendError, ConfigError, Fault, Kind
from app.backends.fit import FAULT_OF_ROLE, check_request, fit_duration, fit_frame
from app.backends.guard import HostPolicy
from app.backends.http import Answer, BackendClient, Timeouts
from app.core.money import Money

CLIP_TASKS = frozenset({Task.EXTEND, Task.PERFORMANCE})
SHARED_OPTIONS = frozenset({"models", "hosts", "self_hosted", "read_timeout_s"})


@dataclass(frozen=True, slots=True)
class Wish:
    """A request that was checked, and what its model makes of it."""

    row: CatalogueRow
    request: GenRequest
    seconds: float
    frame: Frame

    def asset(self, role: str) -> Asset | None:
        """Return the one input of a role, or None."""
        return next((one for one in self.request.assets if one.role == role), None)

    def assets(self, role: str) -> list[Asset]:
        """Return the inputs of a role in their order."""
        return [one for one in self.request.assets if one.role == role]


class CatalogueBackend:
    """The base of an adapter whose models are rows of the catalogue; the adapter adds submit, poll, fetch and cancel.

    A class says its ``base_url``, the ``result_hosts`` its results come from, the ``options`` it takes besides the
    shared ones, the ``extras`` of a request it passes on, and ``needs_key``. It reads errors in ``read_error``. Where
    the provider is ``paid``, no model without a price is offered: what has no price has no cap.
    """

    base_url: ClassVar[str] = ""
    result_hosts: ClassVar[Sequence[str]] = ()
    options: ClassVar[frozenset[str]] = frozenset()
    extras: ClassVar[frozenset[str]] = frozenset()
    needs_key: ClassVar[bool] = True
    paid: ClassVar[bool] = True

    def __init__(self, config: BackendConfig, rows: Iterable[CatalogueRow]) -> None:
        self.name = config.name
        self.rows = {row.caps.model: replace(row, caps=self.served(row.caps, config)) for row in rows}
        base = config.base_url or self.base_url
        own = config.option("self_hosted", bool, False)
        policy = HostPolicy.of(base, [*self.result_hosts, *config.texts("hosts")], self_hosted=own)
        self.hosts = policy.hosts
        self.client = BackendClient(
            base,
            policy=policy,
            read_error=self.read_error,
            auth=self.auth(config),
            secrets=tuple(one for one in (config.api_key, config.webhook_secret) if one),
            timeouts=Timeouts(read=float(config.option("read_timeout_s", (int, float), Timeouts().read))),
        )

    @classmethod
    def from_config(cls, config: BackendConfig) -> Self:
        """Return the backend that ``config`` describes; raise ``ConfigError`` for what is missing or unknown."""
        config.known_options(SHARED_OPTIONS | cls.options)
        if cls.needs_key and config.api_key is None:
            raise ConfigError(f"Backend {config.name!r} needs an api_key.")
        if not (checked_url(config.name, config.base_url) or cls.base_url):
            raise ConfigError(f"Backend {config.name!r} needs a base_url.")
        rows = offered(config)
        unpriced = [row.caps.model for row in rows if row.price is None]
        if cls.paid and unpriced:
            raise ConfigError(f"Model {unpriced[0]!r} of backend {config.name!r} needs a price: its provider is paid.")
        return cls(config, rows)

    def auth(self, config: BackendConfig) -> httpx.Auth | None:
        """Return what proves the account to the provider."""
        raise NotImplementedError

    def read_error(self, answer: Answer) -> BackendError:
        """Return the failure that an answer of the provider tells."""
        raise NotImplementedError

    def served(self, caps: ModelCaps, config: BackendConfig) -> ModelCaps:
        """Return a row's capabilities with what the provider, not the model, decides."""
        return caps

    def settings(self, row: CatalogueRow) -> frozenset[str]:
        """Return the ``extra`` of a request that one model takes besides those of its provider."""
        return frozenset()

    def models(self) -> tuple[ModelCaps, ...]:
        """Return the models this account was configured with."""
        return tuple(row.caps for row in self.rows.values())

    def row(self, model: str) -> CatalogueRow:
        """Return the row of a model; raise ``BackendError`` (INVALID) for one that is not offered."""
        if model not in self.rows:
            message = f"The backend {self.name} has no model {model!r}."
            raise BackendError(Kind.INVALID, self.client.safe(message), field="model", charged=False)
        return self.rows[model]

    def wish(self, request: GenRequest) -> Wish:
        """Check a request against its model; raise ``BackendError`` for what cannot be served, before it is sent."""
        row = self.row(request.model)
        check_request(row.caps, request)
        unknown = sorted(set(request.extra) - self.extras - self.settings(row))
        if unknown:
            message = f"The setting {unknown[0]!r} is not one this provider takes."
            raise BackendError(Kind.INVALID, self.client.safe(message), field=f"extra.{unknown[0]}", charged=False)
        return self._fitted(row, request)

    def _fitted(self, row: CatalogueRow, request: GenRequest) -> Wish:
        seconds = fit_duration(row.caps, request.duration_s)
        return Wish(row, request, seconds, fit_frame(row.caps, request.width, request.height))

    def estimate(self, request: GenRequest) -> Cost:
        """Return the list price of what is to be made; the high end counts the longest clip that may be billed too."""
        wish = self._fitted(self.row(request.model), request)
        if wish.row.price is None:
            return Cost(Money(0, "USD"), Money(0, "USD"), basis="free")
        price, billed = wish.row.price, wish.seconds
        if request.task in CLIP_TASKS or wish.assets("motion"):
            price, billed = price.with_clip(), wish.seconds + float(price.clip_seconds)
        low, high = (price.cost(seconds, wish.frame, sound=request.sound) for seconds in (wish.seconds, billed))
        return Cost(low, high, basis=f"{wish.seconds:g} s at {wish.frame.width}x{wish.frame.height}, list price")

    def handle(self, request: GenRequest, context: SubmitContext, remote_id: str, **data: Any) -> Handle:
        """Return the reference to work that the provider calls ``remote_id``; ``data`` is plain JSON."""
        return Handle(self.name, request.model, remote_id, context.attempt_id, context.submitted_at, data)

    async def aclose(self) -> None:
        """Close the connections."""
        await self.client.aclose()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"


class HeaderKey(httpx.Auth):
    """A key in a header of the provider's choice, such as ``Token <key>``; never shows the key."""

    def __init__(self, header: str, key: SecretStr, scheme: str = "") -> None:
        self._header, self._key, self._scheme = header, key, scheme

    def auth_flow(self, request: httpx.Request) -> Any:
        """Add the header."""
        request.headers[self._header] = f"{self._scheme} {self._key.get_secret_value()}".strip()
        yield request

    def __repr__(self) -> str:
        return "HeaderKey([hidden])"


async def base64_of(asset: Asset) -> str:
    """Return an input's bytes as base64, read off the event loop."""
    content = await asyncio.to_thread(asset.path.read_bytes)
    return await asyncio.to_thread(lambda: base64.b64encode(content).decode())


async def data_uri(asset: Asset) -> str:
    """Return an input as a ``data:`` address."""
    return f"data:{asset.mime};base64,{await base64_of(asset)}"


def public_address(asset: Asset) -> str:
    """Return the public address of an input that the provider fetches; raise ``BackendError`` where it has none."""
    if asset.url is None or not asset.url.startswith("https://"):
        message = (
            f"The provider fetches the {asset.role} input from the internet, and this installation cannot be reached "
            "from there: set REELROOM_PUBLIC_URL to its https address, or choose another backend."
        )
        fault = FAULT_OF_ROLE.get(asset.role, Fault.IMAGE)
        raise BackendError(Kind.INVALID, message, field="assets", fault=fault, charged=False)
    return asset.url
