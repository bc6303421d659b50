"""Streaming a result to disk: capped, checked to be whole and the right media, hashed; nothing half-made is left."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import httpx

from app.backends.base import Artifact, Sink
from app.backends.errors import BackendError, Fault, Kind

BLOCK = 1024 * 1024
HEAD = 16
GENERIC_TYPES = frozenset({"", "application/octet-stream", "binary/octet-stream", "application/mp4"})
BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide"})


@dataclass(frozen=True, slots=True)
class Download:
    """What is expected: the kind of media ("video" or "image"), within ``seconds`` altogether."""

    kind: str
    seconds: float


def sniff(head: bytes) -> str:
    """Return the MIME type that the first 16 bytes of a file show, or an empty text for what is no known media."""
    if head[4:8] == b"ftyp":
        return "video/quicktime" if head[8:12] == b"qt  " else "video/mp4"
    if head[4:8] in BOXES:
        return "video/quicktime"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "video/webm"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    return ""


def boxes_are_whole(path: Path) -> bool:
    """Return whether the top-level boxes of an MP4 or MOV end exactly where the file ends, and hold an index."""
    size, place, names = path.stat().st_size, 0, set()
    with path.open("rb") as file:
        while place < size:
            file.seek(place)
            header = file.read(16)
            if len(header) < 8:
                return False
            length, name = int.from_bytes(header[:4], "big"), header[4:8]
            if length == 1:
                length = int.from_bytes(header[8:16], "big")
            elif length == 0:
                length = size - place
            if length < 8:
                return False
            names.add(name)
            place += length
    return place == size and b"moov" in names


async def save(response: httpx.Response, sink: Sink, expected: Download) -> Artifact:
    """Stream the body of a 200 answer to ``sink.path`` and return what was written.

    The bytes grow in a neighbour file that is renamed when they are whole, so that a repeat starts clean. Raises
    ``BackendError`` for what is wrong with the body, ``httpx.TransportError`` when it is cut off.
    """
    announced = _check_headers(response, sink, expected)
    part = sink.path.with_name(f"{sink.path.name}.part")
    try:
        async with asyncio.timeout(expected.seconds), _opened(part) as file:
            size, digest, mime = await _write(response, sink, file, expected, announced)
        if mime in {"video/mp4", "video/quicktime"} and not await asyncio.to_thread(boxes_are_whole, part):
            raise BackendError(Kind.TRANSIENT, "The result is truncated: its last part is missing.")
        await asyncio.to_thread(part.replace, sink.path)
    except TimeoutError:
        failure = BackendError(Kind.TRANSIENT, f"The result did not arrive within {expected.seconds:.0f} s.")
    else:
        return Artifact(path=sink.path, size=size, sha256=digest, mime=mime)
    finally:
        part.unlink(missing_ok=True)
    raise failure


@asynccontextmanager
async def _opened(path: Path) -> AsyncIterator[BinaryIO]:
    file = await asyncio.to_thread(path.open, "wb")
    try:
        yield file
    finally:
        await asyncio.to_thread(file.close)


def _check_headers(response: httpx.Response, sink: Sink, expected: Download) -> int | None:
    mime = response.headers.get("content-type", "").split(";")[0].strip().lower()
    if mime not in GENERIC_TYPES and not mime.startswith(f"{expected.kind}/"):
        raise BackendError(Kind.TRANSIENT, f"The result is {mime[:60]}, not {expected.kind}.")
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise BackendError(Kind.TRANSIENT, "The result came compressed, which was not asked for.")
    length = response.headers.get("content-length", "")
    announced = int(length) if length.isdigit() else None
    if announced is not None and announced > sink.max_bytes:
        raise _too_large(sink)
    return announced


async def _write(
    response: httpx.Response, sink: Sink, file: BinaryIO, expected: Download, announced: int | None
) -> tuple[int, str, str]:
    size, hashed, mime, block = 0, hashlib.sha256(), "", bytearray()

    def flush() -> None:
        file.write(block)
        hashed.update(block)

    async for chunk in response.aiter_raw():
        size += len(chunk)
        if size > sink.max_bytes:
            raise _too_large(sink)
        block += chunk
        if not mime and len(block) >= HEAD:
            mime = _media(bytes(block[:HEAD]), expected)
        if mime and len(block) >= BLOCK:
            await asyncio.to_thread(flush)
            block.clear()
            if announced:
                await sink.progress(min(size / announced, 1.0))
    if not mime:
        raise BackendError(Kind.TRANSIENT, "The result is empty or too short to be media.")
    await asyncio.to_thread(flush)
    await sink.progress(1.0)
    return size, hashed.hexdigest(), mime


def _media(head: bytes, expected: Download) -> str:
    mime = sniff(head)
    if not mime.startswith(f"{expected.kind}/"):
        raise BackendError(Kind.TRANSIENT, f"The result is not {expected.kind}: its first bytes are something else.")
    return mime


def _too_large(sink: Sink) -> BackendError:
    message = f"The result is larger than the {sink.max_bytes} bytes allowed for it."
    return BackendError(Kind.INVALID, message, fault=Fault.PROVIDER)
