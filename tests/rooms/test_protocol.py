"""Frames are read strictly: what no client of the protocol sends raises, and nothing else happens."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rooms import protocol
from app.rooms.protocol import Malformed, Presence


@given(st.integers(0, 2**53))
def test_a_number_is_read_as_it_was_written(value: int) -> None:
    written = protocol.number(value)
    assert protocol.read_number(written + b"rest", 0) == (value, len(written))


@given(st.binary(max_size=200))
def test_rubbish_raises_nothing_but_malformed(frame: bytes) -> None:
    for read in (protocol.read_number, protocol.read_bytes, protocol.read_awareness):
        with suppress(Malformed):
            read(frame, 0)
    with suppress(Malformed):
        protocol.read_vector(frame)


@given(st.dictionaries(st.integers(0, 2**53), st.integers(0, 2**53), max_size=10))
def test_a_vector_is_read_as_it_was_written(vector: dict[int, int]) -> None:
    assert protocol.read_vector(protocol.write_vector(vector)) == vector


@pytest.mark.parametrize("state", [b"NaN", b"Infinity", b"[]", b'"a"', b"{", b"\xff", b'{"a":NaN}', b"[" * 2000])
def test_a_presence_that_a_browser_could_not_read_is_malformed(state: bytes) -> None:
    with pytest.raises(Malformed):
        protocol.read_awareness(protocol.awareness([Presence(1, 1, state)]), 1)


def test_what_is_saved_is_a_frame_of_its_own() -> None:
    frame = protocol.saved(b"\x00", 300)
    kind, place = protocol.read_number(frame, 0)
    vector, place = protocol.read_bytes(frame, place)
    assert (kind, vector, protocol.read_number(frame, place)[0]) == (100, b"\x00", 300)
