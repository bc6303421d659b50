"""Models whose input is data: a row's ``inputs`` says how each of its fields is written.

Providers with many models give each model fields of its own. A row names them: a text that begins with ``$`` is one of
our values, anything else is sent as it is. A field whose value is absent is left out, and so is a table all of whose
values are. ``$setting`` is what the request's ``extra`` holds under the field's name; a constant cannot be replaced,
because it may decide the price. A table with the only key ``by_size`` chooses by the picture's size.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Self

from app.backends.adapter import CatalogueBackend, Wish
from app.backends.base import Asset
from app.backends.capabilities import Task
from app.backends.catalogue import CatalogueRow
from app.backends.config import BackendConfig
from app.backends.errors import BackendError, ConfigError, Fault, Kind
from app.backends.fit import FAULT_OF_ROLE
from app.backends.http import Answer
from app.core.errors import Invalid
from app.core.money import Money
from app.media.probe import probe

SETTING, BY_SIZE = "$setting", "by_size"
A_FRAME_S = 0.05
PLAIN = {"prompt", "negative", "seconds", "seconds_text", "width", "height", "size", "ratio", "aspect", "resolution"}
FILES = {"first", "last", "reference", "references", "voice", "voices", "motion"}
VALUES = frozenset(PLAIN | FILES | {"seed", "sound"})


class DescribedBackend(CatalogueBackend):
    """The base of an adapter whose rows have ``inputs``.

    A class says the ``values`` it gives besides those of ``VALUES``.
    """

    values: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def from_config(cls, config: BackendConfig) -> Self:
        """Return the backend that ``config`` describes; raise ``ConfigError`` for what is missing or unknown."""
        backend = super().from_config(config)
        for model, row in backend.rows.items():
            if not row.inputs:
                raise ConfigError(f"Model {model!r} of backend {config.name!r} needs inputs: how its fields are named.")
            unknown = sorted(_named(row.inputs) - VALUES - cls.values - {SETTING[1:]})
            if unknown:
                raise ConfigError(f"Model {model!r} of backend {config.name!r}: inputs know no value ${unknown[0]}.")
        return backend

    def settings(self, row: CatalogueRow) -> frozenset[str]:
        """Return the fields that a request may set."""
        return frozenset(key for key, value in row.inputs.items() if value == SETTING)

    async def address(self, asset: Asset) -> str:
        """Return where the provider reads an input: a public address, an upload or a ``data:`` address."""
        raise NotImplementedError

    def own_values(self, wish: Wish, addresses: Sequence[tuple[str, str]]) -> dict[str, Any]:
        """Return the ``values`` of this provider; ``addresses`` are the input files by role."""
        return {}

    async def create(self, path: str, **content: Any) -> Answer:
        """Send the one create; what is not found there is the model, which is gone."""
        try:
            return await self.client.create(path, **content)
        except BackendError as error:
            if error.http_status in {404, 410}:
                error.kind, error.model_gone = Kind.PERMANENT, True
            raise

    async def fields(self, wish: Wish) -> dict[str, Any]:
        """Return the input of a wish as its model wants it."""
        addresses = [(asset.role, await self.address(asset)) for asset in wish.request.assets]
        values = {**plain_values(wish), **input_values(addresses), **self.own_values(wish, addresses)}
        size = f"{wish.frame.width}x{wish.frame.height}"
        return filled(wish.row.inputs, values, size, wish.request.extra)


def plain_values(wish: Wish) -> dict[str, Any]:
    """Return what a wish says without its input files; None is absent."""
    request, caps, frame = wish.request, wish.row.caps, wish.frame
    seconds = int(wish.seconds) if wish.seconds == int(wish.seconds) else wish.seconds
    unit = math.gcd(frame.width, frame.height)
    return {
        "prompt": request.prompt,
        "negative": request.negative or None if caps.negative_prompt else None,
        "seconds": seconds,
        "seconds_text": f"{seconds}",
        "width": frame.width,
        "height": frame.height,
        "size": f"{frame.width}x{frame.height}",
        "ratio": f"{frame.width}:{frame.height}",
        "aspect": f"{frame.width // unit}:{frame.height // unit}",
        "resolution": f"{min(frame.width, frame.height)}p",
        "seed": request.seed if caps.seed else None,
        "sound": request.sound if caps.native_sound else None,
    }


def input_values(addresses: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """Return the input files of a wish by role, as addresses; what is absent is None."""
    by_role: dict[str, list[str]] = {}
    for role, address in addresses:
        by_role.setdefault(role, []).append(address)
    single = {role: by_role.get(role, [None])[0] for role in ("first", "last", "reference", "voice", "motion")}
    return {**single, "references": by_role.get("reference"), "voices": by_role.get("voice")}


def filled(inputs: Mapping[str, Any], values: Mapping[str, Any], size: str, extra: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row's inputs with the values in their places; ``extra`` holds the settings."""
    written: dict[str, Any] = {}
    for key, template in inputs.items():
        value = extra.get(key) if template == SETTING else _written(template, values, size)
        if value is not None:
            written[key] = value
    return written


def _written(template: Any, values: Mapping[str, Any], size: str) -> Any:
    if isinstance(template, str):
        return values.get(template[1:]) if template.startswith("$") else template
    if isinstance(template, dict) and set(template) == {BY_SIZE}:
        return template[BY_SIZE].get(size)
    if isinstance(template, dict):
        table = {key: _written(value, values, size) for key, value in template.items()}
        absent = all(table[key] is None for key, value in template.items() if _named(value))
        return None if absent and _named(template) else {key: one for key, one in table.items() if one is not None}
    return template


def _named(template: Any) -> set[str]:
    """Return the names of our values in a template; what is chosen by size counts as the size."""
    return set(_names(template))


def _names(template: Any) -> Iterator[str]:
    if isinstance(template, str) and template.startswith("$"):
        yield template[1:]
    elif isinstance(template, dict) and set(template) == {BY_SIZE}:
        yield "size"
    elif isinstance(template, dict):
        for one in template.values():
            yield from _names(one)


async def check_driver(wish: Wish, cap: Money) -> None:
    """Refuse a performance whose driving clip costs more than ``cap``: the result lasts as long as the clip does."""
    driver, price = wish.asset("motion"), wish.row.price
    if wish.request.task is not Task.PERFORMANCE or driver is None or price is None:
        return
    low, high = wish.row.caps.duration_range or (0.0, math.inf)
    try:
        lasts = float((await probe(driver.path)).duration)
    except Invalid as refusal:
        message = refusal.message
    else:
        cost = price.cost(math.ceil(lasts - A_FRAME_S), wish.frame, sound=wish.request.sound)
        if low - A_FRAME_S <= lasts <= high + A_FRAME_S and cost.micros <= cap.micros:
            return
        message = (
            f"The motion clip lasts {lasts:.1f} s, and so will the result: it must last from {low:g} to {high:g} s and "
            "not longer than the shot, whose price was reserved. Cut it."
        )
    raise BackendError(Kind.INVALID, message, field="assets", fault=Fault.IMAGE, charged=False)


def too_large(asset: Asset, limit: int) -> BackendError:
    """Return the refusal of an input file that is larger than the ``limit`` bytes its way to the provider takes."""
    fault = FAULT_OF_ROLE.get(asset.role, Fault.IMAGE)
    message = f"The {asset.role} input is larger than the {limit // 1024} kB that this provider takes in this way."
    return BackendError(Kind.INVALID, message, field="assets", fault=fault, charged=False)
