"""Child processes that never outlive us, and what can be known about processes that are not our children."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from app.core.errors import Conflict

HERE = Path(__file__).resolve().parent
POLL_SECONDS = 0.01


def spawn(
    program: Sequence[str | Path],
    *,
    log: Path,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    death_signal: int = signal.SIGKILL,
    namespace: bool = False,
) -> subprocess.Popen[bytes]:
    """Start ``program`` in its own session, writing to ``log``; it gets ``death_signal`` when the calling thread ends.

    ``namespace`` puts it in a user namespace, where it is not root. Its process id is also its process group's.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    launcher = [sys.executable, "-I", "-S", str(HERE / "launch.py"), str(os.getpid()), str(int(death_signal))]
    with log.open("ab") as out:
        return subprocess.Popen(
            [*launcher, "1" if namespace else "0", *map(str, program)],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=dict(environment) if environment is not None else None,
            cwd=folder,
            start_new_session=True,
        )


def needs_namespace() -> bool:
    """Return whether a program that refuses to run as root must be given a user namespace here."""
    return sys.platform == "linux" and os.geteuid() == 0


def alive(pid: int) -> bool:
    """Return whether process ``pid`` runs (one that ended and waits to be collected does not)."""
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[0] not in "ZX"
    return True


def works_in(pid: int, folder: Path) -> bool:
    """Return whether process ``pid`` has ``folder`` as its working folder, which is how a server is known as ours."""
    if not alive(pid):
        return False
    if Path("/proc/self/cwd").exists():
        try:
            return Path(f"/proc/{pid}/cwd").readlink() == folder.resolve()
        except OSError:
            return False
    asked = subprocess.run(
        ["lsof", "-a", "-d", "cwd", "-Fn", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return f"n{folder.resolve()}" in asked.stdout.splitlines()


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Return whether ``condition`` came true within ``seconds``."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def end(process: subprocess.Popen[bytes], number: int, patience: float) -> None:
    """Ask ``process`` to end with signal ``number``; after ``patience`` seconds kill its whole group."""
    if process.poll() is None:
        process.send_signal(number)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            kill_group(process.pid)
            process.wait()


def kill_group(group: int) -> None:
    """Kill every process of ``group`` that is left."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def end_orphan(pid: int, folder: Path, number: int, patience: float = 15.0) -> None:
    """End a server that a dead supervisor left working in ``folder``; raise ``Conflict`` when it will not go."""
    if not works_in(pid, folder):
        return
    for sent in (number, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, sent)
        if wait_until(lambda: not alive(pid), patience):
            return
    raise Conflict(
        "embedded.orphan_stays",
        f"Process {pid} still works in {folder} and does not end: end it, then try again.",
        pid=pid,
    )


def tail(log: Path, lines: int = 12) -> str:
    """Return the last ``lines`` of a log, or an empty text when there is none."""
    try:
        with log.open("rb") as source:
            source.seek(max(0, log.stat().st_size - 8192))
            return "\n".join(source.read().decode(errors="replace").splitlines()[-lines:])
    except FileNotFoundError:
        return ""
