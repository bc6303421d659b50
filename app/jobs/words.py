"""Words that pages use for jobs: the badge of a job, the states of its attempts, and prices."""

from __future__ import annotations

from app.core.i18n import _
from app.jobs.models import Job
from app.jobs.paying import Quote
from app.web.formats import money_range

_BADGE = {
    "waiting": "waiting",
    "active": "generating",
    "done": "done",
    "failed": "failed",
    "refused": "refused",
    "cancelled": "cancelled",
    "unknown": "unknown",
}


def job_badge(job: Job) -> tuple[str, str]:
    """Return the state a badge shows for a job, and its words ("" for the state's own)."""
    if job.state == "waiting" and job.reason_code not in ("", "jobs.turn"):
        return "held", ""
    if job.state == "active" and job.progress:
        return "generating", _("Running %(percent)d%%") % {"percent": round(job.progress * 100)}
    if job.state == "active" and job.reason_code == "storage.full":
        return "held", ""
    return _BADGE[job.state], job.reason if job.state == "done" else ""


def state_word(state: str) -> str:
    """Return the name of an attempt's state in the language of the moment."""
    words = {
        "reserved": _("Reserved"),
        "submitting": _("Sent"),
        "submitted": _("Accepted"),
        "running": _("Running"),
        "fetching": _("Fetching"),
        "checking": _("Checking"),
        "succeeded": _("Take arrived"),
        "failed": _("Failed"),
        "refused": _("Refused"),
        "expired": _("Expired"),
        "cancelled": _("Cancelled"),
        "unknown": _("Answer lost"),
    }
    return words[state]


def price_of(quote: Quote) -> str:
    """Return what a button says of its price: a range in the project's currency."""
    told = quote.forecast
    return money_range(told.low, told.high) if told.high.micros else _("free")


def rate_of(quote: Quote) -> str:
    """Return the day of the exchange rate a price was changed at; "" for a price that was not changed."""
    rate = quote.forecast.rate
    return _("at the rate of %(day)s") % {"day": rate.on.isoformat()} if rate else ""


def alarm_of(quote: Quote) -> str:
    """Return what somebody should know before they press the button; "" where there is nothing."""
    told = quote.forecast
    said = []
    for line in told.lines:
        if line.episode_id is None:
            words = _("This batch would cross %(percent)d %% of the project's budget.")
        else:
            words = _("This batch would cross %(percent)d %% of the episode's budget.")
        said.append(words % {"percent": line.percent})
    if told.hold is not None:
        said.append(_("All or some of it would wait: %(why)s") % {"why": told.hold.message})
    if told.asks:
        said.append(_("A producer is asked before anything is bought."))
    return " ".join(said)
