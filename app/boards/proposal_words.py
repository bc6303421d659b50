"""Words the pages of proposals use: what was wished for, and what became of it."""

from __future__ import annotations

from app.core.i18n import _
from app.core.money import Money
from app.scripts.models import Proposal
from app.web.formats import money

HUNDREDTH = 10_000
LOOKS = {
    "asking": "running",
    "proposed": "review",
    "accepted": "accepted",
    "dismissed": "dropped",
    "refused": "refused",
    "failed": "failed",
}
"""How each state of a proposal looks, as ``app.web.status`` names it."""


def wishes() -> list[tuple[str, str]]:
    """Return what may be done with a passage, with its name."""
    return [
        ("hook", _("Sharpen the hook")),
        ("shorten", _("Shorten")),
        ("to_zh", _("Translate into Chinese")),
        ("to_en", _("Translate into English")),
        ("own", _("What I say below")),
    ]


def wish(row: Proposal) -> str:
    """Return what a proposal was asked for."""
    names = {**dict(wishes()), "breakdown": _("Suggest shots"), "polish": _("Polish the directions")}
    return row.instruction if row.wish == "own" else names.get(row.wish, row.wish)


def cost(row: Proposal) -> str:
    """Return what a proposal cost; what is less than a hundredth is said to be, and not shown as nothing."""
    if 0 < row.cost_micros < HUNDREDTH:
        return f"< {money(Money(HUNDREDTH, row.currency))}"
    return money(Money(row.cost_micros, row.currency))


def state(row: Proposal) -> str:
    """Return what became of a proposal, in a word or two."""
    names = {
        "asking": _("Being asked"),
        "proposed": _("To decide"),
        "accepted": _("Taken over"),
        "dismissed": _("Put aside"),
        "refused": _("Refused"),
        "failed": _("Failed"),
    }
    return names[row.state]
