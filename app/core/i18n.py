"""The language of the moment: a gettext catalogue chosen per request, English where there is none."""

from __future__ import annotations

import gettext as gettext_module
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

LOCALES = ("en", "zh")
CATALOGUES = Path(__file__).resolve().parents[1] / "locale"

_locale: ContextVar[str] = ContextVar("locale", default="en")


@cache
def catalogue(locale: str) -> gettext_module.NullTranslations:
    """Return the translations of ``locale``; a missing catalogue answers with the English words."""
    return gettext_module.translation("reelroom", CATALOGUES, [locale], fallback=True)


def current_locale() -> str:
    """Return the locale in force: "en" or "zh"."""
    return _locale.get()


@contextmanager
def speaking(locale: str) -> Iterator[None]:
    """Translate into ``locale`` inside the block."""
    token = _locale.set(locale if locale in LOCALES else "en")
    try:
        yield
    finally:
        _locale.reset(token)


def gettext(message: str) -> str:
    """Return ``message`` in the language of the moment."""
    return catalogue(_locale.get()).gettext(message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """Return the form of a message that fits ``count``, in the language of the moment."""
    return catalogue(_locale.get()).ngettext(singular, plural, count)


_ = gettext
