"""The sound of an episode: each take's own, placed to the sample, brought to one loudness and encoded once."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.container import InputContainer
from av.filter import Graph
from numpy.typing import NDArray

from app.core.frames import FrameRate
from app.core.i18n import _
from app.core.ids import new_id
from app.exports.conform import SegmentCache
from app.exports.cut import Cut, Segment
from app.exports.errors import ExportCancelled, disk_full_named
from app.exports.processes import Cancelled, ffmpeg_version, run
from app.exports.sources import check_source, failed, open_take
from app.media.ffmpeg import FfmpegError
from app.media.keys import derived_key

CODE_VERSION = 1
SAMPLE_RATE = 48_000
CHANNELS = 2
EDGE = SAMPLE_RATE * 5 // 1000
"""Samples of the fade at each edge of a take's sound, so that a cut never clicks: 5 ms."""

TOLERANCE_LU = 0.5
CEILING_DBTP = -1.0
NEARLY_SILENT_LUFS = -50.0
"""Below this a programme is room tone; raising it would only raise the noise, so it is left alone."""

_TRIES = 8
_LARGEST_STEP = 12.0
_MARGIN = 0.1
_ENCODER = ("-c:a", "aac", "-aac_coder", "fast", "-b:a", "192k", "-flags", "+bitexact", "-fflags", "+bitexact")

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Loudness:
    """A programme's integrated loudness in LUFS and its true peak in dBTP; both -inf for silence."""

    integrated: float
    true_peak: float

    @property
    def nearly_silent(self) -> bool:
        """Whether the programme is too quiet to be set to a loudness."""
        return self.integrated < NEARLY_SILENT_LUFS

    def within(self, target: float, margin: float = 0.0) -> bool:
        """Return whether the programme is as loud as ``target`` (or left alone), without peaks above the ceiling.

        ``margin`` is how much nearer than the tolerance, in LU and dB, it must come.
        """
        loud_enough = self.nearly_silent or abs(self.integrated - target) <= TOLERANCE_LU - margin
        return loud_enough and self.true_peak <= CEILING_DBTP - margin

    def as_loud_as_peaks_allow(self, target: float) -> bool:
        """Return whether the programme is quieter than ``target`` because its few loud moments are at the ceiling."""
        return self.integrated < target - TOLERANCE_LU and CEILING_DBTP - 3 <= self.true_peak <= CEILING_DBTP


def sample_at(frame: int, rate: FrameRate) -> int:
    """Return the sample that plays when ``frame`` appears; counted from the whole, so it never drifts."""
    return round(rate.seconds(frame) * SAMPLE_RATE)


def make_sound(
    cut: Cut, cache: SegmentCache, folder: Path, *, cancelled: Cancelled, on_done: Callable[[int, int], None]
) -> Path:
    """Return the episode's sound, AAC in an MP4 file, exactly as long as its pictures.

    ``on_done(done, total)`` counts the segments placed. Raises ``ExportError`` naming the shot whose sound fails.
    """
    key = _mix_key(cut)
    kept = cache.get(key)
    if kept:
        on_done(len(cut.segments), len(cut.segments))
        return kept
    with disk_full_named():
        raw = folder / "mix.f32"
        _mix(cut, cache, folder, raw, cancelled=cancelled, on_done=on_done)
        encoded = _master(raw, folder, cut.target_lufs, cancelled)
        raw.unlink()
        return cache.put(key, encoded)


def measure(source: list[str], folder: Path, cancelled: Cancelled) -> Loudness:
    """Return the loudness and true peak (ITU-R BS.1770) of what ffmpeg's input arguments ``source`` name."""
    heard = run(
        ["-nostats", *source, "-vn", "-af", "ebur128=peak=true:framelog=quiet", "-f", "null", "-"],
        folder,
        cancelled,
        log_level="info",
    )
    integrated = re.findall(r"I:\s+(\S+) LUFS", heard)
    peak = re.findall(r"Peak:\s+(\S+) dBFS", heard)
    if not integrated or not peak:
        return Loudness(float("-inf"), float("-inf"))
    return Loudness(float(integrated[-1]), float(peak[-1]))


def decode(source: Path, target: Path, cancelled: Cancelled) -> None:
    """Write all of a take's sound to ``target``: 32-bit floats, two channels interleaved, 48,000 a second.

    Sound that starts after the picture gets the silence before it; a take without sound gives one silent sample.
    Raises ``FfmpegError`` or PyAV's errors when it cannot be decoded.
    """
    with open_take(source) as container, target.open("wb") as file:
        if not container.streams.audio:
            file.write(bytes(4 * CHANNELS))
            return
        for samples in _resampled(container, cancelled):
            file.write(samples.tobytes())
        if not file.tell():
            file.write(bytes(4 * CHANNELS))


