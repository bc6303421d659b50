"""`reelroom backends`: what an operator can do about providers without a browser."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, TypeVar

import typer
from pydantic import SecretStr
from rich.console import Console
from rich.markup import escape
from rich.table import Table

import app.models  # noqa: F401  # every table, because rows refer to one another
from app.accounts.schemas import SYSTEM
from app.backends.registry import make
from app.cli.options import AsJson, Data, chosen, tell
from app.core.config import Settings, get_settings, read_settings
from app.core.db import Database
from app.core.errors import Conflict, Invalid
from app.core.logging import set_up_logging
from app.core.money import Money
from app.embedded import installation
from app.jobs import deliveries
from app.providers import service, showing, trial
from app.providers.api import told
from app.providers.checking import try_connection
from app.providers.registry import LiveRegistry
from app.providers.schemas import AccountInput

T = TypeVar("T")
Work = Callable[[Database, Settings], Awaitable[T]]

backends_app = typer.Typer(help="Look after the accounts at providers.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="Name of the backend.")]


def _within(data: Data, work: Work[T]) -> T:
    """Run ``work`` on the database of a data folder's installation; only what is printed goes to standard output."""
    set_up_logging("ERROR", "console")
    with installation.reached(read_settings(**chosen(data_folder=data)), tell_aside) as found:
        from app.embedded.migration import bring_up_to_date  # Alembic and the models are slow to import

        asyncio.run(bring_up_to_date(found.settings, found.folder))
        return asyncio.run(_with_database(work))


async def _with_database(work: Work[T]) -> T:
    settings = get_settings()
    database = Database(settings.sqlalchemy_url, pool_size=2)
    try:
        return await work(database, settings)
    finally:
        await database.close()


def tell_aside(line: str) -> None:
    """Print a line beside what the command prints."""
    typer.echo(line, err=True)


@backends_app.command("list")
def list_backends(as_json: AsJson = False, data: Data = None) -> None:
    """Print every backend: its kind, its state, its models, its last test. No key is ever printed."""

    async def work(database: Database, settings: Settings) -> list[dict[str, Any]]:
        registry = LiveRegistry(settings, database)
        try:
            await registry.refresh()
            async with database.transaction() as session:
                found = await showing.backends(session, settings, registry)
                return [told(one).model_dump(mode="json") for one in found]
        finally:
            await registry.aclose()

    found = _within(data, work)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        _print(found)


def _print(found: list[dict[str, Any]]) -> None:
    table = Table("Name", "Kind", "State", "Models", "Last test")
    for one in found:
        state = "cannot be used" if one["problem"] else "in use" if one["enabled"] else "disabled"
        offered = sum(not model["why"] for model in one["models"])
        check = one["check"]["words"] if one["check"] else "never"
        table.add_row(*map(escape, (one["name"], one["kind"], state, str(offered), check)))
    console = Console()
    console.print(table)
    for one in found:
        if one["problem"]:
            console.print(f"{one['name']}: {escape(one['problem'])}")


@backends_app.command()
def add(
    name: Name,
    kind: Annotated[str, typer.Option(help="Kind of backend, such as openai_videos.")],
    base_url: Annotated[str, typer.Option(help="Address; else the provider's own.")] = "",
    profile: Annotated[str, typer.Option(help="Variant of the dialect, where the kind has several.")] = "",
    account: Annotated[str, typer.Option(help="A word that backends share which draw on one account.")] = "",
    region: Annotated[str, typer.Option(help="A word of your own, such as cn.")] = "",
    self_hosted: Annotated[bool, typer.Option("--self-hosted", help="The server is your own.")] = False,
    options: Annotated[str, typer.Option(help="What the kind takes besides, as JSON.")] = "{}",
    data: Data = None,
) -> None:
    """Add a backend; its key is set with `reelroom backends set-key`."""
    extra = _options(options) | ({"self_hosted": True} if self_hosted else {})
    given = AccountInput(base_url=base_url, profile=profile, account=account, region=region, options=extra)

    async def work(database: Database, settings: Settings) -> None:
        async with database.transaction() as session:
            await service.add(session, settings, SYSTEM, name, kind, given)

    _within(data, work)
    tell(f"{name} was added. Set its key with `reelroom backends set-key {name}`, if it has one.")


