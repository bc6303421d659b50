"""What the HTTP client promises whatever the provider does: addresses, waits, classification, redaction, downloads."""

from __future__ import annotations

import email.utils
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from backend_clients import KEY, answering, client
from fastapi.responses import JSONResponse, Response

from app.backends.errors import BackendError, Kind
from app.backends.guard import AddressRefused, HostPolicy
from app.backends.http import (
    Bearer,
    classify_create_failure,
    retry_after,
)
from app.backends.redaction import safe
from app.backends.testing.server import serve
from app.core import clock

NOON = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after-ms": "250", "retry-after": "7"}, 0.25),
        ({"retry-after": email.utils.format_datetime(NOON + timedelta(seconds=90), usegmt=True)}, 90.0),
        ({"retry-after": email.utils.format_datetime(NOON - timedelta(seconds=90), usegmt=True)}, 0.0),
        ({"retry-after": "99999999"}, 24 * 3600.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "²"}, None),
        ({"retry-after": ""}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_in_every_form(headers: dict[str, str], seconds: float | None) -> None:
    with clock.turned(NOON):
        assert retry_after(headers) == seconds


@pytest.mark.parametrize(
    ("error", "unknown"),
    [
        (httpx.ConnectError("x"), False),
        (httpx.ConnectTimeout("x"), False),
        (httpx.PoolTimeout("x"), False),
        (AddressRefused("x"), False),
        (httpx.ReadTimeout("x"), True),
        (httpx.WriteTimeout("x"), True),
        (httpx.WriteError("x"), True),
        (httpx.ReadError("x"), True),
        (httpx.RemoteProtocolError("x"), True),
        (httpx.DecodingError("x"), True),
    ],
)
def test_only_what_never_left_is_known_not_to_exist(error: httpx.RequestError, unknown: bool) -> None:
    assert classify_create_failure(error).outcome_unknown is unknown


@pytest.mark.parametrize(
    ("status", "kind", "unknown"),
    [
        (400, Kind.INVALID, False),
        (401, Kind.AUTH, False),
        (402, Kind.QUOTA, False),
        (403, Kind.AUTH, False),
        (404, Kind.NOT_FOUND, False),
        (408, Kind.TRANSIENT, False),
        (409, Kind.TRANSIENT, True),
        (422, Kind.INVALID, False),
        (429, Kind.RATE_LIMIT, False),
        (302, Kind.PERMANENT, True),
        (308, Kind.PERMANENT, False),
        (500, Kind.TRANSIENT, True),
        (503, Kind.TRANSIENT, True),
        (504, Kind.TRANSIENT, True),
    ],
)
async def test_a_create_answered_with_a_status(status: int, kind: Kind, unknown: bool) -> None:
    calls: list[str] = []
    with serve(answering(calls, lambda: JSONResponse({}, status, {"location": "/elsewhere"}))) as running:
        one = client(running.url)
        with pytest.raises(BackendError) as caught:
            await one.create("/videos", json={})
        await one.aclose()
    assert (caught.value.kind, caught.value.outcome_unknown) == (kind, unknown)
    assert caught.value.http_status == status
    assert calls == ["POST /videos"], "It was sent once and followed nowhere."


@pytest.mark.parametrize("body", ["[]", "null", "[" * 100_000, '{"id": "v1"', "<html></html>", '"v1"'])
async def test_a_create_that_succeeds_unreadably_is_unknown(body: str) -> None:
    with serve(answering([], lambda: Response(body, media_type="application/json"))) as running:
        one = client(running.url)
        with pytest.raises(BackendError) as caught:
            await one.create("/videos", json={})
        await one.aclose()
    assert caught.value.outcome_unknown


async def test_an_endless_answer_is_cut_off() -> None:
    with serve(answering([], lambda: Response(b"[" * 5_000_000, media_type="application/json"))) as running:
        one = client(running.url)
        with pytest.raises(BackendError) as polled:
            await one.request("GET", "/videos")
        with pytest.raises(BackendError) as created:
            await one.create("/videos", json={})
        await one.aclose()
    assert polled.value.kind is Kind.TRANSIENT
    assert created.value.outcome_unknown


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("bad key sk-test-http-0123456789abcdef here", "bad key [hidden] here"),
        ("bad key sk-other-9876543210 here", "bad key [hidden] here"),
        ("Authorization: Bearer abcdefgh12345678", "Authorization: Bearer [hidden]"),
        ("see https://cdn.example.com/v.mp4?X-Sig=abc&e=1 now", "see https://cdn.example.com/v.mp4?[hidden] now"),
        ("https://user:pass@host/x", "https://[hidden]@host/x"),
        ("data:image/png;base64," + "A" * 200, "data:image/png;base64,[hidden]"),
        ("two\r\nlines\x1b[31m", "two lines [31m"),
        ("敏感内容：第三句", "敏感内容：第三句"),
        ("x " * 400, ("x " * 250)[:499] + "…"),
    ],
)
def test_a_providers_words_are_made_safe(said: str, shown: str) -> None:
    assert safe(said, [KEY.get_secret_value()]) == shown


def test_nothing_that_holds_the_key_shows_it() -> None:
    one = client("https://api.example.com/v1", HostPolicy.of("https://api.example.com"))
    for thing in (one, Bearer(KEY), vars(one)):
        assert KEY.get_secret_value() not in repr(thing)
