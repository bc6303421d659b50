"""The import contracts name everything: a new domain or repository cannot be left out of them."""

from __future__ import annotations

import tomllib
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PREFIX = "importlinter:contract:"


@pytest.fixture(scope="module")
def contracts() -> ConfigParser:
    """The contracts as they are written."""
    read = ConfigParser()
    read.read(ROOT / ".importlinter")
    return read


def test_every_repository_is_private_to_its_domain(contracts):
    kept = {
        contracts[name]["protected_modules"].strip(): contracts[name]["allowed_importers"].strip()
        for name in contracts.sections()
        if contracts[name].get("type") == "protected"
    }
    domains = [path.parent.name for path in (ROOT / "app").glob("*/repository.py")]
    assert len(domains) >= 6
    assert kept == {f"app.{domain}.repository": f"app.{domain}" for domain in domains}


def test_every_domain_keeps_the_order_of_its_rooms(contracts):
    domains = {f"app.{path.parent.name}" for path in (ROOT / "app").glob("*/models.py")}
    assert domains <= set(contracts[f"{PREFIX}rooms-of-a-domain"]["containers"].split())


def test_every_provider_is_a_stranger_to_the_others(contracts):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    providers = {place.partition(":")[0] for place in project["entry-points"]["reelroom.backends"].values()}
    independent = set(contracts[f"{PREFIX}backends-strangers"]["modules"].split())
    assert providers - {"app.backends.testing.paid"} == independent
