"""Running an export: the frozen cut is conformed through the cache, checked, and delivered whole or not at all."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.core.errors import ReelroomError
from app.core.frames import FrameRate
from app.core.metrics import EXPORTS
from app.exports import service
from app.exports.assemble import Progress, Result, Stage, assemble
from app.exports.cache import StoreCache
from app.exports.cut import Cut, Segment, Subtitle, SubtitleKind
from app.exports.errors import ExportCancelled
from app.exports.models import Deliverable, Export
from app.jobs.engine import Engine
from app.media.hashing import hash_file
from app.media.keys import original_key
from app.media.serve import content_type
from app.media.storage import StorageUnavailable

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=30)
BEAT_SECONDS = 1.0
MOST_TRIES = 3
SHARE = {Stage.CONFORM: (0.0, 0.82), Stage.SOUND: (0.82, 0.93), Stage.JOIN: (0.93, 0.95), Stage.CHECK: (0.95, 1.0)}


class _Watch:
    """The lease of a running export: progress goes out and a wish to cancel comes in, once a beat."""

    def __init__(self, engine: Engine, export_id: UUID) -> None:
        self._engine = engine
        self._export_id = export_id
        self._told: tuple[str, float] | None = None
        self.stage = ""
        self.progress = 0.0
        self.stop = threading.Event()

    def report(self, progress: Progress) -> None:
        """Take the progress of a stage; called from the conforming thread."""
        low, high = SHARE[progress.stage]
        self.stage = progress.stage.value
        self.progress = low + (high - low) * progress.done / max(progress.total, 1)

    async def run(self) -> None:
        """Keep the lease and tell the pages until the export ends."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            try:
                await self._beat()
            except OSError as error:
                log.warning("exports.beat_failed", export_id=str(self._export_id), error=str(error))

    async def _beat(self) -> None:
        async with self._engine.database.transaction() as session:
            export = await session.get_one(Export, self._export_id, with_for_update=True)
            if export.cancel_asked_at is not None or export.state != "active":
                self.stop.set()
                return
            export.lease_until = clock.now() + LEASE
            if self._told != (self.stage, self.progress):
                export.stage, export.progress = self.stage, self.progress
                self._told = (self.stage, self.progress)
                await service.tell(session, export)


@asynccontextmanager
async def _watched(engine: Engine, export_id: UUID) -> AsyncIterator[_Watch]:
    watch = _Watch(engine, export_id)
    beating = asyncio.create_task(watch.run())
    try:
        yield watch
    finally:
        watch.stop.set()
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)


async def run(engine: Engine, export_id: UUID) -> None:
    """Run an export from where the last try left off; a second worker finds the lease taken and leaves."""
    async with engine.database.transaction() as session:
        cut = await _claim(session, export_id)
    if cut is None:
        return
    engine.work_folder.mkdir(parents=True, exist_ok=True)
    async with _watched(engine, export_id) as watch:
        with TemporaryDirectory(dir=engine.work_folder, prefix="export-", ignore_cleanup_errors=True) as name:
            try:
                result = await _assemble(engine, export_id, cut, Path(name), watch)
                files = await _store(engine, result)
            except ExportCancelled:
                await _end(engine, export_id, "cancelled", "export.cancelled", "")
                return
            except StorageUnavailable as error:
                log.error("exports.store_unavailable", export_id=str(export_id), error=str(error))
                return
            except ReelroomError as error:
                await _end(engine, export_id, "failed", error.code, error.message)
                return
        await _deliver(engine, export_id, files, result.report)


async def _claim(session: AsyncSession, export_id: UUID) -> dict[str, Any] | None:
    export = await session.get(Export, export_id, with_for_update={"skip_locked": True})
    now = clock.now()
    if export is None or export.state not in ("waiting", "active"):
        return None
    if export.state == "active" and export.lease_until is not None and export.lease_until > now:
        return None
    export.tries += 1
    if export.tries > MOST_TRIES:
        export.state, export.finished_at = "failed", now
        export.error_code = "exports.gave_up"
        export.error = f"The export was interrupted {MOST_TRIES} times. Look at the worker's log, then export again."
        await service.tell(session, export)
        return None
    export.state, export.lease_until = "active", now + LEASE
    export.started_at = export.started_at or now
    await service.tell(session, export)
    return export.cut


