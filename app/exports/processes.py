"""ffmpeg as a child that can be called back: it stops at once when the export is cancelled."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from app.exports.errors import DISK_FULL_WORDS, DiskFull, ExportCancelled
from app.media import fonts, limiter
from app.media.ffmpeg import FfmpegError, command, ffmpeg_path

Cancelled = Callable[[], bool]
"""Asked often, from several threads: whether to stop now."""

_PATIENCE = 0.1
_CPU_SECONDS = 3600
_MEMORY = 8 * 1024**3
_LARGEST_FILE = 32 * 1024**3
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "TMPDIR", "SYSTEMROOT")
FONTS = "fonts.conf"


def run(
    arguments: Sequence[str],
    folder: Path,
    cancelled: Cancelled,
    *,
    fonts_in: Path | None = None,
    log_level: str = "error",
) -> str:
    """Run ffmpeg inside ``folder`` and return what it wrote to standard error.

    It has limits, none of our secrets, and dies with this process. Of fonts it sees only those that ``write_fonts``
    listed in ``fonts_in``. Raises ``ExportCancelled`` within a moment of ``cancelled`` saying so, ``DiskFull``, or
    ``FfmpegError`` with ffmpeg's own words.
    """
    limits = map(str, (os.getpid(), _CPU_SECONDS, _MEMORY, _LARGEST_FILE))
    child = subprocess.Popen(
        [sys.executable, "-I", "-S", limiter.__file__, *limits, *command(arguments, log_level=log_level)],
        cwd=folder,
        env=_environment() | {"FONTCONFIG_FILE": str((fonts_in or folder) / FONTS)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        text = _wait(child, cancelled)
    finally:
        if child.poll() is None:
            child.kill()
            child.communicate()
    if child.returncode != 0:
        if DISK_FULL_WORDS in text:
            raise DiskFull
        raise FfmpegError(text.strip()[-1500:] or f"ffmpeg ended with code {child.returncode}.")
    return text


def _environment() -> dict[str, str]:
    return {name: os.environ[name] for name in _PASSED_ON if name in os.environ} | {"LANG": "C.UTF-8"}


def _wait(child: subprocess.Popen[bytes], cancelled: Cancelled) -> str:
    while True:
        if cancelled():
            raise ExportCancelled
        try:
            _nothing, errors = child.communicate(timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            continue
        return errors.decode(errors="replace")


def write_fonts(folder: Path) -> None:
    """Write into ``folder`` the font list that makes text look the same on every machine."""
    cache_folder = folder / "fonts"
    (folder / FONTS).write_text(
        f"<fontconfig><dir>{_xml(fonts.folder())}</dir><cachedir>{_xml(cache_folder)}</cachedir></fontconfig>\n",
        "utf-8",
    )


@cache
def ffmpeg_version() -> str:
    """Return which build of ffmpeg this is; segments of two builds are not joined."""
    done = subprocess.run([ffmpeg_path(), "-version"], capture_output=True, text=True, check=True)
    return done.stdout.split(" Copyright", 1)[0].removeprefix("ffmpeg version ").strip()


def _xml(path: Path) -> str:
    return str(path).replace("&", "&amp;").replace("<", "&lt;")
