"""Input about projects, checked."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

FORMATS = {
    "9:16": (1080, 1920),
    "9:16-720": (720, 1280),
    "4:5": (1080, 1350),
    "1:1": (1080, 1080),
    "16:9": (1920, 1080),
}
RATES = ("24/1", "25/1", "30/1", "24000/1001", "30000/1001", "50/1", "60/1")

Title = Annotated[str, Field(min_length=1, max_length=120)]
Style = Annotated[str, Field(max_length=2000)]
Language = Literal["en", "zh"]
Pixels = Annotated[int, Field(ge=180, le=4096, multiple_of=2)]
Rate = Annotated[str, Field(pattern=r"^\d{1,6}/\d{1,4}$", description='Frames a second, as "24/1" or "24000/1001".')]


class ProjectInput(BaseModel):
    """What somebody says of a new or changed project."""

    model_config = ConfigDict(str_strip_whitespace=True, extra="forbid")

    title: Title
    language: Language = "en"
    style: Style = ""
    width: Pixels = 1080
    height: Pixels = 1920
    rate: Rate = "24/1"


class ProjectChange(BaseModel):
    """What somebody changes of a project; what is left out stays as it is."""

    model_config = ConfigDict(str_strip_whitespace=True, extra="forbid")

    title: Title | None = None
    language: Language | None = None
    style: Style | None = None
    width: Pixels | None = None
    height: Pixels | None = None
    rate: Rate | None = None
    backend: str | None = Field(default=None, min_length=1, max_length=80)
    model: str | None = Field(default=None, min_length=1, max_length=120)
