"""The catalogue of text models: vendors, models, limits and prices as rows of ``rows/vendors.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from app.core.money import Money

SHIPPED = Path(__file__).with_name("rows") / "vendors.toml"
MILLION = 1_000_000


class Answers(StrEnum):
    """How a model is held to a shape: by a schema, by the promise of some JSON, or by words alone."""

    SCHEMA = "json_schema"
    OBJECT = "json_object"
    PROMPT = "prompt"


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens read and written, thought ones among the written."""

    read: int = 0
    written: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(self.read + other.read, self.written + other.written)


@dataclass(frozen=True, slots=True)
class TokenPrice:
    """What a million tokens cost, read and written."""

    currency: str
    input: Decimal
    output: Decimal

    def cost(self, usage: Usage) -> Money:
        """Return the price of some tokens, rounded up to a micro-unit."""
        amount = (usage.read * self.input + usage.written * self.output) / MILLION
        return Money.of(amount, self.currency)


@dataclass(frozen=True, slots=True)
class Row:
    """One model of one vendor as the catalogue has it; None is not known, or not shipped.

    ``refusal_codes`` and ``quota_codes`` are the vendor's codes for content it turns down and for an empty account.
    ``extra`` goes into each request as it is, such as a switch that turns thinking off.
    """

    vendor: str
    model: str
    base_url: str = ""
    answers: Answers = Answers.PROMPT
    context: int | None = None
    price: TokenPrice | None = None
    retires_on: date | None = None
    refusal_codes: frozenset[str] = frozenset()
    quota_codes: frozenset[str] = frozenset()
    extra: Mapping[str, Any] = field(default_factory=dict)

    def retired(self, today: date) -> bool:
        """Tell whether the vendor serves the model no more."""
        return self.retires_on is not None and self.retires_on <= today


@cache
def shipped() -> Mapping[str, Mapping[str, Any]]:
    """Return the shipped vendors by name, each as it is written."""
    return tomllib.loads(SHIPPED.read_text())


def vendors() -> tuple[str, ...]:
    """Return the names of the shipped vendors."""
    return tuple(shipped())


def models(vendor: str) -> tuple[str, ...]:
    """Return the names of a vendor's shipped models."""
    return tuple(one["model"] for one in shipped().get(vendor, {}).get("models", ()))


def written(vendor: str, model: str) -> dict[str, Any]:
    """Return what the catalogue says of a model: what holds for its vendor, and its own; empty for a stranger."""
    facts = shipped().get(vendor, {})
    common = {key: value for key, value in facts.items() if key != "models"}
    own: Mapping[str, Any] = next((one for one in facts.get("models", ()) if one["model"] == model), {})
    return {**common, **own}
