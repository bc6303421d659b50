"""The fake providers there are: how each is started, and how a backend is configured to talk to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class FakeProvider:
    """One fake: ``factory`` and ``arguments`` start it, and the rest is the configuration of its backend.

    ``key`` is what the fake asks for and the backend sends ("" for none); ``path`` follows the address in
    ``base_url``. ``addresses`` are options that hold the address of the fake with a path behind it.
    """

    kind: str
    factory: str
    key: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    path: str = ""
    profile: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    addresses: Mapping[str, str] = field(default_factory=dict)

    def started_with(self, *, frozen: bool) -> dict[str, Any]:
        """Return the arguments of the factory; a ``frozen`` clock stands still until it is advanced."""
        key = {"key": self.key} if self.key else {}
        return {**self.arguments, **key, "frozen": frozen}

    def entry(self, url: str) -> dict[str, Any]:
        """Return the entry of a backend that talks to this fake at ``url``, for ``REELROOM_BACKENDS``."""
        reached = {"self_hosted": True, "hosts": [f"localhost:{urlsplit(url).port}"]}
        options = {**reached, **self.options, **{name: f"{url}{path}" for name, path in self.addresses.items()}}
        entry = {"kind": self.kind, "base_url": f"{url}{self.path}", "profile": self.profile, "api_key": self.key}
        return {name: value for name, value in entry.items() if value} | {"options": options}


OWN_MODEL = {"model": "fake-video", "tasks": ["t2v", "i2v"], "duration_range": [1, 10], "any_frame": True}
SMALL_WAN = {"like": "wan2.2-ti2v-5b", "any_frame": True}
PRICE = {"currency": "CNY", "per_second": "0.5"}
HUNYUAN = [{"like": name, "price": PRICE} for name in ("HunyuanToVideo", "ImageToVideoGeneral")]
FILM = {"like": "text-or-first-frame", "model": "acme/film", "price": PRICE}
VIDU = [{"like": "viduq3-pro", "price": PRICE}, "viduq3"]
CREDIT = {"currency": "CNY", "amount": "0.03"}


def _fake(kind: str, key: str = "", **more: Any) -> FakeProvider:
    return FakeProvider(kind, f"app.backends.testing.fake_{kind.removeprefix('fake_')}:create_app", key, **more)


FAKES: Mapping[str, FakeProvider] = MappingProxyType(
    {
        "ark": _fake("ark", "ark-fake-key", path="/api/v3"),
        "comfyui": _fake("comfyui", options={"models": [SMALL_WAN]}),
        "dashscope": _fake("dashscope", "sk-fake-dashscope"),
        "fake_paid": _fake("fake_paid", "fake-paid-key", arguments={"recover": True}, options={"recover": True}),
        "fal": _fake("fal", "fake-id:fake-secret", addresses={"keys_url": "/.well-known/jwks.json"}),
        "gemini_omni": _fake("gemini_omni", "fake-gemini-key", path="/v1beta"),
        "kling": _fake("kling", "fake-kling-key", profile="new"),
        "kling_old": _fake("kling", "fake-kling-key", profile="old"),
        "luma": _fake("luma", "luma-api-fake-key", path="/v1"),
        "minimax": _fake("minimax", "fake-minimax-key", profile="v2"),
        "openai_videos": _fake(
            "openai_videos",
            "sk-fake-videos",
            arguments={"profile": "vllm"},
            profile="vllm",
            options={"models": [OWN_MODEL]},
        ),
        "pixverse": _fake("pixverse", "fake-pixverse-key"),
        "replicate": _fake("replicate", "r8_fake", path="/v1", options={"models": [FILM]}),
        "runway": _fake("runway", "key_fake_runway"),
        "tencent_vclm": _fake(
            "tencent_vclm",
            "SKfake",
            arguments={"key_id": "AKIDfake"},
            options={"secret_id": "AKIDfake", "models": HUNYUAN},
        ),
        "vidu": _fake("vidu", "vda_fake", options={"models": VIDU, "credit_price": CREDIT}),
        "volcengine_visual": _fake(
            "volcengine_visual", "SKfake", arguments={"key_id": "AKfake"}, options={"access_key": "AKfake"}
        ),
        "zhipu": _fake("zhipu", "fakeid.fakesecret", path="/api/paas/v4"),
    }
)
"""By name, which is that of the backend that talks to the fake."""


def as_toml(entries: Mapping[str, Mapping[str, Any]]) -> str:
    """Return a table of backends as ``REELROOM_BACKENDS`` takes it."""
    lines = []
    for name, entry in entries.items():
        lines += [f"[{name}]", *(f"{key} = {_toml(value)}" for key, value in entry.items() if key != "options")]
        lines += [f"[{name}.options]", *(f"{key} = {_toml(value)}" for key, value in entry["options"].items()), ""]
    return "\n".join(lines)


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(one) for one in value) + "]"
    return json.dumps(value)  # a JSON text, number or boolean is one of TOML too
