"""Help with a script: another wording for a passage, which the writer takes over or not."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.schemas import Actor
from app.backends.chat import TextModels
from app.core.errors import Conflict, Invalid
from app.core.i18n import _
from app.core.text import clean_line
from app.episodes.models import Episode
from app.projects.models import Project
from app.rooms.document import Document
from app.scripts import assistant, assistant_prompts, service
from app.scripts.assistant import LONGEST_INSTRUCTION, Wanted
from app.scripts.assistant_prompts import WISHES
from app.scripts.models import Proposal, Script

KIND = "passage"
LONGEST_PASSAGE = 4000


async def ask(
    session: AsyncSession,
    models: TextModels,
    actor: Actor,
    project: Project,
    episode: Episode,
    *,
    passage: str,
    wish: str,
    instruction: str = "",
    offset: int | None = None,
) -> Proposal:
    """Ask for another wording of a passage of the saved script; ``offset`` is where it begins, in UTF-16 units.

    Raises ``Invalid`` when the passage is empty, too long, not in the script, or in it several times.
    """
    script = await service.of_episode(session, episode)
    given = passage.replace("\r\n", "\n").replace("\r", "\n")
    passage, blank = given.strip(), len(given) - len(given.lstrip())
    instruction = clean_line(instruction, LONGEST_INSTRUCTION)
    if wish not in WISHES:
        raise Invalid("assistant.wish", _("Choose what should be done with the passage."), field="wish")
    if wish == "own" and not instruction:
        raise Invalid("assistant.instruction", _("Say what should be done with the passage."), field="instruction")
    if not passage:
        raise Invalid("assistant.passage", _("Select a passage of the script first."), field="passage")
    if len(passage) > LONGEST_PASSAGE:
        message = _("A passage has at most %(most)d characters. Select a shorter one.") % {"most": LONGEST_PASSAGE}
        raise Invalid("assistant.passage_long", message, field="passage")
    at = _found(script.text, passage, None if offset is None else _code_points(script.text, offset) + blank)
    task, content = assistant_prompts.passage(wish, instruction, passage)
    wanted = Wanted(KIND, script.id, wish, task, content, passage, instruction, at)
    return await assistant.ask(session, models, actor, project, episode, wanted)


def _found(text: str, passage: str, place: int | None) -> int:
    if place is not None and text[place : place + len(passage)] == passage:
        return place
    times = text.count(passage)
    if times > 1:
        message = _("This passage stands in the script %(n)d times. Select a longer one.") % {"n": times}
        raise Invalid("assistant.passage_often", message, field="passage")
    if not times:
        message = _("This passage is not in the saved script. Save the script, then select the passage again.")
        raise Invalid("assistant.passage_missing", message, field="passage")
    return text.index(passage)


async def accept(session: AsyncSession, actor: Actor, episode: Episode, row: Proposal) -> Script:
    """Put the proposed words in the place of the passage, as the writer's own change.

    Raises ``Conflict`` when the passage has changed, or cannot be told from another of the same words.
    """

    def take_over(document: Document) -> None:
        at = _place(document.text, row)
        if at is None:
            message = _(
                "The passage has changed since this was proposed, so nothing was replaced. Copy what you need, or ask "
                "again."
            )
            raise Conflict("assistant.passage_changed", message)
        document.splice(at, at + len(row.before), row.text)

    await service.edit(session, actor, episode, take_over)
    saved = await service.of_episode(session, episode)
    await assistant.decide(session, actor, row, "accepted", version=saved.version)
    return saved


def _code_points(text: str, offset: int) -> int:
    """Return how many code points stand before a place that is counted in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")[: 2 * offset].decode("utf-16-le", "ignore"))


def _place(text: str, row: Proposal) -> int | None:
    if row.place is not None and text[row.place : row.place + len(row.before)] == row.before:
        return row.place
    return text.index(row.before) if text.count(row.before) == 1 else None
