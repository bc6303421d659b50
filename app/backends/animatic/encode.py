"""H.264 and AAC in an MP4, encoded in this process: constant frame rate, BT.709, index first."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av
import numpy as np
from av.video.reformatter import ColorRange
from numpy.typing import NDArray

from app.backends.animatic.layers import Image
from app.core.frames import FrameRate

Samples = NDArray[np.float32]

SOUND_RATE = 48_000
PRESET, CRF = "veryfast", "23"
BLOCK = 1024
RING = 3
TAGS = "colorprim=bt709:transfer=bt709:colormatrix=bt709"


class Encoder:
    """Writes one file: for each frame ask for ``planes``, fill them, then ``push``; use it as a context manager.

    One thread: the same frames give the same bytes on every machine, and workers run side by side instead.
    """

    def __init__(
        self,
        path: Path,
        width: int,
        height: int,
        rate: FrameRate,
        sound: Samples | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        self._file = av.open(str(path), "w", format="mp4", options={"movflags": "+faststart+use_metadata_tags"})
        self._file.metadata.update(dict(metadata or {}))
        self._rate, self._index, self._sound, self._sent = rate, 0, sound, 0
        self._video = self._video_stream(width, height)
        self._audio = self._audio_stream() if sound is not None else None
        self._frames = [av.VideoFrame(width, height, "yuv420p") for _ in range(RING)]
        self._planes = [tuple(_plane(frame, index) for index in range(3)) for frame in self._frames]

    def _video_stream(self, width: int, height: int) -> Any:
        stream: Any = self._file.add_stream("libx264", rate=self._rate.fraction)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        context = stream.codec_context
        context.time_base = 1 / self._rate.fraction
        context.thread_count = 1
        context.color_range = int(ColorRange.MPEG)
        gop = round(self._rate.fraction * 2)
        context.options = {
            "preset": PRESET,
            "crf": CRF,
            "g": str(gop),
            "sc_threshold": "0",
            "x264-params": f"{TAGS}:open-gop=0",
        }
        return stream

    def _audio_stream(self) -> Any:
        stream: Any = self._file.add_stream("aac", rate=SOUND_RATE, layout="stereo")
        stream.bit_rate = 160_000
        stream.codec_context.options = {"aac_coder": "fast"}  # the default costs three times as much
        return stream

    def planes(self) -> tuple[Image, Image, Image]:
        """Return the Y, Cb and Cr planes to fill for the next frame."""
        y, cb, cr = self._planes[self._index % RING]
        return y, cb, cr

    def push(self) -> None:
        """Encode the frame that was filled, and the sound up to its end."""
        frame = self._frames[self._index % RING]
        frame.pts, frame.time_base = self._index, 1 / self._rate.fraction
        self._file.mux(self._video.encode(frame))
        self._index += 1
        self._sound_until(round(self._rate.seconds(self._index) * SOUND_RATE))

    def _sound_until(self, sample: int, *, rest: bool = False) -> None:
        if self._audio is None or self._sound is None:
            return
        while self._sent + BLOCK <= sample or (rest and self._sent < self._sound.shape[1]):
            block = np.ascontiguousarray(self._sound[:, self._sent : self._sent + BLOCK])
            if not block.shape[1]:
                return
            frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
            frame.sample_rate, frame.pts, frame.time_base = SOUND_RATE, self._sent, Fraction(1, SOUND_RATE)
            self._file.mux(self._audio.encode(frame))
            self._sent += block.shape[1]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish the file; after an error only let go of it."""
        try:
            if kind is None:
                self._sound_until(0, rest=True)
                for stream in (self._video, self._audio):
                    if stream is not None:
                        self._file.mux(stream.encode(None))
        finally:
            self._file.close()


def _plane(frame: Any, index: int) -> Image:
    """Return one plane of a frame as an array that shares its memory."""
    plane = frame.planes[index]
    rows = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
    return np.asarray(rows[:, : plane.width], np.uint8)
