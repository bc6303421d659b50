"""The logs of supervised processes: kept under a size, and followed on the console when somebody wants to watch."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

LIMIT_BYTES = 10 * 1024 * 1024
Show = Callable[[str, str], None]


class Log:
    """One process's log file; the process appends to it, so it can be cut while it is open."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen = path.stat().st_size if path.exists() else 0

    def cut(self, limit: int = LIMIT_BYTES) -> None:
        """Move what is in the file to ``<name>.1`` once it is larger than ``limit`` bytes."""
        if self.path.exists() and self.path.stat().st_size > limit:
            shutil.copyfile(self.path, self.path.with_name(f"{self.path.name}.1"))
            with self.path.open("r+b") as log:
                log.truncate(0)
            self._seen = 0

    def follow(self, show: Show) -> None:
        """Give ``show`` the log's name and each whole line since the last time."""
        if not self.path.exists():
            return
        with self.path.open("rb") as log:
            log.seek(self._seen)
            whole, newline, _rest = log.read().rpartition(b"\n")
        self._seen += len(whole) + len(newline)
        for line in whole.decode(errors="replace").splitlines():
            show(self.path.stem, line)
