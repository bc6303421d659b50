"""A whole installation in one file: the database as one moment saw it, every medium, and the key that signs."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.core import clock
from app.core.config import Settings
from app.core.errors import Conflict, Invalid, NotFound
from app.embedded.dump import dump_database
from app.embedded.fingerprint import TableFigures, connected, export_snapshot, figures
from app.media.storage import open_storage

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "database.dump"
GENERATED_KEYS = ("secret.key", "encryption.key")
MEDIA = "media/"
REVISION_TABLE = "alembic_version"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: the tables' figures, and the SHA-256 of the dump, the keys and each medium by its key."""

    revision: str
    made_at: str
    tables: dict[str, TableFigures]
    files: dict[str, str]
    format: int = FORMAT

    def to_json(self) -> bytes:
        """Return the manifest as it stands in the archive."""
        return json.dumps(asdict(self), indent=1).encode()

    @classmethod
    def from_json(cls, data: bytes) -> Manifest:
        """Read what ``to_json`` wrote; raise ``Invalid`` for another format."""
        raw: dict[str, Any] = json.loads(data)
        if raw.get("format") != FORMAT:
            raise Invalid(
                "backup.other_format", f"This backup has format {raw.get('format')}; this version reads {FORMAT}."
            )
        return cls(**{**raw, "tables": {name: TableFigures(**each) for name, each in raw["tables"].items()}})


class HashingReader(io.RawIOBase):
    """Reads a file, and knows the SHA-256 of what was read."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._hash = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        data = self._source.read(size)
        self._hash.update(data)
        return data

    @property
    def hexdigest(self) -> str:
        """The SHA-256 of what was read."""
        return self._hash.hexdigest()


@dataclass(slots=True)
class _Writer:
    """A tar file in the making, and the SHA-256 of what went into it."""

    tar: tarfile.TarFile
    files: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, path: Path) -> None:
        """Add the file ``path`` as ``name``."""
        with path.open("rb") as source:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = os.fstat(source.fileno()).st_size, 0o600
            reader = HashingReader(source)
            self.tar.addfile(entry, reader)
            self.files[name] = reader.hexdigest

    def add_if_there(self, name: str, path: Path) -> None:
        """Add the file ``path`` as ``name`` unless there is none."""
        if path.exists():
            self.add(name, path)


async def back_up(settings: Settings, target: Path) -> Manifest:
    """Write the installation of ``settings`` to ``target``, whole or not at all, and return what is in it.

    People may go on working meanwhile. Raises ``Conflict`` when ``target`` exists or there is nothing to back up, and
    ``Invalid`` when it cannot be written.
    """
    with _whole_file(target) as tar:
        manifest = await _fill(settings, _Writer(tar), target.parent)
        _add_bytes(tar, MANIFEST, manifest.to_json())
    return manifest


def require_place(target: Path) -> None:
    """Raise ``Conflict`` when ``target`` exists, ``Invalid`` when its folder cannot be written."""
    if target.exists():
        raise Conflict("backup.exists", f"{target} exists already: choose another name.")
    if not os.access(target.parent, os.W_OK):
        raise Invalid("backup.cannot_write", f"{target.parent} is no folder that can be written: choose another place.")


@contextmanager
def _whole_file(target: Path) -> Iterator[tarfile.TarFile]:
    """Yield a tar file that becomes ``target`` at the end of the block, if that is reached."""
    require_place(target)
    part = target.with_name(f".{target.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
                yield tar
            out.flush()
            os.fsync(out.fileno())
        part.replace(target)
    except OSError as error:
        raise Invalid(
            "backup.cannot_write", f"{target} cannot be written ({error.strerror}): choose another place."
        ) from error
    finally:
        part.unlink(missing_ok=True)


async def _fill(settings: Settings, writer: _Writer, scratch: Path) -> Manifest:
    """Write the database first: media are never changed, so those it names are still there afterwards."""
    async with connected(settings.sqlalchemy_url) as connection:
        snapshot = await export_snapshot(connection)
        tables = await figures(connection)
        revision = await _revision(connection, tables)
        with _scratch_file(scratch) as dump:
            await dump_database(settings, dump, snapshot=snapshot)
            await asyncio.to_thread(writer.add, DATABASE, dump)
    for name in GENERATED_KEYS:
        await asyncio.to_thread(writer.add_if_there, name, settings.data_folder / name)
    storage = open_storage(settings.storage_url)
    keys = sorted([stored.key async for stored in storage.list()])
    for key in keys:
        try:
            async with storage.local(key) as path:
                await asyncio.to_thread(writer.add, f"{MEDIA}{key}", path)
        except NotFound:
            continue  # collected as garbage since it was listed
    return Manifest(revision, clock.now().isoformat(), tables, writer.files)


async def _revision(connection: AsyncConnection, tables: dict[str, TableFigures]) -> str:
    if REVISION_TABLE not in tables:
        raise Conflict("backup.nothing", "There is nothing to back up: the database was never set up.")
    return str((await connection.execute(text(f"select version_num from {REVISION_TABLE}"))).scalar_one())  # noqa: S608


@contextmanager
def _scratch_file(folder: Path) -> Iterator[Path]:
    """Lend a path in ``folder``, whose disk has room for the backup anyway."""
    handle, name = tempfile.mkstemp(dir=folder, prefix=".reelroom-", suffix=".dump")
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _add_bytes(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(data), 0o600
    tar.addfile(entry, io.BytesIO(data))
