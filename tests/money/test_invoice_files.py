"""Reading invoices: encodings, separators, columns that are guessed, and lines that cannot be read."""

from __future__ import annotations

from datetime import date

import pytest

from app.core.errors import Invalid
from app.money import invoice_files
from app.money.invoice_files import Columns, guess, read, table_of

CHOSEN = Columns("id", "amount", "currency", "date")


def charges(text: str, columns: Columns = CHOSEN) -> list[tuple[str, int, str, date | None, int]]:
    """Return what a file charges."""
    told = read(table_of(text.encode()), columns)
    assert told.bad == ()
    return [(one.remote_id, one.micros, one.currency, one.on, one.times) for one in told.charges]


def test_utf_8_and_gb18030_are_read_alike():
    text = "任务ID,金额,币种,日期\ngen_1,3.10,CNY,2026年11月30日\n"
    for content in (text.encode(), text.encode("gb18030"), b"\xef\xbb\xbf" + text.encode()):
        table = table_of(content)
        columns = guess(table.header)
        assert columns == Columns("任务ID", "金额", "币种", "日期")
        (one,) = read(table, columns).charges
        assert (one.remote_id, one.micros, one.currency, one.on) == ("gen_1", 3_100_000, "CNY", date(2026, 11, 30))


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_found(separator):
    rows = [["id", "amount", "currency", "date"], ["g", "0.05", "USD", "2026-11-30"]]
    text = "\n".join(separator.join(row) for row in rows)
    assert charges(text) == [("g", 50_000, "USD", date(2026, 11, 30), 1)]


@pytest.mark.parametrize(
    ("written", "micros"),
    [
        ("0.05", 50_000),
        ("$0.05", 50_000),
        ("¥ 3", 3_000_000),
        ('"1,234.50"', 1_234_500_000),
        ("-0.5", -500_000),
        ("(0.5)", -500_000),
        ("１.５", 1_500_000),
        ("1e-6", 1),
    ],
)
def test_amounts_as_vendors_write_them(written, micros):
    assert charges(f"id,amount,currency,date\ng,{written},USD,2026-11-30\n")[0][1] == micros


@pytest.mark.parametrize(
    "day", ["2026-11-30", "2026/11/30", "20261130", "2026-11-30T23:59:59Z", "2026-12-01T07:00+08:00"]
)
def test_days_are_those_of_utc(day):
    assert charges(f"id,amount,currency,date\ng,1,USD,{day}\n")[0][3] == date(2026, 11, 30)


def test_lines_about_one_generation_are_added_up():
    text = "id,amount,currency,date\ng,1,USD,2026-11-30\nh,2,USD,2026-11-30\ng,0.5,USD,2026-11-30\n"
    assert [one[:3] + one[4:] for one in charges(text)] == [("g", 1_500_000, "USD", 2), ("h", 2_000_000, "USD", 1)]


def test_a_line_that_cannot_be_read_is_named_and_passed_over():
    text = (
        "id,amount,currency,date\n"
        "g,1,USD,2026-11-30\n"
        '"a\nb",1,USD,2026-11-30\n'
        ",1,USD,2026-11-30\n"
        "\n"
        "h,3,10,USD\n"
        "i,ten,USD,2026-11-30\n"
        "j,1,USD,30.11.2026\n"
        "k\n"
    )
    told = read(table_of(text.encode()), CHOSEN)
    assert [one.number for one in told.charges] == [2, 3]
    assert [line.number for line in told.bad] == [5, 7, 8, 9, 10]
    assert [line.why.split(" ")[0] for line in told.bad] == ["It", "“10”", "“ten”", "“30.11.2026”", "“”"]


def test_all_lines_may_be_in_one_currency_and_without_days():
    text = "generation_id,cost\ng,1\n"
    assert charges(text, Columns("generation_id", "cost", fixed="XCR")) == [("g", 1_000_000, "XCR", None, 1)]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "money.invoice_empty"),
        (b"id,amount\n", "money.invoice_empty"),
        (b"\x89PNG\r\n\x1a\n\xff\xff\xff", "money.invoice_encoding"),
        ("id,amount\ng,1\n".encode("utf-16"), "money.invoice_encoding"),
        (b"id,id\ng,1\n", "money.invoice_header"),
        (b"id,amount\ng," + b"1" * 200_000 + b"\n", "money.invoice_csv"),
        (b"x" * (invoice_files.MOST_BYTES + 1), "money.invoice_size"),
        (b"id,a\n" + b"g,1\n" * 100_001, "money.invoice_lines"),
    ],
)
def test_what_is_no_invoice_is_refused(content, code):
    with pytest.raises(Invalid) as refused:
        table_of(content)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "columns", [Columns("", "amount", "currency"), Columns("id", "amount"), Columns("id", "x", "date")]
)
def test_columns_have_to_be_there(columns):
    with pytest.raises(Invalid) as refused:
        read(table_of(b"id,amount,currency,date\ng,1,USD,2026-11-30\n"), columns)
    assert refused.value.code == "money.invoice_columns"
