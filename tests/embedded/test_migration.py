"""An upgrade: the database is copied before it is touched, and one from a newer version is left alone."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import text

from app.core import migrate
from app.core.errors import Conflict
from app.embedded.datafolder import DataFolder
from app.embedded.migration import bring_up_to_date, knows

NEXT = '''"""a newer version"""

import sqlalchemy as sa
from alembic import op

revision = "feedfacecafe"
down_revision = "{now}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("teams", sa.Column("motto", sa.Text()))


def downgrade() -> None:
    op.drop_column("teams", "motto")
'''


@pytest.fixture
def newer_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Make this a version with one migration more; return the revision before it."""
    now = migrate.wanted_revision()
    home = tmp_path / "newer"
    shutil.copytree(migrate.ROOT / "migrations", home / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(migrate.ROOT / "alembic.ini", home)
    (home / "migrations" / "versions" / "next.py").write_text(NEXT.format(now=now))
    monkeypatch.setattr(migrate, "ROOT", home)
    return now


async def test_nothing_is_done_to_a_database_that_is_up_to_date(settings):
    folder = DataFolder(settings.data_folder)
    assert await bring_up_to_date(settings, folder) == ""
    assert not folder.backups.exists()


async def test_a_copy_is_kept_before_an_upgrade(settings, database, world, services, newer_version):
    folder = DataFolder(settings.data_folder)
    done = await bring_up_to_date(settings, folder)
    (copy,) = folder.backups.iterdir()
    assert str(copy) in done
    async with database.transaction() as session:
        assert (await session.execute(text("select name, motto from teams order by name"))).all() == [
            ("Night Shift", None),
            ("Other House", None),
        ]
    listed = subprocess.run(
        [services.postgres.programs / "pg_restore", "--list", copy], capture_output=True, text=True, check=True
    ).stdout
    assert "TABLE DATA public teams" in listed


async def test_a_database_of_a_newer_version_is_left_alone(settings, database, newer_version, monkeypatch):
    folder = DataFolder(settings.data_folder)
    await bring_up_to_date(settings, folder)
    before = list(folder.backups.iterdir())
    monkeypatch.undo()
    assert not knows("feedfacecafe")
    with pytest.raises(Conflict, match="which this version does not know"):
        await bring_up_to_date(settings, folder)
    assert list(folder.backups.iterdir()) == before
    async with database.transaction() as session:
        assert (await session.execute(text("select motto from teams"))).all() == []
