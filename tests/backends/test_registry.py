"""Backends are found by entry points and configured by name; one that fails stops no other."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.backends.config import BackendConfig, Limits, parse_configs
from app.backends.errors import ConfigError
from app.backends.registry import Registry
from app.backends.testing.paid import FakePaidBackend
from app.core.errors import NotFound

SECRET = "sk-never-shown-0123456789"
FARM = """
[farm]
kind = "openai_videos"
profile = "vllm"
base_url = "http://farm.internal:8000/"

[reseller]
kind = "openai_videos"
profile = "cloud"
base_url = "https://api.example.com/v1"
api_key = "sk-never-shown-0123456789"

[reseller.options]
models = [{like = "openai-shape", model = "video-1", price = {currency = "USD", per_second = "0.10"}}]
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder on the path in which packages can be put."""
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def install(folder: Path, package: str, kind: str, code: str) -> None:
    """Put a package with one adapter of ``kind`` into ``folder``."""
    module = package.replace("-", "_")
    (folder / f"{module}.py").write_text(code)
    facts = folder / f"{module}-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text(f"[reelroom.backends]\n{kind} = {module}:Backend\n")


async def test_backends_are_loaded_from_a_setting_and_the_animatic_is_always_there() -> None:
    registry = Registry.load(parse_configs(FARM))
    assert registry.problems == ()
    assert registry.names() == ("animatic", "farm", "reseller")
    offers = {(offer.backend, offer.caps.model) for offer in registry.models()}
    assert ("farm", "Wan-AI/Wan2.2-T2V-A14B-Diffusers") in offers
    assert ("reseller", "video-1") in offers
    assert registry.get("farm").hosts == frozenset({"farm.internal:8000"})
    assert registry.caps("reseller", "video-1").durations == (4, 8, 12)
    await registry.aclose()


async def test_without_a_setting_there_is_the_animatic() -> None:
    registry = Registry.load(parse_configs(" "))
    assert registry.names() == ("animatic",)
    assert registry.models()
    await registry.aclose()


def test_json_and_toml_say_the_same() -> None:
    toml = '[farm]\nkind = "openai_videos"\nprofile = "vllm"\nbase_url = "http://farm:8000"\n'
    json = '{"farm": {"kind": "openai_videos", "profile": "vllm", "base_url": "http://farm:8000"}}'
    assert parse_configs(toml) == parse_configs(json)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[farm", "TOML"),
        ('{"farm": ', "JSON"),
        ('{"farm": {"kind": "a"}, "farm": {"kind": "b"}}', "twice"),
        ('{"farm": "openai_videos"}', "'farm' must be a table"),
        ('{"farm": {}}', "needs a kind"),
        ('{"farm": {"kind": "x", "apikey": "sk-never-shown-0123456789"}}', "no setting 'apikey'"),
        ('{"farm": {"kind": 3}}', "'kind' of backend 'farm'"),
        ('{"farm": {"kind": "x", "base_url": "farm:8000"}}', "http"),
        ('{"farm": {"kind": "x", "base_url": "https://me:sk-never-shown-0123456789@host"}}', "api_key"),
        ('{"farm": {"kind": "x", "base_url": "https://host:port"}}', "http"),
        ('{"farm": {"kind": "x", "api_key": "sk-never-shown-0123456789\\n"}}', "printable"),
        ('{"farm": {"kind": "x", "options": []}}', "'options'"),
    ],
)
def test_a_setting_that_is_wrong_names_the_place_and_no_secret(text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        parse_configs(text)
    assert SECRET not in repr(caught.value)
    assert caught.value.__context__ is None or SECRET not in repr(caught.value.__context__)


def test_a_configuration_shows_no_secret() -> None:
    config = BackendConfig("x", "y", api_key=SecretStr(SECRET), webhook_secret=SecretStr(SECRET), options={"k": SECRET})
    assert SECRET not in repr(config)


async def test_a_backend_that_is_wrong_stops_no_other_and_says_why() -> None:
    wrong = BackendConfig("wrong", "openai_videos", profile="none", api_key=SecretStr(SECRET))
    absent = BackendConfig("absent", "no_such_kind")
    registry = Registry.load([wrong, absent, *parse_configs(FARM)])
    assert registry.names() == ("animatic", "farm", "reseller")
    assert [(one.backend, one.package) for one in registry.problems] == [("wrong", ""), ("absent", "")]
    with pytest.raises(NotFound, match="needs a profile"):
        registry.get("wrong")
    with pytest.raises(NotFound, match="no_such_kind"):
        registry.get("absent")
    with pytest.raises(NotFound, match="animatic, farm, reseller"):
        registry.get("nobody")
    with pytest.raises(NotFound, match="no model"):
        registry.caps("farm", "nothing")
    await registry.aclose()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import no_such_library", "ModuleNotFoundError: No module named 'no_such_library'"),
        ("class Other: pass", "AttributeError"),
        (
            "class Backend:\n @classmethod\n def from_config(cls, c): raise ValueError(str(vars(c.api_key)))",
            "Value",
        ),
        ("class Backend:\n @classmethod\n def from_config(cls, config): return object()", "contract"),
        ("class Backend: pass", "contract"),
    ],
)
async def test_a_package_that_fails_is_named(installed: Path, code: str, words: str) -> None:
    install(installed, "broken-films", "broken", code)
    broken = BackendConfig("theirs", "broken", api_key=SecretStr(SECRET))
    registry = Registry.load([broken, *parse_configs(FARM)])
    assert registry.names() == ("animatic", "farm", "reseller")
    (problem,) = registry.problems
    assert problem.package == "broken-films"
    assert "broken-films" in problem.message
    assert words in problem.message
    assert SECRET not in problem.message
    await registry.aclose()


async def test_two_packages_of_one_kind_are_both_named_and_neither_is_used(installed: Path) -> None:
    install(installed, "first-films", "shared", "class Backend: pass")
    install(installed, "second-films", "shared", "class Backend: pass")
    registry = Registry.load([BackendConfig("theirs", "shared")])
    assert "first-films, second-films" in registry.problems[0].message
    await registry.aclose()


async def test_a_registry_can_be_made_of_backends_at_hand() -> None:
    backend = FakePaidBackend.from_config(BackendConfig("paid", "fake_paid", "http://127.0.0.1:9"))
    registry = Registry([backend])
    assert registry.get("paid") is backend
    await registry.aclose()


LIMITED = """
[one]
kind = "openai_videos"
profile = "vllm"
base_url = "http://one.internal:8000"
account = "shared"
region = "cn"
limits = { concurrency = 5, spend_per_day = "200.00" }

