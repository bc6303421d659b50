"""A vendor's invoice beside the ledger: every kind of line, corrections that are made once, and the pages."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.core import clock
from app.core.money import Money
from app.jobs.models import Attempt
from app.money import rates
from app.money import service as money
from app.money.models import LedgerEntry
from app.projects.models import Project

PRICE = 100_000


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    """Keep the minutes that tests skip within one day of UTC."""
    with clock.turned(clock.now().replace(hour=12)):
        yield


@pytest.fixture
def team(world) -> str:
    """The address of the team's invoices."""
    return f"/api/v1/teams/{world.team_id}/invoices"


async def buy(bought, scenario: str = "") -> str:
    """Buy a take and return the provider's id of it."""
    job_id = await bought.wish(scenario)
    await bought.run(job_id, seconds=60)
    (attempt,) = await bought.attempts(job_id)
    assert attempt.handle is not None
    return attempt.handle["remote_id"]


async def matched(producer, team, lines: list[tuple[str, str]], currency: str = "USD") -> dict:
    """Upload and match an invoice of today."""
    today = clock.now().date().isoformat()
    text = "Generation ID,Cost,Date\n" + "".join(f"{one},{cost},{today}\n" for one, cost in lines)
    up = await producer.post(f"{team}/upload?file_name=november.csv", content=text.encode())
    assert up.status_code == 201, up.text
    guess = up.json()["guess"]
    assert (guess["remote_id"], guess["amount"], guess["on"]) == ("Generation ID", "Cost", "Date")
    chosen = {"backend": "paid", "remote_id": guess["remote_id"], "amount": guess["amount"], "on": guess["on"]}
    done = await producer.post(f"{team}/{up.json()['id']}/match", json={**chosen, "fixed": currency})
    assert done.status_code == 200, done.text
    return done.json()


def told(invoice: dict) -> dict[str, tuple[int, int]]:
    """Return how many lines are in each state, and by how much they differ."""
    return {each["state"]: (each["lines"], each["difference_micros"]) for each in invoice["result"]}


async def test_every_kind_of_line_is_told_apart(browsers, bought, team):
    await bought.budget("10")
    same, dearer, left_out = await buy(bought), await buy(bought, "ok"), await buy(bought, "fine")
    lost = await bought.run(await bought.wish("unknown_status"), seconds=150)
    assert lost.state == "unknown"
    (attempt,) = await bought.attempts(lost.id)
    lines = [(same, "0.10"), (dearer, "0.12"), ("gen_nobody", "5"), (attempt.handle["remote_id"], "0.10")]
    producer = browsers("producer")
    invoice = await matched(producer, team, lines)
    assert told(invoice) == {
        "different": (1, 20_000),
        "equal": (1, 0),
        "missing": (1, -PRICE),
        "open": (1, PRICE),
        "unknown": (1, 5_000_000),
    }
    (missing,) = (await producer.get(f"{team}/{invoice['id']}/lines?state=missing")).json()["items"]
    assert (missing["remote_id"], missing["number"], missing["booked_micros"]) == (left_out, None, PRICE)
    first = (await producer.get(f"{team}/{invoice['id']}/lines?limit=2")).json()
    rest = (await producer.get(f"{team}/{invoice['id']}/lines?limit=9&after={first['next']}")).json()
    assert [len(first["items"]), len(rest["items"]), rest["next"]] == [2, 3, None]


async def test_another_currency_is_not_compared(browsers, bought, team):
    await bought.budget("10")
    invoice = await matched(browsers("producer"), team, [(await buy(bought), "0.10")], currency="EUR")
    assert set(told(invoice)) == {"currency"}


async def test_corrections_are_booked_once_and_the_next_invoice_agrees(browsers, bought, team, database):
    await bought.budget("10")
    dearer, left_out = await buy(bought), await buy(bought, "ok")
    producer = browsers("producer")
    invoice = await matched(producer, team, [(dearer, "0.12")])
    path = f"{team}/{invoice['id']}"
    (line,) = (await producer.get(f"{path}/lines?state=different")).json()["items"]
    one = await producer.post(f"{path}/correct", json={"lines": [line["id"]]})
    assert one.json() == {"corrected": 1}
    assert (await bought.position()).spent == 2 * PRICE + 20_000
    assert (await producer.post(f"{path}/correct", json={"lines": [line["id"]]})).status_code == 409
    assert (await producer.post(f"{path}/correct", json={})).json() == {"corrected": 1}
    assert (await producer.post(f"{path}/correct", json={})).json()["code"] == "money.nothing_to_correct"
    assert (await bought.position()).spent == 120_000
    async with database.transaction() as session:
        query = select(LedgerEntry).where(LedgerEntry.kind == "correct").order_by(LedgerEntry.id)
        moved = [(e.source, e.target, e.amount_micros, e.backend) for e in await session.scalars(query)]
        acts = (await session.scalars(select(AuditEntry).where(AuditEntry.action == "money.corrected"))).all()
    assert moved == [("available", "spent", 20_000, "paid"), ("spent", "available", PRICE, "paid")]
    assert sorted(act.facts["micros"] for act in acts) == [-PRICE, 20_000]
    again = await matched(producer, team, [(dearer, "0.12")])
    assert told(again) == {"equal": (1, 0)}
    assert told(await matched(producer, team, [(left_out, "0.10"), (dearer, "0.12")])) == {
        "different": (1, PRICE),
        "equal": (1, 0),
    }


