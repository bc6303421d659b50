"""Forms about projects."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from app.projects.schemas import FORMATS, ProjectInput


class ProjectForm(BaseModel):
    """A new or changed project; ``format`` is one of ``FORMATS``, or "other" with its own size."""

    model_config = ConfigDict(str_strip_whitespace=True, extra="ignore")

    title: str = Field(min_length=1, max_length=120)
    language: Literal["en", "zh"] = "en"
    style: str = Field(default="", max_length=2000)
    format: str = "9:16"
    width: int | None = Field(default=None, ge=180, le=4096, multiple_of=2)
    height: int | None = Field(default=None, ge=180, le=4096, multiple_of=2)
    rate: str = Field(default="24/1", pattern=r"^\d{1,6}/\d{1,4}$")

    def to_input(self) -> ProjectInput:
        """Return what the service takes."""
        width, height = FORMATS.get(self.format, (self.width or 1080, self.height or 1920))
        return ProjectInput(
            title=self.title, language=self.language, style=self.style, width=width, height=height, rate=self.rate
        )


class OfferForm(BaseModel):
    """A backend and one of its models, as "backend/model"."""

    model_config = ConfigDict(extra="ignore")

    offer: str = ""


def format_of(width: int, height: int) -> str:
    """Return the name of a size, or "other"."""
    return next((name for name, size in FORMATS.items() if size == (width, height)), "other")
