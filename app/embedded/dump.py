"""Dumping and restoring a database with PostgreSQL's own programs, wherever the database is."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from app.core.config import Settings
from app.core.errors import Conflict
from app.embedded.postgres import find_programs

QUERY_VARIABLES = {"host": "PGHOST", "port": "PGPORT", "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT"}


def libpq_environment(url: str) -> dict[str, str]:
    """Return a database's address as libpq's variables, because a command line would show the password to everybody."""
    parts = urlsplit(url)
    query = {QUERY_VARIABLES[name]: value for name, value in parse_qsl(parts.query) if name in QUERY_VARIABLES}
    given = {
        "PGHOST": parts.hostname or "",
        "PGPORT": str(parts.port or ""),
        "PGUSER": unquote(parts.username or ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGDATABASE": unquote(parts.path.lstrip("/")),
    }
    return {name: value for name, value in {**given, **query}.items() if value}


async def dump_database(settings: Settings, target: Path, *, snapshot: str = "") -> None:
    """Write the database to ``target`` in pg_dump's custom format, as ``snapshot`` sees it.

    Raises ``Conflict`` with pg_dump's words when it fails.
    """
    seen = ("--snapshot", snapshot) if snapshot else ()
    await _run(settings, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", *seen, "--file", str(target))


async def restore_database(settings: Settings, source: Path) -> None:
    """Restore ``source``, all or nothing, into the database, which holds none of its tables.

    Raises ``Conflict`` with pg_restore's words when it fails.
    """
    database = libpq_environment(settings.database_url)["PGDATABASE"]
    await _run(
        settings,
        "pg_restore",
        *("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"),
        *("--dbname", database, str(source)),
    )


async def _run(settings: Settings, program: str, *arguments: str) -> None:
    running = await asyncio.create_subprocess_exec(
        find_programs(settings.postgres_bin) / program,
        *arguments,
        env={**os.environ, **libpq_environment(settings.database_url)},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _out, said = await running.communicate()
    if running.returncode:
        raise Conflict("embedded.dump_failed", f"{program} failed: {said.decode(errors='replace').strip()}")
