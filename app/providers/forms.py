"""Forms about backends and their models: what is typed as text, and what it means."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from app.core.errors import Invalid
from app.core.i18n import _
from app.providers.models import ProviderAccount
from app.providers.schemas import AccountInput

LIMITS = ("concurrency", "per_minute", "spend_per_day")
FLAGS = ("any_frame", "native_sound", "lip_sync", "character_from_text", "seed", "negative_prompt")
COUNTS = ("max_images", "max_clips", "max_voices")
AMOUNTS = ("per_second", "per_request", "per_million_tokens")
TABLES = ("per_second_by_size", "silent_by_size", "per_clip")
CHARGED = {"yes": True, "no": False, "unknown": None}


class AccountForm(BaseModel):
    """An account; an empty key is kept as it is."""

    model_config = ConfigDict(str_strip_whitespace=True, extra="ignore", hide_input_in_errors=True)

    name: str = Field(default="", max_length=80)
    kind: str = Field(default="", max_length=80)
    base_url: str = Field(default="", max_length=500)
    profile: str = Field(default="", max_length=80)
    account: str = Field(default="", max_length=80)
    region: str = Field(default="", max_length=40)
    self_hosted: bool = False
    api_key: SecretStr = SecretStr("")
    forget_api_key: bool = False
    webhook_secret: SecretStr = SecretStr("")
    forget_webhook_secret: bool = False
    concurrency: int | None = None
    per_minute: int | None = None
    spend_per_day: str = ""
    options: str = Field(default="", max_length=20_000)

    def to_input(self) -> AccountInput:
        """Return what the service takes; raise ``Invalid`` when the other settings are no JSON table."""
        options = _table(self.options)
        if self.self_hosted:
            options["self_hosted"] = True
        return AccountInput(
            base_url=self.base_url,
            profile=self.profile,
            account=self.account,
            region=self.region,
            limits={name: getattr(self, name) for name in LIMITS},
            options=options,
            api_key=_secret(self.api_key, self.forget_api_key),
            webhook_secret=_secret(self.webhook_secret, self.forget_webhook_secret),
        )


def account_values(row: ProviderAccount) -> dict[str, Any]:
    """Return what the form of an account shows; a key is never among it."""
    options = {key: value for key, value in row.options.items() if key != "self_hosted"}
    return {
        "name": row.name,
        "kind": row.kind,
        "base_url": row.base_url,
        "profile": row.profile,
        "account": row.account,
        "region": row.region,
        "self_hosted": row.options.get("self_hosted") is True,
        "options": json.dumps(options, ensure_ascii=False, indent=2) if options else "",
        **row.limits,
    }


def _secret(given: SecretStr, forget: bool) -> SecretStr | None:
    if forget:
        return SecretStr("")
    return given if given.get_secret_value() else None


def _table(text: str) -> dict[str, Any]:
    if not text:
        return {}
    try:
        table = json.loads(text)
    except (ValueError, RecursionError):
        table = None
    if not isinstance(table, dict):
        message = _('These are a table in JSON, such as {"read_timeout_s": 90}.')
        raise Invalid("providers.options", message, field="options")
    return table


class NameForm(BaseModel):
    """The name of a model; models have slashes in their names, so it is no part of an address."""

    model_config = ConfigDict(extra="ignore")

    model: str = Field(min_length=1, max_length=200)


class ModelForm(BaseModel):
    """Every field of a model's row, as it is typed."""

    model_config = ConfigDict(str_strip_whitespace=True, extra="ignore")

    model: str = Field(default="", max_length=200)
    like: str = Field(default="", max_length=200)
    tasks: list[str] = []
    durations: str = ""
    range_low: float | None = None
    range_high: float | None = None
    duration_step: float = 0.0
    frames: str = Field(default="", max_length=2000)
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
    charges_refusals: Literal["yes", "no", "unknown"] = "unknown"
    result_lifetime_s: int | None = None
    poll_min_s: float = 2.0
    deadline_s: float = 1800.0
    retires_on: date | None = None
    notes: str = Field(default="", max_length=2000)
    currency: str = ""
    per_second: str = ""
    per_request: str = ""
    per_million_tokens: str = ""
    token_fps: int = 24
    per_second_by_size: str = ""
    silent_by_size: str = ""
    per_clip: str = ""

    def to_values(self) -> dict[str, Any]:
        """Return the row's values; what makes no sense in them is found by the catalogue."""
        low, high = self.range_low, self.range_high
        ranged = low is not None or high is not None
        plain = (*FLAGS, *COUNTS, "duration_step", "prompt_max", "result_lifetime_s", "poll_min_s", "deadline_s")
        return {
            **{name: getattr(self, name) for name in plain},
            "tasks": self.tasks,
            "durations": _words(self.durations),
            "duration_range": [low if low is not None else high, high if high is not None else low] if ranged else None,
            "frames": _words(self.frames),
            "charges_refusals": CHARGED[self.charges_refusals],
            "retires_on": self.retires_on.isoformat() if self.retires_on else None,
            "notes": self.notes,
            "price": self._price(),
        }

    def _price(self) -> dict[str, Any] | None:
        typed = {name: getattr(self, name) for name in AMOUNTS if getattr(self, name)}
        typed |= {name: _pairs(getattr(self, name)) for name in TABLES if getattr(self, name)}
        if not typed and not self.currency:
            return None
        return {"currency": self.currency, "token_fps": self.token_fps, **typed}


def model_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the form of a model shows of its row."""
    low, high = values.get("duration_range") or (None, None)
    price = values.get("price") or {}
    charged = {value: word for word, value in CHARGED.items()}[values.get("charges_refusals")]
    return {
        **{key: value for key, value in values.items() if key not in ("price", "duration_range")},
        "durations": ", ".join(f"{one:g}" for one in values.get("durations", ())),
        "range_low": low,
        "range_high": high,
        "duration_step": values.get("duration_step") or None,
        "frames": ", ".join(values.get("frames", ())),
        "charges_refusals": charged,
        "currency": price.get("currency", ""),
        "token_fps": price.get("token_fps", 24),
        **{name: "" if _is_nought(price.get(name)) else str(price[name]) for name in AMOUNTS},
        **{name: "\n".join(f"{key} {amount}" for key, amount in price.get(name, {}).items()) for name in TABLES},
    }


def field_of(place: str) -> str:
    """Return the field of the form that a row's fault belongs to."""
    first, *rest = place.split(".")
    if first == "price":
        return rest[0] if rest else "currency"
    return {"duration_range": "range_low"}.get(first, first)


def _is_nought(amount: object) -> bool:
    return amount is None or str(amount).strip("0.") == ""


def _words(text: str) -> list[str]:
    return text.replace(",", " ").replace("，", " ").replace("×", "x").split()


def _pairs(text: str) -> dict[str, str]:
    """Return lines of a size or a clip and its amount as a table."""
    pairs = {}
    for line in text.splitlines():
        place, _space, amount = line.strip().replace("×", "x").partition(" ")
        if place:
            pairs[place] = amount.strip()
    return pairs
