"""People and teams: the first administrator, invitations, roles, passwords."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts import repository
from app.accounts.models import Invitation, Membership, PasswordReset, Team, User
from app.accounts.permissions import Role
from app.accounts.schemas import Actor, NewLink
from app.audit import service as audit
from app.core import clock
from app.core.db import lock_for_transaction
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.core.i18n import LOCALES, _
from app.core.security import hash_password, new_token, token_hash, verify_password
from app.core.text import clean_line

INVITATION_DAYS = 7
RESET_HOURS = 24
SHORTEST_PASSWORD = 10
COLOURS = 6


async def is_set_up(session: AsyncSession) -> bool:
    """Tell whether the first administrator exists."""
    return await repository.any_user(session)


async def set_up(session: AsyncSession, *, name: str, email: str, password: str, team: str, locale: str) -> User:
    """Make the first administrator and their team, exactly once for an installation."""
    await lock_for_transaction(session, "accounts.set_up")
    if await repository.any_user(session):
        raise Conflict("accounts.already_set_up", _("Reelroom is set up already. Sign in instead."))
    user = await make_user(session, name=name, email=email, password=password, locale=locale)
    user.is_owner = True
    row = await make_team(session, team)
    session.add(Membership(team_id=row.id, user_id=user.id, role=Role.ADMIN))
    return user


async def make_team(session: AsyncSession, name: str) -> Team:
    """Make a team without members."""
    name = clean_line(name, 80)
    if not name:
        raise Invalid("accounts.team_name", _("Give the team a name."), field="team")
    row = Team(name=name)
    session.add(row)
    await session.flush()
    return row


async def make_user(session: AsyncSession, *, name: str, email: str, password: str, locale: str) -> User:
    """Make a person; raises ``Invalid`` for a bad name, address or password and ``Conflict`` for a taken address."""
    name, email = clean_line(name, 80), email.strip()
    if not name:
        raise Invalid("accounts.name", _("Say what people should call you."), field="name")
    local, at, domain = email.partition("@")
    if not (local and at and "." in domain) or len(email) > 254 or any(c.isspace() for c in email):
        raise Invalid(
            "accounts.email", _("That is not an e-mail address. It looks like name@example.com."), field="email"
        )
    check_password(password)
    if await repository.user_by_email(session, email):
        raise Conflict(
            "accounts.email_taken", _("Somebody with this e-mail address exists. Sign in instead."), field="email"
        )
    row = User(
        name=name,
        email=email,
        password_hash=await hash_password(password),
        locale=locale if locale in LOCALES else "en",
        colour=sum(email.encode()) % COLOURS + 1,
    )
    session.add(row)
    await session.flush()
    return row


def check_password(password: str) -> None:
    """Refuse a password that is too short, or longer than anybody types."""
    if not SHORTEST_PASSWORD <= len(password) <= 256:
        message = _("Choose a password of at least %(count)d characters.") % {"count": SHORTEST_PASSWORD}
        raise Invalid("accounts.password", message, field="password")


async def change_password(session: AsyncSession, actor: Actor, *, old: str, new: str) -> None:
    """Change one's own password and end all other sessions."""
    user = await _user(session, actor.id)
    if not await verify_password(user.password_hash, old):
        raise Invalid("accounts.wrong_password", _("The old password is wrong. Nothing was changed."), field="old")
    check_password(new)
    user.password_hash = await hash_password(new)
    await repository.end_sessions(session, user.id, clock.now(), but=actor.session_id)
    _audit(session, actor, "accounts.password_changed", "user", user.id)


async def change_preferences(
    session: AsyncSession, actor: Actor, *, name: str, locale: str, time_zone: str, theme: str
) -> None:
    """Change one's own name, language, time zone and theme."""
    user = await _user(session, actor.id)
    name = clean_line(name, 80)
    if not name:
        raise Invalid("accounts.name", _("Say what people should call you."), field="name")
    user.name = name
    user.locale = locale if locale in LOCALES else user.locale
    user.time_zone = clean_line(time_zone, 64) or "UTC"
    user.theme = theme if theme in ("dark", "light") else user.theme


async def teams(session: AsyncSession, actor: Actor) -> Sequence[Team]:
    """Return the teams an actor belongs to, wholly or by one project."""
    return await repository.teams_of(session, frozenset(grant.team_id for grant in actor.grants))


