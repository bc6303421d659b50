"""Every sentence a person can read is in the Chinese catalogue, and its files are what the code makes of it.

After a change of words: `python -m app.web.catalogues`, fill in what is empty in
app/locale/zh/LC_MESSAGES/reelroom.po, and run it again.
"""

from __future__ import annotations

import re

import pytest
from babel.messages.catalog import Catalog

from app.core.i18n import LOCALES
from app.web import catalogues

PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


@pytest.fixture(scope="module")
def template() -> Catalog:
    """Every sentence in the code."""
    return catalogues.found()


@pytest.mark.parametrize("locale", LOCALES[1:])
def test_no_sentence_is_missing(template: Catalog, locale: str) -> None:
    assert catalogues.missing(catalogues.updated(locale, template)) == []


@pytest.mark.parametrize("locale", LOCALES[1:])
def test_the_files_are_up_to_date(template: Catalog, locale: str) -> None:
    for path, content in catalogues.files(locale, catalogues.updated(locale, template)).items():
        assert path.read_bytes() == content, f"{path.name} is behind: run `python -m app.web.catalogues`"


@pytest.mark.parametrize("locale", LOCALES[1:])
def test_translations_keep_their_placeholders(template: Catalog, locale: str) -> None:
    for message in catalogues.updated(locale, template):
        if not message.id or not catalogues.translated(message):
            continue
        asked = set(PLACEHOLDER.findall(" ".join(message.id) if isinstance(message.id, tuple) else str(message.id)))
        forms = message.string if isinstance(message.string, tuple) else (str(message.string),)
        for form in forms:
            assert set(PLACEHOLDER.findall(form)) <= asked, message.id
            assert asked - set(PLACEHOLDER.findall(form)) <= {"count", "n"}, message.id


def test_a_sentence_without_words_is_noticed(template: Catalog) -> None:
    catalog = Catalog(locale="zh")
    catalog.add("A new sentence", locations=[("app/new.py", 0)])
    catalog.add(("%(n)s take", "%(n)s takes"), string=("",))
    assert catalogues.missing(catalog) == ["A new sentence", "%(n)s take"]


def test_sentences_are_found_in_every_kind_of_file(template: Catalog) -> None:
    places = {name.split("/")[0] for message in template for name, _line in message.locations}
    assert places == {"app", "templates", "static"}
