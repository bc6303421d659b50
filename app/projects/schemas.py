"""Input about projects, checked."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

FORMATS = {
    "9:16": (1080, 1920),
    "9:16-720": (720, 1280),
    "4:5": (1080, 1350),
    "1:1": (1080, 1080),
    "16:9": (1920, 1080),
}
RATES = ("24/1", "25/1", "30/1", "24000/1001", "30000/1001", "50/1", "60/1")


class ProjectInput(BaseModel):
    """What somebody says of a new or changed project."""

    model_config = ConfigDict(str_strip_whitespace=True, extra="forbid")

    title: str = Field(min_length=1, max_length=120)
    language: Literal["en", "zh"] = "en"
    style: str = Field(default="", max_length=2000)
    width: int = Field(default=1080, ge=180, le=4096, multiple_of=2)
    height: int = Field(default=1920, ge=180, le=4096, multiple_of=2)
    rate: str = Field(default="24/1", pattern=r"^\d{1,6}/\d{1,4}$")
