"""Run as a script: signal the process groups that a supervisor left behind when it was killed itself.

Reads lines from standard input, each the whole list of ``group:signal`` to look after, and at the end of input sends
every group of the last line its signal. It covers what a parent-death signal cannot: grandchildren, such as an encoder
that a worker started, and systems without such a signal. It stands alone on the standard library.
"""

import contextlib
import os
import signal
import sys


def main() -> None:
    """Wait for the end of input, then end what the last line lists."""
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.SIG_IGN)  # only the supervisor's end ends this
    watched = ""
    for line in sys.stdin:
        watched = line
    for item in watched.split():
        group, _, number = item.partition(":")
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(int(group), int(number))


if __name__ == "__main__":
    main()
