"""What `reelroom doctor` looks at: one function a part, each saying what it found or what to do."""

from __future__ import annotations

import asyncio
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from redis import Redis

from app.core.config import Settings
from app.core.errors import Conflict, Invalid, ReelroomError
from app.embedded import ports, processes
from app.embedded.datafolder import MEBIBYTE, DataFolder
from app.embedded.fleet import ROOT
from app.embedded.installation import Installation
from app.embedded.readiness import page_answers, tasks_go_round

OLDEST_PYTHON = (3, 11)
OLDEST_POSTGRES = 18
COMFORTABLE_MB = 5 * 1024
ROUND_TRIP_SECONDS = 15.0
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
OK, INFO, WARNING, FAILURE = "ok", "info", "warning", "failure"


@dataclass(frozen=True, slots=True)
class Finding:
    """One part, its state ("ok", "info", "warning", "failure"), and what was found, with what to do unless it is ok."""

    part: str
    state: str
    found: str


Check = Callable[[], str]


class Notice(Exception):
    """Worth saying, and not a failure; ``state`` is "info" or "warning"."""

    def __init__(self, state: str, message: str) -> None:
        super().__init__(message)
        self.state = state


def examine(part: str, check: Check) -> Finding:
    """Carry out ``check``: what it returns is ok, a ``Notice`` is what it says, any other error is a failure."""
    try:
        return Finding(part, OK, check())
    except Notice as notice:
        return Finding(part, notice.state, str(notice))
    except ReelroomError as error:
        return Finding(part, FAILURE, error.message)
    except OSError as error:
        return Finding(part, FAILURE, f"{error.strerror}: {error.filename}" if error.filename else str(error))
    except Exception as error:  # noqa: BLE001  # a broken part must not hide the others
        return Finding(part, FAILURE, f"{type(error).__name__}: {error}")


def machine(settings: Settings) -> Iterator[tuple[str, Check]]:
    """Yield the checks that need no running service."""
    yield "python", python
    yield "packages", packages
    yield "data folder", lambda: data_folder(settings)
    yield "disk", lambda: disk(settings)
    yield "port", lambda: port(settings)
    yield "secret key", lambda: f"{len(settings.signing_key)} bytes"
    yield "ffmpeg", ffmpeg
    yield "fonts", fonts
    yield "speech", speech
    yield "browser", browser
    yield "text models", lambda: text_models(settings)


def services(installation: Installation) -> Iterator[tuple[str, Check]]:
    """Yield the checks of services that run."""
    settings = installation.settings
    yield "postgres", lambda: asyncio.run(_postgres(settings))
    yield "valkey", lambda: valkey(settings)
    yield "migrations", lambda: asyncio.run(_migrations(settings))
    yield "storage", lambda: asyncio.run(_storage(settings))
    yield "workers", lambda: workers(installation)


def python() -> str:
    """Check the interpreter."""
    if sys.version_info[:2] < OLDEST_PYTHON:
        raise Invalid("doctor.python", f"Python {platform.python_version()} is too old: use 3.11 or newer.")
    return f"{platform.python_version()} on {platform.system()} {platform.machine()}"


def packages() -> str:
    """Check that the packages installed are those of the lock file (lines for other systems are passed over)."""
    lock = ROOT / "requirements.lock"
    if not lock.exists():
        raise Notice(INFO, "there is no requirements.lock to compare with")
    pins = [line.split()[0] for line in lock.read_text().splitlines() if "==" in line and ";" not in line]
    wrong = [pin for pin in pins if _installed(pin.partition("==")[0]) != pin.partition("==")[2]]
    if wrong:
        raise Invalid(
            "doctor.packages", f"{', '.join(wrong[:5])} of the lock file are not installed: run `python3 reel up`."
        )
    return f"{len(pins)} packages as locked"


