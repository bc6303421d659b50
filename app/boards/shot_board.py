"""What a board shows: scenes with their shots as cards, every string made once; no query of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
from markupsafe import escape

from app.boards.home import meter
from app.core.frames import FrameRate
from app.core.i18n import _, ngettext
from app.web.formats import lang_of
from app.web.status import STATUSES, Status

_FOUNTAIN_NUMBER = re.compile(r"#[^#]*#\s*$")

PAGE = 100
ABOVE = 40  # rows read beyond a page, so that it can end where a scene does

# The filters of a board, in order, and the states each stands for.
FILTERS: dict[str, tuple[str, ...]] = {
    "review": ("review",),
    "retake": ("retake",),
    "stale": ("stale",),
    "running": ("generating", "waiting"),
    "needs": ("held", "failed", "unknown"),
    "planned": ("planned",),
    "circled": ("circled",),
    "dropped": ("dropped",),
}
Row = Any  # a row of ``shots.service.board``
SceneRow = Any  # a row of ``scenes.service.headings``


class Card(msgspec.Struct, frozen=True, gc=False):
    """One shot as its card shows it; ``look`` is its state's colour, icon and word.

    Every text in it is escaped already, so that a template writes hundreds of cards as they are.
    """

    id: str
    href: str
    name: str
    info: str
    label: str
    status: str
    look: Status
    text: str
    poster: str
    words: str
    lang: str
    line: str
    takes: str
    stale: str
    percent: int | None
    note: str
    is_locked: bool


@dataclass(slots=True)
class Block:
    """One scene of the board, with those of its cards that are on this page."""

    scene: SceneRow
    title: str
    meter: list[tuple[str, int]]
    circled: int
    total: int
    seconds: float
    cards: list[Card] = field(default_factory=list)


class SceneLink(msgspec.Struct, frozen=True, gc=False):
    """A scene in the list beside the board; its texts are escaped already."""

    id: UUID
    number: str
    place: str
    lang: str
    circled: int
    total: int
    before: int


@dataclass(slots=True)
class Tally:
    """What a whole episode counts: by state and scene."""

    by_status: dict[str, int] = field(default_factory=dict)
    by_scene: dict[UUID, dict[str, int]] = field(default_factory=dict)
    circled: dict[UUID, int] = field(default_factory=dict)
    frames: dict[UUID, int] = field(default_factory=dict)
    first: dict[UUID, int] = field(default_factory=dict)
    ready: int = 0

    @classmethod
    def of(cls, rows: Iterable[Any]) -> Tally:
        """Return the sums of what ``shots.service.tally`` found."""
        made = cls()
        for scene_id, status, shots, circled, frames, ready, first in rows:
            made.by_status[status] = made.by_status.get(status, 0) + shots
            made.by_scene.setdefault(scene_id, {})[status] = shots
            made.first[scene_id] = min(made.first.get(scene_id, first), first)
            made.ready += ready
            if status != "dropped":
                made.circled[scene_id] = made.circled.get(scene_id, 0) + circled
                made.frames[scene_id] = made.frames.get(scene_id, 0) + int(frames)
        return made

    @property
    def shots(self) -> int:
        """How many shots there are, dropped ones too."""
        return sum(self.by_status.values())

    def of_filter(self, name: str) -> int:
        """Return how many shots a filter shows."""
        return sum(self.by_status.get(status, 0) for status in FILTERS[name])

    def kept(self, scene_id: UUID) -> int:
        """Return how many shots of a scene are not dropped."""
        return sum(count for status, count in self.by_scene.get(scene_id, {}).items() if status != "dropped")


def cut(rows: Sequence[Row], size: int, fetched: int) -> tuple[Sequence[Row], int | None]:
    """Return the rows of a page of about ``size`` and the position after which the next begins, None at the end.

    A page ends where a scene does, unless the scene is longer than what was ``fetched``.
    """
    if len(rows) <= size:
        return rows, None
    end = size
    while end < len(rows) and rows[end].scene_id == rows[size - 1].scene_id:
        end += 1
    if end == len(rows) and len(rows) < fetched:
        return rows, None
    if end == len(rows):
        end = size
    return rows[:end], rows[end - 1].position


class Dealer:
    """Makes cards of rows in one language: words that are the same on many cards are looked up once."""

    def __init__(self, path: str, rate: FrameRate, link: Callable[[str | None], str]) -> None:
        self.path = path
        self.per_second = float(rate.fraction)
        self.link = link
        self._takes: dict[int, str] = {0: ""}
        self._words = {name: look.word for name, look in STATUSES.items()}
        self._take, self._to_review, self._seconds = _("Take %(n)d"), _("%(n)d to review"), _("%(seconds)s s")
        self._newer = _("Take %(n)d, a newer one waits")
        self._changed = {
            "text": _("Text changed"), "bible": _("Look changed"), "style": _("Style changed"),
            "directions": _("Directions changed"), "settings": _("Set-up changed"), "source": _("Reference changed"),
        }  # fmt: skip

    def card(self, row: Row) -> Card:
        """Return the card of a shot."""
        shot_id, status = str(row.id), row.status
        length = self._seconds % {"seconds": f"{row.duration_frames / self.per_second:.1f}".removesuffix(".0")}
        text, line = str(escape(self._text(row))), said(row)
        lang, line = lang_of(line), str(escape(line))
        running = status == "generating"
        return Card(
            id=shot_id,
            href=f"{self.path}/{shot_id}",
            name=row.name,
            info=f"{row.size} {length}",
            label=f"{row.name}, {row.size}, {text}",
            status=status,
            look=STATUSES[status],
            text=text,
            poster=str(escape(self.link(row.poster_key))),
            words="" if row.poster_key else line,
            lang=lang,
            line=line,
            takes=self._counted(row.take_count),
            stale=self._changed.get(row.stale_parts[0], "") if row.stale_parts and row.take_count else "",
            percent=round(100 * (row.job_progress or 0)) if running else None,
            note=str(escape(row.job_note)) if running else "",
            is_locked=row.locked_at is not None,
        )

    def _counted(self, takes: int) -> str:
        if takes not in self._takes:
            self._takes[takes] = ngettext("%(n)d take", "%(n)d takes", takes) % {"n": takes}
        return self._takes[takes]

    def _text(self, row: Row) -> str:
        if row.status == "circled":
            newer = row.undecided_takes and (row.newest_take_number or 0) > row.circled_take_number
            return (self._newer if newer else self._take) % {"n": row.circled_take_number}
        if row.status == "review":
            return self._to_review % {"n": row.undecided_takes}
        if row.status in ("held", "failed", "unknown") and row.job_note:
            return str(row.job_note)
        return self._words[row.status]


def said(row: Row) -> str:
    """Return the words of a shot: who says what first, or what happens."""
    if row.line:
        return f"{row.speaker}：{row.line}" if lang_of(row.line) == "zh" else f"{row.speaker}: {row.line}"
    return str(row.action or row.card)


def links(scenes: Sequence[SceneRow], tally: Tally) -> list[SceneLink]:
    """Return the scenes that have shots, for the list beside the board."""
    return [
        SceneLink(
            scene.id,
            str(escape(scene.number)),
            str(escape(scene.place or scene.heading)),
            lang_of(scene.place or scene.heading),
            tally.circled.get(scene.id, 0),
            tally.kept(scene.id),
            tally.first[scene.id] - 1,
        )
        for scene in scenes
        if scene.id in tally.by_scene
    ]


def _title(scene: SceneRow) -> str:
    """Return a heading without the number that stands before it (Chinese format) or behind it (Fountain)."""
    words = _FOUNTAIN_NUMBER.sub("", scene.heading.removeprefix(scene.number)).strip(" \t.、")
    return str(words or scene.heading)


def head(scene: SceneRow, tally: Tally, dealer: Dealer) -> Block:
    """Return a scene as its heading shows it, without cards."""
    return Block(
        scene,
        _title(scene),
        meter(tally.by_scene.get(scene.id, {})),
        tally.circled.get(scene.id, 0),
        tally.kept(scene.id),
        tally.frames.get(scene.id, 0) / dealer.per_second,
    )


def blocks(rows: Sequence[Row], scenes: Sequence[SceneRow], tally: Tally, dealer: Dealer) -> list[Block]:
    """Return the scenes of a page with their cards, in the order of the shots."""
    known = {scene.id: scene for scene in scenes}
    made: list[Block] = []
    for row in rows:
        if not made or made[-1].scene.id != row.scene_id:
            made.append(head(known[row.scene_id], tally, dealer))
        made[-1].cards.append(dealer.card(row))
    return made
