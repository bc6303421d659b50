"""Where each kind of paragraph stands on a page: Hollywood's layout on US Letter, the Chinese one on A4."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.scripts.formats.layout import Role


@dataclass(frozen=True, slots=True)
class Column:
    """Where a paragraph stands, in points; ``before`` counts blank lines above it."""

    left: float
    width: float
    before: int = 1
    right: bool = False
    centred: bool = False
    hanging: float = 0


@dataclass(frozen=True, slots=True)
class Paper:
    """A page and its columns, in points; ``rows`` lines of ``pitch`` fit between ``top`` and the foot."""

    name: str
    width: float
    height: float
    top: float
    pitch: float
    rows: int
    columns: Mapping[Role, Column]
    more: bool

    @property
    def chinese(self) -> bool:
        """Whether it is the Chinese layout."""
        return self.name == "chinese"


HOLLYWOOD = Paper(
    name="hollywood",
    width=612,
    height=792,
    top=72,
    pitch=12,
    rows=54,
    more=True,
    columns={
        Role.EPISODE: Column(108, 432, 2, centred=True),
        Role.SECTION: Column(108, 432),
        Role.HEADING: Column(108, 432, 2),
        Role.CAST: Column(108, 432),
        Role.ACTION: Column(108, 432),
        Role.CHARACTER: Column(266, 266),
        Role.PARENTHETICAL: Column(223, 144, 0, hanging=7.2),
        Role.DIALOGUE: Column(180, 252, 0),
        Role.LYRIC: Column(180, 252),
        Role.TRANSITION: Column(108, 432, right=True),
        Role.CENTRED: Column(108, 432, centred=True),
        Role.NOTE: Column(108, 432),
    },
)

CHINESE = Paper(
    name="chinese",
    width=595,
    height=842,
    top=72,
    pitch=21,
    rows=33,
    more=False,
    columns={
        Role.EPISODE: Column(90, 415, 1, centred=True),
        Role.SECTION: Column(90, 415),
        Role.HEADING: Column(90, 415, 1),
        Role.CAST: Column(90, 415, 0),
        Role.ACTION: Column(90, 415, 0),
        Role.DIALOGUE: Column(90, 415, 0, hanging=24),
        Role.LYRIC: Column(90, 415, 0),
        Role.TRANSITION: Column(90, 415, 0, right=True),
        Role.CENTRED: Column(90, 415, 0, centred=True),
        Role.NOTE: Column(90, 415, 0),
        Role.CHARACTER: Column(90, 415, 0),
        Role.PARENTHETICAL: Column(90, 415, 0),
    },
)
