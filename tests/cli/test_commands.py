"""The command line: what is wrong is said on standard error and exits with 2; doctor says what to do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.cli.checks import Notice, examine, text_models
from app.cli.main import COMMANDS
from app.core.config import Settings
from app.core.errors import Invalid

PATIENCE = 60


def reelroom(*words: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command with no services configured."""
    kept = {name: value for name, value in os.environ.items() if not name.endswith(("DATABASE_URL", "REDIS_URL"))}
    command = [sys.executable, "-m", "app.cli.main", *map(str, words)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=PATIENCE, env={**kept, **variables}
    )


def test_help_knows_every_command():
    said = reelroom("--help").stdout
    assert [name for name in COMMANDS if f" {name} " not in said] == []


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("bench", "nothing"), "There is no benchmark 'nothing'; there are: "),
        (("web",), "No services were found"),
        (("worker", "stunt"), "No services were found"),
        (("stop",), "Nothing runs on"),
        (("backup", "/nowhere/at/all.tar"), "is no folder that can be written"),
        (("restore", "/nowhere/at/all.tar"), "cannot be read"),
        (("conjure",), "No such command 'conjure'"),
    ],
)
def test_bad_input_is_said_and_exits_with_two(words, expected, tmp_path):
    done = reelroom(*words, REELROOM_DATA_FOLDER=str(tmp_path / "data"))
    assert done.returncode == 2
    assert expected in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_setting_is_named(tmp_path):
    done = reelroom("doctor", REELROOM_PORT="eighty", REELROOM_DATA_FOLDER=str(tmp_path))
    assert done.returncode == 2
    assert "REELROOM_PORT: Input should be a valid integer" in done.stderr


@pytest.mark.slow
def test_doctor_on_a_fresh_machine_finds_every_part_and_says_what_is_next(tmp_path):
    done = reelroom("doctor", "--json", "--data", tmp_path / "data", REELROOM_ENVIRONMENT="local")
    found = {finding["part"]: finding for finding in json.loads(done.stdout)}
    parts = {"python", "packages", "data folder", "disk", "secret key", "ffmpeg", "fonts", "speech"}
    parts |= {"postgres", "valkey", "storage"}
    assert {name: found[name]["state"] for name in parts} == dict.fromkeys(parts, "ok")
    assert "`reelroom up`" in found["workers"]["found"]
    assert "`reelroom up`" in found["migrations"]["found"]


def test_doctor_goes_on_where_a_part_is_broken(tmp_path):
    (tmp_path / "data").write_text("a file where the folder should be")
    done = reelroom("doctor", "--data", tmp_path / "data", REELROOM_ENVIRONMENT="local")
    assert done.returncode == 1
    assert "✗ data folder" in done.stdout
    assert "choose another with --data" in done.stdout
    assert "✓ ffmpeg" in done.stdout


def test_a_check_that_breaks_is_a_finding_not_an_end():
    def breaks() -> str:
        raise ZeroDivisionError("by nought")

    def refuses() -> str:
        raise Invalid("test.refused", "It is refused: ask again.")

    assert examine("part", breaks).found == "ZeroDivisionError: by nought"
    assert examine("part", refuses).found == "It is refused: ask again."
    assert {examine("part", check).state for check in (breaks, refuses)} == {"failure"}


def test_doctor_says_which_text_models_can_be_used_and_never_a_key(tmp_path):
    key = "sk-doctor-0123456789"
    good = {"vendor": "deepseek", "model": "deepseek-v4-flash", "api_key": key}
    told = text_models(Settings(text_models=json.dumps({"fast": good})))
    assert told == "fast (deepseek-v4-flash), in this order"
    with pytest.raises(Notice) as none:
        text_models(Settings(text_models=""))
    assert none.value.state == "info"
    with pytest.raises(Notice) as wrong:
        text_models(Settings(text_models=json.dumps({"fast": good, "old": {**good, "model": "deepseek-chat"}})))
    assert wrong.value.state == "warning" and "withdrew" in str(wrong.value) and "fast" in str(wrong.value)
    assert key not in str(wrong.value)
