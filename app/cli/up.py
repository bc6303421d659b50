"""`reelroom up`: everything running under one supervisor, until Ctrl-C."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Annotated, Any

import typer

from app.cli.options import Data, chosen, tell
from app.core import clock
from app.core.config import Settings, read_settings
from app.core.errors import Conflict
from app.embedded import fleet, installation
from app.embedded.datafolder import DataFolder, Running
from app.embedded.ports import require_free

ANSWER_SECONDS = 90.0
Options = dict[str, Any]


def up(
    data: Data = None,
    port: Annotated[int | None, typer.Option(help="Port of the web server.", show_default="8400")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")] = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="Load two projects and a team, so that there is much to see.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show the log of every process.")] = False,
    no_browser_hint: Annotated[bool, typer.Option("--no-browser-hint", help="Do not say what to open.")] = False,
) -> None:
    """Start the database, the broker, the web server and the workers, and keep them running until Ctrl-C."""
    began = time.monotonic()
    settings = read_settings(**chosen(data_folder=data, port=port, host=host))
    if not DataFolder(settings.data_folder).is_held():  # then who holds it is the better thing to say
        require_free(settings.host, settings.port)
    stop = _stop_on_signals()
    with installation.held(settings, tell, show=_show if verbose else None) as found:
        _migrate(found)
        for service in fleet.services(found.settings):
            found.supervisor.keep(service, found.folder.logs)
        if _came_up(found, stop):
            found.folder.publish(_facts(found))
            if demo:
                _load_demo(found, stop)
            if not stop.is_set():
                _say_ready(settings, time.monotonic() - began, no_browser_hint)
            found.supervisor.run(stop)
        ended = time.monotonic()
        tell("Stopping …")
    tell(f"Stopped in {time.monotonic() - ended:.1f} s.")


def _stop_on_signals() -> threading.Event:
    """Return an event that Ctrl-C (and SIGTERM, SIGHUP) sets; said a second time, everything is killed at once."""
    stop = threading.Event()

    def asked(_number: int, _frame: object) -> None:
        if stop.is_set():
            os._exit(130)  # the warden and the parent-death signals end the children
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, asked)
    return stop


def _migrate(found: installation.Installation) -> None:
    from app.embedded.migration import bring_up_to_date  # Alembic and the models are slow to import

    if done := asyncio.run(bring_up_to_date(found.settings, found.folder)):
        tell(done)


def _came_up(found: installation.Installation, stop: threading.Event) -> bool:
    """Wait until a page answers and a task has gone round; return False when told to stop, else raise ``Conflict``."""
    from app.embedded.readiness import page_answers, tasks_go_round  # Celery is slow to import

    waits = {"no page was answered": page_answers(found.settings), "no task went round": tasks_go_round()}
    for trouble, condition in waits.items():
        if not found.supervisor.wait_until(condition, ANSWER_SECONDS, stop):
            if stop.is_set():
                return False
            raise Conflict(
                "embedded.not_ready",
                f"Within {ANSWER_SECONDS:g} seconds {trouble}: see the logs in {found.folder.logs}.",
            )
    return True


def _facts(found: installation.Installation) -> Running:
    settings = found.settings
    return Running(
        pid=os.getpid(),
        url=settings.base_url,
        database_url=settings.database_url,
        redis_url=settings.redis_url,
        children=found.supervisor.pids,
        started_at=clock.now().isoformat(),
    )


def _load_demo(found: installation.Installation, stop: threading.Event) -> None:
    """Load the demonstration beside the supervisor, whose thread has to keep the workers alive meanwhile."""
    from app.cli.demo import load_demo

    loaded = _beside(lambda: asyncio.run(load_demo()))
    while not found.supervisor.wait_until(loaded.done, ANSWER_SECONDS, stop):
        if stop.is_set():
            return
    loaded.result()


def _beside(work: Callable[[], None]) -> Future[None]:
    """Run ``work`` in a thread that does not keep the program from ending; return what becomes of it."""
    result = Future[None]()

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001  # handed to the thread that waits
            result.set_exception(error)
        else:
            result.set_result(None)

    threading.Thread(target=run, daemon=True).start()
    return result


def _say_ready(settings: Settings, seconds: float, no_browser_hint: bool) -> None:
    tell(f"Reelroom is ready after {seconds:.1f} s: {settings.base_url}")
    if not no_browser_hint:
        tell(f"Open it in a browser. Data and logs are in {settings.data_folder}; Ctrl-C stops everything.")


def _show(name: str, line: str) -> None:
    tell(f"{name:>12} | {line}")
