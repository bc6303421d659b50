"""The trial of the job engine runs, keeps its promises on a small scale, and would notice a broken one."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from app.embedded.fleet import ROOT
from chaos import jobs

KEPT = {
    "vanished": 0,
    "creates_per_attempt_max": 1,
    "unknown_recoverable": 0,
    "unknown_other": 2,
    "cut_off_between_send_and_commit": 2,
    "wrong_state": 0,
    "ledger_balanced": True,
}


@pytest.mark.slow
def test_killing_what_buys_loses_nothing_and_buys_nothing_twice() -> None:
    command = [sys.executable, "-m", "app.cli.main", "chaos", "jobs", "--jobs", "8", "--kills", "3", "--json"]
    elsewhere = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none", "REDIS_URL": "redis://127.0.0.1:9"}
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **elsewhere}, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr
    verdict = json.loads(done.stdout)
    assert verdict["vanished"] == verdict["unknown_recoverable"] == verdict["wrong_state"] == 0
    assert verdict["creates_per_attempt_max"] == 1
    assert verdict["ledger_balanced"] is True
    assert sum(verdict["killed"].values()) == 3


@pytest.mark.parametrize(
    "broken",
    [
        {"vanished": 1},
        {"creates_per_attempt_max": 2},
        {"unknown_recoverable": 1},
        {"unknown_other": 3},
        {"wrong_state": 1},
        {"ledger_balanced": False},
    ],
)
def test_a_broken_promise_is_noticed(broken: dict[str, object]) -> None:
    assert not jobs._broken(KEPT)
    assert jobs._broken({**KEPT, **broken})
