"""`reelroom relocate`: leave a vendor for another, in all projects or in one."""

from __future__ import annotations

import asyncio
import json as json_module
from typing import Annotated
from uuid import UUID

import typer

import app.models  # noqa: F401  # every table, because rows refer to one another
from app.accounts.schemas import SYSTEM
from app.cli.options import AsJson, Data, chosen, tell
from app.core.config import get_settings, read_settings
from app.core.db import Database
from app.core.money import Money
from app.embedded import installation
from app.jobs import relocation
from app.jobs.relocation import Wanted
from app.jobs.routing_api import PlanOut
from app.providers.registry import LiveRegistry
from app.web.api import Amount

SHOWN = 40


def relocate(
    source: Annotated[str, typer.Option("--from", help="The backend to leave.")],
    target: Annotated[str, typer.Option("--to", help="The backend to go to.")],
    model: Annotated[str, typer.Option(help="One of its models; else the one that loses least, for each shot.")] = "",
    project: Annotated[UUID | None, typer.Option(help="Only this project; else all of them.")] = None,
    failed: Annotated[bool, typer.Option("--failed", help="Take along what failed there technically.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what changes, and move nothing.")] = False,
    data: Data = None,
    json: AsJson = False,
) -> None:
    """Move everything that waits on one backend to another, after showing what changes for each shot."""
    wanted = Wanted(source, target, model, project, failed)
    with installation.reached(read_settings(**chosen(data_folder=data)), _silent if json else tell):
        plan, moved = asyncio.run(_relocate(wanted, dry_run=dry_run))
    if json:
        typer.echo(json_module.dumps({**plan.model_dump(mode="json"), "moved": moved}, ensure_ascii=False, indent=2))
        return
    _show(plan)
    typer.echo("Nothing was moved." if dry_run else f"{moved} jobs were moved to {target}.")


async def _relocate(wanted: Wanted, *, dry_run: bool) -> tuple[PlanOut, int]:
    settings = get_settings()
    database = Database(settings.sqlalchemy_url, pool_size=2)
    registry = await LiveRegistry.open(settings, database)
    try:
        async with database.transaction() as session:
            plan = PlanOut.of(await relocation.plan(session, registry, wanted))
        if dry_run:
            return plan, 0
        async with database.transaction() as session:
            return plan, await relocation.carry_out(session, SYSTEM, registry, wanted, plan.digest)
    finally:
        await registry.aclose()
        await database.close()


def _show(plan: PlanOut) -> None:
    for move in plan.moves[:SHOWN]:
        price = f"{_money(move.before)} → {_money(move.after)}" if move.after else _money(move.before)
        where = move.model or "stays"
        typer.echo(f"{move.shot}  {where}  {price}  {', '.join(move.changes) or 'nothing changes'}")
    if len(plan.moves) > SHOWN:
        typer.echo(f"… and {len(plan.moves) - SHOWN} more; --json lists them all.")
    before, after = (" + ".join(_money(one) for one in side) or "nothing" for side in (plan.before, plan.after))
    typer.echo(f"{plan.possible} can move, {plan.stuck} cannot, {plan.running} run on. At most {before} → {after}.")


def _money(amount: Amount) -> str:
    return str(Money(amount.micros, amount.currency))


def _silent(_line: str) -> None:
    return None
