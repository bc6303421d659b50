"""`reelroom user`: what an operator can do for people without a browser."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer
from sqlalchemy.ext.asyncio import AsyncSession

import app.models  # noqa: F401  # every table, because rows refer to one another
from app.accounts import service
from app.accounts.schemas import SYSTEM
from app.cli.options import Data, chosen, tell
from app.core.config import get_settings, read_settings
from app.core.db import Database
from app.embedded import installation

T = TypeVar("T")

user_app = typer.Typer(help="Look after people from the command line.", no_args_is_help=True)


def _within(data: Data, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
    """Run ``work`` in one transaction on the installation of a data folder."""
    with installation.reached(read_settings(**chosen(data_folder=data)), tell) as found:
        from app.embedded.migration import bring_up_to_date  # Alembic and the models are slow to import

        asyncio.run(bring_up_to_date(found.settings, found.folder))
        return asyncio.run(_transaction(work))


async def _transaction(work: Callable[[AsyncSession], Awaitable[T]]) -> T:
    database = Database(get_settings().sqlalchemy_url, pool_size=1)
    try:
        async with database.transaction() as session:
            return await work(session)
    finally:
        await database.close()


@user_app.command()
def owner(
    email: Annotated[str, typer.Option(prompt=True, help="E-mail address.")],
    name: Annotated[str, typer.Option(prompt=True, help="What people call them.")],
    team: Annotated[str, typer.Option(help="Name of their team.")] = "Team",
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)] = "",
    data: Data = None,
) -> None:
    """Make the first administrator of a fresh installation."""

    async def work(session: AsyncSession) -> None:
        await service.set_up(session, name=name, email=email, password=password, team=team, locale="en")

    _within(data, work)
    tell(f"{name} is the owner of this installation. They sign in with {email}.")


@user_app.command("password-link")
def password_link(
    email: Annotated[str, typer.Argument(help="E-mail address of the person.")], data: Data = None
) -> None:
    """Print a one-time link with which somebody sets a new password."""

    async def work(session: AsyncSession) -> str:
        user = await service.user_by_email(session, email)
        return (await service.new_reset_link(session, user, SYSTEM, None)).secret

    secret = _within(data, work)
    tell(f"{read_settings(**chosen(data_folder=data)).base_url}/password/{secret}")
    tell("It works once, within 24 hours.")
