"""What the browser runs is what the sources say: dist/ was built after the last change of JavaScript."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from app.web.assets import ROOT

SOURCES = sorted((ROOT / "js").rglob("*.js"))
NAMES = [str(path.relative_to(ROOT)) for path in SOURCES]


def test_dist_was_built_from_these_sources() -> None:
    digest = hashlib.sha256()
    for name in sorted([*NAMES, "package-lock.json", "build.mjs"]):
        digest.update(f"{name}\n".encode() + (ROOT / name).read_bytes())
    noted = (ROOT / "dist" / "sources.sha256").read_text().strip()
    assert noted == digest.hexdigest(), "run `npm ci && npm run build` in static/"


def test_every_entry_is_in_dist() -> None:
    for entry in (ROOT / "js" / "entries").glob("*.js"):
        assert (ROOT / "dist" / entry.name).stat().st_size > 0


def test_the_lock_names_no_registry() -> None:
    assert "://" not in re.sub(r'"(url|funding)": "[^"]*"', "", (ROOT / "package-lock.json").read_text()), (
        "static/.npmrc keeps addresses out of the lock"
    )


@pytest.mark.parametrize("path", SOURCES, ids=NAMES)
def test_sources_need_no_eval_and_write_no_html(path: Path) -> None:
    source = path.read_text()
    assert not re.search(r"innerHTML|outerHTML\s*=|insertAdjacentHTML|document\.write|\beval\(|new Function", source)
    assert not re.search(r"setAttribute\(\s*[\"']style", source)
    assert len(source.splitlines()) <= 400