def place(samples: Samples, first: int, length: int, fade_out: int = 0) -> Samples:
    """Return ``length`` samples of a take's sound from ``first`` on, faded at its edges, with silence after its end.

    ``samples`` has shape (n, 2); ``fade_out`` is how many samples at the end of the slot fade to nothing.
    """
    heard = np.array(samples[first : first + length], dtype=np.float32)
    edge = min(EDGE, len(heard) // 2)
    ramp = np.linspace(0, 1, edge, dtype=np.float32)[:, None]
    heard[:edge] *= ramp
    heard[len(heard) - edge :] *= ramp[::-1]
    slot = np.zeros((length, CHANNELS), np.float32)
    slot[: len(heard)] = heard
    if fade_out:
        slot[length - fade_out :] *= np.linspace(1, 0, fade_out, dtype=np.float32)[:, None]
    return slot


def _resampled(container: InputContainer, cancelled: Cancelled) -> Iterator[Samples]:
    stream = container.streams.audio[0]
    origin = Fraction(container.start_time or 0, av.time_base)
    graph: Graph | None = None
    for frame in container.decode(stream):
        if cancelled():
            raise ExportCancelled
        if frame.pts is not None and frame.time_base:
            frame.pts -= round(origin / frame.time_base)
        graph = graph or _graph(frame)
        graph.push(frame)
        yield from _pulled(graph)
    if graph:
        graph.push(None)
        yield from _pulled(graph)


def _graph(frame: AudioFrame) -> Graph:
    """Build what resamples, mixes to stereo, and fills gaps in the sound with silence, from the file's start on."""
    graph = Graph()
    graph.link_nodes(
        graph.add_abuffer(
            format=frame.format, sample_rate=frame.sample_rate, layout=frame.layout, time_base=frame.time_base
        ),
        graph.add("aresample", f"{SAMPLE_RATE}:async=1:first_pts=0"),
        graph.add("aformat", f"sample_fmts=flt:channel_layouts=stereo:sample_rates={SAMPLE_RATE}"),
        graph.add("abuffersink"),
    ).configure()
    return graph


def _pulled(graph: Graph) -> Iterator[Samples]:
    while True:
        try:
            frame = graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return
        assert isinstance(frame, AudioFrame)
        yield frame.to_ndarray().astype(np.float32, copy=False).reshape(-1, CHANNELS)


def _mix(
    cut: Cut,
    cache: SegmentCache,
    folder: Path,
    raw: Path,
    *,
    cancelled: Cancelled,
    on_done: Callable[[int, int], None],
) -> None:
    with raw.open("wb") as file:
        for done, (start, segment) in enumerate(zip(cut.starts, cut.segments, strict=True), start=1):
            if cancelled():
                raise ExportCancelled
            length = sample_at(start + segment.frames, cut.rate) - sample_at(start, cut.rate)
            fade = min(sample_at(cut.fade_frames, cut.rate), length) if segment.fade_out else 0
            pcm = np.memmap(_decoded(segment, cache, folder, cancelled), np.float32, "r").reshape(-1, CHANNELS)
            file.write(place(pcm, sample_at(segment.in_frame, cut.rate), length, fade).tobytes())
            on_done(done, len(cut.segments))


def _decoded(segment: Segment, cache: SegmentCache, folder: Path, cancelled: Cancelled) -> Path:
    key = derived_key("sound", CODE_VERSION, segment.source_sha256, ".f32")
    kept = cache.get(key)
    if kept and kept.stat().st_size and kept.stat().st_size % (4 * CHANNELS) == 0:
        return kept
    check_source(segment)
    target = folder / f"{new_id()}.f32"
    try:
        decode(segment.source, target, cancelled)
    except (FfmpegError, av.FFmpegError, ValueError) as error:
        raise failed(segment, _("its sound cannot be decoded"), error) from error
    return cache.put(key, target)


def _master(raw: Path, folder: Path, target: float, cancelled: Cancelled) -> Path:
    """Encode the mix at ``target`` LUFS under the ceiling, measuring what came out and correcting what is off.

    Where the limiter takes away what the gain adds, the next gain is guessed from how much the last one helped.
    """
    source = ["-f", "f32le", "-ar", str(SAMPLE_RATE), "-ch_layout", "stereo", "-i", str(raw)]
    before = measure(source, folder, cancelled)
    gain = 0.0 if before.nearly_silent else target - before.integrated
    last_gain, last_heard, ceiling = 0.0, before.integrated, CEILING_DBTP - 0.7
    encoded = folder / "sound.m4a"
    for _attempt in range(_TRIES):
        limiter = f"alimiter=limit={10 ** (ceiling / 20):.6f}:attack=5:release=60:level=false:latency=true"
        run([*source, "-af", f"volume={gain:.3f}dB,{limiter}", *_ENCODER, str(encoded)], folder, cancelled)
        after = measure(["-i", str(encoded)], folder, cancelled)
        if after.within(target, _MARGIN):
            break
        ceiling -= max(0.0, after.true_peak - CEILING_DBTP + _MARGIN + 0.1)
        if not before.nearly_silent:
            helped = (after.integrated - last_heard) / (gain - last_gain) if abs(gain - last_gain) > 0.01 else 1.0
            last_gain, last_heard = gain, after.integrated
            gain += min((target - after.integrated) / min(max(helped, 0.15), 1.0), _LARGEST_STEP)
    return encoded


def _mix_key(cut: Cut) -> str:
    parts = {
        "code": CODE_VERSION,
        "ffmpeg": ffmpeg_version(),
        "rate": str(cut.rate),
        "target": cut.target_lufs,
        "encoder": _ENCODER,
        "sounds": [(s.source_sha256, s.in_frame, s.frames, s.fade_out) for s in cut.segments],
    }
    digest = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
    return derived_key("sound", CODE_VERSION, digest, ".m4a")
