"""People: users, their sessions and tokens, teams, memberships and invitations."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from app.core.db import Base, Identified, Touched


class User(Identified, Touched, Base):
    """Someone who can sign in; never deleted, so that their notes stay signed."""

    __tablename__ = "users"
    __table_args__ = (Index("uq_users_email", func.lower(text("email")), unique=True),)

    email: Mapped[str]
    name: Mapped[str]
    password_hash: Mapped[str]
    locale: Mapped[str] = mapped_column(default="en")
    time_zone: Mapped[str] = mapped_column(default="UTC")
    theme: Mapped[str] = mapped_column(default="dark")
    colour: Mapped[int] = mapped_column(default=1)
    is_owner: Mapped[bool] = mapped_column(default=False)
    deactivated_at: Mapped[datetime | None]


class UserSession(Identified, Base):
    """A signed-in browser; only the hash of its token is kept."""

    __tablename__ = "user_sessions"
    __table_args__ = (Index(None, "user_id", "ended_at"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    token_hash: Mapped[str] = mapped_column(unique=True)
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    browser: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")


class ApiToken(Identified, Base):
    """A key for programs: hashed, scoped to permissions, expiring."""

    __tablename__ = "api_tokens"
    __table_args__ = (Index(None, "user_id"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Team(Identified, Base):
    """The people who share projects."""

    __tablename__ = "teams"

    name: Mapped[str]


class Membership(Identified, Base):
    """A role of one person, for the whole team or, with a project, for that project alone."""

    __tablename__ = "memberships"
    __table_args__ = (
        Index(None, "user_id"),
        Index(
            "uq_memberships_team_user", "team_id", "user_id", unique=True, postgresql_where=text("project_id IS NULL")
        ),
        Index(
            "uq_memberships_project_user",
            "project_id",
            "user_id",
            unique=True,
            postgresql_where=text("project_id IS NOT NULL"),
        ),
    )

    team_id: Mapped[UUID] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    role: Mapped[str]


class Invitation(Identified, Base):
    """A link that lets one person in, once, until it expires; only its hash is kept."""

    __tablename__ = "invitations"
    __table_args__ = (Index(None, "team_id"),)

    team_id: Mapped[UUID] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"))
    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    role: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    token_hash: Mapped[str] = mapped_column(unique=True)
    invited_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    used_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    revoked_at: Mapped[datetime | None]


class PasswordReset(Identified, Base):
    """A one-time link to a new password, made by an administrator."""

    __tablename__ = "password_resets"
    __table_args__ = (Index(None, "user_id"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    token_hash: Mapped[str] = mapped_column(unique=True)
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
