"""Why a backend was chosen for a wish, and what changes when another one makes it, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.core.i18n import _
from app.jobs.comparing import Difference


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


def change_word(difference: Difference) -> str:
    """Return what one difference means for a shot, in the language of the moment."""
    words = {
        "longer": _("%(before)s s becomes %(after)s s"),
        "shorter": _("%(before)s s becomes %(after)s s"),
        "cut": _("cut from %(before)s s to %(after)s s"),
        "frame": _("%(before)s becomes %(after)s"),
        "input": {
            "first": _("first frame dropped"),
            "last": _("last frame dropped"),
            "reference": _("reference dropped"),
        }.get(difference.before, _("an input dropped")),
        "sound": _("no sound of its own"),
        "lip_sync": _("no lip sync"),
        "seed": _("no seed"),
        "negative": _("negative prompt dropped"),
        "task": _("cannot do %(before)s"),
        "prompt": _("the prompt has %(before)s characters, and %(after)s are possible"),
        "retired": _("withdrawn by its provider on %(after)s"),
    }
    return words[difference.change.value] % {"before": difference.before, "after": difference.after}
