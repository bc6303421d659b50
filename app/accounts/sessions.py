"""Who is acting: sign-in, sessions, API tokens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import repository
from app.accounts.models import ApiToken, Membership, User, UserSession
from app.accounts.permissions import PERMISSIONS
from app.accounts.schemas import Actor, Grant, SignedIn
from app.audit import service as audit
from app.core import clock
from app.core.config import get_settings
from app.core.errors import Invalid, NotFound
from app.core.i18n import _
from app.core.security import new_token, token_hash, verify_password
from app.core.text import clean_line

SEEN_EVERY = timedelta(minutes=5)


def actor_of(
    user: User,
    memberships: Sequence[Membership],
    *,
    session_id: UUID | None = None,
    scopes: frozenset[str] | None = None,
) -> Actor:
    """Return the actor a person is, with all their grants."""
    grants = tuple(Grant(m.team_id, m.project_id, m.role) for m in memberships)
    return Actor(
        id=user.id,
        name=user.name,
        email=user.email,
        locale=user.locale,
        time_zone=user.time_zone,
        theme=user.theme,
        colour=user.colour,
        is_owner=user.is_owner,
        grants=grants,
        session_id=session_id,
        scopes=scopes,
    )


async def sign_in(session: AsyncSession, email: str, password: str, *, browser: str, address: str) -> SignedIn:
    """Open a session; raises ``Invalid`` without telling whether the address or the password was wrong."""
    user = await repository.user_by_email(session, email)
    usable = user is not None and user.deactivated_at is None
    right = await verify_password(user.password_hash if user and usable else None, password)
    if user is None or not usable or not right:
        raise Invalid("accounts.wrong_credentials", _("The e-mail address or the password is wrong. Try again."))
    return await open_session(session, user, browser=browser, address=address)


async def open_session(session: AsyncSession, user: User, *, browser: str, address: str) -> SignedIn:
    """Open a session for a person already proven."""
    secret, now = new_token(), clock.now()
    row = UserSession(
        user_id=user.id,
        token_hash=token_hash(secret),
        seen_at=now,
        expires_at=now + timedelta(days=get_settings().session_days),
        browser=clean_line(browser, 200),
        address=address[:64],
    )
    session.add(row)
    await session.flush()
    memberships = await repository.memberships_of(session, user.id)
    return SignedIn(secret, actor_of(user, memberships, session_id=row.id))


async def actor_by_session(session: AsyncSession, secret: str) -> Actor | None:
    """Return whoever owns an open session, and keep the session alive while it is used."""
    now = clock.now()
    found = await repository.live_session(session, token_hash(secret), now)
    if found is None:
        return None
    row, user = found
    if now - row.seen_at > SEEN_EVERY:
        row.seen_at = now
        row.expires_at = now + timedelta(days=get_settings().session_days)
    return actor_of(user, await repository.memberships_of(session, user.id), session_id=row.id)


async def actor_by_token(session: AsyncSession, secret: str) -> Actor | None:
    """Return whoever an API token stands for, limited to the token's scopes."""
    now = clock.now()
    found = await repository.live_token(session, token_hash(secret), now)
    if found is None:
        return None
    row, user = found
    if row.used_at is None or now - row.used_at > SEEN_EVERY:
        row.used_at = now
    return actor_of(user, await repository.memberships_of(session, user.id), scopes=frozenset(row.scopes))


async def list_sessions(session: AsyncSession, actor: Actor) -> Sequence[UserSession]:
    """Return one's own open sessions."""
    return await repository.sessions_of(session, _person(actor), clock.now())


async def end_session(session: AsyncSession, actor: Actor, session_id: UUID) -> None:
    """End one of one's own sessions; ending it twice is harmless."""
    row = await session.get(UserSession, session_id)
    if row is None or row.user_id != actor.id:
        raise NotFound("accounts.session_unknown", _("There is no such session. It may have ended already."))
    row.ended_at = row.ended_at or clock.now()


async def end_other_sessions(session: AsyncSession, actor: Actor) -> None:
    """End all one's sessions but this one."""
    await repository.end_sessions(session, _person(actor), clock.now(), but=actor.session_id)


async def list_tokens(session: AsyncSession, actor: Actor) -> Sequence[ApiToken]:
    """Return one's own tokens."""
    return await repository.tokens_of(session, _person(actor))


async def make_token(
    session: AsyncSession, actor: Actor, *, name: str, scopes: Sequence[str], expires_at: datetime
) -> tuple[ApiToken, str]:
    """Make an API token; its secret is returned once and never stored."""
    name = clean_line(name, 80)
    unknown = sorted(set(scopes) - set(PERMISSIONS))
    if not name:
        raise Invalid("accounts.token_name", _("Give the token a name, so that you know it again."), field="name")
    if unknown or not scopes:
        message = _("Choose at least one permission for the token, from the list.")
        raise Invalid("accounts.token_scopes", message, field="scopes", unknown=unknown)
    if not clock.now() < expires_at <= clock.now() + timedelta(days=366):
        message = _("Choose an expiry between now and one year from now.")
        raise Invalid("accounts.token_expiry", message, field="expires_at")
    secret = "reel_" + new_token()
    row = ApiToken(
        user_id=_person(actor),
        name=name,
        token_hash=token_hash(secret),
        scopes=sorted(set(scopes)),
        expires_at=expires_at,
    )
    session.add(row)
    await session.flush()
    _audit(session, actor, "accounts.token_made", row.id, name=name)
    return row, secret


async def revoke_token(session: AsyncSession, actor: Actor, token_id: UUID) -> None:
    """Revoke one of one's own tokens at once."""
    row = await session.get(ApiToken, token_id)
    if row is None or row.user_id != actor.id:
        raise NotFound("accounts.token_unknown", _("There is no such token."))
    row.revoked_at = row.revoked_at or clock.now()
    _audit(session, actor, "accounts.token_revoked", row.id, name=row.name)


def _person(actor: Actor) -> UUID:
    if actor.id is None:
        raise NotFound("accounts.nobody", _("Only a person has an account."))
    return actor.id


def _audit(session: AsyncSession, actor: Actor, action: str, subject_id: UUID, **facts: Any) -> None:
    audit.record(
        session, action, actor_id=actor.id, actor_name=actor.name, subject_kind="token", subject_id=subject_id, **facts
    )
