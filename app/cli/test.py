"""`reelroom test`: the whole test suite, with whatever pytest takes."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from app.embedded.fleet import ROOT


def test(
    arguments: Annotated[list[str] | None, typer.Argument(help="Passed on to pytest.", show_default=False)] = None,
) -> None:
    """Run the tests on every core (pytest's arguments and options may follow; with them, on one)."""
    os.chdir(ROOT)
    chosen = arguments or ["-n", str(os.cpu_count() or 1)]
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *chosen])  # noqa: S606  # no shell is wanted
