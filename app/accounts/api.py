"""JSON API of people: oneself, one's tokens, teams, their members and invitations."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field, field_serializer
from sqlalchemy import Row

from app.accounts import service, sessions
from app.accounts.access import AnyActor, Person, TeamAccess, in_team
from app.accounts.models import Membership, User
from app.accounts.permissions import Role
from app.accounts.schemas import Actor
from app.core import clock
from app.core.config import get_settings
from app.web.api import Input, Output, Whole
from app.web.database import Transaction

router = APIRouter(tags=["People"])
Read = Annotated[TeamAccess, in_team("team.read")]
Manage = Annotated[TeamAccess, in_team("team.manage")]


class GrantOut(Output):
    """A role in a team, or in one of its projects only."""

    team_id: UUID
    project_id: UUID | None
    role: str


class MeOut(Output):
    """Whoever asks; ``scopes`` are the permissions of the token, null for a browser."""

    id: UUID
    name: str
    email: str
    locale: str
    time_zone: str
    is_owner: bool
    grants: list[GrantOut]
    scopes: list[str] | None

    @field_serializer("scopes")
    def _in_order(self, scopes: list[str] | None) -> list[str] | None:
        return None if scopes is None else sorted(scopes)


class TokenIn(Input):
    """A new API token."""

    name: str = Field(min_length=1, max_length=80)
    scopes: list[str] = Field(min_length=1, max_length=100, description="Permissions, by name.")
    days: int = Field(default=90, ge=1, le=366, description="For how many days it works.")


class TokenOut(Output):
    """An API token, without its secret."""

    id: UUID
    name: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None


class NewTokenOut(TokenOut):
    """A token just made; its secret is shown this once."""

    secret: str


class TeamOut(Output):
    """A team."""

    id: UUID
    name: str
    created_at: datetime


class MemberOut(Output):
    """A membership; the address is shown to who manages the team."""

    id: UUID
    user_id: UUID
    name: str
    email: str | None
    role: str
    project_id: UUID | None
    created_at: datetime


class RoleIn(Input):
    """Another role."""

    role: Role


class InvitationIn(Input):
    """An invitation to the whole team: a role, and a note on whom it is for."""

    role: Role
    note: str = Field(default="", max_length=120)


class InvitationOut(Output):
    """An open invitation, without its link."""

    id: UUID
    role: str
    note: str
    project_id: UUID | None
    created_at: datetime
    expires_at: datetime


class NewInvitationOut(Output):
    """An invitation just made; its link is shown this once."""

    id: UUID
    link: str


@router.get("/me")
async def me(actor: AnyActor) -> MeOut:
    """Read who one is, and what one may do where."""
    return MeOut.model_validate(actor)


@router.get("/me/tokens")
async def list_tokens(session: Transaction, actor: Person) -> Whole[TokenOut]:
    """List one's own API tokens, newest first, at most 100."""
    return Whole(items=[TokenOut.model_validate(row) for row in await sessions.list_tokens(session, actor)])


@router.post("/me/tokens", status_code=201)
async def make_token(session: Transaction, actor: Person, given: TokenIn) -> NewTokenOut:
    """Make an API token; its secret is shown this once."""
    expires_at = clock.now() + timedelta(days=given.days) - timedelta(minutes=1)
    row, secret = await sessions.make_token(session, actor, name=given.name, scopes=given.scopes, expires_at=expires_at)
    return NewTokenOut(**TokenOut.model_validate(row).model_dump(), secret=secret)


@router.delete("/me/tokens/{token_id}", status_code=204)
async def revoke_token(session: Transaction, actor: Person, token_id: UUID) -> None:
    """Revoke one of one's own tokens at once."""
    await sessions.revoke_token(session, actor, token_id)


@router.get("/teams")
async def list_teams(session: Transaction, actor: AnyActor) -> Whole[TeamOut]:
    """List the teams one belongs to, by name."""
    return Whole(items=[TeamOut.model_validate(row) for row in await service.teams(session, actor)])


@router.get("/teams/{team_id}")
async def get_team(access: Read) -> TeamOut:
    """Read one team."""
    return TeamOut.model_validate(access.team)


@router.get("/teams/{team_id}/members")
async def list_members(session: Transaction, access: Read) -> Whole[MemberOut]:
    """List a team's memberships by name, at most 500; who is in by several projects is there several times."""
    rows = await service.members(session, access.team.id)
    return Whole(items=[_member(row, access.actor) for row in rows])


def _member(row: Row[Membership, User], asker: Actor) -> MemberOut:
    membership, user = row
    manages = asker.may("team.manage", membership.team_id)
    return MemberOut(
        id=membership.id,
        user_id=user.id,
        name=user.name,
        email=user.email if manages else None,
        role=membership.role,
        project_id=membership.project_id,
        created_at=membership.created_at,
    )


@router.patch("/teams/{team_id}/members/{membership_id}", status_code=204)
async def change_role(session: Transaction, access: Manage, membership_id: UUID, given: RoleIn) -> None:
    """Give a member another role; a team keeps at least one administrator."""
    await service.change_role(session, access.actor, access.team.id, membership_id, given.role)


@router.delete("/teams/{team_id}/members/{membership_id}", status_code=204)
async def remove_member(session: Transaction, access: Manage, membership_id: UUID) -> None:
    """Take somebody out of a team; what they wrote and decided stays, signed with their name."""
    await service.remove_member(session, access.actor, access.team.id, membership_id)


@router.get("/teams/{team_id}/invitations")
async def list_invitations(session: Transaction, access: Manage) -> Whole[InvitationOut]:
    """List a team's open invitations, newest first, at most 100."""
    rows = await service.invitations(session, access.team.id)
    return Whole(items=[InvitationOut.model_validate(row) for row in rows])


@router.post("/teams/{team_id}/invitations", status_code=201)
async def invite(session: Transaction, access: Manage, given: InvitationIn) -> NewInvitationOut:
    """Make an invitation link for one person; it is shown this once."""
    made = await service.invite(session, access.actor, access.team.id, role=given.role, note=given.note)
    return NewInvitationOut(id=made.id, link=f"{get_settings().base_url}/invitations/{made.secret}")


@router.delete("/teams/{team_id}/invitations/{invitation_id}", status_code=204)
async def revoke_invitation(session: Transaction, access: Manage, invitation_id: UUID) -> None:
    """Make an invitation link useless."""
    await service.revoke_invitation(session, access.actor, access.team.id, invitation_id)
