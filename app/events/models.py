"""The outbox: what happened, written in the transaction in which it happened."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.db import Base


class OutboxEvent(Base):
    """An event ``domain.noun_past`` with its schema version, delivered at least once."""

    __tablename__ = "outbox_events"
    __table_args__ = (Index("ix_outbox_events_waiting", "id", postgresql_where=text("delivered_at IS NULL")),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    name: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    project_id: Mapped[UUID | None]
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    delivered_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
