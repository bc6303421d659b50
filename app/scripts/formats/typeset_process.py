"""Runs apart, in a sandbox, and knows nothing of the app: sets books with typst, or tells what no font can show.

Called with a folder; ``request.json`` in it holds ``template``, ``fonts``, ``books`` and ``probe``. Writes ``0.pdf``,
``1.pdf`` … and ``missing.json`` there.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import typst

_PROBE = """#set text(font: ("DejaVu Sans Mono", "Noto Serif SC", "Libertinus Serif"))
#for char in json(bytes(sys.inputs.book)) [#char \\ ]
"""
_SHOWN = re.compile(r'the text `"(.*?)"` could not be displayed', re.S)
_MOST_ROUNDS = 400


def main(folder: Path) -> None:
    """Do what ``request.json`` asks for."""
    request = json.loads((folder / "request.json").read_text(encoding="utf-8"))
    fonts = [request["fonts"]]
    missing = _missing(folder, request["probe"], fonts) if request["probe"] else []
    (folder / "missing.json").write_text(json.dumps(missing), encoding="utf-8")
    for index, book in enumerate(request["books"]):
        target = folder / f"{index}.pdf"
        target.write_bytes(_set(Path(request["template"]), book, fonts))


def _set(template: Path, book: Any, fonts: list[str], **more: Any) -> bytes:
    given = {"book": json.dumps(book, ensure_ascii=False)}
    made = typst.compile(str(template), font_paths=fonts, ignore_system_fonts=True, sys_inputs=given, **more)
    assert isinstance(made, bytes)
    return made


def _missing(folder: Path, chars: list[str], fonts: list[str]) -> list[str]:
    """Return those of ``chars`` for which no font has a picture: PDF/A refuses them by name."""
    template = folder / "probe.typ"
    template.write_text(_PROBE, encoding="utf-8")
    left, missing = list(chars), []
    for _round in range(_MOST_ROUNDS):
        try:
            _set(template, left, fonts, pdf_standards="a-2b")
            break
        except typst.TypstError as error:
            refused = set("".join(_SHOWN.findall(str(error))))
            found = [char for char in left if char in refused]
            if not found:
                break
            missing += found
            left = [char for char in left if char not in refused]
    return missing


if __name__ == "__main__":
    main(Path(sys.argv[1]))
