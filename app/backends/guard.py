"""Which hosts a backend may talk to: declared ones only, and never a private address by way of a public name."""

from __future__ import annotations

import asyncio
import ipaddress
import itertools
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

import httpx

Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], Awaitable[list[str]]]

NAT64 = ipaddress.ip_network("64:ff9b::/96")
DNS_MEMORY_S = 30.0
DEFAULT_PORTS = {"http": 80, "https": 443}


class AddressRefused(httpx.ConnectError):
    """The request was not sent, because of where it would have gone."""


def is_public(text: str) -> bool:
    """Return whether an IP address belongs to the public internet, also when it hides inside an IPv6 form."""
    address: Address = ipaddress.ip_address(text)
    if isinstance(address, IPv6Address):
        hidden = address.ipv4_mapped or address.sixtofour
        if address in NAT64:
            hidden = IPv4Address(int(address) & 0xFFFFFFFF)
        if hidden is not None:
            address = hidden
        elif address.is_site_local:
            return False
    return address.is_global and not address.is_multicast


async def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of ``host``, in the order the system prefers; raise ``httpx.ConnectError`` without any."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise httpx.ConnectError(f"The name {host} could not be resolved.") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def authority_of(text: str) -> str | None:
    """Return the authority of an absolute http(s) address, or None when the text is no such thing."""
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        return None
    return authority(url) if url.scheme in DEFAULT_PORTS and url.host else None


def authority(url: httpx.URL) -> str:
    """Return ``host`` of a URL on its scheme's usual port, else ``host:port``."""
    port = url.port
    return url.host if port is None or port == DEFAULT_PORTS.get(url.scheme) else f"{url.host}:{port}"


@dataclass(frozen=True, slots=True)
class HostPolicy:
    """The declared hosts (``host``, ``host:port`` or ``*.domain``); ``self_hosted`` ones may have private addresses.

    Plain http is for self-hosted backends: to the internet, only https carries keys and scripts.
    """

    hosts: frozenset[str]
    self_hosted: bool = False

    @classmethod
    def of(cls, base_url: str, others: Iterable[str] = (), *, self_hosted: bool = False) -> HostPolicy:
        """Return the policy that allows the host of ``base_url`` and ``others``."""
        return cls(frozenset({authority(httpx.URL(base_url)), *others}), self_hosted)

    def declares(self, place: str) -> bool:
        """Return whether an authority is declared, by itself or as part of a domain."""
        parents = {f"*{place[index:]}" for index, letter in enumerate(place) if letter == "."}
        return bool(self.hosts & ({place} | parents))

    def check(self, url: httpx.URL) -> None:
        """Raise ``AddressRefused`` unless ``url`` is on a declared host, over an allowed scheme."""
        place = authority(url)
        if not self.declares(place):
            raise AddressRefused(f"The host {place} is not declared for this backend.")
        if url.scheme != "https" and not (self.self_hosted and url.scheme == "http"):
            raise AddressRefused(f"The host {place} must be reached over https.")

    def check_address(self, host: str, address: str) -> None:
        """Raise ``AddressRefused`` when ``address`` is not public and the backend not self-hosted."""
        if not self.self_hosted and not is_public(address):
            raise AddressRefused(f"The host {host} points to a private address, and the backend is not self-hosted.")


class GuardedTransport(httpx.AsyncBaseTransport):
    """A transport that checks the policy, resolves the name itself and connects to the very address it checked.

    Resolving once and pinning the address leaves no room for a name that answers differently the second time.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport, policy: HostPolicy, resolver: Resolver = resolve) -> None:
        self._inner = inner
        self._policy = policy
        self._resolver = resolver
        self._known: dict[tuple[str, int], tuple[float, list[str]]] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request to a checked address; try the next address only while nothing was sent."""
        self._policy.check(request.url)
        host = request.url.host
        addresses = await self._addresses(host, request.url.port or DEFAULT_PORTS[request.url.scheme])
        failure: httpx.TransportError = httpx.ConnectError(f"The name {host} has no address.")
        for address in addresses:
            try:
                return await self._inner.handle_async_request(_pinned(request, address))
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = error
        raise failure

    async def _addresses(self, host: str, port: int) -> list[str]:
        now = asyncio.get_running_loop().time()
        expires, addresses = self._known.get((host, port), (0.0, []))
        if now >= expires:
            addresses = await self._resolver(host, port)
            for address in addresses:
                self._policy.check_address(host, address)
            self._known[(host, port)] = (now + DNS_MEMORY_S, addresses)
        return addresses

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


class Shards(httpx.AsyncBaseTransport):
    """Several small pools used in turn: a pool looks at each of its connections for every request it sends.

    With fifty polls at once, one pool of a hundred connections costs three times the CPU of sixteen pools of eight.
    """

    def __init__(self, pools: Sequence[httpx.AsyncBaseTransport]) -> None:
        self._pools = pools
        self._turn = itertools.cycle(pools)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request through the next pool."""
        return await next(self._turn).handle_async_request(request)

    async def aclose(self) -> None:
        """Close every pool."""
        for pool in self._pools:
            await pool.aclose()


def _pinned(request: httpx.Request, address: str) -> httpx.Request:
    """Return ``request`` aimed at ``address``, with the name kept for TLS and in the Host header."""
    extensions = request.extensions
    if request.url.scheme == "https":
        extensions = {**extensions, "sni_hostname": request.url.host}
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions=extensions,
    )
