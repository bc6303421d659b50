"""`reelroom money`: the books, for operators."""

from __future__ import annotations

import asyncio

import typer

from app.cli.options import AsJson, Data, chosen, tell
from app.core.config import get_settings, read_settings
from app.core.db import Database
from app.embedded import installation

money_app = typer.Typer(help="Look at the books.", no_args_is_help=True)


@money_app.callback()
def _money() -> None:
    """Look at the books."""


@money_app.command()
def check(data: Data = None, json: AsJson = False) -> None:
    """Prove that the ledger balances and matches every attempt and proposal; exit with 1 when it does not."""
    with installation.reached(read_settings(**chosen(data_folder=data)), tell):
        found = asyncio.run(_faults())
    if json:
        import json as json_module

        print(json_module.dumps({"balanced": not found, "faults": found}))
    elif found:
        for attempt_id, words in found.items():
            typer.echo(f"{attempt_id}: {words}")
    else:
        typer.echo("The ledger balances, and matches every attempt and proposal.")
    if found:
        raise typer.Exit(1)


async def _faults() -> dict[str, str]:
    import app.models  # noqa: F401  # every table, because rows refer to one another
    from app.jobs.accounting import faults
    from app.money import service as money

    database = Database(get_settings().sqlalchemy_url, pool_size=1)
    try:
        async with database.transaction() as session:
            found = {str(one.attempt_id): one.words for one in await faults(session)}
            for project_id, role in await money.untrue_balances(session):
                of_role = f" of the role {role}" if role else ""
                found[str(project_id)] = f"The kept balances{of_role} are not the sums of the entries."
            return found
    finally:
        await database.close()
