"""Queries about people; private to this domain."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.models import ApiToken, Invitation, Membership, PasswordReset, Team, User, UserSession


async def user_by_email(session: AsyncSession, email: str) -> User | None:
    """Return the person with this address, in any letter case."""
    found: User | None = await session.scalar(select(User).where(func.lower(User.email) == email.strip().lower()))
    return found


async def any_user(session: AsyncSession) -> bool:
    """Tell whether anybody exists yet."""
    return (await session.scalar(select(User.id).limit(1))) is not None


async def colours(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, int]:
    """Return the colours of some people."""
    rows = (await session.execute(select(User.id, User.colour).where(User.id.in_(ids)))).all()
    return {row[0]: row[1] for row in rows}


async def names(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the names of some people."""
    rows = (await session.execute(select(User.id, User.name).where(User.id.in_(ids)))).all()
    return {row[0]: row[1] for row in rows}


async def memberships_of(session: AsyncSession, user_id: UUID) -> Sequence[Membership]:
    """Return every membership of one person."""
    return (await session.scalars(select(Membership).where(Membership.user_id == user_id))).all()


async def live_session(session: AsyncSession, hashed: str, now: datetime) -> tuple[UserSession, User] | None:
    """Return an open session and its active person."""
    row = (
        await session.execute(
            select(UserSession, User)
            .join(User, User.id == UserSession.user_id)
            .where(
                UserSession.token_hash == hashed,
                UserSession.ended_at.is_(None),
                UserSession.expires_at > now,
                User.deactivated_at.is_(None),
            )
        )
    ).first()
    return (row[0], row[1]) if row else None


async def live_token(session: AsyncSession, hashed: str, now: datetime) -> tuple[ApiToken, User] | None:
    """Return a valid API token and its active person."""
    row = (
        await session.execute(
            select(ApiToken, User)
            .join(User, User.id == ApiToken.user_id)
            .where(
                ApiToken.token_hash == hashed,
                ApiToken.revoked_at.is_(None),
                ApiToken.expires_at > now,
                User.deactivated_at.is_(None),
            )
        )
    ).first()
    return (row[0], row[1]) if row else None


async def sessions_of(session: AsyncSession, user_id: UUID, now: datetime) -> Sequence[UserSession]:
    """Return the open sessions of one person, newest first."""
    query = (
        select(UserSession)
        .where(UserSession.user_id == user_id, UserSession.ended_at.is_(None), UserSession.expires_at > now)
        .order_by(UserSession.seen_at.desc())
        .limit(100)
    )
    return (await session.scalars(query)).all()


async def end_sessions(session: AsyncSession, user_id: UUID, now: datetime, *, but: UUID | None = None) -> None:
    """End all sessions of one person, keeping ``but``."""
    query = update(UserSession).where(UserSession.user_id == user_id, UserSession.ended_at.is_(None))
    if but is not None:
        query = query.where(UserSession.id != but)
    await session.execute(query.values(ended_at=now))


async def tokens_of(session: AsyncSession, user_id: UUID) -> Sequence[ApiToken]:
    """Return a person's tokens that were not revoked, newest first."""
    query = (
        select(ApiToken)
        .where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))
        .order_by(ApiToken.created_at.desc())
        .limit(100)
    )
    return (await session.scalars(query)).all()


async def open_invitation(session: AsyncSession, hashed: str, now: datetime) -> Invitation | None:
    """Return an invitation that still lets someone in, locked for use."""
    found: Invitation | None = await session.scalar(
        select(Invitation)
        .where(
            Invitation.token_hash == hashed,
            Invitation.used_at.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.expires_at > now,
        )
        .with_for_update()
    )
    return found


async def open_reset(session: AsyncSession, hashed: str, now: datetime) -> PasswordReset | None:
    """Return a reset link that was not used, locked for use."""
    found: PasswordReset | None = await session.scalar(
        select(PasswordReset)
        .where(PasswordReset.token_hash == hashed, PasswordReset.used_at.is_(None), PasswordReset.expires_at > now)
        .with_for_update()
    )
    return found


async def members(session: AsyncSession, team_id: UUID) -> Sequence[Row[Membership, User]]:
    """Return a team's memberships with their people, by name."""
    query = (
        select(Membership, User)
        .join(User, User.id == Membership.user_id)
        .where(Membership.team_id == team_id)
        .order_by(func.lower(User.name), Membership.created_at)
        .limit(500)
    )
    return (await session.execute(query)).all()


async def invitations(session: AsyncSession, team_id: UUID, now: datetime) -> Sequence[Invitation]:
    """Return a team's open invitations, newest first."""
    query = (
        select(Invitation)
        .where(
            Invitation.team_id == team_id,
            Invitation.used_at.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.expires_at > now,
        )
        .order_by(Invitation.created_at.desc())
        .limit(100)
    )
    return (await session.scalars(query)).all()


async def teams_of(session: AsyncSession, team_ids: frozenset[UUID]) -> Sequence[Team]:
    """Return teams by id, by name."""
    return (await session.scalars(select(Team).where(Team.id.in_(team_ids)).order_by(func.lower(Team.name)))).all()


async def other_admins(session: AsyncSession, team_id: UUID, membership_id: UUID) -> int:
    """Count the team-wide administrators of a team besides one membership."""
    count = await session.scalar(
        select(func.count())
        .select_from(Membership)
        .where(
            Membership.team_id == team_id,
            Membership.role == "admin",
            Membership.project_id.is_(None),
            Membership.id != membership_id,
        )
    )
    return count or 0
