"""The data folder: what is in it, who holds it, and what its running services can be reached at."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TextIO

from app.core import clock
from app.core.errors import Conflict, Invalid
from app.embedded.processes import alive, wait_until

MARKER = "reelroom.json"
MADE_BY_OTHERS = {"secret.key", "encryption.key", "media", "logs", "work", "backups"}
MEBIBYTE = 1024 * 1024
LOCK_SECONDS = 0.3  # longer than `is_held` borrows the lock


def _locked(file: TextIO) -> bool:
    """Take the lock of an open file unless somebody has it; return whether it was taken."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Running:
    """What a running `up` says of itself: its pid, addresses (with passwords), and its children's pids by name."""

    pid: int
    url: str = ""
    database_url: str = ""
    redis_url: str = ""
    children: dict[str, int] = field(default_factory=dict)
    started_at: str = ""


class DataFolder:
    """One installation's folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.logs = path / "logs"
        self.backups = path / "backups"
        self.facts = path / "run.json"

    def prepare(self, needed_mb: int = 0) -> None:
        """Make the folder if it is not there; raise ``Invalid`` when it cannot be used, saying why.

        ``needed_mb`` is how many MiB must be free on its disk.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._require_ours()
            self.logs.mkdir(exist_ok=True)
            marker = self.path / MARKER
            if not marker.exists():
                marker.write_text(json.dumps({"format": 1, "made_at": clock.now().isoformat()}) + "\n")
            probe = self.path / ".probe"
            probe.write_bytes(b"reelroom")
            probe.unlink()
        except OSError as error:
            raise Invalid(
                "embedded.folder_unusable",
                f"The data folder {self.path} cannot be written ({error.strerror}): correct its owner or rights, free "
                "some disk, or choose another with --data.",
            ) from error
        free = shutil.disk_usage(self.path).free // MEBIBYTE
        if free < needed_mb:
            raise Invalid(
                "embedded.disk_full",
                f"Only {free} MiB are free on the disk of {self.path}, and {needed_mb} are needed: free some, choose "
                "another folder with --data, or lower REELROOM_MIN_FREE_MB.",
                free_mb=free,
            )

    def _require_ours(self) -> None:
        names = {entry.name for entry in self.path.iterdir()}
        if names - MADE_BY_OTHERS and MARKER not in names:
            raise Invalid(
                "embedded.foreign_folder",
                f"{self.path} is not empty and is not a Reelroom data folder (it has no {MARKER}): choose another with "
                "--data.",
            )

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the folder for this process; raise ``Conflict`` saying which process has it, and where that serves."""
        with (self.path / "lock").open("a+") as lock:
            if not wait_until(lambda: _locked(lock), LOCK_SECONDS):
                raise self._in_use()
            lock.truncate(0)
            lock.write(f"{os.getpid()}\n")
            lock.flush()
            shutil.rmtree(self.path / "work", ignore_errors=True)  # what workers that were killed left half done
            try:
                yield
            finally:
                self.facts.unlink(missing_ok=True)

    def _in_use(self) -> Conflict:
        pid = self._holder()
        running = self.running()
        serving = f", serving {running.url}" if running and running.url else ""
        return Conflict(
            "embedded.folder_in_use",
            f"The data folder {self.path} is in use by process {pid}{serving}. Stop that one (Ctrl-C there, or "
            f"`kill {pid}`), or choose another folder with --data.",
            pid=pid,
        )

    def _holder(self) -> int:
        with contextlib.suppress(OSError, ValueError):
            return int((self.path / "lock").read_text())
        return 0

    def is_held(self) -> bool:
        """Return whether some process holds the folder now."""
        try:
            with (self.path / "lock").open("r") as lock:
                return not _locked(lock)
        except FileNotFoundError:
            return False

    def publish(self, running: Running) -> None:
        """Write down what runs, readable by us alone."""
        fresh = self.facts.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            json.dump(asdict(running), out, indent=1)
        fresh.replace(self.facts)

    def running(self) -> Running | None:
        """Return what runs on this folder, or None when nothing does."""
        with contextlib.suppress(OSError, ValueError, TypeError):
            found = Running(**json.loads(self.facts.read_text()))
            if alive(found.pid) and self.is_held():
                return found
        return None
