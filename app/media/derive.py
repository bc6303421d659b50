"""What is made from a take so that it can be reviewed: proxy, poster, filmstrip, waveform, in one pass over it."""

from __future__ import annotations

import asyncio
import json
import shlex
from dataclasses import dataclass
from pathlib import Path

from app.core.errors import Invalid
from app.core.i18n import _
from app.media import sandbox
from app.media.ffmpeg import command
from app.media.filters import fit_box, picture_timeline, scaled, sound_timeline
from app.media.keys import derived_key
from app.media.probe import VideoFacts
from app.media.qc import packet_check
from app.media.storage import storage_full
from app.media.waveform import SAMPLE_RATE, draw, find_peaks

DERIVED_VERSION = 1
"""Rises when any recipe here changes, so that what was made before is made again."""

KINDS = {
    "proxy": ".mp4",
    "poster": ".jpg",
    "filmstrip": ".jpg",
    "waveform": ".json",
    "waveform-image": ".png",
}
"""The kinds of derived files and their suffixes; a silent take has no waveforms."""

PROXY_BOX = (540, 960)
POSTER_BOX = (360, 1280)
TILE_BOX = (90, 320)
FEWEST_TILES, MOST_TILES, TILES_A_SECOND = 12, 60, 4

TIMEOUT = 240.0
"""Seconds one take may need: enough for ten minutes of 1080p, and less than a worker's task may run."""

_PROXY_PICTURE = (
    "-c:v libx264 -threads 4 -preset veryfast -crf 26 -g 12 -keyint_min 12 -sc_threshold 0 -bf 0 "
    "-fps_mode:v passthrough -movflags +faststart"
)
_TOO_MANY_ERRORS = 69
"""The code with which ffmpeg ends when more than ``-max_error_rate`` could not be decoded."""

_NOTHING_PRIVATE = "-map_metadata -1 -map_chapters -1"
_MEMORY = 4 * 1024**3
_LARGEST_FILE = 1024**3


@dataclass(frozen=True, slots=True)
class Derived:
    """The derived files of one take; ``filmstrip`` holds ``tiles`` pictures of ``tile_width`` × ``tile_height``."""

    proxy: Path
    width: int
    height: int
    poster: Path
    filmstrip: Path
    tiles: int
    tile_width: int
    tile_height: int
    waveform: Path | None
    waveform_image: Path | None

    def files(self) -> dict[str, Path]:
        """Return the files by kind (see ``KINDS``)."""
        found = (self.proxy, self.poster, self.filmstrip, self.waveform, self.waveform_image)
        return {kind: path for kind, path in zip(KINDS, found, strict=True) if path is not None}


def derived_keys(sha256: str) -> dict[str, str]:
    """Return the storage key of each kind of file derived from the original with this hash."""
    return {kind: derived_key(kind, DERIVED_VERSION, sha256, suffix) for kind, suffix in KINDS.items()}


async def derive(source: Path, facts: VideoFacts, folder: Path, *, timeout: float = TIMEOUT) -> Derived:
    """Make everything a reviewer needs from ``source`` in the existing ``folder``.

    The proxy has exactly ``facts.frames`` frames at ``facts.rate``, H.264 with a key frame every 12 and no B-frames,
    so that a player can seek to the middle of any frame. Raises ``Invalid`` (take.unreadable) when too little can be
    decoded or it takes longer than ``timeout`` seconds, ``StorageFull`` when there is no room; then nothing is left.
    """
    plan = _plan(facts, folder)
    complete = False
    try:
        await _render(source, facts, plan, timeout)
        made = await packet_check(plan.proxy)
        if made.frames != facts.frames or not made.uniform:
            raise _unreadable(_("too many of its frames are missing"))
        if plan.waveform and plan.waveform_image:
            await asyncio.to_thread(_write_waveform, _samples(folder), plan.waveform, plan.waveform_image)
        complete = True
    finally:
        _samples(folder).unlink(missing_ok=True)
        for path in () if complete else plan.files().values():
            path.unlink(missing_ok=True)
    return plan


