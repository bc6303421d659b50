"""Words and parts that pages use for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.accounts.models import Team, User
from app.accounts.permissions import Role
from app.core.i18n import gettext
from app.web.nav import Person
from app.web.status import N_

ROLE_WORDS = {
    Role.WRITER: N_("Writer"),
    Role.DIRECTOR: N_("Director"),
    Role.PRODUCER: N_("Producer"),
    Role.ADMIN: N_("Administrator"),
    Role.VIEWER: N_("Viewer"),
}


def role_word(role: str) -> str:
    """Return the name of a role in the language of the moment."""
    return gettext(ROLE_WORDS[Role(role)])


def role_choices(roles: Sequence[str]) -> list[tuple[str, str]]:
    """Return roles as options of a select."""
    return [(role, role_word(role)) for role in roles]


def person_of(user: User, role: str = "") -> Person:
    """Return the avatar of somebody."""
    return Person(user.name, role, user.colour, away=user.deactivated_at is not None)


def team_tabs(teams: Sequence[Team], current: Team) -> list[dict[str, Any]]:
    """Return the tabs between the teams of a person."""
    return [{"href": f"/teams/{team.id}", "label": team.name, "current": team.id == current.id} for team in teams]


HELPERS: dict[str, Any] = {
    "role_word": role_word,
    "role_choices": role_choices,
    "person_of": person_of,
    "team_tabs": team_tabs,
}