[two]
kind = "openai_videos"
profile = "vllm"
base_url = "http://two.internal:8000"
account = "shared"
limits = { concurrency = 3, per_minute = 10 }

[three]
kind = "openai_videos"
profile = "vllm"
base_url = "http://three.internal:8000"
"""


async def test_backends_of_one_account_share_the_least_of_their_limits() -> None:
    registry = Registry.load(parse_configs(LIMITED))
    assert set(registry.sharing("one")) == {"one", "two"}
    assert registry.limits("one") == registry.limits("two") == Limits(3, 10, Decimal("200.00"))
    assert registry.limits("three") == registry.limits("animatic") == Limits()
    assert (registry.region("one"), registry.region("two")) == ("cn", "")
    await registry.aclose()


@pytest.mark.parametrize(
    "limits",
    [
        "{ concurrency = 0 }",
        "{ concurrency = true }",
        "{ per_minute = '5' }",
        "{ spend_per_day = 'much' }",
        "{ spend_per_day = '-1' }",
        "{ a_day = 4 }",
        "5",
    ],
)
def test_a_limit_that_is_none_is_refused(limits: str) -> None:
    with pytest.raises(ConfigError, match="limit"):
        parse_configs(f'[one]\nkind = "openai_videos"\nlimits = {limits}')
