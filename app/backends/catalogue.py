"""The catalogue: models, limits and prices as rows of data, shipped as TOML, widened by a backend's configuration.

``rows/<kind>.toml`` holds the models of one kind of backend.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator

from app.backends.capabilities import Frame, ModelCaps, Task
from app.backends.config import BackendConfig
from app.backends.errors import ConfigError
from app.core.money import Money

SHIPPED = Path(__file__).with_name("rows")
TOKEN_PIXELS = 1024


@dataclass(frozen=True, slots=True)
class Price:
    """What one generation costs: so much a request and a second, where a size may have a rate of its own.

    ``silent_by_size`` are the rates without native sound. ``per_clip`` prices whole clips as ``SECONDS@WIDTHxHEIGHT``.
    ``per_million_tokens`` prices width × height × ``token_fps`` × seconds / 1024 tokens (Ark). What is more exact wins:
    a clip, then a size, then tokens, then seconds.
    """

    currency: str
    per_second: Decimal = Decimal(0)
    per_request: Decimal = Decimal(0)
    per_second_by_size: Mapping[str, Decimal] = field(default_factory=dict)
    silent_by_size: Mapping[str, Decimal] = field(default_factory=dict)
    per_clip: Mapping[str, Decimal] = field(default_factory=dict)
    per_million_tokens: Decimal = Decimal(0)
    token_fps: int = 24

    def cost(self, seconds: float, frame: Frame, *, sound: bool = True) -> Money:
        """Return the price of ``seconds`` at a size, with or without native sound, rounded up to a micro-unit."""
        size, length = f"{frame.width}x{frame.height}", Decimal(str(seconds))
        clip = self.per_clip.get(f"{seconds:g}@{size}")
        if clip is not None:
            return Money.of(self.per_request + clip, self.currency)
        rates = self.per_second_by_size if sound else {**self.per_second_by_size, **self.silent_by_size}
        tokens = Decimal(frame.width * frame.height * self.token_fps) / TOKEN_PIXELS
        rate = rates.get(size, self.per_second + tokens * self.per_million_tokens / 1_000_000)
        return Money.of(self.per_request + rate * length, self.currency)


@dataclass(frozen=True, slots=True)
class CatalogueRow:
    """One model: its capabilities, and its price, None where nothing is paid.

    ``inputs`` says how its fields are written, where each model has its own: see ``app.backends.described``.
    """

    caps: ModelCaps
    price: Price | None
    inputs: Mapping[str, Any] = field(default_factory=dict)


def _amount(value: Any) -> Decimal:
    try:
        amount = Decimal(value) if isinstance(value, str | int) else Decimal("NaN")
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise ValueError("a price is a text such as '0.10'")
    return amount


def _frame(value: Any) -> Frame:
    width, _, height = str(value).partition("x")
    if not (width.isdecimal() and height.isdecimal() and 16 <= int(width) <= 8192 and 16 <= int(height) <= 8192):
        raise ValueError("a frame is WIDTHxHEIGHT, from 16 to 8192")
    return Frame(int(width), int(height))


Amount = Annotated[Decimal, BeforeValidator(_amount)]
FrameText = Annotated[Frame, BeforeValidator(_frame)]


class _PriceRow(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    currency: Annotated[str, BeforeValidator(lambda value: str(value).upper())]
    per_second: Amount = Decimal(0)
    per_request: Amount = Decimal(0)
    per_second_by_size: dict[str, Amount] = {}
    silent_by_size: dict[str, Amount] = {}
    per_clip: dict[str, Amount] = {}
    per_million_tokens: Amount = Decimal(0)
    token_fps: int = 24

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if len(self.currency) != 3 or not self.currency.isalpha():
            raise ValueError("a currency has three letters")
        for size in (*self.per_second_by_size, *self.silent_by_size):
            _frame(size)
        for clip in self.per_clip:
            seconds, _, size = clip.partition("@")
            _frame(size)
            if not seconds.replace(".", "", 1).isdecimal():
                raise ValueError("a clip is SECONDS@WIDTHxHEIGHT")
        if self.token_fps <= 0:
            raise ValueError("token_fps is positive")
        return self


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    model: str
    tasks: frozenset[Task]
    durations: tuple[float, ...] = ()
    duration_range: tuple[float, float] | None = None
    duration_step: float = 0.0
    frames: tuple[FrameText, ...] = ()
    any_frame: bool = False
    max_images: int = 0
    max_clips: int = 0
    max_voices: int = 0
    native_sound: bool = False
    lip_sync: bool = False
    character_from_text: bool = False
    seed: bool = False
    negative_prompt: bool = False
    prompt_max: int = 2000
    charges_refusals: bool | None = None
    result_lifetime_s: int | None = None
    poll_min_s: float = 2.0
    deadline_s: float = 1800.0
    retires_on: date | None = None
    notes: str = ""
    inputs: dict[str, Any] = {}
    price: _PriceRow | None = None

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if not self.model.strip() or not self.tasks:
            raise ValueError("a model has a name and at least one task")
        if bool(self.durations) == (self.duration_range is not None):
            raise ValueError("give either durations or duration_range")
        low, high = self.duration_range or (min(self.durations), max(self.durations))
        if not 0 < low <= high <= 3600:
            raise ValueError("durations lie between 0 and 3600 s, the shorter first")
        if bool(self.frames) == self.any_frame:
            raise ValueError("give either frames or any_frame")
        if min(self.duration_step, self.max_images, self.max_clips, self.max_voices) < 0 or self.prompt_max < 1:
            raise ValueError("limits are not negative")
        if self.poll_min_s <= 0 or self.deadline_s <= 0:
            raise ValueError("times are positive")
        return self


def read_row(values: Mapping[str, Any], where: str) -> CatalogueRow:
    """Check one row's values; raise ``ConfigError`` naming ``where``, the model and the field at fault."""
    try:
        row = _Row.model_validate(dict(values))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(one) for one in first["loc"])
        fault = f"{where}: model {str(values.get('model', ''))[:80]!r}: {place + ': ' if place else ''}{first['msg']}."
    else:
        price = Price(**row.price.model_dump()) if row.price else None
        caps = ModelCaps(**row.model_dump(exclude={"price", "frames", "inputs"}), frames=row.frames)
        return CatalogueRow(caps, price, inputs=row.inputs)
    raise ConfigError(fault)


