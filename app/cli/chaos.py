"""`reelroom chaos NAME`: a part of Reelroom at work while everything around it is killed at random."""

from __future__ import annotations

from importlib import import_module
from inspect import signature
from typing import Annotated

import typer

from app.cli.options import AsJson
from app.core.errors import NotFound
from app.embedded.fleet import ROOT


def chaos(
    name: Annotated[str, typer.Argument(help="What to try: a module of `chaos/`.")],
    jobs: Annotated[int, typer.Option(min=1, max=5000, help="How many jobs to buy (jobs).")] = 300,
    kills: Annotated[int, typer.Option(min=0, max=1000, help="How often to kill something (jobs).")] = 30,
    minutes: Annotated[float, typer.Option(min=0.1, max=600, help="How long to go on (rooms).")] = 3.0,
    seed: Annotated[int, typer.Option(help="The same seed kills the same things in the same order.")] = 7,
    json: AsJson = False,
) -> None:
    """Try one part in a fresh folder while its parts are killed; exit with 1 when a promise was broken."""
    known = sorted(path.stem for path in (ROOT / "chaos").glob("[a-z]*.py"))
    if name not in known:
        raise NotFound("cli.no_chaos", f"There is no trial {name!r}; there are: {', '.join(known) or 'none'}.")
    trial = import_module(f"chaos.{name}").main
    given = {"jobs": jobs, "kills": kills, "minutes": minutes, "seed": seed, "json": json}
    if not trial(**{option: given[option] for option in signature(trial).parameters}):
        raise typer.Exit(1)
