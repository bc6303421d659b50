"""`reelroom script parse|breakdown`: JSON and tables for people and programs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from app.cli.script import script_app

SAMPLES = Path(__file__).parents[2] / "samples"


def ask(*arguments: str) -> dict[str, Any]:
    """Return the JSON that the command prints."""
    result = CliRunner().invoke(script_app, [*arguments, "--json"])
    assert result.exit_code == 0, result.output
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def test_parse_prints_scenes_elements_and_characters() -> None:
    answer = ask("parse", str(SAMPLES / "salt-ledger-e01.fountain"))
    (episode,) = answer["episodes"]
    scene = episode["scenes"][0]
    assert {key: scene[key] for key in ("number", "interior", "place", "time", "line")} == {
        "number": "1",
        "interior": "int",
        "place": "HARBOR TOWER - LOBBY",
        "time": "DAY",
        "line": 11,
    }
    assert scene["characters"] == ["MARA", "GUARD"]
    assert "shots" not in scene
    speech = next(element for element in episode["elements"] if element["kind"] == "speech")
    assert (speech["speaker"], speech["manner"], speech["text"], speech["line"]) == (
        "GUARD",
        "not looking up",
        "Deliveries use the back.",
        17,
    )
    assert [character["name"] for character in answer["characters"]] == ["MARA", "GUARD", "ADRIAN", "LIN"]
    assert answer["warnings"] == []


def test_breakdown_prints_the_shots_of_every_episode_at_the_rate_asked_for() -> None:
    path = str(SAMPLES / "mountains-and-seas-e01-05.zh.txt")
    slow, fast = ask("breakdown", path), ask("breakdown", path, "--fps", "48")
    assert [episode["number"] for episode in slow["episodes"]] == [1, 2, 3, 4, 5]
    first, same = (answer["episodes"][0]["scenes"][0]["shots"][0] for answer in (slow, fast))
    assert first["card"] == "烛龙闭眼，第四十日"
    assert first["size"] == "LS"
    assert abs(2 * first["duration_frames"] - same["duration_frames"]) <= 1
    heroine = next(character for character in slow["characters"] if character["name"] == "阿砚")
    assert heroine["lines"] > 30
    assert "1/1-1" in heroine["scenes"] and "5/5-5" in heroine["scenes"]


def test_warnings_name_their_line(tmp_path: Path) -> None:
    script = tmp_path / "loose.txt"
    script.write_text("1-1 日 内 客厅\n△ 风声。\n他推门进来。\n")
    (warning,) = ask("parse", str(script))["warnings"]
    assert (warning["line"], warning["code"], warning["episode"]) == (3, "script.unmarked_line", 1)


def test_without_json_people_get_a_table() -> None:
    result = CliRunner().invoke(script_app, ["breakdown", str(SAMPLES / "jingwei-e01.zh.txt")], env={"COLUMNS": "140"})
    assert result.exit_code == 0
    assert "4 scenes, 21 shots" in result.stdout
    assert "那我去把他们叫回来。" in result.stdout


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\x7fELF\x02\x01", "not a text file"),
        (b"a" * (2 * 1024 * 1024 + 1), "2 MiB"),
        (b"Just prose.", "No scene was found"),
        (b"", "empty"),
        (None, "Cannot read"),
    ],
    ids=["binary", "too large", "no scene", "empty", "missing"],
)
def test_bad_input_is_told_on_standard_error_and_exits_with_2(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    script = tmp_path / "script.txt"
    if content is not None:
        script.write_bytes(content)
    command = [sys.executable, "-c", "from app.cli.main import main; main()", "script", "parse", str(script), "--json"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert message in result.stderr
    assert result.stdout == ""
