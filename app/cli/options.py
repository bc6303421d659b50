"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[
    Path | None,
    typer.Option("--data", help="The data folder; else REELROOM_DATA_FOLDER, else .reelroom.", show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def tell(line: str) -> None:
    """Print a line for the person who waits."""
    typer.echo(line)


def chosen(**given: object) -> dict[str, object]:
    """Return the options that were given, for ``read_settings``."""
    return {name: value for name, value in given.items() if value is not None}
