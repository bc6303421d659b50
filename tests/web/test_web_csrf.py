"""No other site acts in a reader's name, and programs with a token are not in the way."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from web_site import make_site

HOME = "http://testserver"
MATRIX = [
    ({"Sec-Fetch-Site": "same-origin"}, True),
    ({"Sec-Fetch-Site": "none"}, True),
    ({"Sec-Fetch-Site": "cross-site"}, False),
    ({"Sec-Fetch-Site": "same-site"}, False),
    ({"Sec-Fetch-Site": "cross-site", "Origin": HOME}, True),  # the address in the settings, behind a proxy
    ({"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, False),
    ({"Origin": HOME}, True),
    ({"Origin": "https://evil.example"}, False),
    ({"Origin": "http://testserver.evil.example"}, False),
    ({"Origin": "null"}, False),
    ({}, False),
    ({"Authorization": "Bearer rr_abc"}, True),
    ({"Authorization": "Bearer rr_abc", "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}, True),
    ({"Authorization": "Basic dTpw"}, False),
    ({"Cookie": "session=1", "Origin": "https://evil.example"}, False),
]


@pytest.mark.parametrize(("headers", "allowed"), MATRIX)
async def test_who_may_post(headers: dict[str, str], allowed: bool) -> None:
    async with AsyncClient(transport=ASGITransport(make_site()), base_url=HOME) as client:
        answer = await client.post("/echo", content=b"1", headers={**headers, "Accept": "application/json"})
    assert answer.status_code == (200 if allowed else 403)
    if not allowed:
        assert answer.json()["code"] == "web.other_site"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "POST"])
async def test_every_unsafe_method_is_guarded(method: str) -> None:
    async with AsyncClient(transport=ASGITransport(make_site()), base_url=HOME) as client:
        answer = await client.request(method, "/echo", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
async def test_reading_is_free(site: str) -> None:
    async with AsyncClient(transport=ASGITransport(make_site()), base_url=HOME) as client:
        answer = await client.get("/echo", headers={"Sec-Fetch-Site": site})
    assert answer.status_code == 200


async def test_an_origin_without_sec_fetch_site_is_compared_with_the_host() -> None:
    async with AsyncClient(transport=ASGITransport(make_site()), base_url="http://studio.lan:8400") as client:
        ours = await client.post("/echo", headers={"Origin": "http://studio.lan:8400"})
        other_port = await client.post("/echo", headers={"Origin": "http://studio.lan:9999"})
    assert (ours.status_code, other_port.status_code) == (200, 403)


@pytest.mark.parametrize(
    ("headers", "opens"),
    [
        ([(b"origin", b"http://testserver")], True),
        ([(b"origin", b"https://evil.example")], False),
        ([(b"sec-fetch-site", b"cross-site")], False),
        ([], True),  # no browser opens a socket without naming the page's origin
    ],
)
async def test_a_websocket_from_another_site_is_closed(headers: list[tuple[bytes, bytes]], opens: bool) -> None:
    app = make_site()
    _add_echo_socket(app)
    scope = {
        "type": "websocket",
        "path": "/socket",
        "raw_path": b"/socket",
        "query_string": b"",
        "headers": [(b"host", b"testserver"), *headers],
        "subprotocols": [],
        "state": {},
    }
    sent: list[dict[str, Any]] = []
    received = iter([{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1000}])

    async def receive() -> dict[str, Any]:
        return next(received)

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    assert sent[0]["type"] == ("websocket.accept" if opens else "websocket.close")


def _add_echo_socket(app: FastAPI) -> None:
    async def socket(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.receive()

    app.router.routes.append(WebSocketRoute("/socket", socket))
