"""The supervisor: what dies is started again, what is stubborn is killed, and nothing outlives it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from app.core.errors import Conflict
from app.embedded.logs import Log
from app.embedded.processes import alive, wait_until
from app.embedded.supervisor import Service, Supervisor

SLEEP = "import time; time.sleep(300)"
PATIENCE = 20


def python(name: str, code: str, **more: object) -> Service:
    """Return a service that runs ``code``."""
    return Service(name, [sys.executable, "-I", "-S", "-c", code], **more)  # type: ignore[arg-type]


@pytest.fixture
def supervised(tmp_path: Path):
    """A supervisor, and what it reported."""
    reports: list[str] = []
    supervisor = Supervisor(reports.append)
    yield supervisor, reports
    supervisor.stop()


def ticked(supervisor: Supervisor, condition: Callable[[], bool]) -> bool:
    """Let the supervisor work until ``condition`` holds."""
    return supervisor.wait_until(condition, PATIENCE, threading.Event())


def test_what_dies_is_started_again_and_said(supervised, tmp_path):
    supervisor, reports = supervised
    supervisor.keep(python("renderer", SLEEP), tmp_path)
    first = supervisor.pids["renderer"]
    os.kill(first, signal.SIGKILL)
    assert ticked(supervisor, lambda: supervisor.pids.get("renderer", first) != first)
    assert len(reports) == 1
    assert "renderer ended" in reports[0]
    assert str(tmp_path / "renderer.log") in reports[0]


def test_what_keeps_dying_is_given_up_with_its_last_words(supervised, tmp_path):
    supervisor, _reports = supervised
    supervisor.keep(python("renderer", "raise SystemExit('no such codec')"), tmp_path)
    with pytest.raises(Conflict, match="no such codec"):
        ticked(supervisor, lambda: False)


def test_what_ignores_the_signal_is_killed_with_its_children(tmp_path):
    supervisor = Supervisor(lambda _line: None)
    code = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"child = subprocess.Popen([sys.executable, '-I', '-S', '-c', {SLEEP!r}])\n"
        "print(child.pid, flush=True)\ntime.sleep(300)\n"
    )
    supervisor.keep(python("stubborn", code, patience=0.2), tmp_path)
    log = tmp_path / "stubborn.log"
    assert ticked(supervisor, lambda: log.read_text().endswith("\n"))
    stubborn, encoder = supervisor.pids["stubborn"], int(log.read_text())
    supervisor.stop()
    assert not alive(stubborn)
    assert wait_until(lambda: not alive(encoder), PATIENCE)


def test_a_killed_supervisor_leaves_no_orphan_and_no_grandchild(tmp_path):
    encoder = f"import subprocess, sys; subprocess.run([sys.executable, '-I', '-S', '-c', {SLEEP!r}])"
    code = f"""
import sys, threading
from pathlib import Path
from app.embedded.supervisor import Service, Supervisor
supervisor = Supervisor(lambda line: None)
supervisor.keep(Service("worker", [sys.executable, "-I", "-S", "-c", {encoder!r}]), Path({str(tmp_path)!r}))
print(supervisor.pids["worker"], flush=True)
supervisor.run(threading.Event())
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as launcher:
        assert launcher.stdout is not None
        worker = int(launcher.stdout.readline())
        family: set[int] = set()
        assert wait_until(lambda: bool(family.update(members(worker))) or len(family) >= 2, PATIENCE)
        launcher.kill()
    assert wait_until(lambda: not any(alive(pid) for pid in family), PATIENCE)


def members(group: int) -> list[int]:
    """Return the processes of a group."""
    listed = subprocess.run(["ps", "-eo", "pid=,pgid="], capture_output=True, text=True, check=True).stdout
    return [int(pid) for pid, of in (line.split() for line in listed.splitlines()) if int(of) == group]


def test_a_log_is_followed_and_kept_under_its_size(tmp_path):
    path = tmp_path / "web.log"
    shown: list[tuple[str, str]] = []
    with path.open("ab", buffering=0) as writer:
        writer.write(b"before\n")
        log = Log(path)
        writer.write(b"first\nhalf a li")
        log.follow(lambda name, line: shown.append((name, line)))
        assert shown == [("web", "first")]
        writer.write(b"ne\n")
        log.follow(lambda name, line: shown.append((name, line)))
        assert shown[1:] == [("web", "half a line")]
        log.cut(limit=10)
        assert path.stat().st_size == 0
        assert (tmp_path / "web.log.1").read_text() == "before\nfirst\nhalf a line\n"
        writer.write(b"after\n")
        log.follow(lambda name, line: shown.append((name, line)))
    assert path.read_text() == "after\n"
    assert shown[2:] == [("web", "after")]