@cache
def shipped() -> tuple[Mapping[str, Any], ...]:
    """Return the rows of the shipped catalogue as they are written, each with its ``kind`` and ``profiles``."""
    files = sorted(SHIPPED.glob("*.toml"))
    tables = {path.stem: tomllib.loads(path.read_text(encoding="utf-8"))["models"] for path in files}
    return tuple({"profiles": [""], **row, "kind": kind} for kind, rows in tables.items() for row in rows)


def offered(config: BackendConfig) -> tuple[CatalogueRow, ...]:
    """Return the models a configured backend offers.

    Without option ``models``: the shipped rows of its kind and profile. With it, what it lists: names of shipped
    rows, or tables of a row's fields, where ``like`` names a shipped row to begin from. Raises ``ConfigError``.
    """
    rows: dict[str, Mapping[str, Any]] = {
        row["model"]: row for row in shipped() if row["kind"] == config.kind and config.profile in row["profiles"]
    }
    listed = config.option("models", list, [name for name, row in rows.items() if not row.get("template")])
    if not listed:
        raise ConfigError(f"Backend {config.name!r} needs the option 'models': its provider's models are not known.")
    where = f"Backend {config.name!r}"
    made = [read_row(_written(entry, rows, where), where) for entry in listed]
    names = [row.caps.model for row in made]
    if len(set(names)) != len(names):
        raise ConfigError(f"{where} lists a model twice.")
    return tuple(made)


def _written(entry: Any, rows: Mapping[str, Mapping[str, Any]], where: str) -> dict[str, Any]:
    if isinstance(entry, str):
        entry = {"like": entry}
    if not isinstance(entry, dict):
        raise ConfigError(f"{where}: a model is a name or a table.")
    like = entry.get("like")
    if like is not None and like not in rows:
        raise ConfigError(f"{where}: the catalogue has no {str(like)[:80]!r}; it has {', '.join(rows) or 'none'}.")
    base = dict(rows[like]) if like is not None else {}
    for pair in (("durations", "duration_range"), ("frames", "any_frame")):
        if any(key in entry for key in pair):
            base = {key: value for key, value in base.items() if key not in pair}
    merged = {**base, **entry}
    return {key: value for key, value in merged.items() if key not in {"like", "kind", "profiles", "template"}}
