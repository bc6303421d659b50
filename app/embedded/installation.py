"""One installation for the time of a block: embedded or external services, and this process pointed at them."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass

from app.core.config import Settings, get_settings
from app.core.errors import Conflict
from app.embedded import fleet, processes
from app.embedded.datafolder import DataFolder
from app.embedded.logs import Show
from app.embedded.postgres import Postgres, find_programs
from app.embedded.readiness import tasks_go_round
from app.embedded.supervisor import Supervisor
from app.embedded.valkey import Valkey, find_program

WORKERS_SECONDS = 60.0
ATTACHED_SECONDS = 10.0
Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Installation:
    """Services that answer: ``settings`` holds their addresses; ``attached`` says that another process keeps them."""

    settings: Settings
    folder: DataFolder
    supervisor: Supervisor
    attached: bool = False


@contextmanager
def held(settings: Settings, report: Report, *, show: Show | None = None) -> Iterator[Installation]:
    """Hold the data folder and start what is not external in it; stop it at the end.

    Raises ``Invalid`` for a folder that cannot be used and ``Conflict`` for one that somebody holds.
    """
    folder = DataFolder(settings.data_folder)
    folder.prepare(settings.min_free_mb)
    with folder.held():
        supervisor = Supervisor(report, show=show)
        try:
            found = _start_servers(settings, folder, supervisor)
            with pointed_at(found):
                yield Installation(found, folder, supervisor)
        finally:
            supervisor.stop()


@contextmanager
def reached(settings: Settings, report: Report) -> Iterator[Installation]:
    """Reach the services wherever they are: external, those of a running `up`, or started here for this block."""
    found = kept_elsewhere(settings)
    if found:
        with pointed_at(found):
            yield Installation(found, DataFolder(settings.data_folder), Supervisor(report), attached=True)
    else:
        with held(settings, report) as installation:
            yield installation


def kept_elsewhere(settings: Settings) -> Settings | None:
    """Return the settings with the addresses of services that run already (external, or a running `up`), or None."""
    running = DataFolder(settings.data_folder).running()
    if settings.database_url and settings.redis_url:
        return settings
    if running and running.url:
        found = {
            "database_url": settings.database_url or running.database_url,
            "redis_url": settings.redis_url or running.redis_url,
        }
        return settings.model_copy(update=found)
    return None


@contextmanager
def with_workers(installation: Installation, report: Report) -> Iterator[None]:
    """Keep workers and the sweeper running beside this block, unless somebody keeps them already.

    Raises ``Conflict`` when no task goes round within a minute.
    """
    if installation.attached:
        if not processes.wait_until(tasks_go_round(), ATTACHED_SECONDS):
            raise Conflict(
                "embedded.no_workers", "No worker answers: start `reelroom worker io` and `reelroom worker media`."
            )
        yield
        return
    stop, ready = threading.Event(), Future[None]()
    keeper = threading.Thread(target=_keep, args=(installation, report, ready, stop), name="supervisor")
    keeper.start()
    try:
        ready.result()
        yield
    finally:
        stop.set()
        keeper.join()


def _keep(installation: Installation, report: Report, ready: Future[None], stop: threading.Event) -> None:
    """Supervise the workers in this thread: children die with the thread that started them."""
    supervisor = Supervisor(report)
    try:
        for service in fleet.services(installation.settings, web=False):
            supervisor.keep(service, installation.folder.logs)
        if not supervisor.wait_until(tasks_go_round(), WORKERS_SECONDS, stop):
            raise Conflict("embedded.no_workers", f"No task went round in time: see {installation.folder.logs}.")
    except Exception as error:  # noqa: BLE001  # handed to the thread that waits
        ready.set_exception(error)
    else:
        ready.set_result(None)
        supervisor.run(stop)
    finally:
        supervisor.stop()


def _start_servers(settings: Settings, folder: DataFolder, supervisor: Supervisor) -> Settings:
    found: dict[str, str] = {}
    if not settings.database_url:
        postgres = Postgres(folder.path, programs=find_programs(settings.postgres_bin))
        supervisor.adopt("postgres", postgres, signal.SIGINT)
        postgres.create_database()
        found["database_url"] = postgres.url()
    if not settings.redis_url:
        valkey = Valkey(folder.path, program=find_program(settings.valkey_bin))
        supervisor.adopt("valkey", valkey, signal.SIGTERM)
        found["redis_url"] = valkey.url
    return settings.model_copy(update=found)


@contextmanager
def pointed_at(settings: Settings) -> Iterator[None]:
    """Make ``get_settings`` of this process answer with the addresses of ``settings`` inside the block."""
    wanted = fleet.overrides(settings)
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    get_settings.cache_clear()
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
        get_settings.cache_clear()
