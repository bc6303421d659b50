"""Scripts are written in rooms, and whoever listens is told whose access to something changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "d418541cb4e7"
down_revision = "38265b67dc4c"
branch_labels = None
depends_on = None

TELL = """
CREATE FUNCTION tell_access_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('reelroom_access', (CASE WHEN TG_OP = 'DELETE' THEN OLD.user_id ELSE NEW.user_id END)::text);
  RETURN NULL;
END
$$
"""
TELL_OF_A_PERSON = """
CREATE FUNCTION tell_person_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('reelroom_access', NEW.id::text);
  RETURN NULL;
END
$$
"""
# in the database, so that no way to end a session or to change a role can forget it
TRIGGERS = (
    "CREATE TRIGGER sessions_tell AFTER UPDATE OF ended_at OR DELETE ON user_sessions"
    " FOR EACH ROW EXECUTE FUNCTION tell_access_changed()",
    "CREATE TRIGGER tokens_tell AFTER UPDATE OF revoked_at OR DELETE ON api_tokens"
    " FOR EACH ROW EXECUTE FUNCTION tell_access_changed()",
    "CREATE TRIGGER memberships_tell AFTER INSERT OR UPDATE OR DELETE ON memberships"
    " FOR EACH ROW EXECUTE FUNCTION tell_access_changed()",
    "CREATE TRIGGER users_tell AFTER UPDATE OF deactivated_at, is_owner ON users"
    " FOR EACH ROW EXECUTE FUNCTION tell_person_changed()",
)
DROPPED = (
    ("sessions_tell", "user_sessions"),
    ("tokens_tell", "api_tokens"),
    ("memberships_tell", "memberships"),
    ("users_tell", "users"),
)


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "rooms",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("dirty_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rooms")),
        sa.UniqueConstraint("kind", "subject_id", name=op.f("uq_rooms_kind_subject_id")),
        sa.UniqueConstraint("name", name=op.f("uq_rooms_name")),
    )
    op.create_index(
        "ix_rooms_dirty",
        "rooms",
        ["kind", "dirty_since"],
        unique=False,
        postgresql_where=sa.text("dirty_since IS NOT NULL"),
    )
    op.create_table(
        "room_snapshots",
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["room_id"], ["rooms.id"], name=op.f("fk_room_snapshots_room_id_rooms"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("room_id", name=op.f("pk_room_snapshots")),
    )
    op.create_table(
        "room_updates",
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("update", sa.LargeBinary(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_by_name", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["room_id"], ["rooms.id"], name=op.f("fk_room_updates_room_id_rooms"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("room_id", "seq", name=op.f("pk_room_updates")),
    )
    op.add_column("scripts", sa.Column("room_seq", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column(
        "scripts", sa.Column("authorship", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False)
    )
    op.execute(TELL)
    op.execute(TELL_OF_A_PERSON)
    for trigger in TRIGGERS:
        op.execute(trigger)


def downgrade() -> None:
    """Take the change back."""
    for trigger, table in DROPPED:
        op.execute(f"DROP TRIGGER {trigger} ON {table}")
    op.execute("DROP FUNCTION tell_access_changed")
    op.execute("DROP FUNCTION tell_person_changed")
    op.drop_column("scripts", "authorship")
    op.drop_column("scripts", "room_seq")
    op.drop_table("room_updates")
    op.drop_table("room_snapshots")
    op.drop_index("ix_rooms_dirty", table_name="rooms", postgresql_where=sa.text("dirty_since IS NOT NULL"))
    op.drop_table("rooms")
