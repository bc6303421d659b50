"""A cursor gives its key back, and nothing else passes for one."""

from __future__ import annotations

import pytest

from app.core.errors import Invalid
from app.core.ids import new_id
from app.web.paging import decode_cursor, encode_cursor


def test_a_cursor_gives_its_key_back() -> None:
    key = (new_id(), 7, "SH0010")
    assert decode_cursor(encode_cursor(key), [type(part) for part in key]) == key


@pytest.mark.parametrize(
    "text", ["", "x", "!!!", "W10", "e30", "bnVsbA", "W251bGxd", "W3siZCI6MX1d", "A" * 4000, "[" * 90_000]
)
def test_what_was_never_a_cursor_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        decode_cursor(text, (int,))


@pytest.mark.parametrize("key", [("a",), (new_id(),), (True,), (2**31,), (1, 2)])
def test_a_cursor_of_another_list_is_refused(key: tuple[int | str]) -> None:
    with pytest.raises(Invalid):
        decode_cursor(encode_cursor(key), (int,))
