"""Where one is and where one can go: the rooms of a project and of an episode."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import quote
from uuid import UUID

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Match

from app.core.i18n import gettext
from app.core.money import Money
from app.web.status import N_


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody shown as an avatar; ``colour`` 1 to 6 is theirs everywhere, 0 is none."""

    name: str
    role: str = ""
    colour: int = 0
    away: bool = False


@dataclass(frozen=True, slots=True)
class Count:
    """How many things wait in a room, and the state (of ``STATUSES``) that colours the number."""

    number: int
    status: str = "planned"


@dataclass(frozen=True, slots=True)
class Place:
    """What the top bar shows of the project and the episode one is in."""

    project_id: UUID
    project_title: str
    episode_id: UUID | None = None
    episode_code: str = ""
    episode_title: str = ""
    counts: Mapping[str, Count] = field(default_factory=dict)
    spent: Money | None = None
    budget: Money | None = None
    people: Sequence[Person] = ()

    @property
    def project_path(self) -> str:
        """Address of the project."""
        return f"/projects/{self.project_id}"

    @property
    def episode_path(self) -> str:
        """Address of the episode (of the project, where there is none)."""
        return f"{self.project_path}/episodes/{self.episode_id}" if self.episode_id else self.project_path


@dataclass(frozen=True, slots=True)
class Room:
    """One entry of the rooms navigation; ``path`` takes ``{project}`` and ``{episode}``, the addresses of both."""

    name: str
    icon: str
    msgid: str
    path: str
    key: str

    @property
    def word(self) -> str:
        """Its name in the language of the moment."""
        return gettext(self.msgid)


EPISODE_ROOMS = (
    Room("write", "write", N_("Write"), "{episode}/script", "w"),
    Room("cast", "cast", N_("Cast"), "{project}/cast", "c"),
    Room("shoot", "shoot", N_("Shoot"), "{episode}/board", "s"),
    Room("review", "review", N_("Review"), "{episode}/review", "r"),
    Room("cut", "cut", N_("Cut"), "{episode}/cut", "u"),
    Room("deliver", "deliver", N_("Deliver"), "{episode}/exports", "d"),
)
PROJECT_ROOMS = (
    Room("episodes", "film", N_("Episodes"), "{project}", "e"),
    Room("cast", "cast", N_("Cast"), "{project}/cast", "c"),
    Room("jobs", "spark", N_("Jobs"), "{project}/jobs", "j"),
    Room("team", "team", N_("Team"), "/team", "t"),
    Room("settings", "settings", N_("Settings"), "{project}/settings", "s"),
)


@dataclass(frozen=True, slots=True)
class Door:
    """A room as the page shows it: where it leads, whether one is in it, what waits there."""

    room: Room
    href: str
    current: bool
    count: Count | None


def doors(request: Request, place: Place, current: str = "") -> list[Door]:
    """Return the rooms that exist in this application, in order; one is ``current`` by name."""
    rooms = EPISODE_ROOMS if place.episode_id else PROJECT_ROOMS
    found = []
    for room in rooms:
        href = room.path.format(project=place.project_path, episode=place.episode_path)
        if has_page(request, room.path.format(project="/projects/x", episode="/projects/x/episodes/x")):
            found.append(Door(room, href, room.name == current, place.counts.get(room.name)))
    return found


def has_page(request: Request, path: str) -> bool:
    """Return whether the application answers GET on a path of this form."""
    app = cast(Starlette, request.app)
    known: dict[str, bool] | None = getattr(app.state, "known_pages", None)
    if known is None:
        known = app.state.known_pages = {}
    if path not in known:
        scope = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": [], "app": app}
        known[path] = any(route.matches(dict(scope))[0] is Match.FULL for route in app.routes)
    return known[path]


def local_path(given: str | None, otherwise: str = "/") -> str:
    """Return ``given`` when it is a path on this server, else ``otherwise``; for addresses that come from outside."""
    if not given or not given.startswith("/") or given.startswith(("//", "/\\")) or any(ord(c) < 32 for c in given):
        return otherwise
    return given


def sign_in_path(back_to: str) -> str:
    """Return the address of the sign-in page that leads back to ``back_to``."""
    here = local_path(back_to)
    return "/sign-in" if here == "/" else f"/sign-in?next={quote(here, safe='/')}"
