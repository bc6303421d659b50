"""jobs know their turn, their routing and what providers announced"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "a1d2de579173"
down_revision = "caa3b009fce0"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "backend_health",
        sa.Column("backend", sa.Text(), nullable=False),
        sa.Column("faults", sa.Integer(), nullable=False),
        sa.Column("openings", sa.Integer(), nullable=False),
        sa.Column("open_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_fault", sa.Text(), nullable=False),
        sa.Column("last_fault_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_success_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("backend", name=op.f("pk_backend_health")),
    )
    op.create_table(
        "routing_policies",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("policy", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_routing_policies_project_id_projects"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_routing_policies")),
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("backend", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempts.id"], name=op.f("fk_webhook_deliveries_attempt_id_attempts"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_deliveries")),
        sa.UniqueConstraint("backend", "event_id", name=op.f("uq_webhook_deliveries_backend_event_id")),
    )
    op.create_index(op.f("ix_webhook_deliveries_attempt_id"), "webhook_deliveries", ["attempt_id"], unique=False)
    op.create_index(
        op.f("ix_webhook_deliveries_backend_remote_id"), "webhook_deliveries", ["backend", "remote_id"], unique=False
    )
    op.create_index(op.f("ix_attempts_backend_submitted_at"), "attempts", ["backend", "submitted_at"], unique=False)
    op.create_index(
        "ix_attempts_in_flight",
        "attempts",
        ["backend"],
        unique=False,
        postgresql_where=sa.text("state IN ('reserved', 'submitting', 'submitted', 'running')"),
    )
    op.create_index(
        "ix_attempts_remote_id", "attempts", ["backend", sa.literal_column("(handle ->> 'remote_id')")], unique=False
    )
    op.add_column("jobs", sa.Column("priority", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("jobs", sa.Column("routed", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.add_column(
        "jobs",
        sa.Column("routing", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
    )
    op.create_index(
        "ix_jobs_turn",
        "jobs",
        ["backend", "priority", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting' AND reason_code = 'jobs.turn'"),
    )
    op.create_index(
        "ix_jobs_waiting", "jobs", ["backend", "id"], unique=False, postgresql_where=sa.text("state = 'waiting'")
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("ix_jobs_waiting", table_name="jobs", postgresql_where=sa.text("state = 'waiting'"))
    op.drop_index(
        "ix_jobs_turn", table_name="jobs", postgresql_where=sa.text("state = 'waiting' AND reason_code = 'jobs.turn'")
    )
    op.drop_column("jobs", "routing")
    op.drop_column("jobs", "routed")
    op.drop_column("jobs", "priority")
    op.drop_index("ix_attempts_remote_id", table_name="attempts")
    op.drop_index(
        "ix_attempts_in_flight",
        table_name="attempts",
        postgresql_where=sa.text("state IN ('reserved', 'submitting', 'submitted', 'running')"),
    )
    op.drop_index(op.f("ix_attempts_backend_submitted_at"), table_name="attempts")
    op.drop_index(op.f("ix_webhook_deliveries_backend_remote_id"), table_name="webhook_deliveries")
    op.drop_index(op.f("ix_webhook_deliveries_attempt_id"), table_name="webhook_deliveries")
    op.drop_table("webhook_deliveries")
    op.drop_table("routing_policies")
    op.drop_table("backend_health")
