"""Which addresses a backend may reach."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from backend_clients import client
from fastapi import FastAPI, Request

from app.backends.errors import BackendError, Kind
from app.backends.guard import AddressRefused, HostPolicy, authority_of, is_public
from app.backends.testing.server import serve


def at_address(*addresses: str) -> Any:
    async def resolve(host: str, port: int) -> list[str]:
        return list(addresses)

    return resolve


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
        ),
        *("::1", "fe80::1", "fc00::1", "fec0::1", "ff02::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::"),
    ],
)
def test_private_addresses_are_seen_through_every_disguise(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://api.example.com/v1/x", True),
        ("https://API.example.com/v1/x", True),
        ("https://cdn.fal.media/x", True),
        ("https://a.b.fal.media/x", True),
        ("https://store.example.com:9000/x", True),
        ("http://api.example.com/v1/x", False),
        ("https://api.example.com:8443/x", False),
        ("https://fal.media/x", False),
        ("https://evilfal.media/x", False),
        ("https://api.example.com.evil.org/x", False),
        ("https://api.example.com@evil.org/x", False),
        ("ftp://api.example.com/x", False),
    ],
)
def test_only_declared_hosts_are_spoken_to(url: str, allowed: bool) -> None:
    policy = HostPolicy.of("https://api.example.com/v1", ["*.fal.media", "store.example.com:9000"])
    if allowed:
        policy.check(httpx.URL(url))
    else:
        with pytest.raises(AddressRefused):
            policy.check(httpx.URL(url))


async def test_a_public_name_with_a_private_address_is_not_reached() -> None:
    one = client("https://api.example.com", HostPolicy.of("https://api.example.com"), resolver=at_address("10.0.0.5"))
    with pytest.raises(BackendError) as caught:
        await one.create("/videos", json={})
    await one.aclose()
    assert caught.value.kind is Kind.PERMANENT
    assert not caught.value.outcome_unknown
    assert "private address" in caught.value.message


async def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    resolver = at_address("8.8.8.8", "127.0.0.1")
    one = client("https://api.example.com", HostPolicy.of("https://api.example.com"), resolver=resolver)
    with pytest.raises(BackendError) as caught:
        await one.request("GET", "/videos")
    await one.aclose()
    assert caught.value.kind is Kind.PERMANENT


async def test_a_name_is_resolved_once_and_its_address_pinned() -> None:
    asked: list[str] = []
    app = FastAPI()

    @app.get("/host")
    async def host(request: Request) -> dict[str, str]:
        return {"host": request.headers["host"]}

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    with serve(app) as running:
        port = httpx.URL(running.url).port
        one = client(f"http://farm.internal:{port}", resolver=resolve)
        answers = [await one.request("GET", "/host") for _ in range(3)]
        await one.aclose()
    assert asked == ["farm.internal"]
    assert [answer.body for answer in answers] == [{"host": f"farm.internal:{port}"}] * 3


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("https://cdn.example.com/v.mp4?sig=1", "cdn.example.com"),
        ("http://minio.lan:9000/v.mp4", "minio.lan:9000"),
        ("/v1/videos/1/content", None),
        ("s3://bucket/v.mp4", None),
        ("http://[::1", None),
        ("", None),
    ],
)
def test_an_address_a_server_names_is_read_or_passed_over(text: str, place: str | None) -> None:
    assert authority_of(text) == place
