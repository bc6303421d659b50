"""Pages of people: set-up, sign-in, invitations, password links, one's own account."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from app.accounts import service, sessions
from app.accounts.access import Person, PublicActor, cookie_name
from app.accounts.forms import (
    ChangePasswordForm,
    JoinForm,
    NewPasswordForm,
    PreferencesForm,
    SetUpForm,
    SignInForm,
    TokenForm,
)
from app.accounts.limiting import limit_tries
from app.accounts.models import User
from app.accounts.permissions import PERMISSIONS
from app.accounts.schemas import Actor, SignedIn
from app.accounts.words import role_word
from app.core import clock
from app.core.config import get_settings
from app.core.errors import Conflict, Invalid, TooManyRequests
from app.core.i18n import _, current_locale
from app.web.database import Transaction
from app.web.forms import Form, blank_form, read_form
from app.web.nav import local_path
from app.web.preferences import remember
from app.web.templating import render

router = APIRouter()


def _signed_in(request: Request, opened: SignedIn, path: str) -> Response:
    settings = get_settings()
    response = RedirectResponse(path, 303)
    response.set_cookie(
        cookie_name(),
        opened.secret,
        max_age=settings.session_days * 24 * 3600,
        path="/",
        secure=settings.cookies_are_secure,
        httponly=True,
        samesite="lax",
    )
    remember(response, theme=opened.actor.theme, locale=opened.actor.locale, secure=settings.cookies_are_secure)
    return response


async def _open(request: Request, session: Transaction, user: User, path: str) -> Response:
    opened = await sessions.open_session(session, user, browser=_browser(request), address=_address(request))
    return _signed_in(request, opened, path)


def _browser(request: Request) -> str:
    return request.headers.get("user-agent", "")


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


@router.get("/set-up")
async def set_up_page(request: Request, session: Transaction, _actor: PublicActor) -> Response:
    """Show the form for the first administrator, once."""
    if await service.is_set_up(session):
        return RedirectResponse("/sign-in", 303)
    return render(request, "accounts/set_up.html", form=blank_form())


@router.post("/set-up")
async def set_up(request: Request, session: Transaction, _actor: PublicActor) -> Response:
    """Make the first administrator and sign them in."""
    form = await read_form(request, SetUpForm)
    if not form.ok:
        return render(request, "accounts/set_up.html", status=422, form=form)
    given = form.value
    try:
        user = await service.set_up(
            session,
            name=given.name,
            email=given.email,
            password=given.password,
            team=given.team,
            locale=current_locale(),
        )
    except (Invalid, Conflict) as error:
        form.fail(error, error.details.get("field", ""))
        return render(request, "accounts/set_up.html", status=error.status, form=form)
    return await _open(request, session, user, "/")


@router.get("/sign-in")
async def sign_in_page(request: Request, session: Transaction, actor: PublicActor, next: str = "/") -> Response:
    """Show the way in, or the way to set-up on a fresh installation."""
    if not await service.is_set_up(session):
        return RedirectResponse("/set-up", 303)
    if actor is not None:
        return RedirectResponse(local_path(next), 303)
    return render(request, "accounts/sign_in.html", form=blank_form({"next": local_path(next)}))


@router.post("/sign-in")
async def sign_in(request: Request, session: Transaction, _actor: PublicActor) -> Response:
    """Open a session; tries are limited."""
    form = await read_form(request, SignInForm)
    if not form.ok:
        return render(request, "accounts/sign_in.html", status=422, form=form)
    try:
        await limit_tries(request, form.value.email)
        opened = await sessions.sign_in(
            session, form.value.email, form.value.password, browser=_browser(request), address=_address(request)
        )
    except (Invalid, TooManyRequests) as error:
        return render(request, "accounts/sign_in.html", status=error.status, form=form.fail(error))
    return _signed_in(request, opened, local_path(form.value.next))


@router.post("/sign-out")
async def sign_out(request: Request, session: Transaction, actor: PublicActor) -> Response:
    """End this session; a page left open is sent to the way in."""
    if actor is not None and actor.session_id is not None:
        await sessions.end_session(session, actor, actor.session_id)
    response = RedirectResponse("/sign-in", 303)
    response.delete_cookie(cookie_name(), path="/")
    return response


@router.get("/invitations/{secret}")
async def invitation_page(request: Request, session: Transaction, actor: PublicActor, secret: str) -> Response:
    """Show what an invitation leads to: joining as oneself, or as somebody new."""
    invitation, team = await service.look_at_invitation(session, secret)
    more: dict[str, Any] = {
        "role_word": role_word,
        "invitation": invitation,
        "team": team,
        "secret": secret,
        "actor": actor,
    }
    return render(request, "accounts/invitation.html", form=blank_form(), **more)


@router.post("/invitations/{secret}")
async def accept_invitation(request: Request, session: Transaction, actor: PublicActor, secret: str) -> Response:
    """Join a team by an invitation: as whoever is signed in, or as somebody new who is made here."""
    await limit_tries(request, f"invitation {secret[:12]}")
    invitation, team = await service.look_at_invitation(session, secret)
    if actor is not None and actor.id is not None:
        await service.accept_invitation(session, secret, actor.id)
        return RedirectResponse("/", 303)
    form = await read_form(request, JoinForm)
    more: dict[str, Any] = {
        "form": form,
        "invitation": invitation,
        "team": team,
        "secret": secret,
        "actor": None,
        "role_word": role_word,
    }
    if not form.ok:
        return render(request, "accounts/invitation.html", status=422, **more)
    given = form.value
    try:
        user = await service.make_user(
            session, name=given.name, email=given.email, password=given.password, locale=current_locale()
        )
    except (Invalid, Conflict) as error:
        form.fail(error, error.details.get("field", ""))
        return render(request, "accounts/invitation.html", status=error.status, **more)
    await service.accept_invitation(session, secret, user.id)
    return await _open(request, session, user, "/")


@router.get("/password/{secret}")
async def password_page(request: Request, _actor: PublicActor, secret: str) -> Response:
    """Show the form for a new password."""
    return render(request, "accounts/password.html", form=blank_form(), secret=secret)


@router.post("/password/{secret}")
async def set_password(request: Request, session: Transaction, _actor: PublicActor, secret: str) -> Response:
    """Set a new password by a one-time link, and sign in with it."""
    await limit_tries(request, f"password {secret[:12]}")
    form = await read_form(request, NewPasswordForm)
    if not form.ok:
        return render(request, "accounts/password.html", status=422, form=form, secret=secret)
    try:
        user = await service.reset_password(session, secret, form.value.password)
    except Invalid as error:
        form.fail(error, "password")
        return render(request, "accounts/password.html", status=error.status, form=form, secret=secret)
    return await _open(request, session, user, "/")


async def _account(
    request: Request, session: Transaction, actor: Actor, *, status: int = 200, secret: str = "", **forms: Form[Any]
) -> Response:
    preferences = {"name": actor.name, "locale": actor.locale, "time_zone": actor.time_zone, "theme": actor.theme}
    shown: dict[str, Any] = {
        "preferences": blank_form(preferences),
        "password": blank_form(),
        "token": blank_form({"days": "90"}),
        **forms,
    }
    return render(
        request,
        "accounts/account.html",
        status=status,
        sessions=await sessions.list_sessions(session, actor),
        tokens=await sessions.list_tokens(session, actor),
        teams=await service.teams(session, actor),
        zones=sorted(available_timezones()),
        scopes=sorted(PERMISSIONS),
        secret=secret,
        **shown,
    )


@router.get("/account")
async def account_page(request: Request, session: Transaction, actor: Person) -> Response:
    """Show one's own preferences, sessions and tokens."""
    return await _account(request, session, actor)


