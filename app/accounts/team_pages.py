"""Pages of a team: members, roles, invitations, one-time password links, the audit trail."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from app.accounts import service
from app.accounts.access import Person, TeamAccess, in_team
from app.accounts.forms import InviteForm, RoleForm
from app.accounts.permissions import Role
from app.accounts.words import HELPERS
from app.audit import service as audit
from app.core.config import get_settings
from app.core.errors import Invalid
from app.web.database import Transaction
from app.web.forms import Form, blank_form, read_form
from app.web.templating import render

router = APIRouter()
AUDIT_PAGE = 100


@router.get("/team")
async def my_team(session: Transaction, actor: Person) -> Response:
    """Send a person to the first of their teams."""
    teams = await service.teams(session, actor)
    return RedirectResponse(f"/teams/{teams[0].id}" if teams else "/", 303)


async def _team(
    request: Request,
    session: Transaction,
    access: TeamAccess,
    *,
    status: int = 200,
    form: Form[Any] | None = None,
    link: str = "",
    link_for: str = "",
) -> Response:
    manages = access.actor.may("team.manage", access.team.id)
    return render(
        request,
        "accounts/team.html",
        status=status,
        team=access.team,
        teams=await service.teams(session, access.actor),
        members=await service.members(session, access.team.id),
        invitations=await service.invitations(session, access.team.id) if manages else [],
        manages=manages,
        roles=[role.value for role in Role],
        form=form or blank_form({"role": "director"}),
        link=link,
        link_for=link_for,
        **HELPERS,
    )


@router.get("/teams/{team_id}")
async def team_page(
    request: Request, session: Transaction, access: Annotated[TeamAccess, in_team("team.read")]
) -> Response:
    """Show who is in the team."""
    return await _team(request, session, access)


@router.post("/teams/{team_id}/invitations")
async def invite(
    request: Request, session: Transaction, access: Annotated[TeamAccess, in_team("team.manage")]
) -> Response:
    """Make an invitation link and show it, this once."""
    form = await read_form(request, InviteForm)
    if not form.ok:
        return await _team(request, session, access, status=422, form=form)
    made = await service.invite(session, access.actor, access.team.id, role=form.value.role, note=form.value.note)
    link = f"{get_settings().base_url}/invitations/{made.secret}"
    return await _team(request, session, access, link=link, link_for=form.value.note or form.value.role)


@router.post("/teams/{team_id}/invitations/{invitation_id}/revoke")
async def revoke(
    session: Transaction, access: Annotated[TeamAccess, in_team("team.manage")], invitation_id: UUID
) -> Response:
    """Make an invitation link useless."""
    await service.revoke_invitation(session, access.actor, access.team.id, invitation_id)
    return RedirectResponse(f"/teams/{access.team.id}", 303)


@router.post("/teams/{team_id}/members/{membership_id}/role")
async def change_role(
    request: Request,
    session: Transaction,
    access: Annotated[TeamAccess, in_team("team.manage")],
    membership_id: UUID,
) -> Response:
    """Give a member another role."""
    form = await read_form(request, RoleForm)
    if not form.ok:
        raise Invalid("accounts.role_unknown", next(iter(form.errors.values())), field="role")
    await service.change_role(session, access.actor, access.team.id, membership_id, form.value.role)
    return RedirectResponse(f"/teams/{access.team.id}", 303)


@router.post("/teams/{team_id}/members/{membership_id}/remove")
async def remove(
    session: Transaction, access: Annotated[TeamAccess, in_team("team.manage")], membership_id: UUID
) -> Response:
    """Take somebody out of the team."""
    await service.remove_member(session, access.actor, access.team.id, membership_id)
    return RedirectResponse(f"/teams/{access.team.id}", 303)


@router.post("/teams/{team_id}/people/{user_id}/password-link")
async def password_link(
    request: Request, session: Transaction, access: Annotated[TeamAccess, in_team("team.manage")], user_id: UUID
) -> Response:
    """Make a one-time password link for a member and show it, this once."""
    made = await service.make_reset_link(session, access.actor, access.team.id, user_id)
    return await _team(request, session, access, link=f"{get_settings().base_url}/password/{made.secret}")


@router.get("/teams/{team_id}/audit")
async def audit_page(
    request: Request,
    session: Transaction,
    access: Annotated[TeamAccess, in_team("audit.read")],
    before: UUID | None = None,
) -> Response:
    """Show who did what, newest first."""
    entries = await audit.for_team(session, access.team.id, before=before, limit=AUDIT_PAGE)
    older = entries[-1].id if len(entries) == AUDIT_PAGE else None
    return render(request, "accounts/audit.html", team=access.team, entries=entries, older=older)
