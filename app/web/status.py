"""Status: one hue, one icon, one word, for every state a person can see."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from app.core.i18n import gettext


@dataclass(frozen=True, slots=True)
class Status:
    """How one state looks: a CSS class that sets its hue, an icon of icons.svg, and its English word."""

    css: str
    icon: str
    msgid: str

    @property
    def word(self) -> str:
        """The word in the language of the moment."""
        return gettext(self.msgid)


def N_(message: str) -> str:  # noqa: N802  # gettext's own name for a message that is translated later
    """Mark ``message`` for the catalogue and return it unchanged."""
    return message


_PLANNED = Status("s-planned", "planned", N_("Planned"))
_WAITING = Status("s-waiting", "clock", N_("Queued"))
_GENERATING = Status("s-generating", "spark", N_("Generating"))
_REVIEW = Status("s-review", "review", N_("To review"))
_RETAKE = Status("s-retake", "retake", N_("Retake"))
_CIRCLED = Status("s-approved", "circle", N_("Circled"))
_STALE = Status("s-stale", "stale", N_("Stale"))
_HELD = Status("s-held", "money", N_("Held"))
_FAILED = Status("s-failed", "fail", N_("Failed"))
_REFUSED = Status("s-failed", "fail", N_("Refused"))
_UNKNOWN = Status("s-unknown", "unknown", N_("Answer lost"))
_DROPPED = Status("s-dropped", "drop", N_("Dropped"))
_CANCELLED = Status("s-dropped", "x", N_("Cancelled"))
_DONE = Status("s-approved", "check", N_("Done"))

STATUSES = MappingProxyType(
    {
        # a shot
        "planned": _PLANNED,
        "waiting": _WAITING,
        "generating": _GENERATING,
        "review": _REVIEW,
        "retake": _RETAKE,
        "circled": _CIRCLED,
        "stale": _STALE,
        "held": _HELD,
        "failed": _FAILED,
        "refused": _REFUSED,
        "unknown": _UNKNOWN,
        "dropped": _DROPPED,
        "locked": Status("s-approved", "lock", N_("Locked")),
        # a job, and its attempts
        "queued": _WAITING,
        "active": Status("s-generating", "spark", N_("Running")),
        "done": _DONE,
        "cancelled": _CANCELLED,
        "reserved": Status("s-waiting", "money", N_("Reserved")),
        "submitting": Status("s-generating", "upload", N_("Sending")),
        "submitted": Status("s-waiting", "clock", N_("Sent")),
        "running": Status("s-generating", "spark", N_("Running")),
        "fetching": Status("s-generating", "download", N_("Fetching")),
        "checking": Status("s-generating", "guides", N_("Checking")),
        "succeeded": _DONE,
        "expired": Status("s-failed", "clock", N_("Expired")),
        # a verdict on a take
        "undecided": _REVIEW,
        "rejected": Status("s-dropped", "x", N_("Rejected")),
        # an export, an invitation, a session
        "rendering": Status("s-generating", "film", N_("Rendering")),
        "draft": Status("s-retake", "film", N_("Draft")),
        "final": Status("s-approved", "check", N_("Final")),
        "pending": Status("s-waiting", "clock", N_("Pending")),
        "accepted": Status("s-approved", "check", N_("Accepted")),
        "ended": Status("s-dropped", "x", N_("Ended")),
        # a check, a notice
        "passed": Status("s-approved", "check", N_("Passed")),
        "caution": Status("s-retake", "warn", N_("Caution")),
        "info": Status("s-planned", "comment", N_("Note")),
    }
)


def status_of(name: str) -> Status:
    """Return how the state ``name`` looks; raises ``KeyError`` for a state that is not in the table."""
    return STATUSES[str(name)]
