"""`python3 reel`: the environment is made once, by one process, from the hashed lock; then it is out of the way."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAYS_ITS_WORDS = "import sys; print('said', *sys.argv[1:])"
PATIENCE = 60


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone with an interpreter and a command for an environment, and a uv that writes down what it is told."""
    for name in ("reel", "requirements.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (tmp_path / ".venv" / "bin" / "reelroom").write_text(SAYS_ITS_WORDS)
    uv = tmp_path / "tools" / "uv"
    uv.parent.mkdir()
    uv.write_text(f'#!/bin/sh\n[ "$1" = --version ] || echo "$@" >> {tmp_path}/uv.log\n')
    uv.chmod(0o755)
    return tmp_path


def start(clone: Path, *words: str) -> subprocess.Popen[str]:
    """Start `reel` in a clone."""
    environment = {**os.environ, "PATH": f"{clone / 'tools'}:{os.environ['PATH']}"}
    return subprocess.Popen(
        [sys.executable, clone / "reel", *words],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Return what a process said, on both streams, once it succeeded."""
    out, error = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, error
    return out, error


def prepared(clone: Path) -> list[str]:
    """Return what uv was told."""
    log = clone / "uv.log"
    return log.read_text().splitlines() if log.exists() else []


def test_the_environment_is_made_once_from_the_hashed_lock(clone):
    out, said = finished(start(clone, "up", "--port", "8401"))
    assert out == "said up --port 8401\n"
    assert "preparing .venv" in said
    sync, install = prepared(clone)
    assert sync.startswith("pip sync")
    assert "--require-hashes" in sync
    assert sync.endswith("requirements.lock")
    assert "--no-deps" in install
    out, said = finished(start(clone, "doctor"))
    assert (out, said) == ("said doctor\n", "")
    assert len(prepared(clone)) == 2


def test_a_changed_lock_is_taken_up(clone):
    finished(start(clone, "doctor"))
    with (clone / "requirements.lock").open("a") as lock:
        lock.write("# changed\n")
    finished(start(clone, "doctor"))
    assert len(prepared(clone)) == 4


def test_two_first_starts_at_once_make_it_once(clone):
    both = [start(clone, "doctor"), start(clone, "doctor")]
    assert [finished(process)[0] for process in both] == ["said doctor\n"] * 2
    assert len(prepared(clone)) == 2


def test_a_failed_preparation_says_what_to_look_at_and_is_tried_again(clone):
    uv = clone / "tools" / "uv"
    good = uv.read_text()
    uv.write_text('#!/bin/sh\n[ "$1" = --version ] || { echo "no route to the registry" >&2; exit 1; }\n')
    process = start(clone, "doctor")
    _out, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert "no route to the registry" in said
    assert "run this again" in said
    uv.write_text(good)
    assert finished(start(clone, "doctor"))[0] == "said doctor\n"


def test_an_old_python_can_read_the_script_and_is_told_what_to_do():
    ast.parse((ROOT / "reel").read_text(), feature_version=(3, 7))
    code = "import runpy; runpy.run_path('reel', run_name='reel')['check_python']((3, 9, 2))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 1
    assert "needs Python 3.11 or newer, and this is 3.9.2" in done.stderr
