"""A job's story as people read it: every step, look and movement of money in order, with the time between. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from app.core.i18n import _, ngettext
from app.core.money import Money
from app.jobs.models import Attempt, AttemptEvent, Job
from app.jobs.words import state_word
from app.money.models import LedgerEntry

WORTH_SAYING = timedelta(seconds=1)
Told = dict[str, Any]


def story_lines(
    job: Job, attempts: Sequence[Attempt], events: Sequence[AttemptEvent], movements: Sequence[LedgerEntry] = ()
) -> list[Told]:
    """Return a job's story for ``ui.story``: the wish, every attempt with its money, and what it waits for."""
    told: list[Told] = [
        {
            "status": "planned",
            "title": _("Wished by %(name)s") % {"name": job.wished_by_name or "?"},
            "at": job.created_at,
            "text": f"{job.backend}, {job.model}",
        }
    ]
    for attempt in attempts:
        title = _("Attempt %(n)d: %(state)s") if len(attempts) > 1 else ""
        steps = [event for event in events if event.attempt_id == attempt.id]
        moved = [entry for entry in movements if entry.attempt_id == attempt.id]
        if moved and steps and steps[0].state == "reserved":
            steps = steps[1:]  # the ledger tells it with the amount
        mine = [_step(each, attempt, title) for each in _condensed(steps)]
        mine += [*_looks(attempt), *(_moved(entry, attempt) for entry in moved)]
        told += sorted(mine, key=lambda line: line["at"])  # what is of one moment stays in this order
    if job.state == "waiting" and job.reason:
        told.append({"status": "held", "title": _("Waits"), "at": job.updated_at, "text": job.reason, "live": True})
    return _with_pauses(told)


def _condensed(events: Iterable[AttemptEvent]) -> list[list[AttemptEvent]]:
    """Return lines of a state that says the same again and again as one group each."""
    groups: list[list[AttemptEvent]] = []
    for event in events:
        before = groups[-1][-1] if groups else None
        if before is not None and (before.state, before.note) == (event.state, event.note):
            groups[-1].append(event)
        else:
            groups.append([event])
    return groups


def _step(group: Sequence[AttemptEvent], attempt: Attempt, title: str) -> Told:
    first, last = group[0], group[-1]
    word = state_word(first.state)
    text = first.note
    if len(group) > 1:
        again = ngettext("%(n)d time.", "%(n)d times.", len(group)) % {"n": len(group)}
        text = f"{text} {again}"
    return {
        "status": first.state,
        "title": title % {"n": attempt.number, "state": word} if title else word,
        "at": first.created_at,
        "ends": last.created_at,
        "text": text,
    }


def _looks(attempt: Attempt) -> list[Told]:
    """Return when the provider was asked how it stands: the first and the last time, and how often."""
    first, last = attempt.first_look_at, attempt.last_look_at
    if first is None or last is None or not attempt.looks:
        return []
    title = ngettext("Asked once", "Asked %(n)d times", attempt.looks) % {"n": attempt.looks}
    return [{"status": "running", "title": title, "at": first, "ends": last, "text": ""}]


def _moved(entry: LedgerEntry, attempt: Attempt) -> Told:
    amount = Money(entry.amount_micros, entry.currency)
    titles = {
        "reserve": _("%(amount)s reserved"),
        "release": _("%(amount)s freed again"),
        "settle": _("%(amount)s paid"),
        "correct": _("%(amount)s corrected after the invoice"),
    }
    text = entry.note
    if entry.kind == "reserve" and attempt.rate is not None:
        cap = Money(attempt.cap_micros, attempt.currency)
        text = _("%(cap)s at %(rate)s, the rate of %(day)s") % {
            "cap": cap,
            "rate": f"{attempt.rate.normalize():f}",
            "day": attempt.rate_on,
        }
    if entry.kind == "correct" and entry.target == "available":
        titles["correct"] = _("%(amount)s given back after the invoice")
    return {"status": "held", "title": titles[entry.kind] % {"amount": amount}, "at": entry.created_at, "text": text}


def _with_pauses(told: list[Told]) -> list[Told]:
    """Say on each line how long after the one before it came, where that is a second or more."""
    before: datetime | None = None
    for line in told:
        at = line["at"]
        if before is not None and at - before >= WORTH_SAYING:
            line["after"] = span(at - before)
        before = line.get("ends", at)
    return told


def span(length: timedelta) -> str:
    """Return a length of time in its two largest units: ``3 min 20 s``."""
    seconds = int(length.total_seconds())
    if seconds < 60:
        return _("%(seconds)d s") % {"seconds": seconds}
    if seconds < 3600:
        return _("%(minutes)d min %(seconds)d s") % {"minutes": seconds // 60, "seconds": seconds % 60}
    return _("%(hours)d h %(minutes)d min") % {"hours": seconds // 3600, "minutes": seconds % 3600 // 60}
