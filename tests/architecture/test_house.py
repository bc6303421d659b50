"""The house rules a machine can hold: sizes, imports, migrations without drift, templates that compile."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from jinja2 import Environment
from sqlalchemy import pool
from sqlalchemy.ext.asyncio import create_async_engine

from app.core.migrate import downgrade, upgrade
from app.models import metadata

ROOT = Path(__file__).resolve().parents[2]
LONGEST_FILE, LONGEST_FUNCTION = 400, 40
# A table of data or of words reads best in one piece.
LONGER_FILES = {"migrations/versions/2026-11-25-0200_first_tables.py"}
LONGER_FUNCTIONS: set[str] = set()


def sources() -> list[Path]:
    """Return the Python files the project keeps."""
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split() if not name.startswith("tests/")]


def test_files_are_short():
    long = {
        str(path.relative_to(ROOT)): lines
        for path in sources()
        if path.exists() and (lines := len(path.read_text().splitlines())) > LONGEST_FILE
    }
    assert set(long) - LONGER_FILES == set(), long


def test_functions_are_short():
    long = {}
    for path in sources():
        if not path.exists() or "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                name = f"{path.relative_to(ROOT)}:{node.name}"
                if lines > LONGEST_FUNCTION and name not in LONGER_FUNCTIONS:
                    long[name] = lines
    assert long == {}


def test_the_import_contracts_hold():
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.slow
async def test_migrations_go_up_down_up_and_leave_no_drift(services):
    name = f"migrate_{uuid4().hex[:8]}"
    services.postgres.create_database(name)
    url = services.postgres.url(name).replace("postgresql://", "postgresql+asyncpg://")
    await upgrade(url)
    await downgrade(url, "base")
    await upgrade(url)
    engine = create_async_engine(url, poolclass=pool.NullPool)
    async with engine.connect() as connection:
        drift = await connection.run_sync(
            lambda sync: compare_metadata(MigrationContext.configure(sync, opts={"compare_type": True}), metadata)
        )
    await engine.dispose()
    services.postgres.drop_database(name)
    assert drift == []


def test_every_template_compiles(app):
    environment: Environment = app.state.templates.environment
    names = environment.list_templates(extensions=["html"])
    assert len(names) >= 20
    for name in names:
        environment.get_template(name)