@router.post("/account")
async def change_account(request: Request, session: Transaction, actor: Person) -> Response:
    """Change one's own preferences."""
    form = await read_form(request, PreferencesForm)
    if form.ok and form.value.time_zone not in available_timezones():
        form.fail(_("Choose a time zone from the list."), "time_zone")
    if not form.ok:
        return await _account(request, session, actor, status=422, preferences=form)
    await service.change_preferences(session, actor, **form.value.model_dump())
    response = RedirectResponse("/account", 303)
    secure = get_settings().cookies_are_secure
    remember(response, theme=form.value.theme, locale=form.value.locale, secure=secure)
    return response


@router.post("/account/password")
async def change_password(request: Request, session: Transaction, actor: Person) -> Response:
    """Change one's own password; all other sessions end."""
    form = await read_form(request, ChangePasswordForm)
    if form.ok:
        try:
            await limit_tries(request, f"account {actor.id}")
            await service.change_password(session, actor, old=form.value.old, new=form.value.new)
            return RedirectResponse("/account", 303)
        except (Invalid, TooManyRequests) as error:
            field = "new" if error.code == "accounts.password" else error.details.get("field", "")
            form.fail(error, field)
    return await _account(request, session, actor, status=422, password=form)


@router.post("/account/sessions/{session_id}/end")
async def end_session(session: Transaction, actor: Person, session_id: UUID) -> Response:
    """End one of one's own sessions."""
    await sessions.end_session(session, actor, session_id)
    return RedirectResponse("/account", 303)


@router.post("/account/sessions/end-others")
async def end_others(session: Transaction, actor: Person) -> Response:
    """End all one's sessions but this one."""
    await sessions.end_other_sessions(session, actor)
    return RedirectResponse("/account", 303)


@router.post("/account/tokens")
async def make_token(request: Request, session: Transaction, actor: Person) -> Response:
    """Make an API token and show its secret, this once."""
    form = await read_form(request, TokenForm)
    if form.ok:
        try:
            given = form.value
            _row, secret = await sessions.make_token(
                session,
                actor,
                name=given.name,
                scopes=given.scopes,
                expires_at=clock.now() + timedelta(days=given.days) - timedelta(minutes=1),
            )
            return await _account(request, session, actor, secret=secret)
        except Invalid as error:
            form.fail(error, error.details.get("field", ""))
    return await _account(request, session, actor, status=422, token=form)


@router.post("/account/tokens/{token_id}/revoke")
async def revoke_token(session: Transaction, actor: Person, token_id: UUID) -> Response:
    """Revoke one of one's own tokens."""
    await sessions.revoke_token(session, actor, token_id)
    return RedirectResponse("/account", 303)
