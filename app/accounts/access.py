"""Who asks, and what a route demands: every route declares one permission through these dependencies."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request

from app.accounts import service, sessions
from app.accounts.models import Team
from app.accounts.permissions import OWNER, PERMISSIONS, PUBLIC, SIGNED_IN
from app.accounts.schemas import Actor
from app.core.config import get_settings
from app.core.errors import Forbidden, Unauthenticated
from app.core.i18n import _
from app.web.database import Transaction
from app.web.i18n import adopt


def cookie_name() -> str:
    """Return the session cookie's name: with the ``__Host-`` prefix where cookies go over TLS only."""
    return "__Host-reelroom" if get_settings().cookies_are_secure else "reelroom"


async def find_actor(request: Request, session: Transaction) -> Actor | None:
    """Return whoever sent this request, by API token or session cookie; None for a stranger."""
    scheme, _space, secret = request.headers.get("authorization", "").partition(" ")
    actor: Actor | None = None
    if scheme.lower() == "bearer" and secret:
        actor = await sessions.actor_by_token(session, secret.strip())
    elif cookie := request.cookies.get(cookie_name()):
        actor = await sessions.actor_by_session(session, cookie)
    request.state.actor = actor
    if actor is not None:
        adopt(request, actor.locale)
    return actor


MaybeActor = Annotated[Actor | None, Depends(find_actor)]


def require_actor(actor: Actor | None) -> Actor:
    """Return the actor, or raise ``Unauthenticated``."""
    if actor is None:
        raise Unauthenticated("accounts.sign_in", _("Sign in to go on."))
    return actor


def demand(actor: Actor, permission: str, team_id: UUID, project_id: UUID | None = None) -> None:
    """Raise ``Forbidden``, naming who may, when the actor lacks a permission."""
    if not actor.may(permission, team_id, project_id):
        roles = ", ".join(sorted(PERMISSIONS[permission]))
        message = _("Your role does not allow this. It takes one of: %(roles)s. Ask an administrator of the team.")
        raise Forbidden("accounts.not_allowed", message % {"roles": roles}, permission=permission)


class Public:
    """A route anybody may call."""

    permission = next(iter(PUBLIC))

    async def __call__(self, actor: MaybeActor) -> Actor | None:
        """Return the actor if there is one."""
        return actor


class SignedLink:
    """A route whose address itself is the permission: it carries a signature bound to the session."""

    permission = next(iter(PUBLIC))

    async def __call__(self) -> None:
        """Let the route verify the signature; nothing else is asked."""


class Personal:
    """A route for anybody signed in, about themselves; API tokens are refused."""

    permission = next(iter(SIGNED_IN))

    async def __call__(self, actor: MaybeActor) -> Actor:
        """Return the signed-in person."""
        person = require_actor(actor)
        if person.scopes is not None:
            raise Forbidden("accounts.token_not_enough", _("An API token cannot do this. Sign in with a browser."))
        return person


class Anyone:
    """A route for anybody signed in that shows only what they may see."""

    permission = "projects.read"

    async def __call__(self, actor: MaybeActor) -> Actor:
        """Return the actor, when its token may read projects."""
        person = require_actor(actor)
        if person.scopes is not None and self.permission not in person.scopes:
            raise Forbidden("accounts.token_not_enough", _("This API token does not allow reading projects."))
        return person


class Owner:
    """A route for the owner of the installation."""

    permission = next(iter(OWNER))

    async def __call__(self, actor: MaybeActor) -> Actor:
        """Return the owner."""
        person = require_actor(actor)
        if not person.is_owner or person.scopes is not None:
            raise Forbidden("accounts.owner_only", _("Only the owner of this installation can do this."))
        return person


class TeamAccess:
    """What a route under a team gets: the actor and the team."""

    __slots__ = ("actor", "team")

    def __init__(self, actor: Actor, team: Team) -> None:
        self.actor = actor
        self.team = team


class TeamPermission:
    """A route under ``/teams/{team_id}`` that demands a permission there."""

    def __init__(self, permission: str) -> None:
        if permission not in PERMISSIONS:
            raise ValueError(f"There is no permission {permission}.")
        self.permission = permission

    async def __call__(self, team_id: UUID, actor: MaybeActor, session: Transaction) -> TeamAccess:
        """Return actor and team; a stranger's team does not exist."""
        person = require_actor(actor)
        team = await service.team(session, person, team_id)
        demand(person, self.permission, team.id)
        return TeamAccess(person, team)


def in_team(permission: str) -> Any:
    """Declare the permission of a route under a team."""
    return Depends(TeamPermission(permission))


PublicActor = Annotated[Actor | None, Depends(Public())]
Person = Annotated[Actor, Depends(Personal())]
AnyActor = Annotated[Actor, Depends(Anyone())]
OwnerActor = Annotated[Actor, Depends(Owner())]
