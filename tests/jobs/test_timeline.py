"""A job's story: steps, looks and money in order, with what repeats told once."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from app.core import clock
from app.core.ids import new_id
from app.jobs.models import Attempt, AttemptEvent, Job
from app.jobs.timeline import span, story_lines
from app.money.models import LedgerEntry

AT = clock.now().replace(microsecond=0)


def after(seconds: float):
    return AT + timedelta(seconds=seconds)


def event(attempt: Attempt, seconds: float, state: str, note: str) -> AttemptEvent:
    return AttemptEvent(id=new_id(), attempt_id=attempt.id, created_at=after(seconds), state=state, note=note)


def entry(attempt: Attempt, seconds: float, kind: str, micros: int) -> LedgerEntry:
    return LedgerEntry(
        id=new_id(), attempt_id=attempt.id, created_at=after(seconds), kind=kind, amount_micros=micros,
        currency="CNY", note="", source="", target="",
    )  # fmt: skip


def test_every_step_stands_in_order_with_the_time_between():
    job = Job(state="done", backend="paid", model="paid-fast", wished_by_name="Ada", created_at=AT, reason="")
    attempt = Attempt(
        id=new_id(), number=1, looks=14, first_look_at=after(12), last_look_at=after(140), rate=Decimal("7.1000"),
        rate_on=AT.date(), cap_micros=500_000, currency="USD",
    )  # fmt: skip
    busy = [event(attempt, 3 + number, "submitting", "Too many at once.") for number in range(3)]
    events = [
        event(attempt, 2, "reserved", "Reserved $0.50."),
        *busy,
        event(attempt, 9, "submitted", "Accepted as g1."),
        event(attempt, 142, "succeeded", "Take 1."),
    ]
    moved = [entry(attempt, 2, "reserve", 3_550_000), entry(attempt, 142, "settle", 3_000_000)]
    told = story_lines(job, [attempt], events, moved)
    assert [(line["title"], line.get("after", "")) for line in told] == [
        ("Wished by Ada", ""),
        ("¥3.55 reserved", "2 s"),
        ("Sent", "1 s"),
        ("Accepted", "4 s"),
        ("Asked 14 times", "3 s"),
        ("Take arrived", "2 s"),
        ("¥3.00 paid", ""),
    ]
    assert told[1]["text"] == f"$0.50 at 7.1, the rate of {AT.date()}"
    assert told[2]["text"] == "Too many at once. 3 times."
    assert (told[4]["at"], told[4]["ends"]) == (after(12), after(140))


def test_without_money_to_see_the_steps_still_tell_it():
    job = Job(state="waiting", backend="paid", model="m", wished_by_name="", created_at=AT, reason="Over budget.")
    job.updated_at = after(5)
    attempt = Attempt(id=new_id(), number=1, looks=0, cap_micros=1, currency="USD")
    told = story_lines(job, [attempt], [event(attempt, 1, "reserved", "Reserved $0.50.")])
    assert [line["title"] for line in told] == ["Wished by ?", "Reserved", "Waits"]


def test_lengths_of_time_are_said_in_two_units():
    said = [span(timedelta(seconds=seconds)) for seconds in (4, 200, 7380)]
    assert said == ["4 s", "3 min 20 s", "2 h 3 min"]


async def test_looks_are_counted_as_the_provider_is_asked(bought):
    await bought.budget("10")
    job_id = await bought.wish("slow=100000")
    await bought.run(job_id, seconds=30)
    (attempt,) = await bought.attempts(job_id)
    asked = [one for one in bought.fake.requests if one["method"] == "GET" and one["path"].startswith("/generations/")]
    assert attempt.looks == len(asked) > 1
    assert attempt.first_look_at < attempt.last_look_at
