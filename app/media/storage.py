"""Where bytes are kept: one protocol over a local folder and over S3, chosen by a URL."""

from __future__ import annotations

import errno
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

from app.core.errors import Conflict, Invalid, NotFound
from app.core.i18n import _

CHUNK = 256 * 1024
"""Bytes a stream yields at a time."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object of a store: its key, bytes, and when it was last put (UTC)."""

    key: str
    size: int
    modified: datetime


class Storage(Protocol):
    """A store of immutable objects.

    Every method raises ``Invalid`` for a malformed key and ``StorageUnavailable`` when the store does not answer.
    Originals (``keys.original_key``) are written once: putting the same bytes again only renews their date.
    """

    async def put_file(self, source: Path, key: str) -> None:
        """Keep a copy of ``source``: whole, or not at all. Raises ``StorageFull``, and ``Conflict`` for other bytes."""

    async def put_bytes(self, data: bytes, key: str) -> None:
        """Keep ``data`` as ``put_file`` would."""

    async def size(self, key: str) -> int | None:
        """Return how many bytes ``key`` has, or None when it is not there."""

    def stream(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Yield bytes ``start`` to ``end`` (exclusive, cut to the object) in small chunks; raises ``NotFound``."""

    def local(self, key: str) -> AbstractAsyncContextManager[Path]:
        """Lend a path to read: the very file of a folder, a temporary copy of a remote object; raises ``NotFound``."""

    async def delete(self, key: str, *, put_before: datetime | None = None) -> bool:
        """Forget ``key`` and return whether it was there; with ``put_before``, only if it was last put before then."""

    def list(self, prefix: str = "") -> AsyncIterator[StoredObject]:
        """Yield what is stored below ``prefix`` (whole segments of keys; "" is all), in no particular order."""

    async def free_bytes(self) -> int | None:
        """Return how many bytes still fit, or None where there is no such figure."""

    async def check(self) -> None:
        """Write and delete a small object; raises with what to do when that fails."""


class StorageFull(Invalid):
    """There is no room: free some and do it again; nothing was written."""

    status: ClassVar[int] = 507


class StorageUnavailable(Conflict):
    """The store does not answer or refuses: try again when it is repaired."""

    status: ClassVar[int] = 503


def open_storage(url: str) -> Storage:
    """Return the store at ``file:///folder`` or ``s3://bucket/prefix?endpoint=…&region=…``.

    Credentials come from the standard AWS_* environment, never from the URL. Raises ``Invalid`` for any other URL.
    """
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.netloc in ("", "localhost") and parts.path.strip("/") and not parts.query:
        from app.media.local import LocalStorage  # only the store that is used is loaded

        return LocalStorage(Path(unquote(parts.path)))
    if parts.scheme == "s3" and parts.netloc and "@" not in parts.netloc and ":" not in parts.netloc:
        from app.media.s3 import S3Storage

        options = dict(parse_qsl(parts.query, keep_blank_values=True))
        if set(options) <= {"endpoint", "region"} and all(options.values()) and "@" not in options.get("endpoint", ""):
            return S3Storage(bucket=parts.netloc, prefix=unquote(parts.path.strip("/")), **options)
    raise Invalid(
        "storage.bad_url",
        _(
            "The storage URL is neither file:///an/absolute/folder nor s3://bucket/prefix?endpoint=…&region=…. "
            "Keep credentials out of it: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
        ),
    )


def missing(key: str) -> NotFound:
    """Return the error for an object that is not in the store."""
    return NotFound(
        "storage.missing",
        _("The media file %(key)s is not in the store. If it was derived, make it again; if not, restore a backup.")
        % {"key": key},
    )


def original_differs(key: str) -> Conflict:
    """Return the error for other bytes under the key of an original."""
    return Conflict(
        "storage.original_differs",
        _("Other bytes are stored as %(key)s already. One of the two copies is damaged: run “reelroom doctor”.")
        % {"key": key},
    )


def storage_full(needed: int | None = None, free: int | None = None) -> StorageFull:
    """Return the error for a full disk or bucket; ``needed`` and ``free`` are bytes, where known."""
    return StorageFull(
        "storage.full",
        _("There is no room left to store this file. Free some disk space (or collect the garbage) and try again."),
        needed=needed,
        free=free,
    )


def is_full(error: OSError) -> bool:
    """Tell whether an error of the operating system means that there is no room: disk, quota or largest file."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
