"""A script from a file of any kind that is understood: Fountain, the Chinese format, plain text, FDX, DOCX."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.core.errors import Invalid, PayloadTooLarge
from app.core.i18n import _
from app.scripts.formats.ast import ParseWarning
from app.scripts.formats.decode import decode
from app.scripts.formats.docx_read import read_docx
from app.scripts.formats.fdx_read import read_fdx
from app.scripts.formats.revision_marks import RevisionMarks
from app.scripts.formats.write_fountain import write_fountain

MOST_BYTES = 8 * 1024 * 1024
"""The largest file that is opened; text is bounded more tightly, by ``decode``."""

_FDX = re.compile(rb"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!DOCTYPE[^\[]{0,200}(?:\[|>)|<!--|<FinalDraft\b)", re.I)
_ARCHIVE = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class FileText:
    """What a file says as script text; ``kind`` is ``text``, ``fdx`` or ``docx``."""

    text: str
    kind: str
    warnings: tuple[ParseWarning, ...] = ()
    revisions: tuple[RevisionMarks, ...] = ()


def read_file(data: bytes, name: str = "") -> FileText:
    """Return the script in a file, told by its bytes, and by its name only where they say nothing.

    Raises ``Invalid`` for what is no script, ``PayloadTooLarge`` for what is too large.
    """
    if len(data) > MOST_BYTES:
        message = _("The file is larger than %(limit)d MiB. A script is text: leave pictures out, or split it.")
        raise PayloadTooLarge("script.file_too_large", message % {"limit": MOST_BYTES // 2**20})
    ending = name.rpartition(".")[2].lower()
    start = data[:1000].removeprefix(b"\xef\xbb\xbf")
    if data.startswith(_ARCHIVE):
        text, warnings = read_docx(data)
        return FileText(_bounded(text), "docx", warnings)
    if ending == "docx":
        raise Invalid("script.docx_broken", _("This file is called DOCX, but it is none. Save it as DOCX again."))
    if ending == "fdx" or _FDX.match(start):
        document = read_fdx(data)
        return FileText(_bounded(write_fountain(document.script)), "fdx", document.warnings, document.revisions)
    return FileText(decode(data), "text")


def _bounded(text: str) -> str:
    return decode(text.encode(errors="replace"))
