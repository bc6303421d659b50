"""`reelroom up` for real: it comes up, is found by the other commands, and leaves nothing behind however it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.embedded.ports import free_port
from app.embedded.processes import alive, wait_until

PATIENCE = 90
ALL = {"postgres", "valkey", "web", "worker-io", "worker-media", "sweeper"}


class Up:
    """A data folder and a port, and the `up` that runs on them."""

    def __init__(self, data: Path) -> None:
        self.data, self.port = data, free_port()
        kept = {name: value for name, value in os.environ.items() if not name.endswith(("DATABASE_URL", "REDIS_URL"))}
        self.environment = {**kept, "REELROOM_DATA_FOLDER": str(data), "REELROOM_PORT": str(self.port)}
        self.output = data.parent / "up.txt"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> dict[str, int]:
        """Start `up`, wait until it says that it is ready, and return its processes."""
        with self.output.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app.cli.main", "up"], env=self.environment, stdout=out, stderr=out
            )
        assert wait_until(lambda: self.said("ready after") or self.process.poll() is not None, PATIENCE)
        assert self.said("ready after"), self.output.read_text()
        return dict(json.loads((self.data / "run.json").read_text())["children"])

    def said(self, words: str) -> bool:
        """Tell whether `up` said something."""
        return words in self.output.read_text()

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run another command on the same data folder."""
        command = [sys.executable, "-m", "app.cli.main", *words]
        return subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=False, timeout=PATIENCE
        )


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Up]:
    """An installation that does not run yet."""
    up = Up(tmp_path / "data")
    yield up
    if up.process and up.process.poll() is None:
        up.process.kill()
        up.process.wait()


def gone(pids: dict[str, int]) -> bool:
    """Wait until none of the processes runs."""
    return wait_until(lambda: not any(alive(pid) for pid in pids.values()), PATIENCE)


@pytest.mark.slow
def test_it_comes_up_is_found_and_stops_when_told(installed):
    pids = installed.start()
    assert set(pids) == ALL
    assert httpx.get(f"http://127.0.0.1:{installed.port}/readyz").status_code == 200

    second = installed.run("up")
    assert second.returncode == 2
    assert f"in use by process {installed.process.pid}, serving http://127.0.0.1:{installed.port}" in second.stderr

    doctor = installed.run("doctor")
    assert doctor.returncode == 0, doctor.stdout
    assert "a task went round" in doctor.stdout

    assert installed.run("stop").stdout == "Stopped.\n"
    assert installed.process.wait(PATIENCE) == 0
    assert gone(pids)


@pytest.mark.slow
def test_a_kill_leaves_no_orphan_and_the_next_start_recovers(installed):
    pids = installed.start()
    installed.process.kill()
    installed.process.wait()
    again = installed.start()  # at once, while what was left is still ending
    assert gone(pids)
    assert set(again) == ALL
    installed.process.send_signal(signal.SIGINT)
    assert installed.process.wait(PATIENCE) == 0
    assert gone(again)


def test_a_taken_port_is_said_before_anything_is_made(installed):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", installed.port))
        holder.listen()
        refused = installed.run("up")
    assert refused.returncode == 2
    assert f"Port {installed.port} is taken by process {os.getpid()}" in refused.stderr
    assert "start with --port" in refused.stderr
    assert not installed.data.exists()
