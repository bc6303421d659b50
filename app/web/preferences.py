"""Theme and language, kept in two cookies and changed by one form that works without JavaScript."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from app.core.i18n import LOCALES
from app.web.nav import local_path

THEMES = ("dark", "light")
THEME_COOKIE = "reelroom_theme"
LOCALE_COOKIE = "reelroom_locale"
YEAR = 365 * 24 * 3600

router = APIRouter(include_in_schema=False)


def theme_of(request: Request) -> str:
    """Return the theme the reader chose: "dark" unless they chose "light"."""
    chosen = request.cookies.get(THEME_COOKIE)
    return chosen if chosen in THEMES else THEMES[0]


def remember(response: Response, *, theme: str | None = None, locale: str | None = None, secure: bool = False) -> None:
    """Set the cookies of the choices given; sign-in calls it with the language of the account."""
    for name, value, allowed in ((THEME_COOKIE, theme, THEMES), (LOCALE_COOKIE, locale, LOCALES)):
        if value in allowed:
            response.set_cookie(name, value, max_age=YEAR, secure=secure, httponly=True, samesite="lax")


@router.post("/preferences")
async def choose(request: Request) -> Response:
    """Keep the ``theme`` or ``locale`` that was sent and go back to ``next``; anybody may."""
    form = await request.form()
    response = RedirectResponse(local_path(str(form.get("next", "/"))), 303)
    theme, locale = form.get("theme"), form.get("locale")
    secure = request.url.scheme == "https"
    remember(response, theme=str(theme), locale=str(locale), secure=secure)
    return response
