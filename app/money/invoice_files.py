"""Reading a vendor's invoice: a CSV file in, charges and the lines that cannot be read out. Pure."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from app.core.errors import Invalid
from app.core.i18n import _
from app.core.money import MICROS

MOST_BYTES = 10 * 1024 * 1024
MOST_LINES = 100_000
LONGEST_ID = 300
LARGEST = Decimal(10) ** 9
ENCODINGS = ("utf-8-sig", "gb18030")
GUESSES = {
    "remote_id": ("remote_id", "generation_id", "task_id", "job_id", "request_id", "video_id", "任务id", "任务", "id"),
    "amount": ("amount", "cost", "price", "charge", "fee", "total", "金额", "费用", "价格", "应付"),
    "currency": ("currency", "币种", "货币"),
    "on": ("date", "created", "time", "day", "日期", "时间"),
}
_GROUPED = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?")
_SIGNS = "$€£¥￥ \u00a0"
_DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日")


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file: its header, and its rows with the number of the line each begins on."""

    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column holds what, by its name; without a column of currencies every line is in ``fixed``."""

    remote_id: str
    amount: str
    currency: str = ""
    on: str = ""
    fixed: str = ""


@dataclass(frozen=True, slots=True)
class Charge:
    """What an invoice asks for one generation; ``times`` counts the lines that were added up."""

    number: int
    remote_id: str
    micros: int
    currency: str
    on: date | None
    times: int = 1


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that cannot be read, and why."""

    number: int
    why: str


@dataclass(frozen=True, slots=True)
class Read:
    """Every generation an invoice names, once, and the lines that were passed over."""

    charges: tuple[Charge, ...]
    bad: tuple[BadLine, ...]
    lines: int


def table_of(content: bytes) -> Table:
    """Return the rows of a file in UTF-8 or GB18030; raises ``Invalid`` for what is too large or no such table."""
    if len(content) > MOST_BYTES:
        raise Invalid("money.invoice_size", _("An invoice has at most 10 MB. Split it by month, then try again."))
    text = _decoded(content)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        rows = tuple(_numbered(lines))
    except csv.Error as error:
        message = _("Line %(number)d is not CSV: %(why)s. Export the invoice as CSV again.")
        raise Invalid("money.invoice_csv", message % {"number": lines.line_num, "why": error}) from error
    if len(rows) < 2:
        raise Invalid("money.invoice_empty", _("The file holds no lines below its header. Choose the invoice as CSV."))
    if len(rows) - 1 > MOST_LINES:
        raise Invalid("money.invoice_lines", _("An invoice has at most 100,000 lines. Split it, then try again."))
    header = tuple(name.strip() for name in rows[0][1])
    if len(set(header)) < len(header):
        raise Invalid("money.invoice_header", _("Two columns of the file have the same name. Rename one, then retry."))
    return Table(header, rows[1:])


def _decoded(content: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    message = _("The file is not text in UTF-8 or GB18030. Save it as CSV in one of these, then try again.")
    raise Invalid("money.invoice_encoding", message)


def _delimiter(text: str) -> str:
    first = text.split("\n", 1)[0]
    return max(",;\t", key=first.count)


def _numbered(lines: Iterator[list[str]]) -> Iterator[tuple[int, tuple[str, ...]]]:
    before = 0
    for row in lines:
        number, before = before + 1, lines.line_num  # type: ignore[attr-defined]  # what csv.reader returns has it
        if any(cell.strip() for cell in row):
            yield number, tuple(row)


def guess(header: Sequence[str]) -> Columns:
    """Return the columns that look like what is needed; "" for what nothing looks like."""
    found: dict[str, str] = {}
    for part, words in GUESSES.items():
        taken = set(found.values())
        plain = {name: name.casefold().replace(" ", "_") for name in header if name not in taken}
        exact = [name for word in words for name, said in plain.items() if said == word]
        near = [name for word in words for name, said in plain.items() if word in said]
        found[part] = next(iter([*exact, *near]), "")
    return Columns(found["remote_id"], found["amount"], found["currency"], found["on"])


def read(table: Table, columns: Columns) -> Read:
    """Return what an invoice charges for each generation, lines about the same one added up.

    Raises ``Invalid`` when a column that was chosen is not in the file.
    """
    places = _places(table, columns)
    charges: dict[tuple[str, str], Charge] = {}
    bad: list[BadLine] = []
    for number, row in table.rows:
        try:
            one = _charge(number, row, places, columns.fixed)
        except ValueError as error:
            bad.append(BadLine(number, str(error)))
            continue
        key = (one.remote_id, one.currency)
        charges[key] = _added(charges[key], one) if key in charges else one
    return Read(tuple(charges.values()), tuple(bad), len(table.rows))


def _places(table: Table, columns: Columns) -> dict[str, int]:
    wanted = {part: getattr(columns, part) for part in GUESSES if getattr(columns, part)}
    if not columns.remote_id or not columns.amount or not (columns.currency or columns.fixed):
        message = _("Say which column holds the generation's id, which the amount, and which the currency.")
        raise Invalid("money.invoice_columns", message)
    unknown = [name for name in wanted.values() if name not in table.header]
    if unknown:
        message = _("The file has no column “%(name)s”. Choose one of its columns.") % {"name": unknown[0]}
        raise Invalid("money.invoice_columns", message)
    return {part: table.header.index(name) for part, name in wanted.items()}


def _added(one: Charge, more: Charge) -> Charge:
    return Charge(one.number, one.remote_id, one.micros + more.micros, one.currency, one.on or more.on, one.times + 1)


def _charge(number: int, row: Sequence[str], places: dict[str, int], fixed: str) -> Charge:
    def cell(part: str) -> str:
        at = places.get(part)
        return "" if at is None or at >= len(row) else unicodedata.normalize("NFKC", row[at]).strip()

    remote_id = cell("remote_id")
    if not remote_id or len(remote_id) > LONGEST_ID:
        raise ValueError(_("It names no generation: the column of ids is empty or too long."))
    currency = cell("currency").upper() if "currency" in places else fixed
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise ValueError(_("“%(text)s” is no currency of three letters.") % {"text": currency[:20]})
    return Charge(number, remote_id, _micros(cell("amount")), currency, _day(cell("on")) if "on" in places else None)


def _micros(text: str) -> int:
    plain = text.translate({ord(sign): None for sign in _SIGNS})
    if plain.startswith("(") and plain.endswith(")"):
        plain = f"-{plain[1:-1]}"
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    try:
        amount = Decimal(plain)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or abs(amount) > LARGEST:
        raise ValueError(_("“%(text)s” is no amount. Write it as 1234.50.") % {"text": text[:40]})
    return int((amount * MICROS).to_integral_value(ROUND_HALF_EVEN))


def _day(text: str) -> date:
    for form in _DAYS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(_("“%(text)s” is no date. Write it as 2026-11-30.") % {"text": text[:40]}) from error
    return (moment.astimezone(UTC) if moment.tzinfo else moment).date()
