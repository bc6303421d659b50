"""From a script's room to its row: the text as it is now, its version, and whose line is whose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.episodes.models import Episode
from app.events import service as events
from app.rooms import service as rooms
from app.rooms.document import Document
from app.rooms.schemas import Author
from app.rooms.service import Opened
from app.scripts import history
from app.scripts.models import Script

NOBODY = Author(None, "")


@dataclass(frozen=True, slots=True)
class Written:
    """Lines in a row that one person wrote last; no id and no name where nobody knows."""

    first_line: int
    lines: int
    user_id: UUID | None
    name: str


def cleaned(text: str) -> str:
    """Return a text as scripts hold it: one kind of line end, no NUL, nothing that is half a character."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


async def read(session: AsyncSession, script: Script, opened: Opened, author: Author = NOBODY) -> bool:
    """Read an open room into its script's row, and tell whether the text is another than before.

    ``author`` is who changes the opened document in this transaction. What no script holds is taken out of the room.
    """
    await rooms.read(session, opened.room)
    await session.refresh(script, with_for_update=True)
    text = cleaned(opened.document.text)
    if text != opened.document.text:
        opened.document.replace(text)
        await rooms.write(session, opened.room, opened.document, author)
    steps = list(_steps(script, opened, author))
    script.room_seq = max([script.room_seq, *[one.seq for one in opened.log]])
    changed = script.text != text
    if changed:
        await history.checkpoint(session, script)
        script.authorship = _authorship(script, steps, text)
        who = next((by for by, _text in reversed(steps) if by.id is not None), author)
        script.text, script.version = text, script.version + 1
        script.saved_by, script.saved_by_name = who.id, who.name
        await session.flush()
        await _tell(session, script)
    await rooms.fold(session, opened)
    return changed


async def _tell(session: AsyncSession, script: Script) -> None:
    episode = await session.get_one(Episode, script.episode_id)
    await events.emit(
        session, "scripts.text_changed", episode.project_id, episode_id=str(episode.id), version=script.version
    )


def _steps(script: Script, opened: Opened, author: Author) -> Iterator[tuple[Author, str]]:
    """Go through what was written since the last reading, person by person: who, and the text after it."""
    fresh = [one for one in opened.log if one.seq > script.room_seq]
    if fresh and len({one.author for one in fresh}) > 1:
        document = Document(one.update for one in opened.log if one.seq <= script.room_seq)
        for index, one in enumerate(fresh):
            document.apply(one.update)
            if index + 1 == len(fresh) or fresh[index + 1].author != one.author:
                yield one.author, document.text
    elif fresh:
        yield fresh[0].author, Document(one.update for one in opened.log).text
    yield (author if author.id is not None or not fresh else fresh[-1].author), cleaned(opened.document.text)


def _authorship(script: Script, steps: Sequence[tuple[Author, str]], text: str) -> list[list[object]]:
    """Return whose line is whose now, as runs of [how many lines, user id or None, name]."""
    lines = script.text.split("\n") if script.text else []  # nobody wrote the one empty line of an empty text
    owners = [(by, name) for count, by, name in script.authorship for _one in range(count)]
    owners = (owners + [(None, "")] * len(lines))[: len(lines)]
    for author, after in steps:
        owner = (str(author.id) if author.id else None, author.name)
        now = after.split("\n")
        owners, lines = _passed_on(lines, now, owners, owner), now
    runs: list[list[object]] = []
    for by, name in owners:
        if runs and runs[-1][1:] == [by, name]:
            runs[-1][0] = int(str(runs[-1][0])) + 1
        else:
            runs.append([1, by, name])
    return runs


Owner = tuple[str | None, str]


def _passed_on(old: Sequence[str], new: Sequence[str], owners: Sequence[Owner], by: Owner) -> list[Owner]:
    """Return the owners of the new lines: those that stayed keep theirs, the others are ``by``'s."""
    head = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    rest = min(len(old), len(new)) - head
    tail = next((i for i in range(rest) if old[-1 - i] != new[-1 - i]), rest)
    a, b = old[head : len(old) - tail], new[head : len(new) - tail]
    middle: list[Owner] = []
    for kind, i, j, k, m in SequenceMatcher(a=a, b=b, autojunk=False).get_opcodes():
        middle += owners[head + i : head + j] if kind == "equal" else [by] * (m - k)
    return [*owners[:head], *middle, *owners[len(old) - tail :]]


def authorship(script: Script) -> list[Written]:
    """Return who wrote which lines last, in order; lines count from 0."""
    found, line = [], 0
    for count, by, name in script.authorship:
        found.append(Written(line, count, UUID(by) if by else None, name))
        line += count
    return found
