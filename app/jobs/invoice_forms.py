"""Forms about invoices."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.money.invoice_files import Columns

LineState = Literal["", "equal", "different", "currency", "open", "unknown", "missing"]


class UploadForm(BaseModel):
    """A file, and nothing else."""

    model_config = ConfigDict(extra="ignore")


class ColumnsForm(BaseModel):
    """Which column of an invoice holds what, the currency of all lines where none does, and the backend."""

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)

    backend: str = Field(max_length=80)
    remote_id: str = Field(max_length=200)
    amount: str = Field(max_length=200)
    currency: str = Field(default="", max_length=200)
    on: str = Field(default="", max_length=200)
    fixed: str = Field(default="", max_length=3)

    def columns(self) -> Columns:
        """Return the columns chosen."""
        return Columns(self.remote_id, self.amount, self.currency, self.on, self.fixed.upper())


class CorrectForm(BaseModel):
    """The lines to correct; none means all."""

    model_config = ConfigDict(extra="ignore")

    lines: list[UUID] = Field(default_factory=list, max_length=500)
