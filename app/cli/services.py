"""The parts of an installation one by one, for containers and service managers; each replaces this process."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Annotated, NoReturn

import typer

from app.cli.options import Data, chosen, tell
from app.core.config import Settings, read_settings
from app.core.errors import Conflict, Invalid
from app.embedded import fleet
from app.embedded.datafolder import DataFolder
from app.embedded.installation import kept_elsewhere, reached
from app.embedded.processes import alive, wait_until

STOP_SECONDS = 15.0


def web(data: Data = None) -> None:
    """Run the web server alone, against services that run already."""
    settings = _running(data)
    _become(fleet.web_program(settings), settings)


def worker(
    kind: Annotated[str, typer.Argument(help="io (talks to backends) or media (renders and tidies).")],
    data: Data = None,
) -> None:
    """Run one worker alone, against services that run already."""
    settings = _running(data)
    _become(fleet.worker_program(kind, settings), settings)


def sweeper(data: Data = None) -> None:
    """Run the sweeper alone: it finds what is due, and what a lost message left."""
    settings = _running(data)
    _become(fleet.sweeper_program(), settings)


def migrate(
    data: Data = None,
    make: Annotated[
        str | None, typer.Option(metavar="SENTENCE", help="Then write a migration from what the models have changed.")
    ] = None,
) -> None:
    """Bring the database to this version, after keeping a copy of one that holds something."""
    from app.embedded.migration import bring_up_to_date, make_migration  # the models are slow to import

    with reached(read_settings(**chosen(data_folder=data)), tell) as found:
        tell(asyncio.run(bring_up_to_date(found.settings, found.folder)) or "The database is up to date.")
        if make:
            make_migration(found.settings.sqlalchemy_url, make)


def stop(data: Data = None) -> None:
    """Stop the `reelroom up` that runs on the data folder."""
    folder = DataFolder(read_settings(**chosen(data_folder=data)).data_folder)
    running = folder.running()
    if not running:
        raise Conflict("cli.nothing_runs", f"Nothing runs on {folder.path}.")
    os.kill(running.pid, signal.SIGTERM)
    if not wait_until(lambda: not alive(running.pid), STOP_SECONDS):
        raise Conflict(
            "cli.does_not_stop", f"Process {running.pid} does not stop: kill it with `kill -9 {running.pid}`."
        )
    tell("Stopped.")


def _running(data: object) -> Settings:
    """Return settings with the addresses of services that run; raises ``Invalid`` when there are none."""
    settings = kept_elsewhere(read_settings(**chosen(data_folder=data)))
    if settings is None:
        raise Invalid(
            "cli.no_services",
            "No services were found: set DATABASE_URL and REDIS_URL, or run `reelroom up` beside this.",
        )
    return settings


def _become(program: list[str], settings: Settings) -> NoReturn:
    """Replace this process, so that signals reach the program itself; SIGTERM lets a worker hand its tasks back."""
    os.chdir(fleet.ROOT)
    os.execve(program[0], program, {**fleet.environment_of(settings), "REMAP_SIGTERM": "SIGQUIT"})  # noqa: S606  # no shell
