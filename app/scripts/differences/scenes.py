"""The difference between two texts scene by scene: a scene that moved is moved, with what changed in it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz

from app.scripts.differences.lines import Row, line_rows, rising
from app.scripts.formats import parse

SAME_ENOUGH = 45.0
MOST_COMPARED = 120


@dataclass(frozen=True, slots=True)
class Block:
    """A scene of one text: its heading ("" for what stands before the first), its number and its lines."""

    heading: str
    number: str
    first: int
    lines: tuple[str, ...]

    @property
    def body(self) -> str:
        """Its words, as they stand."""
        return "\n".join(self.lines)


@dataclass(frozen=True, slots=True)
class SceneChange:
    """A scene on one side or on both (its index there, or None), whether it moved, and its lines."""

    before: int | None
    after: int | None
    heading: str
    number: str
    moved: bool
    rows: tuple[Row, ...]

    @property
    def kind(self) -> str:
        """``gone``, ``new``, ``changed``, ``moved`` (and nothing else) or ``same``."""
        if self.after is None:
            return "gone"
        if self.before is None:
            return "new"
        if any(row.kind != "same" for row in self.rows):
            return "changed"
        return "moved" if self.moved else "same"

    @property
    def added(self) -> int:
        """Lines that are new or changed."""
        return sum(row.kind in ("new", "changed") for row in self.rows)

    @property
    def removed(self) -> int:
        """Lines that are gone or changed."""
        return sum(row.kind in ("gone", "changed") for row in self.rows)


@dataclass(frozen=True)
class Difference:
    """What differs, in the order of the text after; a scene that is gone stands where it stood."""

    scenes: tuple[SceneChange, ...]

    @cached_property
    def added(self) -> int:
        """Lines that are new or changed."""
        return sum(scene.added for scene in self.scenes)

    @cached_property
    def removed(self) -> int:
        """Lines that are gone or changed."""
        return sum(scene.removed for scene in self.scenes)

    @property
    def text_before(self) -> str:
        """The older text, made from the difference alone."""
        mine = sorted((scene for scene in self.scenes if scene.before is not None), key=lambda scene: scene.before or 0)
        return "\n".join(row.old for scene in mine for row in scene.rows if row.kind != "new")

    @property
    def text_after(self) -> str:
        """The newer text, made from the difference alone."""
        mine = [scene for scene in self.scenes if scene.after is not None]
        return "\n".join(row.new for scene in mine for row in scene.rows if row.kind != "gone")


def blocks(text: str) -> list[Block]:
    """Return a text scene by scene; what stands before the first scene comes first, where there is any."""
    lines = text.split("\n")
    starts: list[tuple[int, str, str]] = []
    line = place = 0
    for scene in parse(text).scenes:
        line, place = line + text.count("\n", place, scene.start), scene.start
        if not starts or starts[-1][0] < line:
            starts.append((line, scene.text, scene.scene_number))
    if not starts or starts[0][0] > 0:
        starts.insert(0, (0, "", ""))
    ends = [start for start, _, _ in starts[1:]] + [len(lines)]
    return [
        Block(heading, number, start, tuple(lines[start:end]))
        for (start, heading, number), end in zip(starts, ends, strict=True)
    ]


def compare(before: str, after: str) -> Difference:
    """Return the difference of two texts; line ends other than ``\\n`` are taken for ``\\n``."""
    old, new = blocks(_plain(before)), blocks(_plain(after))
    pairs = _matches(old, new)
    order = sorted(pairs)
    steady = {order[index] for index in rising([pairs[j] for j in order])}
    changes: list[SceneChange] = []
    gone = iter([i for i in range(len(old)) if i not in set(pairs.values())])
    waiting = next(gone, None)
    for j, block in enumerate(new):
        i = pairs.get(j)
        while waiting is not None and i is not None and j in steady and waiting < i:
            changes.append(_gone(old[waiting], waiting))
            waiting = next(gone, None)
        rows = line_rows(old[i].lines if i is not None else (), block.lines,
                         before=old[i].first if i is not None else 0, after=block.first)  # fmt: skip
        moved = i is not None and j not in steady
        changes.append(SceneChange(i, j, block.heading, block.number, moved, tuple(rows)))
    changes += [_gone(old[i], i) for i in ([waiting, *gone] if waiting is not None else [])]
    return Difference(tuple(changes))


def _gone(block: Block, index: int) -> SceneChange:
    return SceneChange(
        index, None, block.heading, block.number, False, tuple(line_rows(block.lines, (), before=block.first))
    )


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _matches(old: Sequence[Block], new: Sequence[Block]) -> dict[int, int]:
    """Return, for indices of ``new``, the index of the old scene it continues: exact text, heading, then likeness."""
    found: dict[int, int] = {}
    for key in (_whole, _without_number, _named):
        _match_by([key(block) for block in old], [key(block) for block in new], found)
    _match_alike(old, new, found)
    return found


def _whole(block: Block) -> tuple[str, ...]:
    return block.lines if block.heading else ()


def _without_number(block: Block) -> tuple[str, ...]:
    return tuple(line.strip() for line in block.lines[1:] if line.strip())


def _named(block: Block) -> tuple[str, ...]:
    return (block.heading.casefold(),)


def _match_by(old: Sequence[tuple[str, ...]], new: Sequence[tuple[str, ...]], found: dict[int, int]) -> None:
    taken = set(found.values())
    places: dict[tuple[str, ...], list[int]] = {}
    for i, key in enumerate(old):
        if key and i not in taken:
            places.setdefault(key, []).append(i)
    for j, key in enumerate(new):
        if j not in found and places.get(key):
            found[j] = places[key].pop(0)


def _match_alike(old: Sequence[Block], new: Sequence[Block], found: dict[int, int]) -> None:
    taken = set(found.values())
    rest_old = [i for i in range(len(old)) if i not in taken and old[i].heading][:MOST_COMPARED]
    rest_new = [j for j in range(len(new)) if j not in found and new[j].heading][:MOST_COMPARED]
    for _likeness, _distance, j, i in sorted(_alike(old, new, rest_old, rest_new)):
        if j not in found and i not in taken:
            found[j] = i
            taken.add(i)


def _alike(
    old: Sequence[Block], new: Sequence[Block], rest_old: Sequence[int], rest_new: Sequence[int]
) -> Iterator[tuple[float, int, int, int]]:
    for i in rest_old:
        for j in rest_new:
            likeness = fuzz.ratio(old[i].body[:4000], new[j].body[:4000], score_cutoff=SAME_ENOUGH)
            if likeness:
                yield -likeness, abs(i - j), j, i


def with_scene(difference: Difference, index: int) -> str:
    """Return the newer text with the scene that was number ``index`` (from 0) in the older one as it was there.

    One that is gone comes back where it stood. Raises ``IndexError`` when the older text has no such scene.
    """
    if all(scene.before != index for scene in difference.scenes):
        raise IndexError(index)
    lines: list[str] = []
    for scene in difference.scenes:
        if scene.before == index:
            lines += [row.old for row in scene.rows if row.kind != "new"]
        elif scene.after is not None:
            lines += [row.new for row in scene.rows if row.kind != "gone"]
    return "\n".join(lines)
