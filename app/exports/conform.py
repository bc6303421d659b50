"""Rendering the segments of a cut, each once: what the cache holds is taken, the rest is rendered side by side."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextvars import copy_context
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import av

from app.core.i18n import _
from app.core.ids import new_id
from app.exports.cut import Cut
from app.exports.errors import disk_full_named
from app.exports.processes import Cancelled, run, write_fonts
from app.exports.segments import WORDS, SegmentPlan, plan
from app.exports.sources import check_source, demuxer, failed, naming, to_our_colours


class SegmentCache(Protocol):
    """Where finished parts are kept, by keys that name their content; used from several threads at once."""

    def get(self, key: str) -> Path | None:
        """Return where the part can be read until the export ends, or None when it is not kept."""

    def put(self, key: str, path: Path) -> Path:
        """Keep the finished file under ``key``, whole or not at all, and return where it can be read.

        The file given may be moved away, or be the answer: it stays until the export ends.
        """


@dataclass(frozen=True, slots=True)
class FolderCache:
    """A cache that is a folder: one file a key."""

    folder: Path

    def get(self, key: str) -> Path | None:
        """Return the file of ``key`` if it is there."""
        path = self.folder / key
        return path if path.is_file() else None

    def put(self, key: str, path: Path) -> Path:
        """Move ``path`` to its place; from another disk it is copied first, so that nobody sees half of it."""
        target = self.folder / key
        target.parent.mkdir(parents=True, exist_ok=True)
        neighbour = target.with_name(f"{target.name}.{new_id()}.part")
        try:
            shutil.move(path, neighbour)
            neighbour.replace(target)
        finally:
            neighbour.unlink(missing_ok=True)
        return target


@dataclass(frozen=True, slots=True)
class Conformed:
    """A segment ready to be joined: its file, pictures, the encoder's parameter sets, and whether it is new."""

    plan: SegmentPlan
    path: Path
    parameters: bytes
    rendered: bool


def conform(
    cut: Cut,
    cache: SegmentCache,
    folder: Path,
    *,
    workers: int,
    cancelled: Cancelled,
    on_done: Callable[[int, int], None],
) -> tuple[Conformed, ...]:
    """Return every segment of ``cut`` in order, rendering in ``folder`` those that ``cache`` does not hold.

    ``on_done(done, total)`` is called in this thread. Raises ``ExportError`` naming the shot that failed; what was
    finished before stays in the cache, so the next try goes on from there.
    """
    plans = plan(cut)
    wanted = {one.key: one for one in plans}
    ready = {key: found for key, one in wanted.items() if (found := _kept(cache, one))}
    missing = [one for key, one in wanted.items() if key not in ready]
    on_done(len(ready), len(wanted))
    for done in _render_all(missing, cache, folder, workers, cancelled):
        ready[done.plan.key] = done
        on_done(len(ready), len(wanted))
    return tuple(replace(ready[one.key], plan=one) for one in plans)


def _render_all(
    missing: list[SegmentPlan], cache: SegmentCache, folder: Path, workers: int, cancelled: Cancelled
) -> Iterator[Conformed]:
    write_fonts(folder)
    stop = threading.Event()

    def stopped() -> bool:
        return stop.is_set() or cancelled()

    with ThreadPoolExecutor(workers) as pool:
        try:
            jobs: list[Future[Conformed]] = [
                pool.submit(copy_context().run, _render, one, cache, folder, stopped) for one in missing
            ]
            for job in as_completed(jobs):
                yield job.result()
        finally:
            stop.set()
            pool.shutdown(cancel_futures=True)


def _kept(cache: SegmentCache, one: SegmentPlan) -> Conformed | None:
    path = cache.get(one.key)
    if path is None:
        return None
    try:
        frames, parameters = _facts(path)
    except av.FFmpegError:
        return None
    return Conformed(one, path, parameters, rendered=False) if frames == one.segment.frames else None


def _facts(path: Path) -> tuple[int, bytes]:
    with av.open(str(path)) as container:
        if not container.streams.video:
            return 0, b""
        stream = container.streams.video[0]
        return stream.frames, bytes(stream.codec_context.extradata or b"")


def _render(one: SegmentPlan, cache: SegmentCache, folder: Path, cancelled: Cancelled) -> Conformed:
    segment = one.segment
    place = folder / str(new_id())
    place.mkdir()
    try:
        with disk_full_named(), naming(segment):
            check_source(segment)
            (place / WORDS).write_text(one.words, "utf-8")
            target = folder / f"{place.name}.mp4"
            run(_arguments(one, target), place, cancelled, fonts_in=folder)
            frames, parameters = _facts(target)
            if frames != segment.frames:
                raise failed(segment, _("it ends before the frame its shot begins with"))
            return Conformed(one, cache.put(one.key, target), parameters, rendered=True)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _arguments(one: SegmentPlan, target: Path) -> list[str]:
    source = one.segment.source.resolve()
    filters = ",".join([*to_our_colours(source), *one.filters])
    return [
        *("-threads", "1", "-filter_threads", "1", "-protocol_whitelist", "file", "-xerror"),
        *("-f", demuxer(source), "-i", f"file:{source}", "-map", "0:V:0", "-vf", filters),
        *("-frames:v", str(one.segment.frames), "-an", "-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1"),
        *one.encoder,
        *("-threads", "1", str(target)),
    ]
