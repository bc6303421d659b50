"""Puts the example package on the path as an installer would: its module, and the facts of its pyproject.toml."""

from __future__ import annotations

import shutil
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_name("outside_backend")


@pytest.fixture(scope="session")
def slate_films(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder into which the example package is installed."""
    folder = tmp_path_factory.mktemp("site-packages")
    project = tomllib.loads((SOURCE / "pyproject.toml").read_text())["project"]
    for module in SOURCE.glob("*.py"):
        shutil.copy(module, folder)
    facts = folder / f"slate_films-{project['version']}.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    points = "\n".join(f"{kind} = {place}" for kind, place in project["entry-points"]["reelroom.backends"].items())
    (facts / "entry_points.txt").write_text(f"[reelroom.backends]\n{points}\n")
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))