def _plan(facts: VideoFacts, folder: Path) -> Derived:
    aspect, shown = facts.display_aspect, (facts.width, facts.height)
    width, height = fit_box(aspect, PROXY_BOX, shown)
    tile_width, tile_height = fit_box(aspect, TILE_BOX, TILE_BOX)
    tiles = min(facts.frames, MOST_TILES, max(FEWEST_TILES, round(facts.duration * TILES_A_SECOND)))
    return Derived(
        proxy=folder / "proxy.mp4",
        width=width,
        height=height,
        poster=folder / "poster.jpg",
        filmstrip=folder / "filmstrip.jpg",
        tiles=tiles,
        tile_width=tile_width,
        tile_height=tile_height,
        waveform=folder / "waveform.json" if facts.has_audio else None,
        waveform_image=folder / "waveform.png" if facts.has_audio else None,
    )


def _samples(folder: Path) -> Path:
    return folder / "samples.pcm"


async def _render(source: Path, facts: VideoFacts, plan: Derived, timeout: float) -> None:
    arguments = shlex.split(f"-protocol_whitelist file -f {facts.container} -threads 4 -max_error_rate 0.1 -i")
    arguments += [f"file:{source}", "-filter_complex_threads", "2", "-filter_complex", _graph(facts, plan)]
    arguments += shlex.split(f"-map [proxy] {_NOTHING_PRIVATE} {_PROXY_PICTURE}")
    if facts.has_audio:
        arguments += shlex.split("-map [sound] -c:a aac -b:a 96k -aac_coder fast")
    arguments += [str(plan.proxy)]
    for label, quality, path in (("[poster]", 3, plan.poster), ("[strip]", 5, plan.filmstrip)):
        one = f"-map {label} {_NOTHING_PRIVATE} -threads 1 -frames:v 1 -update 1 -q:v {quality}"
        arguments += [*shlex.split(one), str(path)]
    if facts.has_audio:
        arguments += ["-map", "[wave]", "-f", "s16le", str(_samples(plan.proxy.parent))]
    limits = sandbox.Limits(int(timeout) * 4, _MEMORY, _LARGEST_FILE, timeout)
    done = await sandbox.run(command(arguments), limits)
    if "No space left on device" in done.errors:
        raise storage_full()
    if done.out_of_time:
        raise _unreadable(_("preparing it takes longer than %(count)s s") % {"count": round(timeout)})
    if done.code == _TOO_MANY_ERRORS:
        raise _unreadable(_("too many of its pictures are damaged"))
    if done.code != 0:
        raise _unreadable(_("the decoder gave up on it"), log=done.errors[-500:])


def _graph(facts: VideoFacts, plan: Derived) -> str:
    poster_width, poster_height = fit_box(facts.display_aspect, POSTER_BOX, POSTER_BOX)
    jpeg = "flags=bilinear+accurate_rnd:out_color_matrix=bt601:out_range=full,format=yuvj420p"
    # One frame from the middle of each tile's share: integer steps of (2(n+1)·tiles − frames) / 2·frames.
    step, whole = 2 * plan.tiles, 2 * facts.frames
    chosen = f"gt(floor(((n+1)*{step}-{facts.frames})/{whole}),floor((n*{step}-{facts.frames})/{whole}))"
    parts = [
        f"[0:{facts.video_index}]{picture_timeline(facts)},{scaled(facts, plan.width, plan.height)}"
        ",split=3[proxy][a][b]",
        f"[a]select='eq(n,{facts.frames // 3})',scale={poster_width}:{poster_height}:{jpeg}[poster]",
        f"[b]select='{chosen}',scale={plan.tile_width}:{plan.tile_height}:{jpeg},tile={plan.tiles}x1[strip]",
    ]
    if facts.has_audio:
        mono = f"aformat=channel_layouts=mono:sample_rates={SAMPLE_RATE}:sample_fmts=s16"
        parts += [f"[0:{facts.audio_index}]{sound_timeline(facts)},asplit=2[sound][c]", f"[c]{mono}[wave]"]
    return ";".join(parts)


def _write_waveform(samples: Path, peaks_path: Path, image_path: Path) -> None:
    peaks = find_peaks(samples.read_bytes())
    peaks_path.write_text(json.dumps(peaks.to_json(), separators=(",", ":")))
    image_path.write_bytes(draw(peaks))


def _unreadable(why: str, **details: str) -> Invalid:
    return Invalid(
        "take.unreadable",
        _("This video cannot be prepared for review (%(why)s). Export it again as an H.264 MP4 and upload that.")
        % {"why": why},
        why=why,
        **details,
    )
