"""money by rate, role and invoice; a ledger that refuses changes"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "fac5278eace2"
down_revision = "a1d2de579173"
branch_labels = None
depends_on = None

# What was bought before knows its person and its model by its job.
FILL = """
UPDATE ledger_entries AS entry
   SET actor_id = job.wished_by, backend = attempt.backend, model = attempt.model
  FROM attempts AS attempt JOIN jobs AS job ON job.id = attempt.job_id
 WHERE attempt.id = entry.attempt_id
"""

# The only changes a foreign key makes by itself, once the project or the episode is gone, go through.
GUARD = """
CREATE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF NOT EXISTS (SELECT FROM projects WHERE id = OLD.project_id) THEN
      RETURN OLD;
    END IF;
  ELSIF TG_OP = 'UPDATE' THEN
    IF NEW.episode_id IS NULL AND NOT EXISTS (SELECT FROM episodes WHERE id = OLD.episode_id)
       AND to_jsonb(NEW) - 'episode_id' = to_jsonb(OLD) - 'episode_id' THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'The ledger is only ever added to: % is refused. Post a correction.', TG_OP
    USING ERRCODE = 'restrict_violation';
END
$$
"""
TRIGGERS = (
    "CREATE TRIGGER ledger_entries_append_only BEFORE UPDATE OR DELETE ON ledger_entries"
    " FOR EACH ROW EXECUTE FUNCTION refuse_ledger_change()",
    "CREATE TRIGGER ledger_entries_not_emptied BEFORE TRUNCATE ON ledger_entries"
    " FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change()",
)


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "exchange_rates",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("rate", sa.Numeric(precision=20, scale=10), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=True),
        sa.Column("set_by_name", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("base <> quote", name=op.f("ck_exchange_rates_pair")),
        sa.CheckConstraint("rate > 0", name=op.f("ck_exchange_rates_rate")),
        sa.ForeignKeyConstraint(["set_by"], ["users.id"], name=op.f("fk_exchange_rates_set_by_users")),
        sa.ForeignKeyConstraint(
            ["team_id"], ["teams.id"], name=op.f("fk_exchange_rates_team_id_teams"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_rates")),
        sa.UniqueConstraint("team_id", "base", "quote", "on", name=op.f("uq_exchange_rates_team_id_base_quote_on")),
    )
    op.create_table(
        "invoices",
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("backend", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=True),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("reading", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=True),
        sa.Column("uploaded_by_name", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('uploaded', 'matched')", name=op.f("ck_invoices_state")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_invoices_team_id_teams"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["uploaded_by"], ["users.id"], name=op.f("fk_invoices_uploaded_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoices")),
    )
    op.create_index(op.f("ix_invoices_team_id_created_at"), "invoices", ["team_id", "created_at"], unique=False)
    op.create_table(
        "invoice_lines",
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("on", sa.Date(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount_micros", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("booked_micros", sa.BigInteger(), nullable=True),
        sa.Column("booked_currency", sa.Text(), nullable=False),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("corrected_by_name", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('equal', 'different', 'currency', 'open', 'unknown', 'missing')",
            name=op.f("ck_invoice_lines_state"),
        ),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoices.id"], name=op.f("fk_invoice_lines_invoice_id_invoices"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_invoice_lines_project_id_projects"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_lines")),
    )
    op.create_index(
        op.f("ix_invoice_lines_invoice_id_state_id"), "invoice_lines", ["invoice_id", "state", "id"], unique=False
    )
    op.create_index(op.f("ix_invoice_lines_attempt_id"), "invoice_lines", ["attempt_id"], unique=False)
    op.create_table(
        "role_budgets",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("limit_micros", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("limit_micros >= 0", name=op.f("ck_role_budgets_limit")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_role_budgets_project_id_projects"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_budgets")),
        sa.UniqueConstraint("project_id", "role", name=op.f("uq_role_budgets_project_id_role")),
    )
    op.create_table(
        "spending_rules",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("approve_single_micros", sa.BigInteger(), nullable=True),
        sa.Column("approve_batch_micros", sa.BigInteger(), nullable=True),
        sa.Column("lines", sa.ARRAY(sa.Integer()), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("approve_batch_micros >= 0", name=op.f("ck_spending_rules_batch")),
        sa.CheckConstraint("approve_single_micros >= 0", name=op.f("ck_spending_rules_single")),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_spending_rules_project_id_projects"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_spending_rules")),
    )
    op.create_table(
        "line_crossings",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("episode_id", sa.Uuid(), nullable=True),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["episode_id"], ["episodes.id"], name=op.f("fk_line_crossings_episode_id_episodes"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_line_crossings_project_id_projects"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_crossings")),
        sa.UniqueConstraint(
            "project_id",
            "episode_id",
            "percent",
            name=op.f("uq_line_crossings_project_id_episode_id_percent"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.add_column("attempts", sa.Column("rate", sa.Numeric(precision=20, scale=10), nullable=True))
    op.add_column("attempts", sa.Column("rate_on", sa.Date(), nullable=True))
    op.add_column("attempts", sa.Column("ledger_currency", sa.Text(), nullable=True))
    op.add_column("attempts", sa.Column("cap_ledger_micros", sa.BigInteger(), nullable=True))
    op.add_column("attempts", sa.Column("actual_ledger_micros", sa.BigInteger(), nullable=True))
    op.add_column("jobs", sa.Column("wished_role", sa.Text(), server_default="", nullable=False))
    op.add_column("jobs", sa.Column("batch_id", sa.Uuid(), nullable=True))
    op.add_column("jobs", sa.Column("batch_micros", sa.BigInteger(), nullable=True))
    op.add_column("jobs", sa.Column("approved_micros", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_jobs_to_approve",
        "jobs",
        ["project_id", "batch_id"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting' AND reason_code = 'money.approval'"),
    )
    op.add_column("ledger_entries", sa.Column("actor_id", sa.Uuid(), nullable=True))
    op.add_column("ledger_entries", sa.Column("role", sa.Text(), server_default="", nullable=False))
    op.add_column("ledger_entries", sa.Column("backend", sa.Text(), server_default="", nullable=False))
    op.add_column("ledger_entries", sa.Column("model", sa.Text(), server_default="", nullable=False))
    op.add_column("ledger_entries", sa.Column("invoice_line_id", sa.Uuid(), nullable=True))
    op.drop_constraint(op.f("uq_ledger_entries_attempt_id_kind"), "ledger_entries", type_="unique")
    op.create_index("ix_ledger_entries_attempt", "ledger_entries", ["attempt_id"], unique=False)
    op.create_index(
        "uq_ledger_entries_attempt_kind",
        "ledger_entries",
        ["attempt_id", "kind"],
        unique=True,
        postgresql_where=sa.text("kind <> 'correct'"),
    )
    op.create_index("uq_ledger_entries_invoice_line", "ledger_entries", ["invoice_line_id"], unique=True)
    op.create_check_constraint(
        op.f("ck_ledger_entries_correction"), "ledger_entries", "(kind = 'correct') = (invoice_line_id IS NOT NULL)"
    )
    op.execute(FILL)
    op.execute(GUARD)
    for trigger in TRIGGERS:
        op.execute(trigger)


def downgrade() -> None:
    """Take the change back; corrections go, because the code before cannot read them."""
    op.execute("DROP TRIGGER ledger_entries_append_only ON ledger_entries")
    op.execute("DROP TRIGGER ledger_entries_not_emptied ON ledger_entries")
    op.execute("DROP FUNCTION refuse_ledger_change")
    op.execute("DELETE FROM ledger_entries WHERE kind = 'correct'")
    op.drop_constraint(op.f("ck_ledger_entries_correction"), "ledger_entries", type_="check")
    op.drop_index("uq_ledger_entries_invoice_line", table_name="ledger_entries")
    op.drop_index(
        "uq_ledger_entries_attempt_kind", table_name="ledger_entries", postgresql_where=sa.text("kind <> 'correct'")
    )
    op.drop_index("ix_ledger_entries_attempt", table_name="ledger_entries")
    op.create_unique_constraint(
        op.f("uq_ledger_entries_attempt_id_kind"),
        "ledger_entries",
        ["attempt_id", "kind"],
        postgresql_nulls_not_distinct=False,
    )
    op.drop_column("ledger_entries", "invoice_line_id")
    op.drop_column("ledger_entries", "model")
    op.drop_column("ledger_entries", "backend")
    op.drop_column("ledger_entries", "role")
    op.drop_column("ledger_entries", "actor_id")
    op.drop_index(
        "ix_jobs_to_approve",
        table_name="jobs",
        postgresql_where=sa.text("state = 'waiting' AND reason_code = 'money.approval'"),
    )
    op.drop_column("jobs", "approved_micros")
    op.drop_column("jobs", "batch_micros")
    op.drop_column("jobs", "batch_id")
    op.drop_column("jobs", "wished_role")
    op.drop_column("attempts", "actual_ledger_micros")
    op.drop_column("attempts", "cap_ledger_micros")
    op.drop_column("attempts", "ledger_currency")
    op.drop_column("attempts", "rate_on")
    op.drop_column("attempts", "rate")
    op.drop_table("line_crossings")
    op.drop_table("spending_rules")
    op.drop_table("role_budgets")
    op.drop_index(op.f("ix_invoice_lines_attempt_id"), table_name="invoice_lines")
    op.drop_index(op.f("ix_invoice_lines_invoice_id_state_id"), table_name="invoice_lines")
    op.drop_table("invoice_lines")
    op.drop_index(op.f("ix_invoices_team_id_created_at"), table_name="invoices")
    op.drop_table("invoices")
    op.drop_table("exchange_rates")
