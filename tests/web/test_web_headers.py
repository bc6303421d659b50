"""Every answer carries the headers of a careful site, a number, and no body is larger than its place allows."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from httpx import ASGITransport, AsyncClient
from web_site import make_site

SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
MIB = 1024 * 1024


@pytest.mark.parametrize("path", ["/echo", "/errors/missing", "/errors/boom", "/static/icons.svg", "/nowhere"])
async def test_every_answer_is_protected(client: AsyncClient, path: str) -> None:
    answer = await client.get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in answer.headers["permissions-policy"]
    assert len(answer.headers["x-request-id"]) >= 8


async def test_hsts_is_sent_over_https_only() -> None:
    for address, expected in (("https://reelroom.example", True), ("http://localhost:8400", False)):
        transport = ASGITransport(make_site(public_url=address))
        async with AsyncClient(transport=transport, base_url=address) as client:
            answer = await client.get("/echo")
        assert ("strict-transport-security" in answer.headers) is expected


async def test_a_number_from_the_proxy_is_kept_and_rubbish_is_not(client: AsyncClient) -> None:
    kept = await client.get("/echo", headers={"X-Request-ID": "proxy-1234567"})
    assert kept.headers["x-request-id"] == "proxy-1234567"
    replaced = await client.get("/echo", headers={"X-Request-ID": "a b!"})
    assert replaced.headers["x-request-id"] != "a b!"


async def test_a_body_is_refused_by_its_announced_length() -> None:
    transport = ASGITransport(make_site(body_limit_mb=1))
    async with AsyncClient(transport=transport, base_url="http://testserver", headers=SAME_ORIGIN) as client:
        fits = await client.post("/echo", content=b"x" * MIB)
        refused = await client.post("/echo", content=b"x" * (MIB + 1), headers={"Accept": "application/json"})
    assert fits.json() == {"bytes": MIB}
    assert refused.status_code == 413
    assert refused.json()["code"] == "web.too_large"
    assert "1.0 MB" in refused.json()["detail"]


async def _drops(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * MIB


@pytest.mark.parametrize(("path", "status"), [("/echo", 413), ("/uploads", 200), ("/projects/7/uploads", 200)])
async def test_a_body_of_unknown_length_is_counted_while_it_arrives(path: str, status: int) -> None:
    transport = ASGITransport(make_site(body_limit_mb=1, upload_limit_mb=4))
    async with AsyncClient(transport=transport, base_url="http://testserver", headers=SAME_ORIGIN) as client:
        answer = await client.post(path, content=_drops(3))
        assert answer.status_code == status
        beyond = await client.post(path, content=_drops(5))
        assert beyond.status_code == 413


async def test_a_json_body_that_grows_too_large_is_413_and_not_400() -> None:
    transport = ASGITransport(make_site(body_limit_mb=1))
    headers = {**SAME_ORIGIN, "Content-Type": "application/json"}
    async with AsyncClient(transport=transport, base_url="http://testserver", headers=headers) as client:
        answer = await client.post("/api/v1/items", content=_drops(2))
    assert answer.status_code == 413


async def test_pages_travel_compressed_and_films_do_not(client: AsyncClient) -> None:
    page = await client.get("/dev/gallery", headers={"Accept-Encoding": "gzip"})
    assert page.headers["content-encoding"] == "gzip"
    assert "accept-encoding" in page.headers["vary"].lower()
    assert "</html>" in page.text
    picture = await client.get("/static/images/storm.jpg", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in picture.headers
    plain = await client.get("/dev/gallery", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.text == page.text or len(plain.text) > 10_000
