"""The one table of permissions: which roles may do what."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What somebody is in a team, or in one project."""

    WRITER = "writer"
    DIRECTOR = "director"
    PRODUCER = "producer"
    ADMIN = "admin"
    VIEWER = "viewer"


_EVERYONE = frozenset(Role)
_CREW = _EVERYONE - {Role.VIEWER}
_ADMIN = frozenset({Role.ADMIN})
_DIRECTOR = frozenset({Role.DIRECTOR, Role.ADMIN})
_PRODUCER = frozenset({Role.PRODUCER, Role.ADMIN})
_LEADS = _DIRECTOR | _PRODUCER

PERMISSIONS: dict[str, frozenset[Role]] = {
    "team.read": _EVERYONE,
    "team.manage": _ADMIN,
    "projects.create": _LEADS,
    "projects.read": _EVERYONE,
    "projects.edit": _LEADS,
    "projects.archive": _PRODUCER,
    "episodes.edit": _CREW,
    "scripts.read": _EVERYONE,
    "scripts.edit": _CREW,
    "scripts.export": _CREW,
    "bible.read": _EVERYONE,
    "bible.edit": _CREW,
    "shots.read": _EVERYONE,
    "shots.break_down": _CREW,
    "shots.edit": _LEADS,
    "shots.lock": _DIRECTOR,
    "shots.drop": _LEADS,
    "takes.read": _EVERYONE,
    "takes.upload": _LEADS,
    "takes.download": _CREW,
    "takes.delete": _DIRECTOR,
    "jobs.read": _EVERYONE,
    "jobs.generate": _LEADS,
    "jobs.cancel": _LEADS,
    "jobs.decide": _PRODUCER,
    "jobs.route": _PRODUCER,
    "money.read": _LEADS,
    "money.edit": _PRODUCER,
    "money.approve": _PRODUCER,
    "review.read": _EVERYONE,
    "review.comment": _EVERYONE,
    "review.circle": _DIRECTOR,
    "review.retake": _DIRECTOR,
    "review.reject": _DIRECTOR,
    "exports.read": _EVERYONE,
    "exports.draft": _LEADS,
    "exports.create": _PRODUCER,
    "exports.download": _CREW,
    "audit.read": _PRODUCER,
}

# Permissions that need no role: for anybody signed in, for anybody at all, and for the owners of the installation.
SIGNED_IN = frozenset({"account.manage"})
PUBLIC = frozenset({"public"})
OWNER = frozenset({"installation.manage"})


def allows(role: str, permission: str) -> bool:
    """Tell whether a role carries a permission; an unknown permission is a programming error."""
    return role in PERMISSIONS[permission]