async def team(session: AsyncSession, actor: Actor, team_id: UUID) -> Team:
    """Return one team the actor belongs to; another team does not exist for them."""
    row = await session.get(Team, team_id)
    if row is None or not (actor.is_system or actor.roles(team_id)):
        raise NotFound("accounts.team_unknown", _("There is no such team, or you are not in it."))
    return row


async def members(session: AsyncSession, team_id: UUID) -> Sequence[Row[Membership, User]]:
    """Return a team's memberships with their people."""
    return await repository.members(session, team_id)


async def invitations(session: AsyncSession, team_id: UUID) -> Sequence[Invitation]:
    """Return a team's open invitations."""
    return await repository.invitations(session, team_id, clock.now())


async def invite(
    session: AsyncSession, actor: Actor, team_id: UUID, *, role: str, note: str = "", project_id: UUID | None = None
) -> NewLink:
    """Make an invitation link for one person; the caller has checked that ``project_id`` belongs to the team."""
    if role not in set(Role):
        raise Invalid("accounts.role_unknown", _("Choose one of the roles."), field="role")
    secret = new_token()
    row = Invitation(
        team_id=team_id,
        project_id=project_id,
        role=role,
        note=clean_line(note, 120),
        token_hash=token_hash(secret),
        invited_by=actor.id,
        expires_at=clock.now() + timedelta(days=INVITATION_DAYS),
    )
    session.add(row)
    await session.flush()
    _audit(session, actor, "accounts.invited", "invitation", row.id, team_id=team_id, role=role)
    return NewLink(row.id, secret)


async def revoke_invitation(session: AsyncSession, actor: Actor, team_id: UUID, invitation_id: UUID) -> None:
    """Make an invitation link useless."""
    row = await session.get(Invitation, invitation_id)
    if row is None or row.team_id != team_id:
        raise NotFound("accounts.invitation_unknown", _("There is no such invitation in this team."))
    row.revoked_at = row.revoked_at or clock.now()
    _audit(session, actor, "accounts.invitation_revoked", "invitation", row.id, team_id=team_id)


async def look_at_invitation(session: AsyncSession, secret: str) -> tuple[Invitation, Team]:
    """Return an open invitation and its team; raises ``NotFound`` with what to do when it no longer works."""
    row = await repository.open_invitation(session, token_hash(secret), clock.now())
    found = await session.get(Team, row.team_id) if row else None
    if row is None or found is None:
        message = _(
            "This invitation was used, withdrawn, or has expired. Ask an administrator of the team for a new one."
        )
        raise NotFound("accounts.invitation_over", message)
    return row, found


async def accept_invitation(session: AsyncSession, secret: str, user_id: UUID) -> Membership:
    """Use an invitation, once, for a person; someone who is in already keeps the better of both memberships apart."""
    invitation, _team = await look_at_invitation(session, secret)
    scope = Membership.project_id == invitation.project_id if invitation.project_id else Membership.project_id.is_(None)
    present = await session.scalar(
        select(Membership).where(Membership.team_id == invitation.team_id, Membership.user_id == user_id, scope)
    )
    if present is not None:
        raise Conflict(
            "accounts.member_already", _("You are in this team already. Ask an administrator to change your role.")
        )
    row = Membership(
        team_id=invitation.team_id, project_id=invitation.project_id, user_id=user_id, role=invitation.role
    )
    invitation.used_at, invitation.used_by = clock.now(), user_id
    session.add(row)
    await session.flush()
    audit.record(
        session,
        "accounts.joined",
        actor_id=user_id,
        actor_name="",
        subject_kind="membership",
        subject_id=row.id,
        team_id=row.team_id,
        role=row.role,
    )
    return row


async def change_role(session: AsyncSession, actor: Actor, team_id: UUID, membership_id: UUID, role: str) -> None:
    """Give a member another role; a team keeps at least one administrator."""
    row = await _membership(session, team_id, membership_id)
    if role not in set(Role):
        raise Invalid("accounts.role_unknown", _("Choose one of the roles."), field="role")
    if role != Role.ADMIN:
        await _keep_an_admin(session, row)
    _audit(session, actor, "accounts.role_changed", "membership", row.id, team_id=team_id, before=row.role, after=role)
    row.role = role


