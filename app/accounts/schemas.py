"""Plain data about people."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from app.accounts.permissions import allows


@dataclass(frozen=True, slots=True)
class Grant:
    """One membership: a role in a team, or in one of its projects only."""

    team_id: UUID
    project_id: UUID | None
    role: str


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever acts: a person with their grants, a program with a person's token, or the system itself.

    ``scopes`` limits a token to some permissions; None means no limit.
    """

    id: UUID | None
    name: str
    email: str = ""
    locale: str = "en"
    time_zone: str = "UTC"
    theme: str = "dark"
    colour: int = 1
    is_owner: bool = False
    is_system: bool = False
    grants: tuple[Grant, ...] = ()
    scopes: frozenset[str] | None = None
    session_id: UUID | None = None

    def roles(self, team_id: UUID, project_id: UUID | None = None) -> frozenset[str]:
        """Return the roles held in a team, and in one of its projects when that is given."""
        return frozenset(
            grant.role
            for grant in self.grants
            if grant.team_id == team_id
            and (grant.project_id is None or (project_id is not None and grant.project_id == project_id))
        )

    def role_in(self, team_id: UUID, project_id: UUID) -> str:
        """Return the one role that counts in a project: that of the membership nearest to it; "" for none."""
        near = sorted(
            (grant.project_id is None, grant.role)
            for grant in self.grants
            if grant.team_id == team_id and grant.project_id in (None, project_id)
        )
        return near[0][1] if near else ""

    def may(self, permission: str, team_id: UUID, project_id: UUID | None = None) -> bool:
        """Tell whether this actor has a permission there."""
        if self.is_system:
            return True
        if self.scopes is not None and permission not in self.scopes:
            return False
        return any(allows(role, permission) for role in self.roles(team_id, project_id))

    @property
    def team_ids(self) -> frozenset[UUID]:
        """Teams this actor belongs to as a whole."""
        return frozenset(grant.team_id for grant in self.grants if grant.project_id is None)

    @property
    def project_ids(self) -> frozenset[UUID]:
        """Projects this actor was invited to one by one."""
        return frozenset(grant.project_id for grant in self.grants if grant.project_id is not None)


SYSTEM = Actor(id=None, name="Reelroom", is_system=True)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh session: its secret (for the cookie, never stored) and its person."""

    secret: str
    actor: Actor


@dataclass(frozen=True, slots=True)
class NewLink:
    """A one-time link just made: its id and its secret, shown once."""

    id: UUID
    secret: str = field(repr=False)
