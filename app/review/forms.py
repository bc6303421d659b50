"""Forms of verdicts."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class VerdictForm(BaseModel):
    """A verdict with its note and reasons; ``next`` is where the page goes on.

    With a retake, ``generate`` wishes for the new take at once.
    """

    model_config = ConfigDict(str_strip_whitespace=True, extra="ignore")

    note: str = Field(default="", max_length=1000)
    reasons: list[str] = Field(default_factory=list, max_length=8)
    generate: bool = False
    next: str = Field(default="", max_length=300)


class SomeShotsForm(VerdictForm):
    """The same verdict on several shots of a board."""

    shots: list[UUID] = Field(default_factory=list, max_length=500)
