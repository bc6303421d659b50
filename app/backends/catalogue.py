"""The catalogue: models, limits and prices as rows of data, shipped as TOML, widened by a backend's configuration.

``rows/<kind>.toml`` holds the models of one kind of backend.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator

from app.backends.capabilities import Frame, ModelCaps, Task
from app.backends.config import BackendConfig, ModelEdit
from app.backends.errors import ConfigError
from app.core.i18n import _
from app.core.money import Money

SHIPPED = Path(__file__).with_name("rows")
TOKEN_PIXELS = 1024
LARGEST = 10_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """What one generation costs: so much a request and a second, where a size may have a rate of its own.

    ``silent_by_size`` are the rates without native sound. ``per_clip`` prices whole clips as ``SECONDS@WIDTHxHEIGHT``.
    ``per_million_tokens`` prices width × height × ``token_fps`` × seconds / 1024 tokens (Ark). What is more exact wins:
    a clip, then a size, then tokens, then seconds. A clip among the inputs may be billed for up to ``clip_seconds``
    besides, and then its tokens cost ``clip_per_million_tokens``, where that is given.
    """

    currency: str
    per_second: Decimal = Decimal(0)
    per_request: Decimal = Decimal(0)
    per_second_by_size: Mapping[str, Decimal] = field(default_factory=dict)
    silent_by_size: Mapping[str, Decimal] = field(default_factory=dict)
    per_clip: Mapping[str, Decimal] = field(default_factory=dict)
    per_million_tokens: Decimal = Decimal(0)
    token_fps: int = 24
    clip_seconds: Decimal = Decimal(0)
    clip_per_million_tokens: Decimal = Decimal(0)

    def with_clip(self) -> Price:
        """Return the price where a clip is among the inputs."""
        return replace(self, per_million_tokens=self.clip_per_million_tokens or self.per_million_tokens)

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


class FieldFault(ValueError):
    """What is wrong with a row, at one ``field``."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class RowError(ConfigError):
    """A row that makes no sense: ``faults`` are a sentence by field, "" for the row as a whole."""

    def __init__(self, message: str, faults: Mapping[str, str]) -> None:
        super().__init__(message)
        self.faults = dict(faults)


@dataclass(frozen=True, slots=True)
class CatalogueRow:
    """One model: its capabilities, and its price, None where nothing is paid.

    ``dialect`` names how its requests are told, where a provider has several ways; ``inputs`` says how its fields are
    written, where each model has its own: see ``app.backends.described``.
    """

    caps: ModelCaps
    price: Price | None
    dialect: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)


def _amount(value: Any) -> Decimal:
    try:
        amount = Decimal(value) if isinstance(value, str | int) else Decimal("NaN")
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise ValueError(_("a price is an amount of zero or more, such as 0.10"))
    return amount


def _frame(value: Any) -> Frame:
    width, _x, height = str(value).partition("x")
    if not (width.isdecimal() and height.isdecimal() and 16 <= int(width) <= 8192 and 16 <= int(height) <= 8192):
        raise ValueError(_("a size is WIDTHxHEIGHT, such as 720x1280, each from 16 to 8192"))
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
    clip_seconds: Amount = Decimal(0)
    clip_per_million_tokens: Amount = Decimal(0)

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if len(self.currency) != 3 or not self.currency.isalpha():
            raise FieldFault("currency", _("a currency has three letters"))
        for size in (*self.per_second_by_size, *self.silent_by_size):
            _frame(size)
        for clip in self.per_clip:
            seconds, _at, size = clip.partition("@")
            _frame(size)
            if not seconds.replace(".", "", 1).isdecimal():
                raise FieldFault("per_clip", _("a clip is SECONDS@WIDTHxHEIGHT, such as 5@720x1280"))
        if self.token_fps <= 0:
            raise FieldFault("token_fps", _("this has to be more than zero"))
        return self


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    model: str
    dialect: str = ""
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
        if not self.model.strip():
            raise FieldFault("model", _("a model has a name"))
        if not self.tasks:
            raise FieldFault("tasks", _("a model has at least one task"))
        self._check_durations()
        if bool(self.frames) == self.any_frame:
            raise FieldFault("frames", _("give either sizes (frames), or say that any will do (any_frame)"))
        self._check_limits()
        return self

    def _check_durations(self) -> None:
        if bool(self.durations) == (self.duration_range is not None):
            raise FieldFault("durations", _("give either durations, or a range (duration_range)"))
        low, high = self.duration_range or (min(self.durations), max(self.durations))
        if not 0 < low <= high <= 3600:
            field = "duration_range" if self.duration_range else "durations"
            raise FieldFault(field, _("durations lie between 0 and 3600 s, the shorter first"))

    def _check_limits(self) -> None:
        for name in ("duration_step", "max_images", "max_clips", "max_voices"):
            if getattr(self, name) < 0:
                raise FieldFault(name, _("this cannot be less than zero"))
        for name in ("prompt_max", "poll_min_s", "deadline_s"):
            if not 0 < getattr(self, name) <= LARGEST:
                raise FieldFault(name, _("this has to be more than zero"))


