"""The first program of a sandbox: gives up resources, then becomes the tool; run as ``python -I -S limiter.py``.

Arguments: the parent's process id, CPU seconds, bytes of memory, bytes of the largest file, then the command.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_OPEN_FILES = 128


def main(parent: int, cpu_seconds: int, memory_bytes: int, file_bytes: int, command: list[str]) -> None:
    """Set the limits on this process and execute ``command`` in its place."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        if os.getppid() != parent:  # it died before the signal was asked for
            sys.exit(1)
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))
    os.execv(command[0], command)  # noqa: S606 - becoming the tool, without a shell, is the purpose


if __name__ == "__main__":
    parent, cpu_seconds, memory_bytes, file_bytes = map(int, sys.argv[1:5])
    main(parent, cpu_seconds, memory_bytes, file_bytes, sys.argv[5:])
