"""Jobs and their attempts: the wish for a take, and each paid try at it (ARCHITECTURE: 5. Jobs)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Identified, Touched

OPEN_STATES = ("waiting", "active", "unknown")
WAITS_FOR_TURN = "state = 'waiting' AND reason_code = 'jobs.turn'"


class Job(Identified, Touched, Base):
    """The wish for one take of one shot; at most one open job per shot and ``request_key``.

    ``routed`` wishes left the backend to the project's policy, and may fail over; ``routing`` says, a line a candidate,
    why it was chosen or not. A greater ``priority`` is bought first.

    ``batch_id`` is shared by the jobs of one wish, and ``batch_micros`` is what they cost together at most.
    ``approved_micros`` is the price of this one that a producer agreed to.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint(
            "state IN ('waiting', 'active', 'done', 'failed', 'refused', 'cancelled', 'unknown')", name="state"
        ),
        Index(
            "uq_jobs_open_request",
            "shot_id",
            "request_key",
            unique=True,
            postgresql_where=text("state IN ('waiting', 'active', 'unknown')"),
        ),
        Index(None, "project_id", "created_at"),
        Index(None, "shot_id", "created_at"),
        Index(None, "project_id", "id"),
        Index(None, "project_id", "state", "id"),
        Index(None, "episode_id", "id"),
        Index(
            "ix_jobs_facets",
            "project_id",
            "episode_id",
            "state",
            "backend",
            "wished_by",
            postgresql_include=["wished_by_name"],
        ),
        Index("ix_jobs_unknown", "project_id", "id", postgresql_where=text("state = 'unknown'")),
        Index("ix_jobs_open", "state", "next_due_at", postgresql_where=text("state IN ('waiting', 'active')")),
        Index("ix_jobs_turn", "backend", "priority", "id", postgresql_where=text(WAITS_FOR_TURN)),
        Index("ix_jobs_waiting", "backend", "id", postgresql_where=text("state = 'waiting'")),
        Index(
            "ix_jobs_to_approve",
            "project_id",
            "batch_id",
            postgresql_where=text("state = 'waiting' AND reason_code = 'money.approval'"),
        ),
    )

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))
    episode_id: Mapped[UUID] = mapped_column(ForeignKey("episodes.id", ondelete="CASCADE"))
    shot_id: Mapped[UUID] = mapped_column(ForeignKey("shots.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(default="waiting")
    reason_code: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    request_key: Mapped[str]
    request: Mapped[dict[str, Any]]
    backend: Mapped[str]
    model: Mapped[str]
    estimate_low_micros: Mapped[int] = mapped_column(BigInteger, default=0)
    estimate_high_micros: Mapped[int] = mapped_column(BigInteger, default=0)
    currency: Mapped[str]
    priority: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    routed: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    routing: Mapped[list[Any]] = mapped_column(default=list, server_default=text("'[]'"))
    progress: Mapped[float | None]
    next_due_at: Mapped[datetime | None]
    wished_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    wished_by_name: Mapped[str] = mapped_column(default="")
    wished_role: Mapped[str] = mapped_column(default="", server_default="")
    batch_id: Mapped[UUID | None]
    batch_micros: Mapped[int | None] = mapped_column(BigInteger)
    approved_micros: Mapped[int | None] = mapped_column(BigInteger)
    cancel_asked_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    dismissed_at: Mapped[datetime | None]
    take_id: Mapped[UUID | None]


IN_FLIGHT = "state IN ('reserved', 'submitting', 'submitted', 'running')"


class Attempt(Identified, Touched, Base):
    """One paid try; its row and its reserved cap are committed before the one create request.

    ``looks`` counts how often its provider was asked how it stands. Amounts are in the provider's ``currency``. Where
    the project has another, ``rate`` is frozen when the cap is reserved, and the columns with ``ledger`` in their name
    hold what the ledger says; they are None otherwise.
    """

    __tablename__ = "attempts"
    __table_args__ = (
        UniqueConstraint("job_id", "number"),
        Index(
            "ix_attempts_due",
            "next_due_at",
            postgresql_where=text(
                "state IN ('reserved', 'submitting', 'submitted', 'running', 'fetching', 'checking')"
            ),
        ),
        Index("ix_attempts_in_flight", "backend", postgresql_where=text(IN_FLIGHT)),
        Index(None, "backend", "submitted_at"),
        Index("ix_attempts_remote_id", "backend", text("(handle ->> 'remote_id')")),
    )

    job_id: Mapped[UUID] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    number: Mapped[int]
    backend: Mapped[str]
    model: Mapped[str]
    state: Mapped[str] = mapped_column(default="reserved")
    request_hash: Mapped[str]
    cap_micros: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    actual_micros: Mapped[int | None] = mapped_column(BigInteger)
    rate: Mapped[Decimal | None] = mapped_column(Numeric(20, 10))
    rate_on: Mapped[date | None]
    ledger_currency: Mapped[str | None]
    cap_ledger_micros: Mapped[int | None] = mapped_column(BigInteger)
    actual_ledger_micros: Mapped[int | None] = mapped_column(BigInteger)
    handle: Mapped[dict[str, Any] | None]
    output: Mapped[dict[str, Any] | None]
    error: Mapped[dict[str, Any] | None]
    cancel_result: Mapped[str] = mapped_column(default="")
    lease_until: Mapped[datetime | None]
    next_due_at: Mapped[datetime | None]
    deadline_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    faults: Mapped[int] = mapped_column(default=0)
    progress: Mapped[float | None]
    looks: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    first_look_at: Mapped[datetime | None]
    last_look_at: Mapped[datetime | None]


class AttemptEvent(Identified, Base):
    """One line of an attempt's story, for the people who ask what happened to their money."""

    __tablename__ = "attempt_events"
    __table_args__ = (Index(None, "attempt_id", "created_at"),)

    attempt_id: Mapped[UUID] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"))
    state: Mapped[str]
    note: Mapped[str] = mapped_column(default="")


class WebhookDelivery(Identified, Base):
    """A verified delivery of a provider; a redelivery has the same ``event_id`` and is not written again.

    ``attempt_id`` is None for one that came to the address of an account before the answer that names it.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (UniqueConstraint("backend", "event_id"), Index(None, "backend", "remote_id"))

    backend: Mapped[str]
    event_id: Mapped[str]
    remote_id: Mapped[str]
    attempt_id: Mapped[UUID | None] = mapped_column(ForeignKey("attempts.id", ondelete="CASCADE"), index=True)
    status: Mapped[str] = mapped_column(default="")


class RoutingPolicy(Touched, Base):
    """How a project chooses among backends (``app.jobs.policy.Policy`` as JSON); without one it names its own."""

    __tablename__ = "routing_policies"

    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    policy: Mapped[dict[str, Any]]


class BackendHealth(Touched, Base):
    """What is known of a backend's health: its circuit is open until ``open_until``, when one try is let through."""

    __tablename__ = "backend_health"

    backend: Mapped[str] = mapped_column(primary_key=True)
    faults: Mapped[int] = mapped_column(default=0)
    openings: Mapped[int] = mapped_column(default=0)
    open_until: Mapped[datetime | None]
    last_fault: Mapped[str] = mapped_column(default="")
    last_fault_at: Mapped[datetime | None]
    last_success_at: Mapped[datetime | None]
