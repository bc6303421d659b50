"""Revisions know their kind, their colour and their size, and scripts are searched by what they say."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "5c1e0f7a2b94"
down_revision = "d418541cb4e7"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.create_index(
        "ix_scripts_text_trigrams",
        "scripts",
        ["text"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"text": "gin_trgm_ops"},
    )
    for name in ("colour", "note", "written_by_name"):
        op.add_column("revisions", sa.Column(name, sa.Text(), server_default="", nullable=False))
    op.add_column("revisions", sa.Column("kind", sa.Text(), server_default="named", nullable=False))
    op.create_check_constraint(op.f("ck_revisions_kind"), "revisions", "kind IN ('named', 'before', 'checkpoint')")
    op.add_column("revisions", sa.Column("written_by", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_revisions_written_by_users"), "revisions", "users", ["written_by"], ["id"])
    for name in ("lines_added", "lines_removed"):
        op.add_column("revisions", sa.Column(name, sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    """Take the change back."""
    for name in ("lines_removed", "lines_added"):
        op.drop_column("revisions", name)
    op.drop_constraint(op.f("fk_revisions_written_by_users"), "revisions", type_="foreignkey")
    op.drop_constraint(op.f("ck_revisions_kind"), "revisions", type_="check")
    for name in ("written_by", "kind", "written_by_name", "note", "colour"):
        op.drop_column("revisions", name)
    op.drop_index("ix_scripts_text_trigrams", table_name="scripts")
    op.execute("DROP EXTENSION IF EXISTS pg_trgm")
