"""Reading a backup back into an empty installation, and proving that it is equal to what was backed up."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

from app.core.config import Settings
from app.core.errors import Conflict, Invalid
from app.embedded.backup import DATABASE, GENERATED_KEYS, MANIFEST, MEDIA, Manifest
from app.embedded.datafolder import DataFolder
from app.embedded.dump import restore_database
from app.embedded.fingerprint import connected, figures
from app.embedded.migration import knows
from app.media.storage import Storage, open_storage

PEOPLE = "users"
CHUNK = 1024 * 1024


async def restore(settings: Settings, source: Path) -> Manifest:
    """Restore ``source`` into the empty installation of ``settings``, verify it, and return what it holds.

    Raises ``Invalid``, before anything is touched, for a file that is no whole backup or was made by a newer version,
    and ``Conflict`` when the installation is not empty or something came back different.
    """
    with _opened(source) as tar:
        manifest = await asyncio.to_thread(_read_manifest, tar, source)
        await _require_empty(settings)
        await asyncio.to_thread(DataFolder(settings.data_folder).prepare)
        await _restore_media(tar, manifest, open_storage(settings.storage_url), settings.data_folder)
        await _restore_database(tar, manifest, settings)
        for name in GENERATED_KEYS:
            if name in manifest.files:
                _restore_key(tar, manifest, settings.data_folder / name)
    return manifest


def require_whole(source: Path) -> None:
    """Raise ``Invalid`` unless ``source`` is a whole backup of a version that this one knows."""
    with _opened(source) as tar:
        _read_manifest(tar, source)


def _opened(source: Path) -> tarfile.TarFile:
    try:
        return tarfile.open(source, "r:")
    except tarfile.TarError as error:
        raise _not_one(source, str(error)) from error
    except OSError as error:
        raise Invalid("backup.cannot_read", f"{source} cannot be read ({error.strerror}).") from error


def _not_one(source: Path, why: str) -> Invalid:
    return Invalid("backup.not_one", f"{source} is not a Reelroom backup, or is cut off ({why}). Use another one.")


def _read_manifest(tar: tarfile.TarFile, source: Path) -> Manifest:
    """Return the manifest once the archive holds exactly the files that it names."""
    try:
        names = {member.name for member in tar.getmembers() if member.isfile()}
    except tarfile.TarError as error:
        raise _not_one(source, str(error)) from error
    manifest_file = tar.extractfile(MANIFEST) if MANIFEST in names else None
    if manifest_file is None:
        raise _not_one(source, "it has no manifest")
    manifest = Manifest.from_json(manifest_file.read())
    if names != {MANIFEST, *manifest.files}:
        raise _not_one(source, "it does not hold what its manifest says")
    if not knows(manifest.revision):
        raise Invalid(
            "backup.newer",
            f"This backup is at revision {manifest.revision}, which this version does not know: use a newer one.",
        )
    return manifest


async def _require_empty(settings: Settings) -> None:
    async with connected(settings.sqlalchemy_url) as connection:
        present = (await connection.execute(text("select to_regclass(:name)"), {"name": PEOPLE})).scalar_one()
        people = present and (await connection.execute(text(f"select exists (select from {PEOPLE})"))).scalar_one()  # noqa: S608
    if people:
        raise Conflict(
            "backup.not_empty",
            "This installation has users already, and a backup is restored into an empty one: use --data with a new "
            "folder, or an empty database.",
        )


async def _restore_database(tar: tarfile.TarFile, manifest: Manifest, settings: Settings) -> None:
    async with connected(settings.sqlalchemy_url, isolation="READ COMMITTED") as connection:
        await connection.execute(text("drop schema public cascade"))
        await connection.execute(text("create schema public"))
    with _unpacked(tar, DATABASE, manifest, settings.data_folder) as dump:
        await restore_database(settings, dump)
    async with connected(settings.sqlalchemy_url) as connection:
        found = await figures(connection)
    different = sorted(name for name in manifest.tables.keys() | found if manifest.tables.get(name) != found.get(name))
    if different:
        raise Conflict("backup.differs", f"These tables came back different: {', '.join(different)}. Restore again.")


async def _restore_media(tar: tarfile.TarFile, manifest: Manifest, storage: Storage, scratch: Path) -> None:
    await storage.check()
    for name in manifest.files:
        if name.startswith(MEDIA):
            with _unpacked(tar, name, manifest, scratch) as path:
                await storage.put_file(path, name.removeprefix(MEDIA))


def _restore_key(tar: tarfile.TarFile, manifest: Manifest, target: Path) -> None:
    with _unpacked(tar, target.name, manifest, target.parent) as path:
        path.chmod(0o600)
        path.replace(target)


@contextmanager
def _unpacked(tar: tarfile.TarFile, name: str, manifest: Manifest, scratch: Path) -> Iterator[Path]:
    """Lend the file ``name`` of the archive, once its bytes are those that were backed up; else raise ``Invalid``."""
    packed = tar.extractfile(name)
    handle, path = tempfile.mkstemp(dir=scratch, prefix=".restore-")
    try:
        with os.fdopen(handle, "wb") as out:
            if packed:
                shutil.copyfileobj(packed, out, CHUNK)
        with Path(path).open("rb") as written:
            if hashlib.file_digest(written, "sha256").hexdigest() != manifest.files[name]:
                raise Invalid("backup.damaged", f"{name} in the backup is damaged. Use another backup.")
        yield Path(path)
    finally:
        Path(path).unlink(missing_ok=True)
