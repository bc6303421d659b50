"""What a file is by its first bytes, before any decoder sees it, and whether its container is whole."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

MP4 = "mov"
MATROSKA = "matroska"
"""The demuxers a take may need: MP4 and MOV share one, WebM and Matroska the other."""

_HEAD = 4096
_IMAGE_BRANDS = (b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis")
_SIGNATURES = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"%PDF", "pdf"),
    (b"\xff\xd8\xff", "image"),
    (b"\x89PNG", "image"),
    (b"GIF8", "image"),
    (b"BM", "image"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
    (b"8BPS", "image"),
    (b"ID3", "sound"),
    (b"\xff\xfb", "sound"),
    (b"fLaC", "sound"),
    (b"OggS", "other_video"),
    (b"FLV", "other_video"),
    (b"\x00\x00\x01\xba", "other_video"),
    (b"\x30\x26\xb2\x75", "other_video"),
)
_MP4_ATOMS = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"styp", b"moof", b"pnot", b"sidx")
_MARKUP = (b"<!doctype html", b"<html", b"<?xml", b"<head", b"<body", b"<svg", b"<script")


def sniff(path: Path) -> str:
    """Return the demuxer that can read a file (``MP4`` or ``MATROSKA``), or a word for what it is instead.

    The words: "zip", "archive", "pdf", "image", "sound", "other_video", "html", "text", "unknown".
    """
    with path.open("rb") as reader:
        head = reader.read(_HEAD)
    if head[4:8] == b"ftyp" and head[8:12] in _IMAGE_BRANDS:
        return "image"
    if head[4:8] in _MP4_ATOMS:
        return MP4
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return MATROSKA
    if head.startswith(b"RIFF"):
        return {b"WEBP": "image", b"WAVE": "sound"}.get(head[8:12], "other_video")
    if head[:1] == b"G" and head[188:189] == b"G" and head[376:377] == b"G":
        return "other_video"
    return next((word for start, word in _SIGNATURES if head.startswith(start)), None) or _text_or_unknown(head)


def _text_or_unknown(head: bytes) -> str:
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_MARKUP):
        return "html"
    if b"\0" in head:
        return "unknown"
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return "text" if error.start >= len(head) - 3 else "unknown"
    return "text"


@dataclass(frozen=True, slots=True)
class Wholeness:
    """Whether a container is whole: how many bytes its last part lacks, and whether its index is there."""

    missing_bytes: int = 0
    has_index: bool = True

    @property
    def whole(self) -> bool:
        """Tell whether nothing is missing."""
        return self.has_index and not self.missing_bytes


def wholeness(path: Path, demuxer: str) -> Wholeness:
    """Compare what a container declares with the bytes that are there; reads headers only."""
    with path.open("rb") as reader:
        size = os.fstat(reader.fileno()).st_size
        return _mp4_wholeness(reader, size) if demuxer == MP4 else _matroska_wholeness(reader, size)


def _mp4_wholeness(reader: BinaryIO, size: int) -> Wholeness:
    """Walk the top-level atoms (ISO/IEC 14496-12, 4.2): a size, four letters, sometimes a 64-bit size."""
    at, seen = 0, set()
    while at + 8 <= size:
        reader.seek(at)
        length, name = struct.unpack(">I4s", reader.read(8))
        if not name.isalnum() and b"moov" in seen:  # padding or an appendix after the video
            break
        if length == 1:
            wide = reader.read(8)
            length = struct.unpack(">Q", wide)[0] if len(wide) == 8 else 16
        seen.add(name)
        end = size if length == 0 else at + max(8, length)
        if end > size:
            return Wholeness(missing_bytes=end - size, has_index=b"moov" in seen - {name})
        at = end
    return Wholeness(has_index=b"moov" in seen)


def _matroska_wholeness(reader: BinaryIO, size: int) -> Wholeness:
    """Compare the Segment's declared size with the file (RFC 8794: variable-size integers; all ones is unknown)."""
    reader.seek(4)
    header = _vint(reader)
    if header is None:
        return Wholeness(has_index=False)
    reader.seek(header, os.SEEK_CUR)
    if reader.read(4) != b"\x18\x53\x80\x67":
        return Wholeness(has_index=False)
    length = _vint(reader)
    return Wholeness() if length is None else Wholeness(missing_bytes=max(0, reader.tell() + length - size))


def _vint(reader: BinaryIO) -> int | None:
    """Read a variable-size integer; None when it is missing, malformed or of unknown size."""
    first = reader.read(1)
    if not first or not first[0]:
        return None
    extra = 8 - first[0].bit_length()
    rest = reader.read(extra)
    value = int.from_bytes(bytes([first[0] & (0x7F >> extra)]) + rest, "big")
    return None if len(rest) < extra or value == 2 ** (7 * (extra + 1)) - 1 else value