async def remove_member(session: AsyncSession, actor: Actor, team_id: UUID, membership_id: UUID) -> None:
    """Take somebody out of a team; what they wrote and decided stays, signed with their name."""
    row = await _membership(session, team_id, membership_id)
    await _keep_an_admin(session, row)
    _audit(session, actor, "accounts.member_removed", "user", row.user_id, team_id=team_id, role=row.role)
    await session.delete(row)


async def make_reset_link(session: AsyncSession, actor: Actor, team_id: UUID, user_id: UUID) -> NewLink:
    """Make a one-time link with which a member sets a new password.

    An administrator of a team cannot take over the owner of the installation that way.
    """
    memberships = await repository.memberships_of(session, user_id)
    if not any(m.team_id == team_id for m in memberships):
        raise NotFound("accounts.member_unknown", _("There is no such member in this team."))
    user = await _user(session, user_id)
    elsewhere = {m.team_id for m in memberships} - {t for t in actor.team_ids if actor.may("team.manage", t)}
    if (user.is_owner or elsewhere) and not (actor.is_owner or actor.id == user.id):
        message = _(
            "Only the owner of this installation can reset this password: the person belongs to other teams too."
        )
        raise Forbidden("accounts.reset_refused", message)
    return await new_reset_link(session, user, actor, team_id)


async def new_reset_link(session: AsyncSession, user: User, actor: Actor, team_id: UUID | None) -> NewLink:
    """Make the link itself; for the command line, where the operator is trusted."""
    secret = new_token()
    row = PasswordReset(
        user_id=user.id,
        token_hash=token_hash(secret),
        made_by=actor.id,
        expires_at=clock.now() + timedelta(hours=RESET_HOURS),
    )
    session.add(row)
    await session.flush()
    _audit(session, actor, "accounts.reset_link_made", "user", user.id, team_id=team_id)
    return NewLink(row.id, secret)


async def reset_password(session: AsyncSession, secret: str, password: str) -> User:
    """Use a reset link, once: set the password and end every session of its person."""
    row = await repository.open_reset(session, token_hash(secret), clock.now())
    if row is None:
        message = _("This link was used or has expired. Ask an administrator for a new one.")
        raise NotFound("accounts.reset_over", message)
    check_password(password)
    user = await _user(session, row.user_id)
    user.password_hash = await hash_password(password)
    row.used_at = clock.now()
    await repository.end_sessions(session, user.id, clock.now())
    return user


async def colours(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, int]:
    """Return the colour (1 to 6) of each of some people, for whatever they said."""
    return await repository.colours(session, ids) if ids else {}


async def names(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the name of each of some people."""
    return await repository.names(session, ids) if ids else {}


async def user_by_email(session: AsyncSession, email: str) -> User:
    """Return a person by address; for the command line."""
    user = await repository.user_by_email(session, email)
    if user is None:
        raise NotFound("accounts.user_unknown", _("Nobody has the e-mail address %(email)s.") % {"email": email})
    return user


async def _user(session: AsyncSession, user_id: UUID | None) -> User:
    user = await session.get(User, user_id) if user_id else None
    if user is None:
        raise NotFound("accounts.user_unknown_id", _("There is no such person."))
    return user


async def _membership(session: AsyncSession, team_id: UUID, membership_id: UUID) -> Membership:
    row = await session.get(Membership, membership_id, with_for_update=True)
    if row is None or row.team_id != team_id:
        raise NotFound("accounts.member_unknown", _("There is no such member in this team."))
    return row


async def _keep_an_admin(session: AsyncSession, row: Membership) -> None:
    if row.role != Role.ADMIN or row.project_id is not None:
        return
    await lock_for_transaction(session, f"accounts.admins.{row.team_id}")
    if not await repository.other_admins(session, row.team_id, row.id):
        message = _("This is the team's last administrator. Make somebody else an administrator first.")
        raise Conflict("accounts.last_admin", message)


def _audit(
    session: AsyncSession,
    actor: Actor,
    action: str,
    kind: str,
    subject_id: UUID,
    *,
    team_id: UUID | None = None,
    **facts: Any,
) -> None:
    audit.record(
        session,
        action,
        actor_id=actor.id,
        actor_name=actor.name,
        subject_kind=kind,
        subject_id=subject_id,
        team_id=team_id,
        **facts,
    )