async def test_a_correction_is_booked_at_the_frozen_rate(browsers, bought, team, database):
    async with database.transaction() as session:
        project = await session.get_one(Project, bought.project_id)
        project.currency = "CNY"
        await money.set_budget(session, bought.actor, project, None, Money.of("10", "CNY"))
        today = clock.now().date()
        rate = {"base": "USD", "quote": "CNY", "on": today}
        await rates.set_rate(session, bought.actor, project.team_id, rate=Decimal("7.0000001"), **rate)
    remote_id = await buy(bought)
    async with database.transaction() as session:
        await rates.set_rate(session, bought.actor, project.team_id, rate=Decimal(9), **rate)
    producer = browsers("producer")
    invoice = await matched(producer, team, [(remote_id, "0.05")])
    await producer.post(f"{team}/{invoice['id']}/correct", json={})
    assert (await bought.position()).spent == 350_001  # 50,000 times 7.0000001, rounded up as the price was
    async with database.transaction() as session:
        attempt = await session.scalar(select(Attempt))
        assert attempt is not None and attempt.actual_ledger_micros == 700_001


async def test_it_is_done_on_the_pages(browsers, bought, world):
    await bought.budget("10")
    remote_id, producer = await buy(bought), browsers("producer")
    path = f"/teams/{world.team_id}/invoices"
    text = f"id,amount,currency\n{remote_id},0.15,USD\nTotal,,USD\n"
    up = await producer.post(f"{path}/upload", files={"invoice": ("账单.csv", text.encode("gb18030"), "text/csv")})
    assert up.status_code == 303
    mine = up.headers["location"]
    page = (await producer.get(mine)).text
    assert "账单.csv" in page and remote_id in page and '<option value="paid" selected>' in page
    wrong = {"backend": "paid", "remote_id": "id", "amount": "currency", "currency": "currency"}
    refused = await producer.post(f"{mine}/match", data=wrong)
    assert refused.status_code == 422 and "Line 2" in refused.text
    chosen = {**wrong, "amount": "amount"}
    assert (await producer.post(f"{mine}/match", data=chosen)).status_code == 303
    page = (await producer.get(mine)).text
    assert "1 line could not be read" in page and "Line 3" in page and "$0.05" in page
    assert "was not looked for" in page
    assert (await producer.post(f"{mine}/match", data=chosen)).status_code == 409
    assert (await producer.post(f"{mine}/correct", data={"all": "1"})).status_code == 303
    assert "Corrected by Producer" in (await producer.get(mine)).text
    assert (await producer.post(f"{mine}/discard")).status_code == 409
    unread = (await producer.post(f"{path}/upload", files={"invoice": ("x.csv", text.encode(), "text/csv")})).headers[
        "location"
    ]
    assert (await producer.post(f"{unread}/discard")).status_code == 303
    assert "x.csv" not in (await producer.get(path)).text
    director = browsers("director")
    assert "账单.csv" in (await director.get(path)).text
    assert (await director.post(f"{mine}/correct", data={"all": "1"})).status_code == 403
    assert (await browsers("writer").get(path)).status_code == 403


async def test_what_is_no_invoice_is_said_on_the_page(browsers, world):
    producer, path = browsers("producer"), f"/teams/{world.team_id}/invoices"
    assert (await producer.post(f"{path}/upload", files={"other": ("a", b"")})).status_code == 422
    refused = await producer.post(f"{path}/upload", files={"invoice": ("a.csv", b"\x89PNG\xff\xff", "text/csv")})
    assert refused.status_code == 422 and "UTF-8 or GB18030" in refused.text
    too_large = await producer.post(f"/api/v1/teams/{world.team_id}/invoices/upload", content=b"x" * (10 * 1024**2 + 1))
    assert too_large.json()["code"] == "money.invoice_size"


async def test_another_teams_generations_are_unknown(browsers, bought, world):
    await bought.budget("10")
    remote_id = await buy(bought)
    stranger = browsers("stranger")
    path = f"/api/v1/teams/{world.other_team_id}/invoices"
    up = (await stranger.post(f"{path}/upload", content=f"id,amount,currency\n{remote_id},1,USD\n".encode())).json()
    chosen = {"backend": "paid", "remote_id": "id", "amount": "amount", "currency": "currency"}
    refused = await stranger.post(f"{path}/{up['id']}/match", json=chosen)
    assert (refused.status_code, refused.json()["code"]) == (422, "money.invoice_backend")
    assert (await stranger.get(f"/api/v1/teams/{world.team_id}/invoices/{up['id']}")).status_code == 404
