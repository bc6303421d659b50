"""`reelroom storage`: what is on disk, and freeing what nothing refers to."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from app.accounts.schemas import SYSTEM
from app.boards import upkeep
from app.boards.upkeep import Use
from app.cli.options import Data, chosen, tell
from app.core.config import get_settings, read_settings
from app.core.db import Database
from app.embedded import installation
from app.media.storage import open_storage


def storage(
    collect: Annotated[
        bool, typer.Option("--collect", help="Delete what nothing refers to; without it this is a dry run.")
    ] = False,
    data: Data = None,
) -> None:
    """Say what the media store holds; with --collect, free what nothing refers to."""
    with installation.reached(read_settings(**chosen(data_folder=data)), tell):
        use, freed = asyncio.run(_run(collect))
    for kind, size in sorted(use.bytes.items(), key=lambda item: -item[1]):
        tell(f"{kind:>16}  {use.objects[kind]:>8,} files  {size / 1e6:>10,.1f} MB")
    tell(f"{len(use.garbage):,} files ({use.garbage_bytes / 1e6:,.1f} MB) are referred to by nothing.")
    tell(f"Freed {freed / 1e6:,.1f} MB." if collect else "Nothing was deleted: say --collect to free them.")


async def _run(collect: bool) -> tuple[Use, int]:
    settings = get_settings()
    database, store = Database(settings.sqlalchemy_url, pool_size=1), open_storage(settings.storage_url)
    try:
        async with database.transaction() as session:
            use = await upkeep.measure(session, store)
            freed = await upkeep.collect(session, store, SYSTEM, use.garbage) if collect else 0
            return use, freed
    finally:
        await database.close()
