"""What a project costs: sums by episode, model, person and day, the cost of an accepted second, the file."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from app.boards import spending
from app.core import clock
from app.core.ids import new_id
from app.core.money import Money
from app.money.models import LedgerEntry
from app.money.spending import Asked, Sum

LATE = datetime(2026, 11, 29, 20, tzinfo=UTC)  # already the 30th in Shanghai


def entry(shoot, kind: str, amount: int, at: datetime = LATE, **more) -> LedgerEntry:
    """Return a movement of the shoot's episode."""
    source, target = {
        "reserve": ("available", "reserved"),
        "release": ("reserved", "available"),
        "settle": ("available", "spent"),
        "correct": ("spent", "available"),
    }[kind]
    values = {"attempt_id": new_id(), "backend": "paid", "model": "fast", "actor_id": shoot.director.id, **more}
    return LedgerEntry(
        project_id=shoot.project_id, episode_id=shoot.episode_id, kind=kind, source=source, target=target,
        amount_micros=amount, currency="CNY", created_at=at, role="director", **values,
    )  # fmt: skip


@pytest.fixture
async def spent(shoot) -> None:
    """Two attempts that were paid, one of them partly given back, and one that runs; one second is circled."""
    first, second = new_id(), new_id()
    shot = await shoot.shot()
    (take,) = await shoot.arrive(shot)
    async with shoot.database.transaction() as session:
        for attempt, paid, model in ((first, 3_000_000, "fast"), (second, 5_000_000, "=HYPERLINK(1)")):
            same = {"attempt_id": attempt, "model": model}
            session.add(entry(shoot, "reserve", 6_000_000, **same))
            session.add(entry(shoot, "release", 6_000_000, **same))
            session.add(entry(shoot, "settle", paid, **same))
        back = {"attempt_id": first, "invoice_line_id": new_id(), "note": "-1"}
        session.add(entry(shoot, "correct", 1_000_000, LATE + timedelta(days=1), **back))
        session.add(entry(shoot, "reserve", 400_000, clock.now()))
        from app.review import service as review

        await review.circle(session, shoot.director, await session.get_one(type(take), take.id))


@pytest.fixture
def api(shoot) -> str:
    """The address of the sums."""
    return f"/api/v1{shoot.project}/money/spending"


async def test_everything_is_summed(browsers, shoot, spent, api):
    told = (await browsers("producer").get(api)).json()
    assert {name: told["whole"][name]["micros"] for name in ("spent", "reserved", "refunded")} == {
        "spent": 7_000_000,
        "reserved": 400_000,
        "refunded": 1_000_000,
    }
    assert (told["whole"]["bought"], told["circled"], told["take_ratio"]) == (2, 1, 2.0)
    assert told["cost_per_second"]["micros"] == 7_000_000
    assert {(m["backend"], m["model"]): m["spent"]["micros"] for m in told["models"]} == {
        ("paid", "fast"): 2_000_000,
        ("paid", "=HYPERLINK(1)"): 5_000_000,
    }
    (person,), (episode,) = told["people"], told["episodes"]
    assert (person["name"], person["bought"]) == ("Director", 2)
    assert UUID(episode["episode_id"]) == shoot.episode_id and episode["take_ratio"] == 2.0
    days = {day["day"]: day["spent"]["micros"] for day in told["days"] if day["spent"]["micros"]}
    assert days == {"2026-11-29": 8_000_000, "2026-11-30": -1_000_000}


async def test_days_models_and_people_are_filtered(browsers, spent, api, world):
    producer = browsers("producer")
    day = (await producer.get(f"{api}?since=2026-11-30&until=2026-11-30")).json()
    assert (day["whole"]["spent"]["micros"], day["whole"]["bought"], day["take_ratio"]) == (-1_000_000, 0, None)
    assert day["whole"]["reserved"]["micros"] == 400_000
    fast = (await producer.get(f"{api}?backend=paid&model=fast")).json()
    assert fast["whole"]["spent"]["micros"] == 2_000_000
    nobody = (await producer.get(f"{api}?person={world.actors['writer'].id}")).json()
    assert nobody["whole"]["spent"]["micros"] == 0 and nobody["models"] == []
    assert (await browsers("writer").get(api)).status_code == 403


async def test_a_day_is_that_of_the_reader(spent, shoot):
    asked = Asked(shoot.project_id, "Asia/Shanghai")
    async with shoot.database.transaction() as session:
        sums = await spending.spending.summed(session, asked)
    assert sums.by_day[date(2026, 11, 30)].spent == 8_000_000
    within = Asked(shoot.project_id, "Asia/Shanghai", since=date(2026, 11, 30), until=date(2026, 11, 30))
    async with shoot.database.transaction() as session:
        assert (await spending.spending.summed(session, within)).whole.spent == 8_000_000


async def test_the_page_shows_it_and_keeps_its_filter(browsers, spent, shoot):
    producer, path = browsers("producer"), f"{shoot.project}/money/spending"
    page = (await producer.get(path)).text
    assert "¥7" in page and "per accepted second" in page and '<svg viewBox="0 0 1000 160"' in page
    narrow = (await producer.get(f"{path}?model=paid/fast&since=&person=")).text
    assert "¥2" in narrow and 'value="paid/fast" selected' in narrow and "=HYPERLINK(1)" in narrow
    assert "spending.csv?model=paid%2Ffast" in narrow
    assert (await producer.get(f"{path}?since=never")).status_code == 422
    assert "Nothing is spent yet" in (await producer.get(f"{path}?person={new_id()}")).text


async def test_the_file_holds_every_movement_and_no_formula(browsers, spent, shoot):
    answer = await browsers("producer").get(f"{shoot.project}/money/spending.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8" and answer.text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert len(rows) == 8
    assert {row["model"] for row in rows} == {"fast", "'=HYPERLINK(1)"}
    (given_back,) = [row for row in rows if row["kind"] == "correct"]
    assert (given_back["amount"], given_back["note"], given_back["person"]) == ("1.000000", "'-1", "Director")
    few = await browsers("producer").get(f"{shoot.project}/money/spending.csv?model=paid/fast&until=2026-11-29")
    assert few.text.count("\r\n") == 1 + 3
    assert (await browsers("viewer").get(f"{shoot.project}/money/spending.csv")).status_code == 403


def test_bars_cover_every_day_and_ninety_at_most():
    days = {date(2026, 1, 1): Sum(spent=5), date(2026, 6, 1): Sum(spent=10), date(2026, 6, 3): Sum(spent=5)}
    asked = Asked(new_id(), since=date(2026, 6, 1), until=date(2026, 6, 4))
    shown = spending.bars(days, asked, "CNY")
    assert [(bar.spent, bar.height) for bar in shown] == [
        (Money(10, "CNY"), 160.0),
        (Money(0, "CNY"), 0.0),
        (Money(5, "CNY"), 80.0),
        (Money(0, "CNY"), 0.0),
    ]
    assert len(spending.bars(days, Asked(new_id(), until=date(2026, 6, 3)), "CNY")) == 90
    assert spending.bars({}, asked, "CNY") == []
