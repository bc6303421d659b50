"""Ledger balances are kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "b7d2c41f9e06"
down_revision = "85a3986e9981"
branch_labels = None
depends_on = None

NOWHERE = "'00000000-0000-0000-0000-000000000000'"
SUMS = f"""
  SELECT project_id, coalesce(episode_id, {NOWHERE}::uuid), role,
         coalesce(sum(amount_micros) FILTER (WHERE target = 'reserved'), 0)
           - coalesce(sum(amount_micros) FILTER (WHERE source = 'reserved'), 0),
         coalesce(sum(amount_micros) FILTER (WHERE target = 'spent'), 0)
           - coalesce(sum(amount_micros) FILTER (WHERE source = 'spent'), 0)
  FROM %s GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""  # noqa: S608  # constants of this file
FUNCTION = f"""
CREATE FUNCTION keep_ledger_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO ledger_balances AS kept (project_id, episode_id, role, reserved_micros, spent_micros)
  {SUMS % "added"}
  ON CONFLICT (project_id, episode_id, role) DO UPDATE
    SET reserved_micros = kept.reserved_micros + excluded.reserved_micros,
        spent_micros = kept.spent_micros + excluded.spent_micros;
  RETURN NULL;
END
$$
"""  # noqa: S608
TRIGGER = (
    "CREATE TRIGGER ledger_entries_balance AFTER INSERT ON ledger_entries"
    " REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION keep_ledger_balances()"
)


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "ledger_balances",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("reserved_micros", sa.BigInteger(), nullable=False),
        sa.Column("spent_micros", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_ledger_balances_project_id_projects"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "episode_id", "role", name=op.f("pk_ledger_balances")),
    )
    # nothing comes between the sums and the trigger
    op.execute("LOCK TABLE ledger_entries IN SHARE ROW EXCLUSIVE MODE")
    op.execute(f"INSERT INTO ledger_balances {SUMS % 'ledger_entries'}")
    op.execute(FUNCTION)
    op.execute(TRIGGER)


def downgrade() -> None:
    """Take the change back."""
    op.execute("DROP TRIGGER ledger_entries_balance ON ledger_entries")
    op.execute("DROP FUNCTION keep_ledger_balances()")
    op.drop_table("ledger_balances")
