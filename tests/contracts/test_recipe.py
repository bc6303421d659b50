"""The recipe for adding a backend shows code that is really there."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
RECIPE = HERE.parents[1] / "docs" / "how-to" / "add-a-backend.md"
SHOWN = re.compile(r"<!-- from: (\S+) -->\n```\w+\n(.*?)```", re.DOTALL)


def test_every_piece_of_code_in_the_recipe_is_in_the_example() -> None:
    shown = SHOWN.findall(RECIPE.read_text(encoding="utf-8"))
    assert len(shown) >= 6
    for name, code in shown:
        assert code in (HERE / "outside_backend" / name).read_text(encoding="utf-8"), f"{name} has no longer:\n{code}"