def _options(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Invalid("backends.options", "--options takes a table in JSON, such as '{\"read_timeout_s\": 90}'.")
    return found


@backends_app.command("set-key")
def set_key(
    name: Name,
    webhook_secret: Annotated[
        bool, typer.Option("--webhook-secret", help="Set what signs the provider's deliveries instead.")
    ] = False,
    data: Data = None,
) -> None:
    """Set a backend's key, typed when asked or read from standard input: an argument would stay in the history."""
    field = "webhook_secret" if webhook_secret else "api_key"
    secret = SecretStr(typer.prompt("Key", hide_input=True) if sys.stdin.isatty() else sys.stdin.read())

    async def work(database: Database, settings: Settings) -> None:
        async with database.transaction() as session:
            await service.set_secret(session, settings, SYSTEM, name, field, secret)

    _within(data, work)
    forgotten = not secret.get_secret_value().strip()
    tell(f"It is {'forgotten' if forgotten else 'kept, encrypted'}. Every process follows within seconds.")


@backends_app.command()
def check(
    name: Name,
    spend: Annotated[
        str, typer.Option(help="Buy the cheapest generation, when it costs at most this, as 0.50.", show_default=False)
    ] = "",
    data: Data = None,
) -> None:
    """Ask a provider something harmless; with --spend, buy its cheapest generation and look at the result."""
    if spend:
        _within(data, lambda database, settings: _buy(database, settings, name, _amount(spend)))
        return
    checked = _within(data, lambda database, settings: try_connection(database, settings, name))
    tell(checked.words)
    if checked.passed is False:
        raise typer.Exit(1)


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or amount < 0:
        raise Invalid("backends.spend", "--spend takes an amount, such as 0.50.")
    return amount


async def _buy(database: Database, settings: Settings, name: str, most: Decimal) -> None:
    async with database.transaction() as session:
        config = await service.config(session, settings, name)
    backends, problems = make([config])
    if problems:
        raise Conflict("backends.unusable", f"{name} cannot be used: {problems[0].message}")
    backend = backends[0]
    try:
        off = {edit.model for edit in config.edits if not edit.enabled}
        wish = trial.cheapest(backend, [caps for caps in backend.models() if caps.model not in off])
        size, price = f"{wish.request.width}x{wish.request.height}", wish.cost.high
        tell(f"Cheapest: {wish.caps.model}, {wish.request.duration_s:.1f} s at {size}, up to {price}.")
        if price.micros > Money.of(most, price.currency).micros:
            raise Conflict("backends.too_dear", f"That is more than {most}, so nothing was bought. Say --spend higher.")
        with TemporaryDirectory() as folder:
            await trial.buy(database, backend, wish, Path(folder), tell)
    finally:
        await backend.aclose()
    tell("It works.")


@backends_app.command("rotate-keys")
def rotate_keys(data: Data = None) -> None:
    """Encrypt every stored key with the newest of REELROOM_ENCRYPTION_KEYS, so that older ones can be taken out."""

    async def work(database: Database, settings: Settings) -> tuple[int, list[str]]:
        async with database.transaction() as session:
            return await service.rotate_keys(session, settings, SYSTEM)

    renewed, broken = _within(data, work)
    tell(f"{renewed} {'secret is' if renewed == 1 else 'secrets are'} encrypted with the newest key.")
    if broken:
        raise Conflict(
            "backends.not_rotated",
            f"No configured key opens the secrets of {', '.join(broken)}: add the key they were encrypted with, or set "
            "them again with `reelroom backends set-key`.",
        )


@backends_app.command()
def webhook(name: Name, data: Data = None) -> None:
    """Print the secret address for a provider that announces everything of an account at one place."""

    async def work(database: Database, settings: Settings) -> str | None:
        async with database.transaction() as session:
            await service.config(session, settings, name)
        return deliveries.address(name)

    found = _within(data, work)
    if found is None:
        raise Conflict("backends.not_reachable", "Set REELROOM_PUBLIC_URL to the https address providers can reach.")
    typer.echo(found)
