"""Why a backend was chosen for a wish, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.core.i18n import _


def route_words(lines: Sequence[Mapping[str, str]]) -> str:
    """Return why a backend was chosen, or none, in one sentence: ``Kling: no seed; Wan: chosen``."""
    return "; ".join(f"{line['backend']}: {verdict_word(line)}" for line in lines)


def verdict_word(line: Mapping[str, str]) -> str:
    """Return what was found of one candidate, in the language of the moment."""
    words = {
        "chosen": _("chosen"),
        "fits": _("would do"),
        "retired": _("withdrawn by its provider on %(detail)s"),
        "task": _("cannot do %(detail)s"),
        "size": _("does not make %(detail)s"),
        "duration": _("makes %(detail)s s at most"),
        "prompt": _("takes %(detail)s characters of prompt at most"),
        "sound": _("no sound of its own"),
        "lip_sync": _("no lip sync"),
        "seed": _("no seed"),
        "region": _("in another region"),
        "unhealthy": _("not working at the moment"),
        "failed": _("failed already"),
        "price": _("over the price limit: %(detail)s"),
        "currency": _("no exchange rate for its price"),
        "missing": _("not configured, or not offered"),
    }
    return words[line["verdict"]] % {"detail": line["detail"]}
