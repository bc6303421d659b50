"""The reference of backends names every setting, profile, option and field there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.backends import catalogue
from app.backends.config import KEYS, parse_configs
from app.backends.openai_videos.adapter import OPTIONS
from app.backends.openai_videos.profiles import PROFILES
from app.backends.registry import Registry

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "backends.md"
TEXT = PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted({*KEYS, *OPTIONS, *PROFILES, *catalogue._Row.model_fields}))
def test_it_is_documented(name: str) -> None:
    assert f"`{name}`" in TEXT


async def test_the_examples_work() -> None:
    examples = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    assert len(examples) >= 2
    configs = parse_configs("\n".join(examples).replace("…", "a-key"))
    registry = Registry.load(configs)
    assert [problem for problem in registry.problems if problem.backend != "animatic"] == []
    assert {"farm", "reseller"} <= set(registry.names())
    await registry.aclose()
