"""Pages from Jinja2: always escaped, strict about missing names, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from app.core.i18n import current_locale, gettext, ngettext
from app.web import formats, nav
from app.web.assets import Assets
from app.web.i18n import words_url
from app.web.preferences import theme_of
from app.web.status import STATUSES, status_of

ROOT = Path(__file__).resolve().parents[2] / "templates"
PARTS = ("actions", "data", "feedback", "fields", "media", "people")


class Parts:
    """Every macro of ``templates/components`` as ``ui.name``, read when it is first used."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def __getattr__(self, name: str) -> Any:
        for part in PARTS:
            module = self._environment.get_template(f"components/{part}.html").module
            if hasattr(module, name):
                if not self._environment.auto_reload:
                    setattr(self, name, getattr(module, name))
                return getattr(module, name)
        raise AttributeError(f"There is no part called ui.{name}: see docs/reference/design-system.md.")


class Icons:
    """The symbols of icons.svg: ``icon("circle")`` gives the markup; an unknown name raises ``KeyError``."""

    def __init__(self, assets: Assets) -> None:
        self._assets = assets
        self._names: frozenset[str] = frozenset()
        self._digest = ""
        self._made: dict[tuple[str, str], Markup] = {}

    def __call__(self, name: str, size: str = "") -> Markup:
        """Return icon ``name``; ``size`` is "" (16 px), "s" (14) or "l" (20)."""
        sheet = self._assets.get("icons.svg")
        if sheet.digest != self._digest:
            self._names = frozenset(re.findall(r'<symbol id="([^"]+)"', sheet.body.decode()))
            self._digest, self._made = sheet.digest, {}
        made = self._made.get((name, size))
        if made is None:
            if name not in self._names:
                raise KeyError(f"icons.svg has no icon {name!r}.")
            made = Markup('<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>').format(
                f"ic {size}".strip(), self._assets.url("icons.svg"), name
            )
            self._made[name, size] = made
        return made

    @property
    def names(self) -> list[str]:
        """All names, in the order of the alphabet."""
        self("check")
        return sorted(self._names)


class Templates:
    """The template environment of one application."""

    def __init__(self, assets: Assets, root: Path = ROOT, *, watch: bool = False) -> None:
        self.assets = assets
        self.environment = _environment(root, watch)
        self.environment.globals.update(
            asset=assets.url,
            icon=Icons(assets),
            ui=Parts(self.environment),
            status_of=status_of,
            statuses=STATUSES,
            lang_of=formats.lang_of,
            money_range=formats.money_range,
            keycap=formats.keycap,
            words_url=words_url,
            current_locale=current_locale,
        )

    def text(self, name: str, **context: Any) -> str:
        """Return template ``name`` filled with ``context``, without a request (mail, tests)."""
        return self.environment.get_template(name).render(**context)

    def page(self, request: Request, name: str, context: Mapping[str, Any]) -> str:
        """Return template ``name`` with what every page knows: actor, place, theme, locale and doors."""
        place = context.get("place")
        known = {
            "request": request,
            "actor": getattr(request.state, "actor", None),
            "place": place,
            "theme": theme_of(request),
            "locale": current_locale(),
            "doors": partial(nav.doors, request, place) if place else None,
            "has_page": partial(nav.has_page, request),
        }
        return self.environment.get_template(name).render({**known, **context})


def _environment(root: Path, watch: bool) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(root),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=watch,
        extensions=["jinja2.ext.i18n", "jinja2.ext.loopcontrols"],
    )
    environment.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.filters.update(
        timecode=formats.timecode,
        seconds=_at_render(formats.seconds),
        duration=formats.duration,
        money=formats.money,
        bytes=_at_render(formats.size),
        number=formats.number,
        percent=formats.percent,
        datetime=formats.moment,
        attributes=formats.attributes,
        squeeze=formats.squeeze,
        initial=formats.initial,
    )
    return environment


def _at_render(show: Callable[[Any], str]) -> Callable[[Any, Any], str]:
    """Keep Jinja from filtering a constant when it compiles, in whatever language is spoken then."""

    @pass_context
    def shown(_context: Any, value: Any) -> str:
        return show(value)

    return shown


def render(
    request: Request, name: str, *, status: int = 200, headers: Mapping[str, str] = MappingProxyType({}), **context: Any
) -> Response:
    """Return the page or fragment ``name`` ("shots/board.html") filled with ``context``.

    Beside ``context`` a template knows ``actor``, ``place`` (give one), ``theme``, ``locale`` and ``request``.
    """
    templates: Templates = request.app.state.templates
    body = templates.page(request, name, context)
    return HTMLResponse(body, status, {"Cache-Control": "private, no-cache", "Vary": "HX-Request", **headers})
