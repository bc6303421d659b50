"""Serving media over HTTP: signed links, ranges, headers. Pure: a route elsewhere sends the ``Answer``."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import ClassVar
from urllib.parse import quote

from app.core import clock
from app.core.errors import Forbidden, Invalid
from app.core.i18n import _

LINK_LIFETIME = timedelta(hours=1)
"""How long a link works at the least."""

LINK_STEP = timedelta(minutes=30)
"""Links made within one step are the same text, so that a browser's cache can serve a page's posters again."""

CONTENT_TYPES = {
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".webm": "video/webm",
    ".mkv": "video/x-matroska",
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".json": "application/json",
    ".csv": "text/csv; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".srt": "application/x-subrip; charset=utf-8",
    ".vtt": "text/vtt; charset=utf-8",
    ".zip": "application/zip",
}
"""Everything the product serves; whatever else is stored goes out as bytes a browser will not interpret."""

_OPAQUE = "application/octet-stream"
_RANGE = re.compile(r"bytes=([0-9]{0,19})-([0-9]{0,19})")


class RangeNotSatisfiable(Invalid):
    """The asked range lies outside the file: ask again without one; ``details["size"]`` is the file's size."""

    status: ClassVar[int] = 416


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes ``start`` to ``end``, exclusive."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Answer:
    """How to answer one GET: the status, the headers, and the bytes ``start`` to ``end`` (exclusive) to stream."""

    status: int
    headers: dict[str, str]
    start: int
    end: int


def link_expiry(lifetime: timedelta = LINK_LIFETIME, step: timedelta = LINK_STEP) -> datetime:
    """Return when a link made now should expire: after ``lifetime``, rounded up to a whole ``step``."""
    earliest = (clock.now() + lifetime).timestamp()
    seconds = step.total_seconds()
    return datetime.fromtimestamp(-(-earliest // seconds) * seconds, UTC)


def sign(key: str, *, secret: str, expires_at: datetime, scope: str) -> str:
    """Return a token that lets ``scope`` (say, one session and one purpose) read ``key`` until ``expires_at``."""
    expires = int(expires_at.timestamp())
    return f"{expires:x}.{_code(key, secret, expires, scope)}"


def verify(key: str, token: str, *, secret: str, scope: str) -> None:
    """Raise ``Forbidden`` unless ``token`` was signed for this key and this scope and has not expired."""
    expires_text, _dot, code = token.partition(".")
    expires = int(expires_text, 16) if re.fullmatch(r"[0-9a-f]{1,10}", expires_text) else 0
    if not hmac.compare_digest(code.encode(), _code(key, secret, expires, scope).encode()):
        raise Forbidden("media.bad_link", _("This media link is not yours or is incomplete. Open the page again."))
    if clock.now().timestamp() >= expires:
        raise Forbidden("media.link_expired", _("This media link has expired. Open the page again for a new one."))


def _code(key: str, secret: str, expires: int, scope: str) -> str:
    """Return the signature; the lengths keep a key's end from being read as a scope's beginning."""
    message = f"reelroom media 1\n{expires}\n{len(scope)} {scope}\n{len(key)} {key}".encode()
    return _text(hmac.digest(secret.encode(), message, "sha256"))


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def parse_range(header: str | None, size: int) -> ByteRange | None:
    """Return the range a Range header asks of ``size`` bytes, or None when the whole file is the answer.

    What RFC 9110 lets a server ignore is ignored: other units, malformed headers, several ranges at once. Raises
    ``RangeNotSatisfiable`` (416) for a range that begins after the end.
    """
    asked = _RANGE.fullmatch(re.sub(r"\s", "", header)) if header else None
    if asked is None or (not asked[1] and not asked[2]):
        return None
    if not asked[1]:
        start, end = max(0, size - int(asked[2])), size
    else:
        start, end = int(asked[1]), min(size, int(asked[2]) + 1) if asked[2] else size
        if asked[2] and int(asked[2]) < start:
            return None
    if start >= size:
        raise RangeNotSatisfiable(
            "media.range", _("The asked part lies beyond the end of the file. Ask for the whole file."), size=size
        )
    return ByteRange(start, end)


def content_type(name: str) -> str:
    """Return the content type for a key or file name, by its suffix."""
    return CONTENT_TYPES.get(PurePosixPath(name).suffix.lower(), _OPAQUE)


def entity_tag(key: str, size: int) -> str:
    """Return the ETag of an object; what is stored under a key does not change while its size does not."""
    return f'"{hashlib.sha256(f"{key} {size}".encode()).hexdigest()[:24]}"'


def answer(
    key: str,
    size: int,
    *,
    range_header: str | None = None,
    if_none_match: str | None = None,
    if_range: str | None = None,
    media_type: str | None = None,
    download_as: str | None = None,
) -> Answer:
    """Return how to answer a GET for ``key``: 200, 206 or 304 with its headers.

    ``media_type`` is used only when it is one of ``CONTENT_TYPES`` (originals have no suffix; their type is recorded
    elsewhere). ``download_as`` makes it a download under that name. Raises ``RangeNotSatisfiable``.
    """
    tag = entity_tag(key, size)
    headers = {
        "ETag": tag,
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, max-age=3600, immutable",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if if_none_match and (if_none_match.strip() == "*" or tag in re.findall(r'"[^"]*"', if_none_match)):
        return Answer(304, headers, 0, 0)
    headers["Content-Type"] = media_type if media_type and media_type in CONTENT_TYPES.values() else content_type(key)
    if download_as is not None:
        headers["Content-Disposition"] = content_disposition(download_as)
    part = parse_range(range_header if if_range in (None, tag) else None, size)
    if part is None:
        headers["Content-Length"] = str(size)
        return Answer(200, headers, 0, size)
    headers["Content-Length"] = str(part.end - part.start)
    headers["Content-Range"] = f"bytes {part.start}-{part.end - 1}/{size}"
    return Answer(206, headers, part.start, part.end)


def safe_file_name(name: str, fallback: str = "reelroom") -> str:
    """Return ``name`` as a file name every system takes: no path, control or reserved characters, at most 120 bytes."""
    text = "".join(c for c in unicodedata.normalize("NFC", name) if unicodedata.category(c)[0] != "C")
    text = re.sub(r'[\\/:*?"<>|]+', "-", text)
    text = re.sub(r"\s+", " ", text).strip(" .")
    stem, dot, suffix = text.rpartition(".")
    if not dot or len(suffix) > 8 or not suffix.isalnum():
        stem, suffix = text, ""
    kept = stem.encode()[: 120 - len(suffix.encode()) - 1].decode(errors="ignore").strip(" .") or fallback
    return f"{kept}.{suffix}" if suffix else kept


def content_disposition(name: str) -> str:
    """Return a Content-Disposition for a download called ``name``: RFC 6266, with an ASCII name for old clients."""
    safe = safe_file_name(name)
    plain = unicodedata.normalize("NFKD", safe).encode("ascii", "replace").decode()
    plain = re.sub(r"[^A-Za-z0-9 .()_-]+", "_", plain)
    if plain == safe:
        return f'attachment; filename="{safe}"'
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(safe, safe='')}"
