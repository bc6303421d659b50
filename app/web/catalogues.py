"""Catalogues of sentences: found in the code, kept in ``app/locale``, compiled; ``python -m app.web.catalogues``.

It adds new sentences to each ``.po`` with an empty translation, drops those no longer used, and writes the ``.mo``
that Python and the templates read and the ``words.json`` that JavaScript reads.
"""

from __future__ import annotations

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from app.core.i18n import CATALOGUES, LOCALES
from app.web.i18n import as_words

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = "static/js/"
KEYWORDS = {**DEFAULT_KEYWORDS, "t": None, "tn": (1, 2)}
EPOCH = datetime(2026, 11, 1, tzinfo=UTC)  # no date of extraction: the same sentences give the same file


def found(root: Path = ROOT) -> Catalog:
    """Return every sentence in the code under ``root``, with the files it stands in."""
    with (root / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file, "babel.cfg")  # type: ignore[no-untyped-call]
    catalog = _empty(None)
    for name, _line, message, comments, context in extract_from_dir(root, methods, options, KEYWORDS):
        catalog.add(message, locations=[(name, 0)], auto_comments=comments, context=context)
    return catalog


def kept(locale: str) -> Catalog:
    """Return the catalogue of ``locale`` as it is on disk; an empty one where there is none yet."""
    path = _folder(locale) / "reelroom.po"
    if not path.is_file():
        return _empty(locale)
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def updated(locale: str, template: Catalog) -> Catalog:
    """Return the catalogue of ``locale`` with exactly the sentences of ``template``; translations stay."""
    catalog = kept(locale)
    catalog.update(template, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    catalog.creation_date = catalog.revision_date = EPOCH
    return catalog


def files(locale: str, catalog: Catalog) -> dict[Path, bytes]:
    """Return what ``app/locale`` should hold for ``locale``: the .po, the .mo and the words of JavaScript."""
    source, compiled = io.BytesIO(), io.BytesIO()
    write_po(source, catalog, include_lineno=False, sort_output=True, width=110)
    write_mo(compiled, read_po(io.BytesIO(source.getvalue()), locale=locale))  # what is read again is what counts
    scripts = [
        (_first(message), message.string)
        for message in catalog
        if message.id and translated(message) and any(name.startswith(SCRIPTS) for name, _line in message.locations)
    ]
    folder = _folder(locale)
    return {
        folder / "reelroom.po": source.getvalue(),
        folder / "reelroom.mo": compiled.getvalue(),
        CATALOGUES / locale / "words.json": as_words(scripts).encode(),
    }


def translated(message: Message) -> bool:
    """Return whether every form of ``message`` has words."""
    forms = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return bool(forms) and all(forms)


def missing(catalog: Catalog) -> list[str]:
    """Return the sentences of ``catalog`` that have no translation."""
    return [_first(message) for message in catalog if message.id and not translated(message)]


def main() -> int:
    """Bring every catalogue up to date; answer how many sentences wait for a translation."""
    template = found()
    waiting = 0
    for locale in LOCALES[1:]:
        catalog = updated(locale, template)
        for path, content in files(locale, catalog).items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        lacking = missing(catalog)
        waiting += len(lacking)
        sys.stdout.write(f"{locale}: {len(catalog)} sentences, {len(lacking)} without a translation\n")
    return 1 if waiting else 0


def _first(message: Message) -> str:
    return message.id if isinstance(message.id, str) else str(message.id[0])


def _folder(locale: str) -> Path:
    return CATALOGUES / locale / "LC_MESSAGES"


def _empty(locale: str | None) -> Catalog:
    return Catalog(
        locale=locale,
        header_comment="# The sentences of Reelroom: see app/web/catalogues.py.",
        project="Reelroom",
        version="1",
        msgid_bugs_address="see CONTRIBUTING",
        last_translator="the Reelroom authors",
        language_team="the Reelroom authors",
        creation_date=EPOCH,
        revision_date=EPOCH,
        fuzzy=False,
    )


if __name__ == "__main__":
    sys.exit(main())
