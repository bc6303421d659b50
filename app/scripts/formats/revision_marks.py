"""The lines of a script that changed since a revision, for the margin of what is exported. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RevisionMarks:
    """Lines (from 1) to be marked in the margin, the name of the revision they changed since, and its colour."""

    name: str
    colour: str
    lines: frozenset[int]
