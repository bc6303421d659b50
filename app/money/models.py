"""Money: budgets, and a ledger of movements that is only ever added to."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Identified, Touched


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


class LedgerEntry(Identified, Base):
    """One movement of money between two accounts: available, reserved, spent.

    The sum over all accounts is zero by construction; an attempt reserves once and is settled or released once.
    """

    __tablename__ = "ledger_entries"
    __table_args__ = (
        CheckConstraint("amount_micros >= 0", name="amount"),
        CheckConstraint("source <> target", name="moves"),
        UniqueConstraint("attempt_id", "kind"),
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
