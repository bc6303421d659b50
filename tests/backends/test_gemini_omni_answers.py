"""Gemini Omni's answers: every envelope of an error is read, and a file's name becomes its address."""

from __future__ import annotations

from typing import Any

import pytest

from app.backends.errors import Kind
from app.backends.gemini_omni import _content, read_error
from app.backends.http import Answer

RETRY = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "17s"}


@pytest.mark.parametrize(
    ("status", "told", "kind", "wait"),
    [
        (429, {"code": 429, "status": "RESOURCE_EXHAUSTED", "details": [RETRY]}, Kind.RATE_LIMIT, 17),
        (429, {"message": "You exceeded your quota", "details": [RETRY]}, Kind.RATE_LIMIT, 17),
        (429, {"message": "You exceeded your current quota"}, Kind.QUOTA, None),
        (429, {"message": "Slow down", "details": ["?"]}, Kind.RATE_LIMIT, None),
        (404, {"message": "models/gemini-omni-9 is not found"}, Kind.PERMANENT, None),
        (404, {"message": "The interaction was not found."}, Kind.NOT_FOUND, None),
        (400, {"code": "invalid_request", "message": "Invalid interaction name"}, Kind.NOT_FOUND, None),
        (400, {"code": 400, "message": "duration must be text"}, Kind.INVALID, None),
        (403, {"message": "Not available in your region"}, Kind.AUTH, None),
        (504, {}, Kind.TRANSIENT, None),
    ],
)
@pytest.mark.parametrize("wrapped", [False, True])
def test_every_envelope_is_read(status: int, told: Any, kind: Kind, wait: float | None, wrapped: bool) -> None:
    body: Any = {"error": told}
    error = read_error(Answer(status, {}, [body] if wrapped else body), str)
    assert (error.kind, error.retry_after) == (kind, wait)


@pytest.mark.parametrize("body", [None, [], "x", {"error": "x"}, {"error": None}, [["x"]]])
def test_an_envelope_of_another_shape_is_survived(body: Any) -> None:
    assert read_error(Answer(400, {}, body), str).kind is Kind.INVALID


@pytest.mark.parametrize(
    ("uri", "address"),
    [
        ("files/abc", "/files/abc:download?alt=media"),
        ("https://a.example/v1beta/files/abc", "https://a.example/v1beta/files/abc:download?alt=media"),
        (
            "https://a.example/v1beta/files/abc:download?alt=media",
            "https://a.example/v1beta/files/abc:download?alt=media",
        ),
        ("https://cdn.example/v.mp4?sig=1", "https://cdn.example/v.mp4?sig=1"),
    ],
)
def test_a_files_name_becomes_the_address_of_its_content(uri: str, address: str) -> None:
    assert _content(uri) == address
