"""The programs of an installation: the web server, a worker for each kind of queue, and the sweeper."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from app.core.config import Settings
from app.core.errors import Invalid
from app.embedded.supervisor import Service

ROOT = Path(__file__).resolve().parents[2]
WORKERS = ("io", "media")
SSE_GRACE_SECONDS = 3


def web_program(settings: Settings) -> list[str]:
    """Return the command line of the web server."""
    return [
        *(sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "app.main:create_app"),
        *("--host", settings.host, "--port", str(settings.port), "--workers", str(settings.web_workers)),
        *("--respawn-failed-workers", "--workers-kill-timeout", str(SSE_GRACE_SECONDS), "--no-access-log"),
        *("--log-level", settings.log_level.lower()),
    ]


def worker_program(kind: str, settings: Settings) -> list[str]:
    """Return the command line of a worker: "io" talks to backends in threads, "media" renders in processes."""
    queues = {
        "io": ("-Q", "io", "-P", "threads", "-c", str(settings.io_concurrency)),
        "media": ("-Q", "media,upkeep", "-P", "prefork", "-c", str(settings.media_processes)),
    }
    if kind not in queues:
        raise Invalid("embedded.no_such_worker", f"There is no worker {kind!r}: choose {' or '.join(WORKERS)}.")
    return [
        *(sys.executable, "-m", "celery", "-A", "worker.celery_app", "worker", *queues[kind], "-n", f"{kind}@%h"),
        *("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", settings.log_level),
    ]


def sweeper_program() -> list[str]:
    """Return the command line of the sweeper, which finds due rows."""
    return [sys.executable, "-c", "from worker.sweeper import main; main()"]


def services(settings: Settings, *, web: bool = True) -> list[Service]:
    """Return everything to keep running for ``settings``; without ``web`` only the workers and the sweeper."""
    environment = environment_of(settings)
    every = [
        Service(f"worker-{kind}", worker_program(kind, settings), signal.SIGQUIT, 7.0, environment, ROOT)
        for kind in WORKERS
    ]
    every.append(Service("sweeper", sweeper_program(), signal.SIGTERM, 4.0, environment, ROOT))
    if web:
        every.insert(0, Service("web", web_program(settings), signal.SIGTERM, 5.0, environment, ROOT))
    return every


def overrides(settings: Settings) -> dict[str, str]:
    """Return the variables that make another process read the same settings as these, whatever else it is given."""
    return {
        "REELROOM_DATA_FOLDER": str(settings.data_folder),
        "REELROOM_DATABASE_URL": settings.database_url,
        "REELROOM_REDIS_URL": settings.redis_url,
        "REELROOM_STORAGE_URL": settings.storage_url,
        "REELROOM_HOST": settings.host,
        "REELROOM_PORT": str(settings.port),
    }


def environment_of(settings: Settings) -> Mapping[str, str]:
    """Return the environment in which the programs run."""
    return {**os.environ, **overrides(settings), "PYTHONUNBUFFERED": "1"}
