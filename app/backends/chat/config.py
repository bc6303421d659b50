"""How text models are configured: a table of names whose order is the order they are asked in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import SecretStr

from app.backends.chat.catalogue import Answers, Row, TokenPrice, models, vendors, written
from app.backends.config import checked_url, read_secret, read_table
from app.backends.errors import ConfigError

KIND = "text model"
WHOSE = "text models'"
OWN = "own"
KEYS = frozenset({"vendor", "model", "api_key", "self_hosted", "read_timeout_s"})
ROW_KEYS = frozenset({"base_url", "answers", "context", "price", "retires_on", "refusal_codes", "quota_codes", "extra"})
LONGEST_TIMEOUT_S = 120
FIXED_FIELDS = frozenset({"model", "messages", "max_tokens", "response_format", "stream", "n"})


@dataclass(frozen=True, slots=True)
class TextModelConfig:
    """One configured text model; the key is never shown."""

    name: str
    row: Row
    api_key: SecretStr | None = None
    self_hosted: bool = False
    read_timeout_s: float = 60.0


def entries(text: str) -> dict[str, Any]:
    """Return the entries of the setting by name, in its order; raise ``ConfigError`` when it is no table."""
    return read_table(text, WHOSE)


def config(name: str, entry: Any) -> TextModelConfig:
    """Return one entry as a configuration, what it says laid over the catalogue; raise ``ConfigError``."""
    if not isinstance(entry, dict):
        raise ConfigError(f"The {KIND} {name!r} must be a table with at least a model.")
    unknown = sorted(set(entry) - KEYS - ROW_KEYS)
    if unknown:
        raise ConfigError(f"The {KIND} {name!r} has no setting {unknown[0]!r}; it has {_listed(KEYS | ROW_KEYS)}.")
    vendor, model = _text(name, entry, "vendor", OWN), _text(name, entry, "model", "")
    if vendor != OWN and vendor not in vendors():
        raise ConfigError(
            f"The {KIND} {name!r}: the vendor is one of {', '.join(vendors())}, or is left out for a server of "
            "your own."
        )
    if not model:
        usual = f", such as {models(vendor)[0]!r}" if models(vendor) else ""
        raise ConfigError(f"The {KIND} {name!r} needs a model{usual}.")
    own = {key: value for key, value in entry.items() if key in ROW_KEYS}
    row = _row(name, vendor, model, {**written(vendor, model), **own})
    key = read_secret(name, "api_key", _text(name, entry, "api_key", ""), of=KIND)
    self_hosted = _flag(name, entry, "self_hosted")
    if key is None and not self_hosted:
        raise ConfigError(f"The {KIND} {name!r} needs an api_key.")
    return TextModelConfig(name, row, key, self_hosted, _timeout(name, entry))


def _row(name: str, vendor: str, model: str, facts: Mapping[str, Any]) -> Row:
    base_url = checked_url(name, _text(name, facts, "base_url", ""), of=KIND)
    if not base_url:
        raise ConfigError(f"The {KIND} {name!r} needs a base_url.")
    if "price" not in facts and "retires_on" not in facts:
        raise ConfigError(
            f"The {KIND} {name!r} needs a price, because nothing is bought without a cap: "
            '{ currency = "USD", input = "0.3", output = "1.2" } for a million tokens; "0" says that it is free.'
        )
    return Row(
        vendor=vendor,
        model=model,
        base_url=base_url,
        answers=_answers(name, facts),
        context=_context(name, facts),
        price=_price(name, facts.get("price")),
        retires_on=_day(name, facts.get("retires_on")),
        refusal_codes=_texts(name, facts, "refusal_codes"),
        quota_codes=_texts(name, facts, "quota_codes"),
        extra=_extra(name, facts.get("extra", {})),
    )


def _answers(name: str, facts: Mapping[str, Any]) -> Answers:
    value = _text(name, facts, "answers", Answers.PROMPT.value)
    if value not in set(Answers):
        raise ConfigError(f"The answers of the {KIND} {name!r} are one of {', '.join(Answers)}.")
    return Answers(value)


def _context(name: str, facts: Mapping[str, Any]) -> int | None:
    value = facts.get("context")
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
        raise ConfigError(f"The context of the {KIND} {name!r} is a number of tokens.")
    return value


def _price(name: str, given: Any) -> TokenPrice | None:
    if given is None:
        return None
    wrong = ConfigError(
        f"The price of the {KIND} {name!r} is a table of currency, input and output: amounts as text, such as '0.3', "
        "for a million tokens."
    )
    if not isinstance(given, dict) or set(given) != {"currency", "input", "output"}:
        raise wrong
    currency = given["currency"]
    if not (isinstance(currency, str) and len(currency) == 3 and currency.isascii() and currency.isalpha()):
        raise wrong
    amounts = []
    for key in ("input", "output"):
        try:
            amount = Decimal(given[key]) if isinstance(given[key], str | int) else Decimal("NaN")
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite() or not 0 <= amount <= 1_000_000:
            raise wrong
        amounts.append(amount)
    return TokenPrice(currency.upper(), *amounts)


def _day(name: str, given: Any) -> date | None:
    if given is None or type(given) is date:
        return given
    try:
        return date.fromisoformat(given)
    except (TypeError, ValueError):
        pass
    raise ConfigError(f"The retires_on of the {KIND} {name!r} is a day, such as '2027-01-31'.")


def _extra(name: str, given: Any) -> Mapping[str, Any]:
    if not isinstance(given, dict) or set(given) & FIXED_FIELDS:
        raise ConfigError(f"The extra of the {KIND} {name!r} is a table without {_listed(FIXED_FIELDS)}.")
    return given


def _timeout(name: str, entry: Mapping[str, Any]) -> float:
    value = entry.get("read_timeout_s", 60.0)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= LONGEST_TIMEOUT_S:
        raise ConfigError(f"The read_timeout_s of the {KIND} {name!r} is a number of seconds, at most 120.")
    return float(value)


def _flag(name: str, entry: Mapping[str, Any], key: str) -> bool:
    value = entry.get(key, False)
    if not isinstance(value, bool):
        raise ConfigError(f"The {key} of the {KIND} {name!r} is true or false.")
    return value


def _text(name: str, entry: Mapping[str, Any], key: str, default: str) -> str:
    value = entry.get(key, default)
    if not isinstance(value, str):
        raise ConfigError(f"The {key} of the {KIND} {name!r} must be text.")
    return value


def _texts(name: str, facts: Mapping[str, Any], key: str) -> frozenset[str]:
    values = facts.get(key, [])
    if not isinstance(values, list) or not all(isinstance(one, str) and one for one in values):
        raise ConfigError(f"The {key} of the {KIND} {name!r} must be a list of texts.")
    return frozenset(values)


def _listed(keys: frozenset[str]) -> str:
    return ", ".join(sorted(keys))
