"""Running a tool on bytes nobody vouches for: limits on CPU, memory, files and time, and none of our environment."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_LIMITER = Path(__file__).with_name("limiter.py")
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "TMPDIR", "SYSTEMROOT")
_SET = {"LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "2"}  # a machine of many cores would reserve memory for each
_KEPT_OUTPUT = 8 * 1024 * 1024
_KEPT_ERRORS = 16 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What a sandboxed process may use; beyond it, the kernel (or the clock) ends it."""

    cpu_seconds: int
    memory_bytes: int
    file_bytes: int
    wall_seconds: float


@dataclass(frozen=True, slots=True)
class Finished:
    """How a sandboxed process ended: its code (negative for a signal), standard output, and the end of its errors."""

    code: int
    output: bytes
    errors: str
    timed_out: bool

    @property
    def out_of_time(self) -> bool:
        """Tell whether it was stopped for taking too long, by the clock or by the CPU."""
        return self.timed_out or self.code == -signal.SIGXCPU


async def run(command: Sequence[str], limits: Limits) -> Finished:
    """Run ``command`` (an absolute program and its arguments) under ``limits``, whatever becomes of it.

    It gets no standard input and no secrets, and dies with this process or when the task is cancelled.
    """
    bounds = (os.getpid(), limits.cpu_seconds, limits.memory_bytes, limits.file_bytes)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", str(_LIMITER), *map(str, bounds), *command),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={name: os.environ[name] for name in _PASSED_ON if name in os.environ} | _SET,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    output, errors, timed_out = bytearray(), bytearray(), False
    try:
        async with asyncio.timeout(limits.wall_seconds), asyncio.TaskGroup() as group:
            group.create_task(_keep_last(process.stdout, output, _KEPT_OUTPUT))
            group.create_task(_keep_last(process.stderr, errors, _KEPT_ERRORS))
            await process.wait()
    except TimeoutError:
        timed_out = True
    finally:
        if process.returncode is None:
            process.kill()
        code = await process.wait()
    return Finished(code, bytes(output), errors.decode(errors="replace").strip(), timed_out)


async def _keep_last(stream: asyncio.StreamReader, kept: bytearray, most: int) -> None:
    while data := await stream.read(64 * 1024):
        kept += data
        del kept[:-most]
