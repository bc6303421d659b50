"""A process dies at a named place once, and only where an operator armed it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import app.jobs
from app.core.failpoints import PLACES

CODE = "from app.core.failpoints import reach; reach('buying.claimed'); print('lived')"


def _run(folder: Path | None) -> subprocess.CompletedProcess[str]:
    given = {"REELROOM_FAILPOINTS": str(folder)} if folder else {}
    environment = {**os.environ, **given}
    return subprocess.run([sys.executable, "-c", CODE], env=environment, capture_output=True, text=True, timeout=60)


def test_an_armed_place_kills_whoever_reaches_it_first(tmp_path: Path) -> None:
    (tmp_path / "buying.claimed").touch()
    (tmp_path / "fetching.stored").touch()
    assert _run(tmp_path).returncode == -signal.SIGKILL
    assert _run(tmp_path).stdout == "lived\n"
    assert [one.name for one in tmp_path.iterdir()] == ["fetching.stored"]


def test_without_the_setting_nothing_dies() -> None:
    assert _run(None).stdout == "lived\n"


def test_every_place_is_in_the_code_and_every_place_in_the_code_is_named() -> None:
    folder = Path(app.jobs.__path__[0])
    reached = {name for path in folder.glob("*.py") for name in re.findall(r'reach\("([^"]+)"\)', path.read_text())}
    assert reached == set(PLACES)
