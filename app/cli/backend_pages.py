"""The reference page of each kind of backend, made from the capabilities and prices that ship."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from typing import Any

from pydantic import SecretStr

from app.backends import catalogue
from app.backends.base import VideoBackend
from app.backends.capabilities import Cancel, ModelCaps, Recover
from app.backends.config import BackendConfig
from app.backends.registry import adapters, make_one
from app.providers import words
from app.providers.validating import FOR_TESTS

FOLDER = "backends"
PACKAGE = "reelroom"
ADDRESS = "https://provider.example"
# What adapters may want to see before they say what they can do; none of it is ever sent.
KEYS = (SecretStr("key"), SecretStr("key:secret"), None)
SECRETS = (SecretStr("whsec_c2VjcmV0"), None)
SOME_PRICE = {"currency": "USD", "per_second": "1"}
CANCEL = {Cancel.NONE: "no", Cancel.STOP: "yes", Cancel.BEST_EFFORT: "perhaps"}
RECOVER = {
    Recover.NONE: "a person decides",
    Recover.CLIENT_ID: "found by our id",
    Recover.LIST: "found in its list",
    Recover.WEBHOOK_TAG: "found by its delivery",
}
ORIGIN = "Written by `reelroom docs backends --write`; how it is configured: [Backends](../backends.md)."
HEADS = (
    "model", "starts from", "seconds", "sizes", "references", "has", "cancel", "a lost create", "webhook", "price",
    "withdrawn on",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Told:
    """One model: its capabilities, the price that ships, and whether its adapter has said what the provider decides."""

    caps: ModelCaps
    price: str
    served: bool


def pages() -> dict[str, str]:
    """Return the pages by their place in the reference: one a kind, and their index."""
    found = {kind: page for kind, points in sorted(_kinds().items()) if (page := page_of(kind, points))}
    index = [
        "# Backends by kind",
        "",
        "What the models of each kind can do and what they cost, as this version ships it; an owner can change rows on",
        "a page. How a backend is configured: [Backends](../backends.md). Written by `reelroom docs backends --write`.",
        "",
        *(f"- [{kind}]({kind}.md)" for kind in found),
        "",
    ]
    return {f"{FOLDER}/README.md": "\n".join(index)} | {f"{FOLDER}/{kind}.md": page for kind, page in found.items()}


def _kinds() -> dict[str, list[EntryPoint]]:
    """Return our own kinds with their adapters; one whose rows ship but that is not installed here has none."""
    installed = {
        kind: [point for point in points if not point.value.startswith(FOR_TESTS)]
        for kind, points in adapters().items()
        if any(point.dist is not None and point.dist.name == PACKAGE for point in points)
    }
    return {kind: [] for kind in catalogue.kinds()} | {kind: points for kind, points in installed.items() if points}


def page_of(kind: str, points: list[EntryPoint]) -> str:
    """Return the page of a kind, in Markdown; empty when no model of it is known here."""
    lines = [f"# {kind}", "", ORIGIN, ""]
    models = 0
    for profile in catalogue.profiles(kind) or ("",):
        told = list(_models(kind, profile, points))
        models += len(told)
        lines += [f"## Profile `{profile}`", ""] if profile else []
        lines += [f"| {' | '.join(HEADS)} |", f"|{'---|' * len(HEADS)}"]
        lines += [f"| {' | '.join(_cells(one))} |" for one in told]
        notes = [f"- `{one.caps.model}`: {_escaped(one.caps.notes)}" for one in told if one.caps.notes]
        lines += ["", *notes, ""] if notes else [""]
    return "\n".join(lines) if models else ""


def _models(kind: str, profile: str, points: list[EntryPoint]) -> Iterator[_Told]:
    rows = catalogue.templates(BackendConfig(name=kind, kind=kind, profile=profile))
    backend = _made(kind, profile, points, rows)
    served = {caps.model: caps for caps in backend.models()} if backend is not None else {}
    for model, caps in served.items():
        if model not in rows:
            yield _Told(caps, "free" if caps.free else "", True)
    for model, row in rows.items():
        plain = {key: value for key, value in row.items() if key not in {"kind", "profiles", "template"}}
        price = words.price(row.get("price")) if row.get("price") or not row.get("template") else "the operator's"
        yield _Told(served.get(model) or catalogue.read_row(plain, kind).caps, price, model in served)


def _made(
    kind: str, profile: str, points: list[EntryPoint], rows: Mapping[str, Mapping[str, Any]]
) -> VideoBackend | None:
    """Return a backend of this kind that offers every row, or None when it needs more than a page can know."""
    priced = [name if row.get("price") else {"like": name, "price": SOME_PRICE} for name, row in rows.items()]
    for models in (list(rows), priced):
        for key in KEYS:
            for secret in SECRETS:
                options = {"models": models} if rows else {}
                config = BackendConfig(kind, kind, ADDRESS, profile, key, secret, options=options)
                made = make_one(config, points)
                if isinstance(made, VideoBackend):
                    return made
    return None


def _cells(one: _Told) -> tuple[str, ...]:
    caps = one.caps
    kept = ((caps.max_images, "pictures"), (caps.max_clips, "clips"), (caps.max_voices, "voices"))
    decided = (CANCEL[caps.cancel], RECOVER[caps.recover], "yes" if caps.webhook else "no")
    return (
        f"`{caps.model}`",
        words.tasks(caps),
        words.durations(caps) + (f", steps of {caps.duration_step:g}" if caps.duration_step else ""),
        words.sizes(caps),
        ", ".join(f"{count} {word}" for count, word in kept if count) or "–",
        words.features(caps) or "–",
        *(decided if one.served else ("–", "–", "–")),
        one.price,
        str(caps.retires_on or "–"),
    )


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
