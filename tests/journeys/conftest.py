"""The whole of Reelroom as processes: a web server, both workers and the sweeper, on a database of their own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from redis import Redis
from tests_support import TEMPLATE, Services, configure

from app.core.config import Settings
from app.core.db import Database
from app.embedded import fleet

PATIENCE = 120.0


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(condition: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
    """Look again until ``condition`` holds; fail with ``what`` when it does not in time."""
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, f"Not in {seconds:.0f} s: {what}"
        time.sleep(0.1)


@dataclass
class Live:
    """Running processes by name, and where they answer."""

    settings: Settings
    folder: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, program: list[str]) -> None:
        """Start one program; what it says goes to a file beside it."""
        with (self.folder / f"{name}.log").open("ab") as log:
            environment = {**fleet.environment_of(self.settings), "REELROOM_LOG_LEVEL": "INFO"}
            self.processes[name] = subprocess.Popen(
                program, cwd=fleet.ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
            )

    def start_workers(self) -> None:
        """Start both workers."""
        self.start("io", fleet.worker_program("io", self.settings))
        self.start("media", fleet.worker_program("media", self.settings))

    def kill(self, name: str) -> None:
        """Kill a program and its children at once, as a crash would."""
        process = self.processes.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        """End everything."""
        for name in list(self.processes):
            self.kill(name)

    def said(self) -> str:
        """Return the end of what every program said, for a failure's message."""
        return "\n".join(f"{path.name}: {path.read_text()[-1500:]}" for path in self.folder.glob("*.log"))


@pytest.fixture
def live(services: Services, tmp_path: Path) -> Iterator[Live]:
    """Everything running, the first page answering."""
    name = f"live_{uuid4().hex[:10]}"
    services.postgres.create_database(name, TEMPLATE)
    with Redis.from_url(services.valkey.url) as redis:
        redis.flushall()
    settings = configure(
        DATABASE_URL=services.postgres.url(name),
        REDIS_URL=services.valkey.url,
        REELROOM_DATA_FOLDER=str(tmp_path / "data"),
        REELROOM_STORAGE_URL=(tmp_path / "media").as_uri(),
        REELROOM_PORT=str(free_port()),
    )
    running = Live(settings, tmp_path)
    running.start("web", fleet.web_program(settings))
    running.start_workers()
    running.start("sweeper", fleet.sweeper_program())

    def answers() -> bool:
        try:
            return httpx.get(f"{settings.base_url}/readyz", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    try:
        wait_for(answers, "no page answered")
        yield running
    finally:
        running.stop()
        os.environ.pop("REELROOM_PORT")
        services.postgres.drop_database(name)


@pytest.fixture
async def live_database(live: Live) -> AsyncIterator[Database]:
    """The database of the running installation."""
    opened = Database(live.settings.sqlalchemy_url, pool_size=3)
    yield opened
    await opened.close()
