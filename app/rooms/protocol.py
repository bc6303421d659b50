"""The frames of a room: Yjs sync and awareness as y-websocket speaks them, and what is saved. Pure.

A frame is a kind (varuint) and what belongs to it. Sources: y-protocols ``sync.js`` and ``awareness.js``, y-websocket
``y-websocket.js``. Kind 100 is ours, and stock clients do not know it: the state vector that PostgreSQL holds, and how
many of the receiver's own changes it holds (deletions do not show in a state vector).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple, NoReturn

SYNC, AWARENESS, AUTH, ASK_AWARENESS, SAVED = 0, 1, 2, 3, 100
STEP_1, STEP_2, UPDATE = 0, 1, 2
NOTHING = b"\x00\x00"  # an update without structs and deletions
GONE = b"null"
LARGEST_PRESENCE = 2048
MOST_PRESENCES = 1000
LARGEST_ID = 2**53


class Malformed(ValueError):
    """A frame that no client of the protocol sends."""


class Presence(NamedTuple):
    """Where one client is: its clock, and its state as JSON text, ``null`` when it left."""

    client: int
    clock: int
    state: bytes


def number(value: int) -> bytes:
    """Return a number as a varuint."""
    if value < 0x80:
        return bytes((value,))
    out = bytearray()
    while value > 0x7F:
        out.append(0x80 | (value & 0x7F))
        value >>= 7
    out.append(value)
    return bytes(out)


def read_number(frame: bytes, place: int) -> tuple[int, int]:
    """Return the varuint at ``place`` and the place behind it; raises ``Malformed``."""
    value = shift = 0
    while True:
        if place >= len(frame) or shift > 63:
            raise Malformed("A number is cut off or too long.")
        byte = frame[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7


def read_bytes(frame: bytes, place: int) -> tuple[bytes, int]:
    """Return the length-prefixed bytes at ``place`` and the place behind them; raises ``Malformed``."""
    length, place = read_number(frame, place)
    if place + length > len(frame):
        raise Malformed("A frame is cut off.")
    return frame[place : place + length], place + length


def sync(step: int, payload: bytes) -> bytes:
    """Return a sync frame: step 1 with a state vector, step 2 or an update with a change."""
    return bytes((SYNC, step)) + number(len(payload)) + payload


def saved(state_vector: bytes, frames: int) -> bytes:
    """Return the frame that tells what PostgreSQL holds."""
    return bytes((SAVED,)) + number(len(state_vector)) + state_vector + number(frames)


def awareness(presences: Iterable[Presence]) -> bytes:
    """Return an awareness frame."""
    listed = list(presences)
    body = [number(len(listed))]
    for one in listed:
        body += (number(one.client), number(one.clock), number(len(one.state)), one.state)
    payload = b"".join(body)
    return bytes((AWARENESS,)) + number(len(payload)) + payload


def read_awareness(frame: bytes, place: int) -> Sequence[Presence]:
    """Return the presences of an awareness frame behind its kind; raises ``Malformed`` on what a browser would."""
    body, _end = read_bytes(frame, place)
    count, place = read_number(body, 0)
    if count > MOST_PRESENCES:
        raise Malformed("Too many presences in one frame.")
    found = []
    for _one in range(count):
        client, place = read_number(body, place)
        clock, place = read_number(body, place)
        state, place = read_bytes(body, place)
        if client >= LARGEST_ID or clock >= LARGEST_ID:
            raise Malformed("A presence has a number that browsers cannot hold.")
        found.append(Presence(client, clock, state if state == GONE else _state(state)))
    return found


def _state(raw: bytes) -> bytes:
    """Return a presence's state when it is a small object in strict JSON, as every browser must be able to read it."""
    if len(raw) > LARGEST_PRESENCE:
        raise Malformed("A presence is too large.")
    try:
        state = _JSON.decode(raw.decode())
    except (ValueError, RecursionError) as error:
        raise Malformed("A presence is not JSON.") from error
    if not isinstance(state, dict):
        raise Malformed("A presence is not an object.")
    return raw


def _refuse(name: str) -> NoReturn:
    raise Malformed(f"{name} is no JSON.")


def read_vector(raw: bytes) -> dict[int, int]:
    """Return a state vector: how far each client's changes go; raises ``Malformed``."""
    count, place = read_number(raw, 0)
    vector: dict[int, int] = {}
    for _one in range(min(count, len(raw))):
        client, place = read_number(raw, place)
        vector[client], place = read_number(raw, place)
    return vector


def write_vector(vector: dict[int, int]) -> bytes:
    """Return a state vector as bytes."""
    return number(len(vector)) + b"".join(number(client) + number(clock) for client, clock in vector.items())


_JSON = json.JSONDecoder(parse_constant=_refuse)  # made once: presences are as many as keystrokes
