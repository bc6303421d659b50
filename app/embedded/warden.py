"""Run as a script: kill the process groups that a supervisor left behind when it was killed itself.

Reads lines from standard input, each the whole list of ``group:signal`` to look after; at the end of input it sends
every group of the last line its signal and, five seconds later, SIGKILL to those that remain. It covers what a
parent-death signal cannot: grandchildren, such as an encoder that a worker started. It stands alone on the standard
library.
"""

import contextlib
import os
import signal
import sys
import time

GRACE_SECONDS = 5.0


def _send(group: int, number: int) -> bool:
    """Signal ``group``; return whether anything of it is left."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def main() -> None:
    """Wait for the end of input, then end what is listed."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # only the supervisor's end ends this
    watched: dict[int, int] = {}
    with contextlib.suppress(KeyboardInterrupt):
        for line in sys.stdin:
            watched = {int(group): int(number) for group, number in (item.split(":") for item in line.split())}
    left = {group for group, number in watched.items() if _send(group, number)}
    deadline = time.monotonic() + GRACE_SECONDS
    while left and time.monotonic() < deadline:
        time.sleep(0.05)
        left = {group for group in left if _send(group, 0)}
    for group in left:
        _send(group, signal.SIGKILL)


if __name__ == "__main__":
    main()
