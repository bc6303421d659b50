"""Scripts as PDF: broken into pages here, set by typst in a sandboxed process that is bounded in time and memory."""

from __future__ import annotations

import asyncio
import json
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from app.core.errors import Invalid
from app.core.i18n import _
from app.media import fonts, sandbox
from app.scripts.printed import Sheaf, book

_FORMATS = Path(__file__).parent / "formats"
_LIMITS = sandbox.Limits(cpu_seconds=120, memory_bytes=3 * 2**30, file_bytes=200 * 2**20, wall_seconds=150)
_KNOWN = ((0x20, 0x17F), (0x370, 0x3FF), (0x400, 0x45F), (0x4E00, 0x9FA5), (0xFF01, 0xFF5E))
_KNOWN_SIGNS = frozenset("，。、；：？！“”‘’（）《》【】…—·「」『』〈〉△▲\u3000–•－～♪")


async def typeset(sheaves: Sequence[Sheaf]) -> tuple[list[bytes], tuple[str, ...]]:
    """Return each script as a PDF, and the characters that no font has: in the PDF their names stand for them.

    Raises ``Invalid`` ``scripts.not_set`` when a script takes too long, or more memory than is given to it.
    """
    with TemporaryDirectory(prefix="reelroom-pdf-") as name:
        folder = Path(name)
        rare = await asyncio.to_thread(_rare, sheaves)
        missing = frozenset[str]()
        if rare:
            await _ask(folder, {"books": [], "probe": sorted(rare)})
            missing = frozenset(json.loads(await asyncio.to_thread((folder / "missing.json").read_text)))
        books = await asyncio.to_thread(lambda: [book(sheaf, missing) for sheaf in sheaves])
        await _ask(folder, {"books": books, "probe": []})
        made = await asyncio.to_thread(lambda: [(folder / f"{index}.pdf").read_bytes() for index in range(len(books))])
    return made, tuple(sorted(missing))


async def _ask(folder: Path, request: dict[str, Any]) -> None:
    told = {"template": str(_FORMATS / "screenplay.typ"), "fonts": str(fonts.folder()), **request}
    await asyncio.to_thread((folder / "request.json").write_text, json.dumps(told), encoding="utf-8")
    command = (sys.executable, "-I", str(_FORMATS / "typeset_process.py"), str(folder))
    done = await sandbox.run(command, _LIMITS)
    if done.code:
        why = _("it took too long") if done.out_of_time else done.errors.strip().split("\n")[-1][:200]
        message = _("This script could not be set as PDF: %(why)s. Export fewer episodes, or as DOCX.") % {"why": why}
        raise Invalid("scripts.not_set", message)


def _rare(sheaves: Sequence[Sheaf]) -> set[str]:
    """Return the characters that may have no picture in any font."""
    found: set[str] = set()
    for sheaf in sheaves:
        texts: Iterable[str] = (element.raw or element.text for element in sheaf.script.elements)
        found.update(*texts, *(field.value for field in sheaf.script.fields), sheaf.options.title)
    return {
        char
        for char in found
        if not any(low <= ord(char) <= high for low, high in _KNOWN)
        and char not in _KNOWN_SIGNS
        and unicodedata.category(char)[0] not in "CZ"
    }
