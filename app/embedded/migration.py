"""Bringing the database to the code's revision, with a copy of it kept first."""

from __future__ import annotations

from alembic import command
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from app.core import clock, migrate
from app.core.config import Settings
from app.core.errors import Conflict
from app.embedded.datafolder import DataFolder
from app.embedded.dump import dump_database


async def bring_up_to_date(settings: Settings, folder: DataFolder) -> str:
    """Migrate the database if it is behind and return what was done, or an empty text when nothing was.

    A database that holds something is dumped into ``folder.backups`` first. Raises ``Conflict`` when the database was
    made by a newer program.
    """
    url = settings.sqlalchemy_url
    current, wanted = await migrate.current_revision(url), migrate.wanted_revision()
    if current == wanted:
        return ""
    if current and not knows(current):
        raise Conflict(
            "embedded.newer_database",
            f"The database is at revision {current}, which this version does not know. Use the Reelroom that made it, "
            "or a newer one.",
        )
    done = f"The database was made at revision {wanted}."
    if current:
        folder.backups.mkdir(mode=0o700, parents=True, exist_ok=True)
        copy = folder.backups / f"before-{wanted}-{clock.now():%Y%m%dT%H%M%SZ}.dump"
        await dump_database(settings, copy)
        done = f"The database went from revision {current} to {wanted}; a copy of it is {copy}."
    await migrate.upgrade(url)
    return done


def make_migration(url: str, sentence: str) -> None:
    """Write a migration from the difference between the models and the database at ``url``, which is up to date."""
    command.revision(migrate.alembic_config(url), sentence, autogenerate=True)


def knows(revision: str) -> bool:
    """Return whether this version has the migration ``revision``."""
    try:
        return ScriptDirectory.from_config(migrate.alembic_config("")).get_revision(revision) is not None
    except CommandError:
        return False
