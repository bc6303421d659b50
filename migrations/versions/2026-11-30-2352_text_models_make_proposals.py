"""text models make proposals"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "38265b67dc4c"
down_revision = "89c5faafde3c"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "proposals",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("episode_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("instruction", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("question", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("applied", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("backend", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("cost_micros", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("error_code", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("asked_by_name", sa.Text(), nullable=False),
        sa.Column("asked_role", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_by_name", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('passage', 'breakdown', 'directions')", name=op.f("ck_proposals_kind")),
        sa.CheckConstraint(
            "state IN ('asking', 'proposed', 'accepted', 'dismissed', 'refused', 'failed')",
            name=op.f("ck_proposals_state"),
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["users.id"], name=op.f("fk_proposals_asked_by_users")),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name=op.f("fk_proposals_decided_by_users")),
        sa.ForeignKeyConstraint(
            ["episode_id"], ["episodes.id"], name=op.f("fk_proposals_episode_id_episodes"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=op.f("fk_proposals_project_id_projects"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
    )
    op.create_index(
        "ix_proposals_due", "proposals", ["due_at"], unique=False, postgresql_where=sa.text("state = 'asking'")
    )
    op.create_index(op.f("ix_proposals_episode_id_id"), "proposals", ["episode_id", "id"], unique=False)
    op.create_index(op.f("ix_proposals_project_id_id"), "proposals", ["project_id", "id"], unique=False)
    op.create_index(op.f("ix_proposals_subject_id_id"), "proposals", ["subject_id", "id"], unique=False)
    op.create_table(
        "proposal_tries",
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("backend", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("cap_micros", sa.BigInteger(), nullable=False),
        sa.Column("actual_micros", sa.BigInteger(), nullable=True),
        sa.Column("rate", sa.Numeric(precision=20, scale=10), nullable=True),
        sa.Column("rate_on", sa.Date(), nullable=True),
        sa.Column("ledger_currency", sa.Text(), nullable=True),
        sa.Column("cap_ledger_micros", sa.BigInteger(), nullable=True),
        sa.Column("actual_ledger_micros", sa.BigInteger(), nullable=True),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("tokens_read", sa.BigInteger(), nullable=False),
        sa.Column("tokens_written", sa.BigInteger(), nullable=False),
        sa.Column("error", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposals.id"], name=op.f("fk_proposal_tries_proposal_id_proposals"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal_tries")),
        sa.UniqueConstraint("proposal_id", "backend", name=op.f("uq_proposal_tries_proposal_id_backend")),
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("proposal_tries")
    op.drop_index(op.f("ix_proposals_subject_id_id"), table_name="proposals")
    op.drop_index(op.f("ix_proposals_project_id_id"), table_name="proposals")
    op.drop_index(op.f("ix_proposals_episode_id_id"), table_name="proposals")
    op.drop_index("ix_proposals_due", table_name="proposals", postgresql_where=sa.text("state = 'asking'"))
    op.drop_table("proposals")
