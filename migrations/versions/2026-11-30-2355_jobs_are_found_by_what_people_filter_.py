"""Jobs are found by what people filter, and looks at a provider are counted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "89c5faafde3c"
down_revision = "332fd2d36a44"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    op.add_column("attempts", sa.Column("looks", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("attempts", sa.Column("first_look_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("attempts", sa.Column("last_look_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_jobs_episode_id_id"), "jobs", ["episode_id", "id"], unique=False)
    op.create_index(
        "ix_jobs_facets",
        "jobs",
        ["project_id", "episode_id", "state", "backend", "wished_by"],
        unique=False,
        postgresql_include=["wished_by_name"],
    )
    op.create_index(op.f("ix_jobs_project_id_id"), "jobs", ["project_id", "id"], unique=False)
    op.create_index(op.f("ix_jobs_project_id_state_id"), "jobs", ["project_id", "state", "id"], unique=False)
    op.create_index(
        "ix_jobs_unknown", "jobs", ["project_id", "id"], unique=False, postgresql_where=sa.text("state = 'unknown'")
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_index("ix_jobs_unknown", table_name="jobs", postgresql_where=sa.text("state = 'unknown'"))
    op.drop_index(op.f("ix_jobs_project_id_state_id"), table_name="jobs")
    op.drop_index(op.f("ix_jobs_project_id_id"), table_name="jobs")
    op.drop_index("ix_jobs_facets", table_name="jobs", postgresql_include=["wished_by_name"])
    op.drop_index(op.f("ix_jobs_episode_id_id"), table_name="jobs")
    op.drop_column("attempts", "last_look_at")
    op.drop_column("attempts", "first_look_at")
    op.drop_column("attempts", "looks")
