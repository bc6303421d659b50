"""What reading a file of any kind yields."""

from __future__ import annotations

from dataclasses import dataclass

from app.scripts.formats.ast import ParseWarning, Script
from app.scripts.formats.revision_marks import RevisionMarks


@dataclass(frozen=True, slots=True)
class Document:
    """A script read from a file, what was doubtful, and what the file marked as revised."""

    script: Script
    warnings: tuple[ParseWarning, ...] = ()
    revisions: tuple[RevisionMarks, ...] = ()
