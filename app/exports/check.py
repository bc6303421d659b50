"""The finished episode measured against its cut; what is not right is not delivered."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from app.core.i18n import _
from app.exports import atoms, labels
from app.exports.conform import Conformed
from app.exports.cut import Cut
from app.exports.errors import ExportError
from app.exports.labels import REQUIRED_SECONDS, Aigc
from app.exports.processes import Cancelled
from app.exports.segments import frame_ticks, timescale
from app.exports.sound import CEILING_DBTP, TOLERANCE_LU, Loudness, measure


@dataclass(frozen=True, slots=True)
class Pictures:
    """What the packets of the episode say: how many pictures, whether evenly spaced from zero, where groups start."""

    frames: int
    first_pts: int
    even: bool
    keyframes: frozenset[int]
    width: int
    height: int


def check(
    cut: Cut, conformed: Sequence[Conformed], video: Path, label: Aigc, *, cancelled: Cancelled
) -> dict[str, Any]:
    """Return the report of a finished episode, JSON-able, with each finding's name.

    Raises ``ExportError``: ``export.label_missing`` when either AI label is not in the file, ``export.check_failed``
    with ``details["failures"]`` when anything else differs from the cut.
    """
    found_label = labels.read_aigc(video)
    if found_label != label:
        raise labels.label_missing(_("the AIGC metadata is not the one that was written"))
    with av.open(str(video)) as container:
        seen = label_seen_frames(cut, container)
    if seen < _required_label_frames(cut):
        raise labels.label_missing(_("the words on the picture cannot be seen for the first two seconds"))
    pictures, sound_seconds = _packets(cut, video)
    loudness = measure(["-i", f"file:{video}"], video.parent, cancelled)
    parameter_sets = len({one.parameters for one in conformed})
    failures = [
        *_picture_failures(cut, pictures, parameter_sets),
        *_sound_failures(cut, sound_seconds, loudness),
        *([] if atoms.starts_fast(video) else ["fast_start"]),
    ]
    if failures:
        raise _failed(failures)
    return {
        "frames": pictures.frames,
        "rate": str(cut.rate),
        "size": [pictures.width, pictures.height],
        "video_seconds": float(cut.rate.seconds(pictures.frames)),
        "audio_seconds": float(sound_seconds),
        "parameter_sets": parameter_sets,
        "loudness": _loudness_report(cut, loudness),
        "fast_start": True,
        "visible_label": {"text": labels.visible_label(cut).text, "frames": seen},
        "aigc": asdict(found_label),
        "rendered_segments": len({one.plan.key for one in conformed if one.rendered}),
        "cached_segments": len({one.plan.key for one in conformed if not one.rendered}),
    }


def label_seen_frames(cut: Cut, container: InputContainer) -> int:
    """Return for how many frames from the first, at most two seconds, the visible label can be read."""
    label, seen = labels.visible_label(cut), 0
    for frame in container.decode(video=0):
        if seen == _required_label_frames(cut) or not labels.label_seen(luma(frame), label):
            break
        seen += 1
    return seen


def luma(frame: VideoFrame) -> NDArray[np.uint8]:
    """Return the brightness of a decoded planar picture, of shape (height, width), 16 to 235."""
    plane = frame.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return rows[: frame.height, : frame.width]


def _required_label_frames(cut: Cut) -> int:
    return min(math.ceil(REQUIRED_SECONDS * cut.rate.fraction), cut.total_frames)


def _packets(cut: Cut, video: Path) -> tuple[Pictures, Fraction]:
    with av.open(str(video)) as container:
        stream, sound = container.streams.video[0], container.streams.audio[0]
        packets = [(packet.pts, packet.is_keyframe) for packet in container.demux(stream) if packet.pts is not None]
        stamps = np.sort(np.array([pts for pts, _key in packets], dtype=np.int64))
        tick = frame_ticks(cut.rate)
        pictures = Pictures(
            frames=len(stamps),
            first_pts=int(stamps[0]) if len(stamps) else -1,
            even=stream.time_base == Fraction(1, timescale(cut.rate)) and bool((np.diff(stamps) == tick).all()),
            keyframes=frozenset(pts // tick for pts, key in packets if key),
            width=stream.width,
            height=stream.height,
        )
        return pictures, Fraction(sound.duration or 0) * (sound.time_base or 0)


def _picture_failures(cut: Cut, pictures: Pictures, parameter_sets: int) -> list[str]:
    wrong = {
        "size": (pictures.width, pictures.height) != (cut.width, cut.height),
        "frame_count": pictures.frames != cut.total_frames,
        "first_picture": pictures.first_pts != 0,
        "even_timing": not pictures.even,
        "segment_starts": not pictures.keyframes.issuperset(cut.starts),
        "parameter_sets": parameter_sets != 1,
    }
    return [name for name, bad in wrong.items() if bad]


def _sound_failures(cut: Cut, seconds: Fraction, loudness: Loudness) -> list[str]:
    frame = 1 / cut.rate.fraction
    wrong = {
        "sound_length": abs(seconds - cut.rate.seconds(cut.total_frames)) > frame,
        "loudness": not (loudness.nearly_silent or loudness.as_loud_as_peaks_allow(cut.target_lufs))
        and abs(loudness.integrated - cut.target_lufs) > TOLERANCE_LU,
        "true_peak": loudness.true_peak > CEILING_DBTP,
    }
    return [name for name, bad in wrong.items() if bad]


def _loudness_report(cut: Cut, loudness: Loudness) -> dict[str, Any]:
    return {
        "target_lufs": cut.target_lufs,
        "integrated_lufs": _finite(loudness.integrated),
        "true_peak_dbtp": _finite(loudness.true_peak),
        "left_alone": loudness.nearly_silent,
        "peak_limited": loudness.as_loud_as_peaks_allow(cut.target_lufs) and not loudness.nearly_silent,
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _failed(failures: list[str]) -> ExportError:
    return ExportError(
        "export.check_failed",
        _("The finished episode is not what its cut says (%(what)s), so it is not delivered. Export it again.")
        % {"what": ", ".join(failures)},
        failures=failures,
    )
