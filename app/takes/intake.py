"""Taking a video in: probed, refused with a reason or stored by its content, and derived from."""

from __future__ import annotations

import asyncio
from pathlib import Path

from app.media.derive import derive, derived_keys
from app.media.keys import original_key
from app.media.probe import probe
from app.media.storage import Storage
from app.takes.schemas import Intake


async def take_in(storage: Storage, path: Path, folder: Path, *, sha256: str, content_type: str) -> Intake:
    """Check a file, keep its bytes and everything a reviewer needs, and return what a take is made of.

    Raises ``Invalid`` with a reason when the file cannot be a take, ``StorageFull`` when there is no room. Repeating it
    stores nothing twice, because every key is decided by the content.
    """
    size = (await asyncio.to_thread(path.stat)).st_size
    facts = await probe(path)
    derived = await derive(path, facts, folder)
    key, keys = original_key(sha256), derived_keys(sha256)
    await storage.put_file(path, key)
    for kind, file in derived.files().items():
        await storage.put_file(file, keys[kind])
    return Intake(
        sha256=sha256,
        key=key,
        content_type=content_type,
        bytes=size,
        width=facts.width,
        height=facts.height,
        rate=facts.rate,
        frames=facts.frames,
        has_audio=facts.has_audio,
        proxy_key=keys["proxy"],
        poster_key=keys["poster"],
        filmstrip_key=keys["filmstrip"],
        filmstrip_tiles=derived.tiles,
        waveform_key=keys["waveform"] if facts.has_audio else None,
    )
