"""The supervisor: starts processes, starts again what dies, stops all in time, leaves nothing when killed."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from app.core.errors import Conflict, ReelroomError
from app.embedded import processes
from app.embedded.logs import Log, Show

TICK_SECONDS = 0.1
LONGEST_WAIT_SECONDS = 30.0
SETTLED_SECONDS = 60.0
HOPELESS_FAILURES = 3
LOG_CHECK_TICKS = 50


class Server(Protocol):
    """A server with its own way to start and stop (PostgreSQL, Valkey); ``pid`` is 0 while it does not run."""

    log: Path

    @property
    def pid(self) -> int:
        """The process id."""

    def start(self) -> None:
        """Start and wait until it answers."""

    def stop(self) -> None:
        """Stop and wait until it ended."""


@dataclass(frozen=True, slots=True)
class Service:
    """A program to keep running: ``stop_signal`` asks it to end, ``patience`` is how many seconds it may take."""

    name: str
    program: Sequence[str]
    stop_signal: int = signal.SIGTERM
    patience: float = 6.0
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None


class Program:
    """A ``Service`` as a ``Server``: started without waiting."""

    def __init__(self, service: Service, logs: Path) -> None:
        self.service = service
        self.log = logs / f"{service.name}.log"
        self.process: subprocess.Popen[bytes] | None = None
        self._asked_at = 0.0

    @property
    def pid(self) -> int:
        """The process id; 0 when it does not run."""
        return self.process.pid if self.process and self.process.poll() is None else 0

    def start(self) -> None:
        """Start the program; what is left of a former one that died is killed first."""
        service = self.service
        if self.process:
            processes.kill_group(self.process.pid)
        self.process = processes.spawn(
            service.program, log=self.log, environment=service.environment, folder=service.folder
        )

    def ask_to_end(self) -> None:
        """Send the signal that ends it in an orderly way."""
        self._asked_at = time.monotonic()
        if self.process and self.pid:
            self.process.send_signal(self.service.stop_signal)

    def stop(self) -> None:
        """Wait until it ended, no longer than its patience since it was asked, and kill what is left of its group."""
        if self.process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(max(0.0, self._asked_at + self.service.patience - time.monotonic()))
            processes.kill_group(self.process.pid)
            self.process.wait()


@dataclass(slots=True)
class _Kept:
    """A server the supervisor keeps running, and how its last starts went."""

    name: str
    server: Server
    death_signal: int
    log: Log
    failures: int = 0
    started: float = 0.0
    start_at: float | None = None


class Supervisor:
    """Keeps servers running from the thread that calls it; ``report`` hears what a person should know."""

    def __init__(self, report: Callable[[str], None], *, show: Show | None = None) -> None:
        self._report = report
        self._show = show
        self._kept: list[_Kept] = []
        self._warden: subprocess.Popen[str] | None = None
        self._watched = ""
        self._ticks = 0

    @property
    def pids(self) -> dict[str, int]:
        """The process ids of what runs, by name."""
        return {kept.name: kept.server.pid for kept in self._kept if kept.server.pid}

    def adopt(self, name: str, server: Server, death_signal: int) -> None:
        """Start ``server`` and keep it running; without us it gets ``death_signal``. Raises what its start raises."""
        kept = _Kept(name, server, death_signal, Log(server.log))
        try:
            server.start()
        except BaseException:
            server.stop()
            raise
        kept.started = time.monotonic()
        self._kept.append(kept)
        self._tell_warden()

    def keep(self, service: Service, logs: Path) -> None:
        """Start ``service`` and keep it running."""
        self.adopt(service.name, Program(service, logs), signal.SIGKILL)

    def tick(self) -> None:
        """Start again what ended, and look after the logs."""
        for kept in self._kept:
            if not kept.server.pid:
                self._revive(kept)
        self._tell_warden()
        self._ticks += 1
        for kept in self._kept:
            if self._show:
                kept.log.follow(self._show)
            if self._ticks % LOG_CHECK_TICKS == 0:
                kept.log.cut()

    def wait_until(self, condition: Callable[[], bool], seconds: float, stop: threading.Event) -> bool:
        """Tick until ``condition`` (then return True), ``stop`` or ``seconds`` have passed (then False).

        Raises ``Conflict`` with the end of its log when something keeps dying.
        """
        deadline = time.monotonic() + seconds
        while not condition():
            if stop.wait(TICK_SECONDS) or time.monotonic() > deadline:
                return False
            self.tick()
            for kept in self._kept:
                if kept.failures >= HOPELESS_FAILURES:
                    raise Conflict(
                        "embedded.keeps_dying",
                        f"{kept.name} ended {kept.failures} times. The end of {kept.log.path}:\n"
                        f"{processes.tail(kept.log.path)}",
                    )
        return True

    def run(self, stop: threading.Event) -> None:
        """Tick until ``stop`` is set."""
        while not stop.wait(TICK_SECONDS):
            self.tick()

    def stop(self) -> None:
        """Stop everything: programs together, then what they lean on, last started first."""
        programs = [kept.server for kept in self._kept if isinstance(kept.server, Program)]
        for program in programs:
            program.ask_to_end()
        for program in programs:
            program.stop()
        for kept in reversed(self._kept):
            if not isinstance(kept.server, Program):
                kept.server.stop()
        if self._show:
            for kept in self._kept:
                kept.log.follow(self._show)
        self._kept.clear()
        self._dismiss_warden()

    def _revive(self, kept: _Kept) -> None:
        """Start a server that ended: at once the first time, then after 0.5, 1, 2 … seconds."""
        now = time.monotonic()
        if kept.start_at is None:
            kept.failures = 1 if now - kept.started > SETTLED_SECONDS else kept.failures + 1
            wait = 0.0 if kept.failures == 1 else min(LONGEST_WAIT_SECONDS, 0.25 * 2 ** (kept.failures - 1))
            kept.start_at = now + wait
            self._report(f"{kept.name} ended and is started again in {wait:g} s; its log is {kept.log.path}")
        if now >= kept.start_at:
            kept.start_at, kept.started = None, now
            try:
                kept.server.start()
            except ReelroomError as error:
                self._report(f"{kept.name} could not be started: {error.message}")

    def _tell_warden(self) -> None:
        watched = " ".join(f"{kept.server.pid}:{int(kept.death_signal)}" for kept in self._kept if kept.server.pid)
        if watched == self._watched and self._warden and self._warden.poll() is None:
            return
        if self._warden is None or self._warden.poll() is not None:
            script = str(processes.HERE / "warden.py")
            self._warden = subprocess.Popen(
                [sys.executable, "-I", "-S", script], stdin=subprocess.PIPE, text=True, start_new_session=True
            )
        assert self._warden.stdin is not None
        self._warden.stdin.write(f"{watched}\n")
        self._warden.stdin.flush()
        self._watched = watched

    def _dismiss_warden(self) -> None:
        if self._warden and self._warden.stdin:
            self._watched = ""
            self._warden.stdin.write("\n")
            self._warden.stdin.close()
            self._warden.wait()
            self._warden = None
