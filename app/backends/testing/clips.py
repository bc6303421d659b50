"""The video a fake delivers: a test card with a tone, made once a size and duration."""

from __future__ import annotations

import tempfile
from functools import lru_cache
from pathlib import Path

from app.media import ffmpeg

RATE = 24


@lru_cache(maxsize=32)
def clip(width: int, height: int, seconds: float) -> bytes:
    """Return an MP4 (H.264, AAC) of ``seconds`` at ``width`` × ``height`` and 24 frames a second."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "clip.mp4"
        card = f"testsrc=size={width}x{height}:rate={RATE}:duration={seconds}"
        tone = f"sine=frequency=440:sample_rate=48000:duration={seconds}"
        picture = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "35", "-pix_fmt", "yuv420p"]
        sound = ["-c:a", "aac", "-b:a", "32k", "-movflags", "+faststart"]
        ffmpeg.run(["-f", "lavfi", "-i", card, "-f", "lavfi", "-i", tone, *picture, *sound, str(target)])
        return target.read_bytes()
