"""The trial of rooms runs, keeps its promises on a small scale, and would notice a broken one."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from app.embedded.fleet import ROOT
from chaos import rooms

KEPT = {"acknowledged_lost": 0, "diverged": 0, "never_saved": 0}


@pytest.mark.slow
def test_killing_servers_loses_nothing_that_was_said_to_be_saved() -> None:
    command = [sys.executable, "-m", "app.cli.main", "chaos", "rooms", "--minutes", "0.3", "--seed", "3", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stdout + done.stderr
    verdict = json.loads(done.stdout)
    assert verdict["acknowledged_lost"] == verdict["diverged"] == verdict["never_saved"] == 0
    assert verdict["acknowledged"] > 0
    assert sum(verdict["killed"].values()) > 1


@pytest.mark.parametrize("broken", [{"acknowledged_lost": 1}, {"diverged": 1}, {"never_saved": 1}])
def test_a_broken_promise_is_noticed(broken: dict[str, int]) -> None:
    assert not rooms.broken(KEPT)
    assert rooms.broken({**KEPT, **broken})
