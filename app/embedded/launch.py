"""Run as a script: become another program that dies with its parent, in a user namespace if asked (to be not root).

Arguments: the parent's process id, the signal to die by, ``1`` for a user namespace, the program, its arguments.
It stands alone on the standard library, because it runs isolated before anything else is imported.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1
CLONE_NEWUSER = 0x10000000
NO_NAMESPACE = 97


def main(parent: int, death_signal: int, namespace: bool, program: list[str]) -> None:
    """Replace this process by ``program``; exit with 97 when the system refuses a user namespace."""
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if namespace and libc.unshare(CLONE_NEWUSER):
            sys.stderr.write(f"unshare: {os.strerror(ctypes.get_errno())}\n")
            raise SystemExit(NO_NAMESPACE)
        libc.prctl(PR_SET_PDEATHSIG, death_signal)  # after the namespace: new credentials would clear it
    if os.getppid() != parent:
        raise SystemExit(0)  # the parent died before it could be watched
    os.execv(program[0], program)  # noqa: S606  # no shell is wanted


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "1", sys.argv[4:])
