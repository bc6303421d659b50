"""`reelroom fakes`: providers that charge nobody, for demonstrations and for trying a configuration."""

from __future__ import annotations

import signal
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from app.cli.options import tell
from app.core.errors import NotFound


def fakes(
    names: Annotated[list[str] | None, typer.Argument(help="Which providers to fake; all of them without.")] = None,
    export: Annotated[
        Path | None, typer.Option(help="Also write the table of backends to this file.", show_default=False)
    ] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65000, help="Port of the first; the others follow. Free ports with 0.")
    ] = 0,
    real_time: Annotated[
        bool, typer.Option("--real-time/--frozen", help="Whether their clocks run, or wait to be advanced.")
    ] = True,
) -> None:
    """Start fake providers on this machine, and print how to configure backends for them; until Ctrl-C."""
    from app.backends.testing.fakes import FAKES, as_toml  # fakes are web servers, slow to import
    from app.backends.testing.server import serve_in_process

    if unknown := [name for name in names or () if name not in FAKES]:
        raise NotFound("cli.no_fake", f"There is no fake {unknown[0]!r}; there are: {', '.join(FAKES)}.")
    stop = _stop_on_signals()
    entries = {}
    with ExitStack() as running:
        for number, name in enumerate(dict.fromkeys(names or FAKES)):
            if stop.is_set():
                return
            fake = FAKES[name]
            arguments = fake.started_with(frozen=not real_time)
            at = running.enter_context(serve_in_process(fake.factory, arguments, port and port + number))
            entries[name] = fake.entry(at.url)
            tell(f"{name:<18} {fake.kind:<18} {at.url}")
        table = as_toml(entries)
        if export is not None:
            _write(export, table)
        tell(f"\n{table}")
        tell("Set this as REELROOM_BACKENDS. Ctrl-C stops them.")
        stop.wait()


def _write(path: Path, text: str) -> None:
    """Write a file at once, so that nobody reads half of it."""
    beside = path.with_name(f"{path.name}.new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: stop.set())
    return stop
