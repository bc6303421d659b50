"""Taking an uploaded video in: bytes first, then the take; no transaction is held while either lasts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from starlette.datastructures import UploadFile

from app.accounts.schemas import Actor
from app.core.config import get_settings
from app.core.db import Database
from app.core.errors import Conflict
from app.core.i18n import _
from app.media.hashing import receive
from app.media.sniff import MATROSKA, sniff
from app.media.storage import Storage
from app.shots.models import Shot
from app.takes import service
from app.takes.intake import take_in
from app.takes.models import Take
from app.takes.schemas import Origin

MIB = 1024 * 1024
AT_ONCE = 2  # uploads that are decoded at the same time in one web process
_decoding = asyncio.Semaphore(AT_ONCE)


def refuse_closed(shot: Shot) -> None:
    """Raise ``Conflict`` when a shot takes no take any more, because it is dropped or locked."""
    if shot.dropped_at is not None:
        raise Conflict("shots.dropped", _("%(name)s is dropped. Restore it first.") % {"name": shot.name})
    if shot.locked_at is not None:
        message = _("%(name)s is locked by the director. Unlock it first, then change it.") % {"name": shot.name}
        raise Conflict("shots.locked", message)


async def chunks(file: UploadFile) -> AsyncIterator[bytes]:
    """Yield an uploaded file piece by piece."""
    while piece := await file.read(MIB):
        yield piece


async def take_upload(
    database: Database, storage: Storage, actor: Actor, shot_id: UUID, stream: AsyncIterable[bytes], name: str
) -> Take:
    """Receive a video, check it and add it to a shot as its next take.

    Raises ``PayloadTooLarge`` beyond the upload limit, ``Invalid`` with a reason when it cannot be a take.
    """
    settings = get_settings()
    work = settings.data_folder / "work"
    await asyncio.to_thread(work.mkdir, parents=True, exist_ok=True)
    with TemporaryDirectory(dir=work, prefix="upload-", ignore_cleanup_errors=True) as folder:
        received = await receive(stream, settings.upload_limit_mb * MIB, Path(folder))
        kind = await asyncio.to_thread(sniff, received.path)
        content_type = "video/x-matroska" if kind == MATROSKA else "video/mp4"
        async with _decoding:
            intake = await take_in(
                storage, received.path, Path(folder), sha256=received.sha256, content_type=content_type
            )
    origin = Origin(source="uploaded", file_name=Path(name).name, made_by=actor.id, made_by_name=actor.name)
    async with database.transaction() as session:
        return await service.arrive(session, shot_id, intake, origin)
