"""Every template compiles, escapes, and holds nothing that the Content-Security-Policy forbids."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from app.web.assets import Assets
from app.web.formats import attributes
from app.web.nav import Person
from app.web.status import STATUSES
from app.web.templating import ROOT, Templates

FILES = sorted(ROOT.rglob("*.html"))
NAMES = [str(path.relative_to(ROOT)) for path in FILES]
# A board has hundreds of cards: their texts are escaped when a card is made, which a test with hostile names holds.
CARDS = {"boards/_cards.html", "boards/_rows.html", "boards/board.html"}
ESCAPED_WHEN_MADE = {"text that is not escaped"}
FORBIDDEN = {
    "an inline style": re.compile(r"\sstyle\s*=|<style\b|style_=", re.IGNORECASE),
    "an inline script": re.compile(r"<script\b(?![^>]*\ssrc=)", re.IGNORECASE),
    "an event handler": re.compile(r"""[\s"']on[a-z]+\s*=\s*["']""", re.IGNORECASE),
    "hx-on, which needs eval": re.compile(r"hx-on\b|hx_on"),
    "a js: value, which needs eval": re.compile(r"""["']\s*(js|javascript):"""),
    "a filter of hx-trigger, which needs eval": re.compile(r"""hx[-_]trigger\s*=\s*["'][^"']*\["""),
    "something from another site": re.compile(r"""(src|href)\s*=\s*["'](https?:)?//""", re.IGNORECASE),
    "text that is not escaped": re.compile(r"\|\s*safe\b|autoescape\s+false", re.IGNORECASE),
}
EVIL = "<script>alert(1)</script>\"'>"


@pytest.fixture(scope="module")
def templates() -> Templates:
    """The templates of the product."""
    return Templates(Assets())


@pytest.mark.parametrize("name", NAMES)
def test_it_compiles(templates: Templates, name: str) -> None:
    templates.environment.get_template(name)


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_it_keeps_to_the_policy(path: Path) -> None:
    source = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)
    found = [what for what, pattern in FORBIDDEN.items() if pattern.search(source)]
    assert set(found) - (ESCAPED_WHEN_MADE if str(path.relative_to(ROOT)) in CARDS else set()) == set()


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_its_icons_exist(templates: Templates, path: Path) -> None:
    icon = templates.environment.globals["icon"]
    assert set(re.findall(r"""\bicon\("([\w-]+)\"""", path.read_text())) <= set(icon.names)  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_its_parts_and_statics_exist(templates: Templates, path: Path) -> None:
    source = path.read_text()
    parts = templates.environment.globals["ui"]
    for name in set(re.findall(r"\bui\.(\w+)\(", source)):
        assert callable(getattr(parts, name)), name
    for name in set(re.findall(r"""\basset\("([^"]+)"\)""", source)):
        assert templates.assets.get(name).body, name


def _macros() -> list[str]:
    sources = [path.read_text() for path in sorted((ROOT / "components").glob("*.html"))]
    return [name for source in sources for name in re.findall(r"{% macro ([a-z]\w*)\(", source)]


@pytest.mark.parametrize("name", _macros())
def test_every_part_is_described_and_shown_in_the_gallery(name: str) -> None:
    manual = (ROOT.parent / "docs" / "reference" / "design-system.md").read_text()
    shown = "".join(path.read_text() for path in (ROOT / "dev").glob("*.html"))
    assert f"`ui.{name}(" in manual
    assert f"ui.{name}(" in shown


def test_every_state_is_described() -> None:
    manual = (ROOT.parent / "docs" / "reference" / "design-system.md").read_text()
    section = manual.partition("## States")[2].partition("\n## ")[0]
    assert set(STATUSES) <= set(re.findall(r"[a-z]+", section))


def _render(templates: Templates, source: str) -> str:
    person = Person(EVIL, EVIL, 1)
    return templates.environment.from_string(source).render(evil=EVIL, person=person, form=None)


@pytest.mark.parametrize(
    "source",
    [
        "{{ ui.button(evil, note=evil, href=evil, data_x=evil, key=evil) }}",
        "{{ ui.icon_button('x', evil) }}",
        "{{ ui.post_button(evil, evil, confirm=evil, fields={'a': evil}) }}",
        "{{ ui.shot_card(1, evil, evil, 'review', size=evil, words=evil, stale=evil, poster=evil) }}",
        "{{ ui.notice('failed', evil, title=evil) }}",
        "{{ ui.badge('review', evil) }}{{ ui.words(evil) }}{{ ui.tc(evil) }}{{ ui.copy_button(evil) }}",
        "{{ ui.who(person) }}{{ ui.person(person) }}{{ ui.whos([person]) }}",
        "{{ ui.facts([(evil, evil)]) }}{{ ui.items([{'href': evil, 'label': evil, 'code': evil}], evil) }}",
        "{{ ui.input(form, 'a', evil, hint=evil) }}{{ ui.select(form, 'a', evil, [(evil, evil)]) }}",
        "{% call ui.said(person) %}{{ evil }}{% endcall %}{{ ui.empty('film', evil, evil) }}",
        "{{ ui.tabs([{'href': evil, 'label': evil}], evil) }}{{ ui.chips([{'href': evil, 'label': evil}], evil) }}",
        "{{ _('Hello %(name)s', name=evil) }}",
    ],
)
def test_what_people_write_stays_text(templates: Templates, source: str) -> None:
    page = _render(templates, source)
    assert "<script>" not in page
    assert "alert(1)" in page or "&lt;" in page.lower()


def test_a_name_that_is_not_given_is_an_error(templates: Templates) -> None:
    with pytest.raises(UndefinedError):
        _render(templates, "{{ nobody_gave_this }}")


def test_an_unknown_part_icon_or_file_is_an_error(templates: Templates) -> None:
    with pytest.raises(UndefinedError, match="carousel"):
        _render(templates, "{{ ui.carousel() }}")
    with pytest.raises(KeyError, match="unicorn"):
        _render(templates, "{{ icon('unicorn') }}")
    with pytest.raises(FileNotFoundError):
        _render(templates, "{{ asset('css/none.css') }}")


def test_plain_attributes_of_parts_become_html(templates: Templates) -> None:
    page = _render(
        templates, "{{ ui.button('Go', hx_post='/x', hx_target='#a', data_confirm='Sure?', disabled=true) }}"
    )
    for piece in ('hx-post="/x"', 'hx-target="#a"', 'data-confirm="Sure?"', " disabled", 'type="button"'):
        assert piece in page
    assert attributes({}) == ""


def test_list_and_inspector_take_room_only_when_filled(templates: Templates) -> None:
    frame = (
        "{% extends 'layouts/app.html' %}{% block main %}here{% endblock %}"
        "{% block list %}LIST{% endblock %}{% block inspector %}  {% endblock %}"
    )
    known = {"actor": None, "place": None, "theme": "dark", "locale": "en", "doors": None, "request": None}
    page = templates.environment.from_string(frame.replace("{% include", "")).render(
        **{**known, "request": type("R", (), {"url": type("U", (), {"path": "/"})})}, has_page=lambda path: False
    )
    assert 'class="app no-inspector"' in page
    assert page.count("LIST") == 1
    assert '<aside class="inspector"' not in page