async def _assemble(engine: Engine, export_id: UUID, plan: Mapping[str, Any], folder: Path, watch: _Watch) -> Result:
    async with AsyncExitStack() as stack:
        sources = {}
        for segment in plan["segments"]:
            if segment["key"] not in sources:
                sources[segment["key"]] = await stack.enter_async_context(engine.storage.local(segment["key"]))
        cut = read_cut(plan, sources, produce_id=export_id.hex)
        cache = StoreCache(engine.storage, asyncio.get_running_loop(), stack)
        return await asyncio.to_thread(assemble, cut, folder / "out", cache, watch.report, watch.stop.is_set)


def read_cut(plan: Mapping[str, Any], sources: Mapping[str, Path], *, produce_id: str) -> Cut:
    """Return the cut a snapshot describes, with the local path of each source by its key."""
    return Cut(
        project=plan["project"],
        episode=plan["episode"],
        title=plan["title"],
        language=plan["language"],
        width=plan["width"],
        height=plan["height"],
        rate=FrameRate(*plan["rate"]),
        segments=tuple(_segment(segment, sources[segment["key"]]) for segment in plan["segments"]),
        producer=plan["producer"],
        produce_id=produce_id,
        draft=plan["draft"],
        provenance={"dropped": plan["dropped"], "missing": plan["missing"]},
    )


def _segment(given: Mapping[str, Any], source: Path) -> Segment:
    words = tuple(
        Subtitle(one["start"], one["end"], one["text"], one["speaker"], SubtitleKind(one["kind"]))
        for one in given["subtitles"]
    )
    return Segment(
        shot_id=given["shot_id"],
        shot_name=given["shot_name"],
        scene=given["scene"],
        source=source,
        source_sha256=given["sha256"],
        take_number=given["take_number"],
        in_frame=given["in_frame"],
        frames=given["frames"],
        subtitles=words,
        card=given["card"],
        fade_out=given["fade_out"],
        burn_words=given["burn_words"],
        provenance=given["provenance"],
    )


async def _store(engine: Engine, result: Result) -> list[Deliverable]:
    kinds = {
        "video": result.video,
        "srt": result.srt,
        "vtt": result.vtt,
        "shots": result.csv,
        "manifest": result.manifest,
    }
    files = []
    for kind, path in kinds.items():
        sha256 = await hash_file(path)
        await engine.storage.put_file(path, original_key(sha256))
        size = (await asyncio.to_thread(path.stat)).st_size
        files.append(
            Deliverable(
                kind=kind,
                name=path.name,
                key=original_key(sha256),
                sha256=sha256,
                bytes=size,
                content_type=content_type(path.name),
            )
        )
    return files


async def _deliver(engine: Engine, export_id: UUID, files: list[Deliverable], report: dict[str, Any]) -> None:
    async with engine.database.transaction() as session:
        export = await session.get_one(Export, export_id, with_for_update=True)
        if export.state != "active":
            return
        for file in files:
            file.export_id = export_id
            session.add(file)
        export.state, export.report, export.progress = "done", report, 1.0
        export.finished_at, export.lease_until = clock.now(), None
        await session.flush()
        await service.tell(session, export)
    EXPORTS.labels("done").inc()


async def _end(engine: Engine, export_id: UUID, state: str, code: str, message: str) -> None:
    async with engine.database.transaction() as session:
        export = await session.get_one(Export, export_id, with_for_update=True)
        export.state, export.error_code, export.error = state, code, message
        export.finished_at, export.lease_until = clock.now(), None
        await session.flush()
        await service.tell(session, export)
    EXPORTS.labels(state).inc()
