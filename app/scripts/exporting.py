"""Scripts as files: one in one format, or a whole season as an archive that is sent while it is made."""

from __future__ import annotations

import asyncio
import io
import re
import zipfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from app.core.errors import ReelroomError
from app.core.i18n import _
from app.media.serve import safe_file_name
from app.scripts.formats import parse
from app.scripts.formats.docx_write import write_docx
from app.scripts.formats.fdx_write import write_fdx
from app.scripts.formats.options import ExportOptions, prepared
from app.scripts.formats.write_chinese import write_chinese
from app.scripts.formats.write_fountain import write_fountain
from app.scripts.printed import Sheaf
from app.scripts.typesetting import typeset

Format = Literal["fountain", "fdx", "pdf", "docx", "chinese", "txt"]
FORMATS: tuple[Format, ...] = get_args(Format)
BATCH = 10
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_TEXT = "text/plain; charset=utf-8"
_KINDS: dict[Format, tuple[str, str]] = {
    "fountain": ("fountain", _TEXT),
    "fdx": ("fdx", "application/xml"),
    "pdf": ("pdf", "application/pdf"),
    "docx": ("docx", _DOCX),
    "chinese": ("zh.txt", _TEXT),
    "txt": ("txt", _TEXT),
}
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)", re.I)


@dataclass(frozen=True, slots=True)
class Exported:
    """A file that was made; ``missing`` are the characters that only their names stand for, in a PDF."""

    data: bytes
    media_type: str
    ending: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ToExport:
    """A script that is to become a file: its text, the name of the file without ending, what is shown of it."""

    text: str
    name: str
    options: ExportOptions


async def export(text: str, form: Format, options: ExportOptions) -> Exported:
    """Return a script as a file in a format; ``txt`` is the text as it was written."""
    (made,) = await export_many([ToExport(text, "", options)], form)
    return made


async def export_many(scripts: Sequence[ToExport], form: Format) -> list[Exported]:
    """Return scripts as files in one format, in their order."""
    ending, media_type = _KINDS[form]
    if form == "pdf":
        sheaves = await asyncio.to_thread(lambda: [Sheaf(parse(each.text), each.options) for each in scripts])
        files, missing = await typeset(sheaves)
        return [Exported(data, media_type, ending, missing) for data in files]
    written = await asyncio.to_thread(lambda: [_written(each.text, form, each.options) for each in scripts])
    return [Exported(data, media_type, ending) for data in written]


def _written(text: str, form: Format, options: ExportOptions) -> bytes:
    if form == "txt":
        return text.encode(errors="replace")
    script = parse(text)
    if form == "fdx":
        return write_fdx(script, options)
    if form == "docx":
        return write_docx(script, options)
    shown = prepared(script, options)
    made = write_chinese(shown) if form == "chinese" else write_fountain(shown)
    return made.encode(errors="replace")


def file_name(project: str, number: int, title: str) -> str:
    """Return what an episode's file is called, without ending: safe on every system, Chinese kept."""
    words = " ".join(part for part in (project, f"E{number:02d}", title) if part)
    name = safe_file_name(words).strip(" .")
    name = f"_{name}" if _RESERVED.match(name) else name
    return name.encode()[:150].decode(errors="ignore").strip(" .") or f"E{number:02d}"


class _Pipe(io.RawIOBase):
    """Takes what an archive writes, to be sent on."""

    def __init__(self) -> None:
        self.waiting = bytearray()

    def writable(self) -> bool:
        """Say that it can be written to."""
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Keep bytes until they are taken."""
        self.waiting += data
        return len(data)

    def taken(self) -> bytes:
        """Return what was written since the last time."""
        data = bytes(self.waiting)
        self.waiting.clear()
        return data


async def season(scripts: Sequence[ToExport], forms: Sequence[Format]) -> AsyncIterator[bytes]:
    """Yield an archive of all scripts in all formats, ten episodes at a time, so that it begins at once.

    An episode that cannot be made in a format is named in a file of the archive, with the reason; the rest is there.
    """
    pipe = _Pipe()
    problems: list[str] = []
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for start in range(0, len(scripts), BATCH):
            batch = scripts[start : start + BATCH]
            for form in forms:
                await _add(archive, batch, form, problems)
                yield pipe.taken()
        if problems:
            archive.writestr(_("not exported") + ".txt", "\n".join(problems) + "\n")
    yield pipe.taken()


async def _add(archive: zipfile.ZipFile, batch: Sequence[ToExport], form: Format, problems: list[str]) -> None:
    try:
        made = await export_many(batch, form)
    except ReelroomError as error:
        if len(batch) == 1:
            problems.append(f"{batch[0].name}.{_KINDS[form][0]}: {error.message}")
            return
        for each in batch:
            await _add(archive, [each], form, problems)
        return
    for each, file in zip(batch, made, strict=True):
        await asyncio.to_thread(archive.writestr, f"{form}/{each.name}.{file.ending}", file.data)
