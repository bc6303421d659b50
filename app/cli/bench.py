"""`reelroom bench NAME`: every figure that is claimed anywhere, measured anew."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated

import typer

from app.cli.options import AsJson
from app.core.errors import NotFound
from app.embedded.fleet import ROOT


def bench(name: Annotated[str, typer.Argument(help="Which figure to measure.")], json: AsJson = False) -> None:
    """Measure one figure on this machine; benchmarks are the modules in `benchmarks/`."""
    known = sorted(path.stem for path in (ROOT / "benchmarks").glob("[a-z]*.py"))
    if name not in known:
        raise NotFound("cli.no_benchmark", f"There is no benchmark {name!r}; there are: {', '.join(known) or 'none'}.")
    import_module(f"benchmarks.{name}").main(json)