def read_row(values: Mapping[str, Any], where: str) -> CatalogueRow:
    """Check one row's values; raise ``ConfigError`` naming ``where``, the model and the field at fault."""
    row, faults = _checked(values)
    if row is None:
        (place, said), *_others = faults.items()
        model = str(values.get("model", ""))[:80]
        raise RowError(f"{where}: model {model!r}: {place + ': ' if place else ''}{said}.", faults)
    price = Price(**row.price.model_dump()) if row.price else None
    caps = ModelCaps(**row.model_dump(exclude={"price", "frames", "dialect", "inputs"}), frames=row.frames)
    return CatalogueRow(caps, price, row.dialect, row.inputs)


def _checked(values: Mapping[str, Any]) -> tuple[_Row | None, dict[str, str]]:
    """Return the row, or None and a sentence for each field at fault."""
    try:
        return _Row.model_validate(dict(values)), {}
    except ValidationError as error:
        faults: dict[str, str] = {}
        for one in error.errors(include_url=False, include_input=False):
            cause = one.get("ctx", {}).get("error")
            place = [str(part) for part in one["loc"]]
            if isinstance(cause, FieldFault):
                place.append(cause.field)
            faults.setdefault(".".join(place), str(cause) if isinstance(cause, ValueError) else one["msg"])
        return None, faults


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return every field of a row that makes sense as plain JSON, the way rows are written; raise ``RowError``."""
    row, faults = _checked(values)
    if row is None:
        raise RowError(" ".join(faults.values()), faults)
    told = row.model_dump(mode="json", exclude={"frames", "tasks"})
    frames = [f"{frame.width}x{frame.height}" for frame in row.frames]
    return {**told, "tasks": sorted(row.tasks), "frames": frames}


@cache
def shipped() -> tuple[Mapping[str, Any], ...]:
    """Return the rows of the shipped catalogue as they are written, each with its ``kind`` and ``profiles``."""
    files = sorted(SHIPPED.glob("*.toml"))
    tables = {path.stem: tomllib.loads(path.read_text(encoding="utf-8"))["models"] for path in files}
    return tuple({"profiles": [""], **row, "kind": kind} for kind, rows in tables.items() for row in rows)


def offered(config: BackendConfig) -> tuple[CatalogueRow, ...]:
    """Return the models a configured backend offers.

    Without option ``models``: the shipped rows of its kind and profile. With it, what it lists: names of shipped
    rows, or tables of a row's fields, where ``like`` names a shipped row to begin from. What owners changed lies over
    both. Raises ``ConfigError``.
    """
    where = f"Backend {config.name!r}"
    made = [read_row(values, where) for values in written(config).values()]
    if not made:
        raise ConfigError(f"{where} needs a model (the option 'models'): its provider's models are not known.")
    return tuple(made)


def written(config: BackendConfig) -> dict[str, dict[str, Any]]:
    """Return the rows of a configured backend by model as they are written, with what owners changed of them."""
    where, ready = f"Backend {config.name!r}", templates(config)
    usual = [name for name, row in ready.items() if not row.get("template")]
    found: dict[str, dict[str, Any]] = {}
    for entry in config.option("models", list, usual):
        values = _written(entry, ready, where)
        name = str(values.get("model", ""))
        if name in found:
            raise ConfigError(f"{where} lists a model twice.")
        found[name] = values
    for edit in config.edits:
        found[edit.model] = _edited(found.get(edit.model), edit, ready, where)
    return found


def templates(config: BackendConfig) -> dict[str, Mapping[str, Any]]:
    """Return the shipped rows of a backend's kind and profile by model: what another model may be ``like``."""
    return {row["model"]: row for row in shipped() if row["kind"] == config.kind and config.profile in row["profiles"]}


def profiles(kind: str) -> tuple[str, ...]:
    """Return the variants of a kind's dialect that its rows name."""
    return tuple(dict.fromkeys(one for row in shipped() if row["kind"] == kind for one in row["profiles"] if one))


def kinds() -> frozenset[str]:
    """Return the kinds of backends whose models are rows of the catalogue."""
    return frozenset(path.stem for path in SHIPPED.glob("*.toml"))


def _edited(
    present: Mapping[str, Any] | None, edit: ModelEdit, ready: Mapping[str, Mapping[str, Any]], where: str
) -> dict[str, Any]:
    if present is None or "like" in edit.values:
        return _written({**edit.values, "model": edit.model}, ready, where)
    return {**_over(present, edit.values), "model": edit.model}


def _over(base: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with other values; of what excludes one another, the new one stays."""
    for pair in (("durations", "duration_range"), ("frames", "any_frame")):
        if any(key in values for key in pair):
            base = {key: value for key, value in base.items() if key not in pair}
    return {**base, **values}


def _written(entry: Any, rows: Mapping[str, Mapping[str, Any]], where: str) -> dict[str, Any]:
    if isinstance(entry, str):
        entry = {"like": entry}
    if not isinstance(entry, dict):
        raise ConfigError(f"{where}: a model is a name or a table.")
    like = entry.get("like")
    if like is not None and like not in rows:
        raise ConfigError(f"{where}: the catalogue has no {str(like)[:80]!r}; it has {', '.join(rows) or 'none'}.")
    merged = _over(rows[like] if like is not None else {}, entry)
    return {key: value for key, value in merged.items() if key not in {"like", "kind", "profiles", "template"}}
