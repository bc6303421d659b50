"""Money: integer micro-units of a currency, rounded up when reserved."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

MICROS = 1_000_000
SYMBOLS = {"CNY": "¥", "USD": "$", "EUR": "€"}


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in millionths of one unit of ``currency`` (an ISO 4217 code)."""

    micros: int
    currency: str

    @classmethod
    def of(cls, amount: Decimal | int | str, currency: str) -> Money:
        """Return ``amount`` units of ``currency``, rounded up to a micro-unit."""
        micros = (Decimal(amount) * MICROS).to_integral_value(ROUND_CEILING)
        return cls(int(micros), currency)

    def __add__(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise ValueError(f"Cannot add {other.currency} to {self.currency}: convert first.")
        return Money(self.micros + other.micros, self.currency)

    def __str__(self) -> str:
        amount = Decimal(self.micros) / MICROS
        return f"{SYMBOLS.get(self.currency, self.currency + ' ')}{amount:.2f}"
