"""Money: budgets and rules, exchange rates, invoices, and a ledger of movements that is only ever added to."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Identified, Touched
from app.money.schemas import LINES

NOWHERE = UUID(int=0)


class Budget(Identified, Touched, Base):
    """A hard cap in micro-units, for a project, or one of its episodes."""

    __tablename__ = "budgets"
    __table_args__ = (
        CheckConstraint("limit_micros >= 0", name="limit"),
        Index("uq_budgets_project", "project_id", unique=True, postgresql_where=text("episode_id IS NULL")),
        Index("uq_budgets_episode", "episode_id", unique=True, postgresql_where=text("episode_id IS NOT NULL")),
    )

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    episode_id: Mapped[UUID | None] = mapped_column(ForeignKey("episodes.id", ondelete="CASCADE"))
    currency: Mapped[str]
    limit_micros: Mapped[int] = mapped_column(BigInteger)


class RoleBudget(Identified, Touched, Base):
    """A hard cap in micro-units on what everybody of one role together may have reserved and spent in a project."""

    __tablename__ = "role_budgets"
    __table_args__ = (
        CheckConstraint("limit_micros >= 0", name="limit"),
        UniqueConstraint("project_id", "role"),
    )

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    role: Mapped[str]
    currency: Mapped[str]
    limit_micros: Mapped[int] = mapped_column(BigInteger)


class SpendingRules(Touched, Base):
    """What a project asks a producer about, in its own currency, and the percentages of a budget it warns at."""

    __tablename__ = "spending_rules"
    __table_args__ = (
        CheckConstraint("approve_single_micros >= 0", name="single"),
        CheckConstraint("approve_batch_micros >= 0", name="batch"),
    )

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    approve_single_micros: Mapped[int | None] = mapped_column(BigInteger)
    approve_batch_micros: Mapped[int | None] = mapped_column(BigInteger)
    lines: Mapped[list[int]] = mapped_column(ARRAY(Integer), default=lambda: list(LINES))


class LineCrossing(Identified, Base):
    """A warning line that reservations have crossed, told once; forgotten when its budget is raised above it."""

    __tablename__ = "line_crossings"
    __table_args__ = (UniqueConstraint("project_id", "episode_id", "percent", postgresql_nulls_not_distinct=True),)

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    episode_id: Mapped[UUID | None] = mapped_column(ForeignKey("episodes.id", ondelete="CASCADE"))
    percent: Mapped[int]


class ExchangeRate(Identified, Touched, Base):
    """What one unit of ``base`` is worth in ``quote`` from the day ``on``, until the team has a newer rate."""

    __tablename__ = "exchange_rates"
    __table_args__ = (
        CheckConstraint("rate > 0", name="rate"),
        CheckConstraint("base <> quote", name="pair"),
        UniqueConstraint("team_id", "base", "quote", "on"),
    )

    team_id: Mapped[UUID] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"))
    base: Mapped[str]
    quote: Mapped[str]
    rate: Mapped[Decimal] = mapped_column(Numeric(20, 10))
    on: Mapped[date]
    set_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    set_by_name: Mapped[str]


class LedgerEntry(Identified, Base):
    """One movement of money between two accounts: available, reserved, spent. The database refuses to change one.

    The sum over all accounts is zero by construction. An attempt reserves once and is settled or released once; a line
    of an invoice corrects at most once. ``actor_id`` and ``role`` are those of whoever wished for the job.
    """

    __tablename__ = "ledger_entries"
    __table_args__ = (
        CheckConstraint("amount_micros >= 0", name="amount"),
        CheckConstraint("source <> target", name="moves"),
        CheckConstraint("(kind = 'correct') = (invoice_line_id IS NOT NULL)", name="correction"),
        Index(
            "uq_ledger_entries_attempt_kind",
            "attempt_id",
            "kind",
            unique=True,
            postgresql_where=text("kind <> 'correct'"),
        ),
        Index("uq_ledger_entries_invoice_line", "invoice_line_id", unique=True),
        Index("ix_ledger_entries_attempt", "attempt_id"),
        Index(None, "project_id", "episode_id", "created_at"),
    )

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    episode_id: Mapped[UUID | None] = mapped_column(ForeignKey("episodes.id", ondelete="SET NULL"))
    attempt_id: Mapped[UUID]
    kind: Mapped[str]
    source: Mapped[str]
    target: Mapped[str]
    amount_micros: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    actor_id: Mapped[UUID | None]
    role: Mapped[str] = mapped_column(default="", server_default="")
    backend: Mapped[str] = mapped_column(default="", server_default="")
    model: Mapped[str] = mapped_column(default="", server_default="")
    invoice_line_id: Mapped[UUID | None]


class LedgerBalance(Base):
    """What is reserved and spent by the entries of one episode and one role; kept by the database with each entry.

    ``episode_id`` is ``NOWHERE`` for entries without an episode. Where an episode was deleted its entries forget
    it, and its balance stands on: the sums of a project and of a role stay right.
    """

    __tablename__ = "ledger_balances"

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    episode_id: Mapped[UUID] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    reserved_micros: Mapped[int] = mapped_column(BigInteger)
    spent_micros: Mapped[int] = mapped_column(BigInteger)


class Invoice(Identified, Touched, Base):
    """A vendor's invoice, as a file of lines; ``content`` is kept until the lines are read.

    ``reading`` tells which columns were chosen, and which lines could not be read.
    """

    __tablename__ = "invoices"
    __table_args__ = (
        CheckConstraint("state IN ('uploaded', 'matched')", name="state"),
        Index(None, "team_id", "created_at"),
    )

    team_id: Mapped[UUID] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"))
    file_name: Mapped[str]
    sha256: Mapped[str]
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    state: Mapped[str] = mapped_column(default="uploaded")
    backend: Mapped[str] = mapped_column(default="")
    currency: Mapped[str] = mapped_column(default="")
    first_on: Mapped[date | None]
    last_on: Mapped[date | None]
    lines: Mapped[int] = mapped_column(default=0)
    reading: Mapped[dict[str, Any]] = mapped_column(default=dict)
    uploaded_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    uploaded_by_name: Mapped[str]


class InvoiceLine(Identified, Base):
    """What an invoice says of one generation, and what is booked here for it.

    ``number`` is the line of the file (the first of several about the same generation), None for what the invoice does
    not name. Amounts are in the provider's currency; ``difference_micros`` and ``corrected_at`` tell of the ledger.
    """

    __tablename__ = "invoice_lines"
    __table_args__ = (
        CheckConstraint("state IN ('equal', 'different', 'currency', 'open', 'unknown', 'missing')", name="state"),
        Index(None, "invoice_id", "state", "id"),
        Index(None, "attempt_id"),
    )

    invoice_id: Mapped[UUID] = mapped_column(ForeignKey("invoices.id", ondelete="CASCADE"))
    number: Mapped[int | None]
    times: Mapped[int] = mapped_column(default=1)
    remote_id: Mapped[str]
    on: Mapped[date | None]
    currency: Mapped[str]
    amount_micros: Mapped[int | None] = mapped_column(BigInteger)
    state: Mapped[str]
    attempt_id: Mapped[UUID | None]
    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("projects.id", ondelete="SET NULL"))
    booked_micros: Mapped[int | None] = mapped_column(BigInteger)
    booked_currency: Mapped[str] = mapped_column(default="")
    corrected_at: Mapped[datetime | None]
    corrected_by_name: Mapped[str] = mapped_column(default="")
