"""ffmpeg as a process: the wheel's binary, bounded in time, with its own words when it fails."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Sequence
from functools import cache

import imageio_ffmpeg


class FfmpegError(Exception):
    """ffmpeg ended with an error; the message is the end of what it said."""


@cache
def ffmpeg_path() -> str:
    """Return the path of the ffmpeg binary."""
    return str(imageio_ffmpeg.get_ffmpeg_exe())


def command(arguments: Sequence[str], *, log_level: str = "error") -> list[str]:
    """Return a whole ffmpeg command line: quiet, never reading standard input, overwriting its (temporary) output."""
    return [ffmpeg_path(), "-hide_banner", "-nostdin", "-y", "-loglevel", log_level, *arguments]


def run(
    arguments: Sequence[str], *, timeout: float = 600, input_bytes: bytes | None = None, log_level: str = "error"
) -> str:
    """Run ffmpeg and return what it wrote to standard error; raise ``FfmpegError`` when it fails or takes too long."""
    try:
        done = subprocess.run(
            command(arguments, log_level=log_level),
            input=input_bytes,
            capture_output=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise FfmpegError(f"ffmpeg took more than {timeout:.0f} s and was stopped.") from error
    text = done.stderr.decode(errors="replace")
    if done.returncode != 0:
        raise FfmpegError(text.strip()[-1500:] or f"ffmpeg ended with code {done.returncode}.")
    return text


async def run_async(arguments: Sequence[str], *, timeout: float = 600, log_level: str = "error") -> str:
    """Run ffmpeg without blocking the event loop; it is killed when the task is cancelled."""
    process = await asyncio.create_subprocess_exec(
        *command(arguments, log_level=log_level), stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(timeout):
            _, errors = await process.communicate()
    except TimeoutError as error:
        raise FfmpegError(f"ffmpeg took more than {timeout:.0f} s and was stopped.") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    text = errors.decode(errors="replace")
    if process.returncode != 0:
        raise FfmpegError(text.strip()[-1500:] or f"ffmpeg ended with code {process.returncode}.")
    return text
