"""Provider accounts, what owners changed of the catalogue, and what is known of both (decision 0013)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core import clock
from app.core.db import Base, Identified, Touched


class ProviderAccount(Identified, Touched, Base):
    """A backend that an owner configured on a page; its secrets are sealed, and nobody reads them but a backend."""

    __tablename__ = "provider_accounts"
    __table_args__ = (UniqueConstraint("name"),)

    name: Mapped[str]
    kind: Mapped[str]
    base_url: Mapped[str] = mapped_column(default="")
    profile: Mapped[str] = mapped_column(default="")
    account: Mapped[str] = mapped_column(default="")
    region: Mapped[str] = mapped_column(default="")
    limits: Mapped[dict[str, Any]] = mapped_column(default=dict)
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    sealed_api_key: Mapped[str | None]
    sealed_webhook_secret: Mapped[str | None]
    enabled: Mapped[bool] = mapped_column(default=True)


class CatalogueRow(Identified, Touched, Base):
    """What differs in one model of one backend from the catalogue, or a whole model that the catalogue has not."""

    __tablename__ = "catalogue_rows"
    __table_args__ = (UniqueConstraint("backend", "model"),)

    backend: Mapped[str]
    model: Mapped[str]
    values: Mapped[dict[str, Any]] = mapped_column(default=dict)
    enabled: Mapped[bool] = mapped_column(default=True)


class ProviderCheck(Base):
    """What the last test of a backend's connection found."""

    __tablename__ = "provider_checks"

    backend: Mapped[str] = mapped_column(primary_key=True)
    passed: Mapped[bool | None]
    words: Mapped[str] = mapped_column(default="")
    checked_at: Mapped[datetime] = mapped_column(default=clock.now)


class RetiredModel(Identified, Base):
    """A retirement that owners were told of, so that they are told once."""

    __tablename__ = "retired_models"
    __table_args__ = (UniqueConstraint("backend", "model", "retires_on"),)

    backend: Mapped[str]
    model: Mapped[str]
    retires_on: Mapped[date]
