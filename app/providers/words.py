"""How pages and the manual speak of what a model can do and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.backends.capabilities import ModelCaps, Task
from app.core.i18n import gettext
from app.core.i18n import gettext as _
from app.core.money import SYMBOLS
from app.web.status import N_

TASKS = {
    Task.TEXT: N_("text"),
    Task.FIRST_FRAME: N_("first frame"),
    Task.FIRST_AND_LAST: N_("first and last frame"),
    Task.REFERENCES: N_("references"),
    Task.EXTEND: N_("extension"),
    Task.MULTI_SHOT: N_("several shots"),
    Task.PERFORMANCE: N_("performance"),
    Task.AUDIO: N_("voice recording"),
}
FLAGS = {
    "native_sound": N_("sound"),
    "lip_sync": N_("lip sync"),
    "character_from_text": N_("speaking character from text"),
    "seed": N_("seed"),
    "negative_prompt": N_("negative prompt"),
}


def task_choices() -> list[tuple[str, str]]:
    """Return every task with its word."""
    return [(task.value, gettext(word)) for task, word in TASKS.items()]


def tasks(caps: ModelCaps) -> str:
    """Return what a model starts from."""
    return ", ".join(gettext(word) for task, word in TASKS.items() if task in caps.tasks)


def features(caps: ModelCaps) -> str:
    """Return what a model has."""
    return ", ".join(gettext(word) for name, word in FLAGS.items() if getattr(caps, name))


def durations(caps: ModelCaps) -> str:
    """Return the seconds a model makes: "4, 8, 12 s", "1–10 s"."""
    if caps.durations:
        return ", ".join(f"{one:g}" for one in caps.durations) + " s"
    if caps.duration_range is None:
        return _("any")
    low, high = caps.duration_range
    return f"{low:g}–{high:g} s"


def sizes(caps: ModelCaps) -> str:
    """Return the sizes a model makes."""
    return ", ".join(f"{one.width}×{one.height}" for one in caps.frames) or _("any")


def price(told: Mapping[str, Any] | None) -> str:
    """Return a price as it is written in a row: "$0.10–0.40 a second", "¥46 a million tokens"."""
    if told is None:
        return _("nothing is paid")
    symbol = SYMBOLS.get(told["currency"], f"{told['currency']} ")
    each = [told.get("per_second", 0), *told.get("per_second_by_size", {}).values()]
    each += told.get("silent_by_size", {}).values()
    words = []
    for amounts, unit in (
        (told.get("per_clip", {}).values(), _("%(amount)s a clip")),
        (each, _("%(amount)s a second")),
        ([told.get("per_million_tokens", 0)], _("%(amount)s a million tokens")),
        ([told.get("per_request", 0)], _("%(amount)s a request")),
    ):
        if span := _span(amounts):
            words.append(unit % {"amount": symbol + span})
    return ", ".join(words) or _("nothing is paid")


def _span(amounts: Any) -> str:
    found = sorted({Decimal(str(amount)) for amount in amounts} - {Decimal(0)})
    if not found:
        return ""
    return _plain(found[0]) if len(found) == 1 else f"{_plain(found[0])}–{_plain(found[-1])}"


def _plain(amount: Decimal) -> str:
    """Return an amount with at least two digits behind the point, and no noughts behind those."""
    text = f"{amount.normalize():f}"
    whole, _point, part = text.partition(".")
    return f"{whole}.{part.ljust(2, '0')}" if part else whole
