"""Takes made on the spot, and cuts of them small enough to export in a moment."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from app.core.frames import FrameRate
from app.exports.assemble import Progress, Result, assemble
from app.exports.check import luma
from app.exports.conform import FolderCache
from app.exports.cut import Cut, Segment
from app.exports.processes import run
from app.media import ffmpeg

BITS = 8
WIDTH, HEIGHT = 180, 320
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")


@dataclass(frozen=True)
class Takes:
    """A folder of takes, each made once."""

    folder: Path

    def make(self, name: str, *arguments: str, stdin: bytes | None = None) -> Path:
        """Return the take that ffmpeg makes from ``arguments``."""
        path = self.folder / name
        if not path.exists():
            ffmpeg.run([*arguments, str(path)], input_bytes=stdin)
        return path

    def counting(self, frames: int, rate: str = "24", *extra: str) -> Path:
        """Return a take whose every frame carries its number as eight light or dark bars."""
        bits = np.arange(frames)[:, None] >> np.arange(BITS) & 1
        row = np.repeat(bits * 200 + 20, WIDTH // BITS + 1, axis=1)[:, :WIDTH].astype(np.uint8)
        pictures = np.repeat(row[:, None, :], HEIGHT, axis=1).tobytes()
        raw = ("-f", "rawvideo", "-pix_fmt", "gray", "-s", f"{WIDTH}x{HEIGHT}", "-r", rate, "-i", "-")
        name = f"counting-{frames}-{rate.replace('/', '_')}-{len(extra)}.mp4"
        return self.make(name, *raw, *extra, *H264, "-crf", "10", stdin=pictures)

    def portrait_with_sound(self) -> Path:
        """Return 5 s of 360×640 at 24 frames a second with a stereo tone."""
        return self.make(
            "portrait-24.mp4",
            *("-f", "lavfi", "-i", "testsrc2=s=360x640:r=24:d=5", "-f", "lavfi", "-i", "sine=440:d=5:r=44100"),
            *(*H264, "-ac", "2"),
        )

    def silent_landscape(self) -> Path:
        """Return 5 s of 640×360 at 30 frames a second: white, with a dark square of 120 pixels in the middle."""
        square = "color=white:s=640x360:r=30:d=5,drawbox=x=260:y=120:w=120:h=120:color=black:t=fill"
        return self.make("landscape-30.mp4", "-f", "lavfi", "-i", square, *H264)

    def mono_portrait(self) -> Path:
        """Return 5.68 s of 240×426 at 25 frames a second with a mono tone of 22,050 Hz sampling."""
        return self.make(
            "portrait-25.mp4",
            *("-f", "lavfi", "-i", "testsrc=s=240x426:r=25:d=5.68", "-f", "lavfi", "-i", "sine=880:d=5.68:r=22050"),
            *(*H264, "-ac", "1"),
        )

    def broken(self) -> Path:
        """Return a take whose pictures are damaged in the middle of the file."""
        path = self.folder / "broken.mp4"
        if not path.exists():
            data = bytearray(self.portrait_with_sound().read_bytes())
            middle = len(data) // 2
            data[middle : middle + 20_000] = bytes(20_000)
            path.write_bytes(data)
        return path


@pytest.fixture(scope="session")
def takes(tmp_path_factory: pytest.TempPathFactory) -> Takes:
    """Return the takes of this session."""
    return Takes(tmp_path_factory.mktemp("takes"))


@pytest.fixture
def cache(tmp_path: Path) -> FolderCache:
    """Return an empty cache."""
    return FolderCache(tmp_path / "cache")


def segment_of(source: Path, frames: int, number: int = 1, **more: Any) -> Segment:
    """Return a segment that shows ``frames`` of ``source``."""
    values: dict[str, Any] = {
        "shot_id": f"shot-{number}",
        "shot_name": f"SH{number * 10:04d}",
        "scene": "1",
        "source": source,
        "source_sha256": hashlib.sha256(source.read_bytes()).hexdigest(),
        "take_number": 1,
        "in_frame": 0,
        "frames": frames,
    }
    return Segment(**(values | more))


def cut_of(*segments: Segment, **more: Any) -> Cut:
    """Return a small cut of ``segments``."""
    values: dict[str, Any] = {
        "project": "精卫",
        "episode": 1,
        "title": "第一集",
        "language": "zh",
        "width": WIDTH,
        "height": HEIGHT,
        "rate": FrameRate(24),
        "segments": segments,
        "producer": "studio",
        "produce_id": "E01-1",
    }
    return Cut(**(values | more))


@pytest.fixture
def segment() -> Callable[..., Segment]:
    """Return the maker of segments."""
    return segment_of


@pytest.fixture
def make_cut() -> Callable[..., Cut]:
    """Return the maker of cuts."""
    return cut_of


@pytest.fixture
def export(tmp_path: Path, cache: FolderCache) -> Callable[..., Result]:
    """Return a function that exports a cut into ``out`` with the test's cache."""

    def exported(cut: Cut, on_progress: Callable[[Progress], None] = lambda _progress: None) -> Result:
        return assemble(cut, tmp_path / "out", cache, on_progress, lambda: False)

    return exported


@pytest.fixture
def pictures() -> Callable[[Path], list[np.ndarray[Any, Any]]]:
    """Return a function that decodes the brightness of every frame of a video."""

    def decoded(video: Path) -> list[np.ndarray[Any, Any]]:
        with av.open(str(video)) as container:
            return [luma(frame).copy() for frame in container.decode(video=0)]

    return decoded


@pytest.fixture
def numbers(pictures: Callable[[Path], Sequence[Any]]) -> Callable[[Path], list[int]]:
    """Return a function that reads the number each frame of a counting take carries, at half height."""

    def read(video: Path) -> list[int]:
        step = WIDTH // BITS + 1
        found = []
        for picture in pictures(video):
            middle = picture[HEIGHT // 2 - 6 : HEIGHT // 2 + 6]
            bars = [middle[:, bit * step + 4 : bit * step + 16].mean() > 120 for bit in range(BITS)]
            found.append(sum(1 << bit for bit, light in enumerate(bars) if light))
        return found

    return read


@pytest.fixture
def heard(tmp_path: Path) -> Callable[[Path], np.ndarray[Any, Any]]:
    """Return a function that decodes a file's sound: floats of shape (n, 2) at 48 kHz."""

    def decoded(video: Path) -> np.ndarray[Any, Any]:
        raw = tmp_path / "heard.f32"
        run(["-i", str(video), "-vn", "-f", "f32le", "-ar", "48000", "-ac", "2", str(raw)], tmp_path, lambda: False)
        return np.fromfile(raw, np.float32).reshape(-1, 2)

    return decoded