def _installed(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def data_folder(settings: Settings) -> str:
    """Check that the data folder can be used."""
    DataFolder(settings.data_folder).prepare()
    return str(settings.data_folder)


def disk(settings: Settings) -> str:
    """Check that there is room for media."""
    there = next(place for place in (settings.data_folder, *settings.data_folder.parents) if place.exists())
    free = shutil.disk_usage(there).free // MEBIBYTE
    if free < settings.min_free_mb:
        raise Invalid(
            "doctor.disk", f"{free} MiB free, {settings.min_free_mb} needed: free some, or move the data folder."
        )
    if free < COMFORTABLE_MB:
        raise Notice(WARNING, f"{free} MiB free: an episode of takes may need more.")
    return f"{free // 1024} GiB free"


def port(settings: Settings) -> str:
    """Check that the web server's port is free, or ours."""
    running = DataFolder(settings.data_folder).running()
    if running and running.url:
        return f"serving {running.url}"
    if page_answers(settings)():
        return f"Reelroom answers on {settings.port}"
    ports.require_free(settings.host, settings.port)
    return f"{settings.port} is free"


def ffmpeg() -> str:
    """Check that ffmpeg runs and has the encoders we use."""
    from app.media.ffmpeg import ffmpeg_path

    said = subprocess.run(
        [ffmpeg_path(), "-hide_banner", "-encoders"], capture_output=True, text=True, check=True
    ).stdout
    missing = [name for name in ("libx264", "aac") if f" {name} " not in said]
    if missing:
        raise Invalid(
            "doctor.ffmpeg", f"ffmpeg has no {' and no '.join(missing)}: reinstall the package imageio-ffmpeg."
        )
    return ffmpeg_path()


def fonts() -> str:
    """Check that Chinese and Latin letters can be drawn."""
    from app.media.fonts import font, sans_path

    if font(24).getmask("短").getbbox() is None or font(24).getmask("R").getbbox() is None:
        raise Invalid("doctor.fonts", f"{sans_path()} draws nothing: reinstall the package pylopdf-fonts-zh-cn.")
    return sans_path().name


def speech() -> str:
    """Check that the scratch voice speaks both languages."""
    from app.media.speech import EspeakSpeech
    from app.media.voices import Voice

    voice = EspeakSpeech()
    try:
        spoken = {line: voice.speak(line, Voice()).seconds for line in ("Good evening.", "晚上好。")}
    finally:
        voice.close()
    if not all(spoken.values()):
        raise Invalid("doctor.speech", "The scratch voice is silent: reinstall the package espeakng-loader.")
    return "English and Mandarin"


def browser() -> str:
    """Say whether browser tests can run here."""
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    raise Notice(
        INFO, "no Chromium: only the browser tests need one (on Debian: apt-get install chromium fonts-noto-cjk)"
    )


def text_models(settings: Settings) -> str:
    """Check that every text model that is configured can be asked; without any nothing is missing."""
    from app.backends.chat import TextModels

    found = TextModels.load(settings.text_models)
    asked = ", ".join(f"{one.name} ({one.model})" for one in found.usable)
    if found.problems:
        why = " ".join(f"{one.backend}: {one.message}" for one in found.problems)
        raise Notice(WARNING, f"{why} Asked are: {asked or 'none'}.")
    if not asked:
        raise Notice(INFO, "none is configured: nothing that needs one is offered (REELROOM_TEXT_MODELS)")
    return f"{asked}, in this order"


async def _postgres(settings: Settings) -> str:
    from sqlalchemy import text

    from app.embedded.fingerprint import connected

    async with connected(settings.sqlalchemy_url) as connection:
        version = str((await connection.execute(text("show server_version"))).scalar_one())
        locale = (
            await connection.execute(text("select datctype from pg_database where datname = current_database()"))
        ).scalar()
    if int(version.partition(".")[0]) < OLDEST_POSTGRES:
        raise Invalid("doctor.postgres", f"PostgreSQL {version} is too old: use {OLDEST_POSTGRES} or newer.")
    if locale in ("C", "POSIX"):
        raise Notice(
            WARNING, "the database's character type is C, so Chinese cannot be searched: make it with C.UTF-8."
        )
    return version


def valkey(settings: Settings) -> str:
    """Check that the broker answers and forgets nothing."""
    with Redis.from_url(settings.redis_url, socket_timeout=5) as client:
        facts = client.info()
    version = facts.get("valkey_version") or facts.get("redis_version")
    if facts.get("maxmemory_policy") != "noeviction":
        raise Notice(WARNING, f"{version} may evict messages: set maxmemory-policy to noeviction.")
    return f"{version}"


async def _migrations(settings: Settings) -> str:
    from app.core import migrate

    current, wanted = await migrate.current_revision(settings.sqlalchemy_url), migrate.wanted_revision()
    if current is None:
        raise Notice(INFO, "the database is not set up yet: `reelroom up` does it")
    if current != wanted:
        raise Conflict(
            "doctor.migrations", f"The database is at {current}, this version at {wanted}: run `reelroom migrate`."
        )
    return f"at {current}"


async def _storage(settings: Settings) -> str:
    from app.media.storage import open_storage

    storage = open_storage(settings.storage_url)
    await storage.check()
    free = await storage.free_bytes()
    return f"{settings.storage_url.partition('?')[0]} can be written" + (
        f", {free // MEBIBYTE} MiB free" if free else ""
    )


def workers(installation: Installation) -> str:
    """Check that a task goes round through every worker."""
    if not installation.attached:
        raise Notice(INFO, "nothing runs: `reelroom up` starts the web server and the workers")
    if not processes.wait_until(tasks_go_round(), ROUND_TRIP_SECONDS):
        logs = Path(installation.folder.logs)
        raise Conflict("doctor.workers", f"No task came back: see worker-io.log and worker-media.log in {logs}.")
    return "a task went round"
